"""A line whose machines may be in real-time mode: silence is an answer, and proves nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from protocols.sas.host.link import PROBE_AFTER_S, PROBE_COMMANDS, EgmLink
from protocols.sas.host.steps import LinkState, Rules
from protocols.sas.replies import ExceptionReply, IdleReply
from tests.protocols.sas.host.bench import Bench
from tests.protocols.sas.host.wire_oracle import signed

RULES = Rules(real_time=True)
TOTALS = signed("010f" + "00000001" * 6)
CREDITS_OF_1 = signed("011a00010000")
DOOR = signed("01ff11")


def line() -> Bench:
    """A machine that was heard once: its six totals."""
    bench = Bench(1, rules=RULES)
    assert bench.asked().poll == b"\x01\x0f"
    bench.says(TOTALS.hex())
    assert bench.session.links[1].state is LinkState.UP
    return bench


def general(bench: Bench) -> None:
    while bench.asked().poll != b"\x81":
        bench.says(TOTALS.hex())


def test_silence_after_a_general_poll_is_no_activity_and_is_not_asked_again():
    bench = line()
    general(bench)
    turn = bench.silent()
    assert turn.final
    assert isinstance(turn.reply, IdleReply)
    assert turn.changes == ()
    figures = bench.session.links[1].figures
    assert (figures.timeouts, figures.answers, figures.repeats) == (0, 1, 0)


def test_silence_proves_no_acknowledgement_and_no_empty_queue():
    bench = line()
    general(bench)
    bench.says(DOOR.hex())
    link = bench.session.links[1]
    link.doubts.add(0x51)
    general(bench)
    turn = bench.silent()
    assert (turn.occurred_after, link.doubts, link.empty_at) == (None, {0x51}, None)


@pytest.mark.parametrize("idle", ["00", "1f", signed("01ff00").hex(), signed("01ff1f").hex()])
def test_every_way_to_say_no_activity_is_one(idle):
    bench = line()
    general(bench)
    assert isinstance(bench.says(idle).reply, IdleReply)


def test_a_machine_that_only_keeps_silent_is_asked_for_a_reading_every_two_seconds():
    bench = line()
    assert (PROBE_AFTER_S, PROBE_COMMANDS) == (2.0, (0x0F, 0x1A, 0x1F, 0x54))
    heard_at, asked_at = bench.now, []
    while bench.now < heard_at + 10:
        if bench.asked().poll == b"\x01\x0f":
            asked_at.append(bench.now)
            bench.says(TOTALS.hex())
        else:
            bench.silent()
    assert len(asked_at) == 4
    assert asked_at[0] == pytest.approx(heard_at + 2.0, abs=0.21)
    assert bench.session.links[1].state is LinkState.UP


@pytest.mark.parametrize(("now", "probed"), [(2.999, False), (3.0, True)])
def test_a_reading_is_asked_after_two_seconds_without_an_answer_to_the_last_bit(now, probed):
    link = EgmLink(1, state=LinkState.UP, heard_at=1.0)
    assert (link.wanted(now, RULES, reads_only=False) is not None) is probed


def test_a_cable_that_is_pulled_takes_the_link_down_though_silence_is_an_answer():
    bench = line()
    pulled_at = bench.now
    while bench.session.links[1].live:
        bench.asked()
        bench.silent()
    assert bench.session.links[1].state is LinkState.DOWN
    assert bench.now - pulled_at < 5.0
    assert bench.session.links[1].support.refused == {}
    bench.now += 20
    assert bench.asked().poll == b"\x01\x0f"  # nothing but a reading tells that it is back
    turn = bench.says(TOTALS.hex())
    assert [change.after for change in turn.changes] == [LinkState.UP]
    assert [gap.cause for gap in turn.gaps] == ["no_exchange"]


def test_a_machine_that_is_down_gets_one_poll_and_no_repeat_each_time():
    bench = line()
    while bench.session.links[1].live:
        bench.asked()
        bench.silent()
    tried = []
    for _ in range(4):
        assert bench.asked().poll == b"\x01\x0f"
        tried.append(bench.now)
        assert bench.silent().final
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= 2.0


def test_a_reading_that_the_machine_knows_asks_for_life():
    bench = Bench(1, rules=RULES)
    bench.asked()
    bench.says(TOTALS.hex())
    link = bench.session.links[1]
    link.support.answered = {b"\x01\x1a", b"\x01\x54"}
    while len(bench.asked().poll) == 1:
        bench.silent()
    assert bench.sent[-1][1] == b"\x01\x1a"
    bench.says(CREDITS_OF_1.hex())


def test_an_event_comes_at_any_long_poll_and_the_reading_is_asked_again_after_another_poll():
    bench = line()
    bench.session.ask(1, b"\x01\x1a", "credits")
    while bench.asked().poll != b"\x01\x1a":
        bench.silent()
    turn = bench.says(DOOR.hex())
    assert isinstance(turn.reply, ExceptionReply)
    assert (turn.reply.code, turn.reply.real_time, turn.tags) == (0x11, True, ())
    sent = len(bench.sent)
    while bench.asked().poll != b"\x01\x1a":
        bench.silent()
    assert b"\x81" in [poll for _, poll in bench.sent[sent:]]
    assert bench.says(CREDITS_OF_1.hex()).tags == ("credits",)


def test_an_event_comes_at_a_probe_and_counts_as_life():
    bench = line()
    while bench.asked().poll != b"\x01\x0f":
        bench.silent()
    turn = bench.says(DOOR.hex())
    assert isinstance(turn.reply, ExceptionReply)
    assert bench.session.links[1].state is LinkState.UP


def test_a_garbled_event_is_asked_again_and_silence_is_then_a_lost_answer():
    bench = line()
    general(bench)
    assert not bench.says(DOOR.hex()[:-1] + "0").final
    assert bench.poll().poll == b"\x81"
    turn = bench.silent()
    assert turn.final
    assert [change.after for change in turn.changes] == [LinkState.DEGRADED]
    assert bench.session.links[1].figures.timeouts == 1


def test_a_line_that_does_not_say_so_takes_silence_for_a_lost_answer():
    bench = Bench(1).up()
    bench.asked()
    assert not bench.silent().final


def tried_on(allow: str, turns: int) -> list[bytes]:
    bench = Bench(1, rules=Rules(allow=allow))
    polls = []
    for _ in range(turns):
        step = bench.asked()
        polls.append(step.poll)
        while not bench.silent().final:
            assert bench.poll().repeat
    return polls


def test_on_a_line_of_our_own_a_machine_that_is_silent_is_asked_for_a_reading_every_second_time():
    assert tried_on("own_line", 8) == [b"\x81", b"\x01\x0f"] * 4
    assert tried_on("any_line", 8) == [b"\x81"] * 8


def test_a_machine_that_answers_readings_but_no_general_polls_is_called_mute_and_comes_up_once():
    bench = Bench(1, rules=Rules(allow="own_line"))
    link = bench.session.links[1]
    states, probes = [], 0
    for _ in range(30):
        poll = bench.asked().poll
        probes += poll == b"\x01\x0f"
        turn = bench.says(TOTALS.hex()) if poll == b"\x01\x0f" else bench.silent()
        states += [change.after for change in turn.changes]
        assert link.mute == (LinkState.DEGRADED in states)
    assert probes == 1
    assert states == [LinkState.UP, LinkState.DEGRADED, LinkState.DOWN]
    while bench.asked().poll != b"\x81":
        bench.silent()
    bench.says("00")
    assert not link.mute
    assert link.live


def test_a_machine_that_came_back_just_when_it_was_asked_for_a_reading_is_not_mute():
    bench = Bench(1, rules=Rules(allow="own_line"))
    while bench.asked().poll != b"\x01\x0f":
        bench.silent()
    bench.says(TOTALS.hex())
    assert bench.asked().poll == b"\x81"
    bench.says("00")
    bench.asked()
    bench.silent()
    bench.poll()
    bench.silent()
    assert bench.session.links[1].state is LinkState.DEGRADED
    assert not bench.session.links[1].mute


def test_a_spoiled_answer_to_a_general_poll_is_no_silence():
    bench = Bench(1, rules=Rules(allow="own_line"))
    while bench.asked().poll != b"\x01\x0f":
        bench.silent()
    bench.says(TOTALS.hex())
    for _ in range(2):
        assert bench.asked().poll == b"\x81"
        bench.says("01ff1100")
    assert bench.session.links[1].state is LinkState.DEGRADED
    assert not bench.session.links[1].mute


def test_a_reading_that_somebody_asked_for_calls_nobody_mute():
    bench = Bench(1, rules=Rules(allow="own_line")).up()
    bench.session.ask(1, b"\x01\x1a")
    while bench.asked().poll != b"\x01\x1a":
        bench.says("00")
    bench.says(CREDITS_OF_1.hex())
    assert not bench.session.links[1].mute
