"""Which machine of a line answers slowly."""

import pytest

from gateway.edge.answer_times import AnswerTimes
from protocols.sas.host.steps import Turn
from protocols.sas.replies import ExceptionReply, IdleReply, SilenceReply


def turn(reply, took_s, poll=b"\x83"):
    return Turn(3, poll, 1, asked_at=100.0, heard_at=100.0 + took_s, reply=reply)


def test_the_answers_of_the_last_seconds_make_the_mean():
    times = AnswerTimes()
    assert times.mean_ms(3) is None
    times.took(3, 0.005)
    assert times.mean_ms(3) == 5
    for _ in range(64):
        times.took(3, 0.060)
    assert 58 <= times.mean_ms(3) <= 60
    assert times.mean_ms(2) is None


@pytest.mark.parametrize(
    ("what", "known"),
    [
        (turn(IdleReply(3), 0.012), 12),
        (turn(ExceptionReply(3, 0x11, raw=b"\x11"), 0.012), 12),
        (turn(SilenceReply(3), 0.2), None),
        (turn(None, 0.2), None),
        (turn(ExceptionReply(3, 0x11, real_time=True, raw=b"\x03\xff\x11\x00\x00"), 0.012), None),
        (turn(IdleReply(3), 0.012, poll=b"\x03\x1a"), None),
    ],
)
def test_only_one_byte_answers_to_general_polls_are_timed(what, known):
    times = AnswerTimes()
    times.came(what)
    assert times.mean_ms(3) == known
