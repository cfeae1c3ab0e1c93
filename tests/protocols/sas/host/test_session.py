"""The host's session, driven by hand: what goes on the line, when, and what is concluded.

Bytes are written out; no codec of ours takes part in what the EGM says.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from protocols.sas.errors import RequestError
from protocols.sas.host.steps import LinkState, Pause, Send
from protocols.sas.replies import ExceptionReply, IdleReply, LongPollReply
from tests.protocols.sas.host.bench import Bench

CREDITS_OF_1 = bytes.fromhex("01 1a 00010000 1fa6")


def test_a_fresh_line_begins_with_a_poll_to_nobody():
    bench = Bench(1)
    assert bench.poll().poll == b"\x80"
    assert bench.poll().poll == b"\x81"


def test_nothing_is_sent_before_the_last_turn_is_settled():
    bench = Bench(1).up()
    bench.asked()
    bench.says("11", settle=False)
    with pytest.raises(RequestError):
        bench.session.next_step(bench.now)
    bench.session.settle()
    assert isinstance(bench.session.next_step(bench.now), Send | Pause)


def test_an_idle_machine_is_polled_every_200_ms_with_a_poll_to_nobody_in_between():
    bench = Bench(1).up()
    first = bench.asked()
    began = bench.now
    bench.says("00")
    assert bench.asked().poll == first.poll == b"\x81"
    assert bench.now - began == pytest.approx(0.2)
    assert len(bench.between(b"\x81")) == 1


def test_two_different_polls_acknowledge_an_exception_on_a_one_machine_link():
    bench = Bench(1).up()
    bench.asked()
    bench.says("51")
    bench.asked()
    between = bench.between(b"\x81")
    assert len(set(between)) == 2
    assert b"\x80" in between
    assert b"\x81" not in between


@pytest.mark.parametrize("machines", [2, 3, 4, 32])
def test_neighbours_polls_count_as_acknowledgements(machines):
    bench = Bench(*range(1, machines + 1)).up()
    while bench.asked().address != 1:
        bench.says("00")
    bench.says("52")
    while bench.asked().address != 1:
        bench.says("00")
    assert len(bench.between(b"\x81")) >= 2


def test_silence_is_asked_again_once_before_anything_else_and_never_a_third_time():
    bench = Bench(1, 2, 3).up()
    step = bench.asked()
    assert not bench.silent().final
    again = bench.poll()
    assert (again.poll, again.repeat) == (step.poll, True)
    turn = bench.silent()
    assert turn.final
    assert turn.changes[0].after is LinkState.DEGRADED
    assert bench.poll().poll != step.poll


def test_an_answer_lost_twice_is_a_gap_once_the_machine_answers_again():
    bench = Bench(1).up()
    bench.asked()
    bench.silent()
    bench.poll()
    bench.silent()
    bench.asked()
    turn = bench.says("00")
    assert [gap.cause for gap in turn.gaps] == ["answer_lost_twice"]


def test_five_seconds_without_an_exchange_are_a_gap_of_their_own():
    bench = Bench(1).up()
    while bench.session.links[1].state is not LinkState.DOWN:
        bench.asked()
        bench.silent()
    bench.now += 6
    bench.asked()
    turn = bench.says("00")
    assert [gap.cause for gap in turn.gaps] == ["no_exchange"]
    assert turn.gaps[0].ended - turn.gaps[0].began > 5


def test_a_dead_machine_is_tried_ever_more_rarely_to_a_bound_and_its_neighbours_keep_the_pace():
    bench = Bench(1, 2)
    asked_2: list[float] = []
    tries_1: list[float] = []
    while bench.now < 200:
        step = bench.asked()
        if step.address == 1:
            tries_1.append(bench.now)
            bench.silent()
        else:
            asked_2.append(bench.now)
            bench.says("00")
    pauses = [b - a for a, b in pairwise(tries_1)]
    assert pauses[-1] == pytest.approx(10, abs=0.3)
    assert max(pauses) < 10.3
    gaps = [b - a for a, b in pairwise(asked_2)]
    assert sum(gaps) / len(gaps) < 0.205
    assert max(gaps) < 0.3


def test_a_down_machine_gets_one_slot_and_no_repeat():
    bench = Bench(1, 2).up()
    while bench.session.links[1].state is not LinkState.DOWN:
        if bench.asked().address == 1:
            bench.silent()
        else:
            bench.says("00")
    while bench.asked().address != 1:
        bench.says("00")
    assert bench.silent().final


def test_each_try_of_a_machine_that_is_down_comes_right_behind_a_poll_that_is_not_its_own():
    """It answers only after one, and a machine that chirps again has forgotten an older one."""
    bench = Bench(1).up()
    until = bench.now + 120
    while bench.now < until:
        bench.asked()
        bench.silent()
    tries = [n for n, (at, poll) in enumerate(bench.sent) if poll[0] & 0x7F == 1 and at > 130]
    assert len(tries) >= 8
    for n in tries:
        at, before = bench.sent[n - 1]
        assert before[0] & 0x7F != 1
        assert bench.sent[n][0] - at <= 1.0


def test_a_bad_crc_is_counted_and_asked_again_once():
    bench = Bench(1).up()
    assert bench.session.ask(1, bytes.fromhex("01 1a"), "credits")
    while bench.asked().poll != bytes.fromhex("01 1a"):
        bench.says("00")
    turn = bench.says("01 1a 00010000 1fa7")
    assert (turn.reply, turn.final, turn.error.kind) == (None, False, "crc")
    assert bench.poll().poll == bytes.fromhex("01 1a")
    turn = bench.says(CREDITS_OF_1.hex())
    assert isinstance(turn.reply, LongPollReply)
    assert turn.reply.meters[0].value == 10_000
    assert turn.tags == ("credits",)
    assert bench.session.links[1].figures.crc_errors == 1


def test_long_polls_and_general_polls_take_turns():
    bench = Bench(1).up()
    for command in ("0f", "1a", "1e"):
        bench.session.ask(1, bytes.fromhex("01" + command))
    kinds = []
    for _ in range(6):
        step = bench.asked()
        kinds.append(len(step.poll))
        if len(step.poll) == 1:
            bench.says("00")
        else:
            bench.says("0100")  # busy
    assert kinds[:6] in ([1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 1])


def test_a_poll_that_a_machine_never_answers_is_learned_and_costs_no_link():
    bench = Bench(1).up()
    poll = bytes.fromhex("01 1e")
    bench.session.ask(1, poll)
    for _ in range(20):
        if len(bench.asked().poll) == 2:
            bench.silent()
        else:
            bench.says("00")
    assert bench.session.links[1].state is LinkState.UP
    assert not bench.session.ask(1, poll)
    assert [sent for _, sent in bench.sent].count(poll) == 6


def test_81_from_address_1_is_hopper_low_after_a_general_poll():
    bench = Bench(1).up()
    bench.asked()
    turn = bench.says("81")
    assert turn.reply == ExceptionReply(1, 0x81, raw=b"\x81")


def test_a_code_outside_the_table_is_asked_again_before_it_is_believed():
    bench = Bench(1).up()
    bench.asked()
    assert not bench.says("d4").final
    assert bench.poll().repeat
    turn = bench.says("d4")
    assert (turn.final, turn.reply.code) == (True, 0xD4)


def test_noise_that_looked_like_a_code_is_forgotten_when_the_machine_says_otherwise():
    bench = Bench(1).up()
    bench.asked()
    assert not bench.says("d4").final
    bench.poll()
    turn = bench.says("00")
    assert isinstance(turn.reply, IdleReply)


def test_a_chirp_at_address_17_is_not_a_door():
    bench = Bench(17).up()
    bench.asked()
    assert not bench.says("11").final
    bench.poll()
    assert isinstance(bench.says("00").reply, IdleReply)


def test_after_a_time_out_a_neighbours_late_answer_is_not_believed():
    bench = Bench(1, 2, 3).up()
    while bench.asked().address != 1:
        bench.says("00")
    bench.silent()
    bench.poll()
    bench.silent()
    step = bench.asked()
    assert step.address == 2
    assert not bench.says("51").final  # late, from machine 1
    bench.poll()
    assert isinstance(bench.says("00").reply, IdleReply)


def test_occurred_after_is_the_last_poll_that_found_the_queue_empty():
    bench = Bench(1).up()
    bench.asked()
    asked_at = bench.now
    bench.says("00")
    bench.asked()
    assert bench.says("11").occurred_after == asked_at
    bench.asked()
    assert bench.says("12").occurred_after == asked_at


def test_another_host_on_the_line_silences_us_at_once():
    bench = Bench(1, 2).up()
    assert bench.session.overheard(bench.now, b"\x82", wakeup=True)
    step = bench.session.next_step(bench.now)
    assert isinstance(step, Pause)
    assert step.until >= bench.now + 59


def test_a_chirp_brings_a_down_machine_back_soon():
    bench = Bench(1, 2).up()
    while bench.session.links[1].retry_s < 8:
        if bench.asked().address == 1:
            bench.silent()
        else:
            bench.says("00")
    bench.session.overheard(bench.now, b"\x01")
    heard_at = bench.now
    while bench.asked().address != 1:
        bench.says("00")
    assert bench.now - heard_at < 0.5


def test_a_real_time_event_instead_of_a_meter_is_told_and_the_meter_asked_again_later():
    bench = Bench(1).up()
    bench.session.ask(1, bytes.fromhex("01 1a"), "credits")
    while len(bench.asked().poll) == 1:
        bench.says("00")
    turn = bench.says("01 ff 11 14a4")
    assert turn.reply.code == 0x11
    assert turn.tags == ()
    assert bench.asked().poll == b"\x81"
    bench.says("00")
    while len(bench.asked().poll) == 1:
        bench.says("00")
    assert bench.says(CREDITS_OF_1.hex()).tags == ("credits",)


def test_the_port_that_went_owes_the_poll_that_was_open():
    bench = Bench(1).up()
    step = bench.asked()
    changes = bench.session.abandon(bench.now)
    assert [change.after for change in changes] == [LinkState.DOWN]
    assert bench.poll().poll == step.poll
