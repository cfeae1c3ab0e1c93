"""A line while no exception could be stored: it is kept up by readings, and asked for no events."""

from __future__ import annotations

from protocols.sas.host.steps import LinkState, Pause
from tests.protocols.sas.host.bench import Bench
from tests.protocols.sas.host.wire_oracle import signed

TOTALS = "0f" + "00000001" * 6
CREDITS = "1a" + "00000001"


def answer(bench: Bench, poll: bytes):
    body = {0x0F: TOTALS, 0x1A: CREDITS}[poll[1]]
    return bench.says(signed(f"{poll[0]:02x}{body}").hex())


def kept_up(bench: Bench, turns: int) -> list[bytes]:
    bench.session.reads_only = True
    polls = []
    for _ in range(turns):
        polls.append(bench.asked().poll)
        assert len(polls[-1]) == 2, "a general poll, whose answer could not be stored"
        answer(bench, polls[-1])
    return polls


def test_every_machine_is_read_in_turn_and_none_is_asked_for_events():
    bench = Bench(1, 2).up()
    assert kept_up(bench, 8) == [b"\x01\x1a", b"\x02\x1a", b"\x01\x0f", b"\x02\x0f"] * 2


def test_once_events_can_be_stored_again_general_polls_go_on():
    bench = Bench(1).up()
    kept_up(bench, 3)
    bench.session.reads_only = False
    polls = []
    for _ in range(3):
        polls.append(bench.asked().poll)
        bench.says("00")
    assert polls == [b"\x81"] * 3


def test_a_machine_that_does_not_answer_takes_no_turn_from_those_that_do():
    bench = Bench(1, 2).up()
    bench.session.links[2].state = LinkState.DOWN
    began = bench.now
    assert {poll[0] for poll in kept_up(bench, 5)} == {1}
    assert bench.now - began < 1.2


def test_where_nobody_answers_nothing_goes_out_and_it_looks_again_soon():
    bench = Bench(1, 2)
    assert bench.poll().poll == b"\x80"
    bench.session.reads_only = True
    bench.now += 1.0
    for _ in range(5):
        step = bench.session.next_step(bench.now)
        assert isinstance(step, Pause)
        assert 0 < step.until - bench.now < 0.21
        bench.now = step.until
    assert len(bench.sent) == 1
