"""What goes out on a line while an answer is not on disk, and what its repeats may bring."""

from __future__ import annotations

from math import inf

import pytest

from protocols.sas.host.hold import REPEATS_MAX, Hold, keep_up
from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import LinkState, Rules, Send, Turn
from protocols.sas.replies import ExceptionReply, SilenceReply
from tests.protocols.sas.host.wire_oracle import signed

RULES = Rules()
POLL = b"\x81"
OPENED = ExceptionReply(1, 0x11, raw=b"\x11")


def hold_of(reply):
    step = Send(POLL, 7, 1)
    return Hold(step, Turn(1, POLL, 7, 10.0, 10.02, reply), EgmLink(1), RULES)


def test_the_poll_goes_out_twice_more_at_the_lines_pace_and_then_never():
    hold, sent = hold_of(OPENED), []
    while hold.due != inf:
        now = hold.due
        sent.append((now, hold.repeat(now)))
        assert hold.receive(now + 0.02, b"\x11") is None
        assert not hold.waiting
    assert sent == [(10.2, POLL), (pytest.approx(10.4), POLL)]
    assert len(sent) == REPEATS_MAX


@pytest.mark.parametrize("reply", [SilenceReply(1), None])
def test_a_turn_without_an_answer_is_not_repeated(reply):
    assert hold_of(reply).due == inf


def test_another_exception_is_believed_when_it_is_said_twice():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    assert hold.receive(10.22, b"\x51") is None
    assert hold.doubtful
    hold.repeat(10.42)
    other = hold.receive(10.44, b"\x51")
    assert other is not None
    assert other.code == 0x51
    assert not hold.doubtful
    hold.repeat(10.62)
    assert hold.receive(10.64, b"\x51") is None
    assert not hold.doubtful  # it is the one that is held by now


def test_a_spoiled_byte_in_the_last_repeat_is_asked_again_and_not_believed():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    hold.receive(10.22, b"\x11")
    hold.repeat(10.4)
    assert hold.receive(10.42, b"\x13") is None
    assert hold.doubtful
    assert hold.due == pytest.approx(10.62)
    hold.repeat(hold.due)
    assert hold.receive(10.64, b"\x11") is None
    assert not hold.doubtful
    assert hold.due == inf


def test_another_exception_is_kept_when_it_cannot_be_asked_again():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    hold.receive(10.22, b"\x51")
    hold.repeat(10.42)
    other = hold.expire(hold.deadline)
    assert other is not None
    assert other.code == 0x51
    assert hold.quiet_until > hold.deadline
    hold.repeat(10.7)
    assert hold.receive(10.72, b"\x51") is None
    assert not hold.doubtful  # it is the one that is held by now


def test_a_repeat_that_stays_unanswered_changes_nothing_of_what_is_held():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    assert hold.expire(hold.deadline) is None
    hold.repeat(10.4)
    assert hold.receive(10.42, b"\x11") is None
    assert not hold.doubtful


def test_a_machine_that_does_not_answer_is_not_read_meanwhile():
    link = EgmLink(1, state=LinkState.DOWN)
    assert not keep_up(link, 5.0)
    assert link.due == 5.2
    assert not link.asks


def test_a_machine_is_kept_up_by_its_credits_and_its_totals_in_turn():
    link, asked = EgmLink(1, state=LinkState.UP), []
    for _ in range(3):
        assert keep_up(link, 5.0)
        asked.append(link.asks.popleft().poll)
        link.last_poll = asked[-1]
    assert asked == [b"\x01\x1a", b"\x01\x0f", b"\x01\x1a"]


def test_a_machine_that_knows_one_reading_gets_that_and_one_that_knows_none_is_looked_at_later():
    link = EgmLink(1, state=LinkState.UP)
    link.support.refused[b"\x01\x1a"] = 4.0
    assert keep_up(link, 5.0)
    assert link.asks.popleft().poll == b"\x01\x0f"
    link.support.refused[b"\x01\x0f"] = 4.0
    assert not keep_up(link, 5.0)
    assert link.due == 5.2


def test_a_repeat_waits_as_long_as_a_poll():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    assert hold.deadline == pytest.approx(10.2 + RULES.reply_timeout_s)
    assert hold.expire(hold.deadline) is None
    figures = hold._link.figures
    assert (figures.polls, figures.repeats, figures.answers, figures.timeouts) == (1, 1, 0, 1)
    assert hold._link.quality == 0.0


def test_before_the_first_repeat_nothing_waits():
    hold = hold_of(OPENED)
    assert (hold.waiting, hold.doubtful, hold.deadline, hold.quiet_until) == (
        False, False, inf, -inf,
    )  # fmt: skip


def test_what_was_left_alone_until_its_link_went_down_may_say_the_same_again():
    link = EgmLink(1, state=LinkState.UP)
    assert not link.prove(OPENED, 1.0, repeat=False)
    link.heard_at = 1.02
    assert link.prove(OPENED, 7.0, repeat=False)


def test_who_was_polled_in_between_does_not():
    link = EgmLink(1, state=LinkState.UP)
    assert not link.prove(OPENED, 1.0, repeat=False)
    link.heard_at = 1.02
    assert not link.prove(OPENED, 4.0, repeat=False)


def test_another_host_ends_the_repeats():
    hold = hold_of(OPENED)
    hold.stop()
    assert hold.due == inf


def test_a_ninth_bit_in_an_answer_to_a_repeat_is_no_answer():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    assert hold.receive(10.22, b"\x51", wakeup=True) is None
    assert not hold.waiting
    assert not hold.doubtful
    assert hold._link.figures.unexpected_errors == 1


def test_an_answer_in_pieces_is_waited_for_until_the_gap_between_them_is_too_long():
    event = signed("01ff51")
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    for at, byte in enumerate(event[:-1]):
        assert hold.receive(10.21 + at / 1000, bytes([byte])) is None
        assert hold.waiting
    assert hold.deadline == pytest.approx(10.21 + 0.003 + RULES.reply_gap_s)
    hold.receive(10.215, event[-1:])
    assert not hold.waiting
    assert hold.doubtful


def test_an_answer_that_is_cut_short_is_counted_and_says_nothing():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    hold.receive(10.21, signed("01ff51")[:-1])
    assert hold.expire(hold.deadline) is None
    assert not hold.waiting
    assert not hold.doubtful
    assert hold._link.figures.length_errors == 1
    assert hold._link.quality == 0.0


def test_an_answer_that_is_spoiled_is_counted_and_says_nothing():
    hold = hold_of(OPENED)
    hold.repeat(10.2)
    assert hold.receive(10.21, signed("01ff51")[:-1] + b"\x00") is None
    assert not hold.waiting
    assert not hold.doubtful
    assert hold._link.figures.crc_errors == 1
    assert hold.quiet_until == pytest.approx(10.21 + RULES.reply_timeout_s)


def test_a_byte_that_might_begin_a_longer_answer_is_an_exception_once_the_line_is_quiet():
    hold = hold_of(ExceptionReply(1, 0x81, raw=b"\x81"))
    hold.repeat(10.2)
    assert hold.receive(10.21, b"\x81") is None
    assert hold.waiting
    assert hold.expire(hold.deadline) is None
    assert not hold.waiting
    assert not hold.doubtful
    figures = hold._link.figures
    assert (figures.polls, figures.repeats, figures.answers, figures.timeouts) == (1, 1, 1, 0)
    assert hold._link.heard_at == hold.deadline
    assert hold._link.quality == 1.0
