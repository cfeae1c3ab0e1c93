"""Where a line's session could slip: asks that are none, ports that flap, answers that cross.

Bytes are written out; no codec of ours takes part in what the EGM says.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from protocols.sas.errors import RequestError
from protocols.sas.host.link import ASKS_MAX, TAGS_MAX
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import LinkState, Pause, Resume, Rules, Send
from protocols.sas.replies import ExceptionReply, IdleReply, LongPollReply, SilenceReply
from tests.protocols.sas.host.bench import RULES, Bench

CREDITS = bytes.fromhex("01 1a")
COIN_IN = bytes.fromhex("01 11")


def until_asked(bench: Bench, poll: bytes) -> None:
    while bench.asked().poll != poll:
        bench.says("00")


@pytest.mark.parametrize("poll", [b"", b"\x80", b"\x81", b"\x82", b"\x02\x1a", b"\x01\x01"])
def test_only_a_reading_long_poll_to_the_machine_itself_may_be_asked(poll):
    bench = Bench(1, 2).up()
    assert not bench.session.ask(1, poll)
    assert not bench.session.links[1].asks


def test_a_machine_that_is_not_on_the_line_is_not_asked():
    assert not Bench(1).session.ask(9, b"\x09\x1a")


@pytest.mark.parametrize("addresses", [[], [0], [128], [1, 1]])
def test_a_line_needs_addresses_that_are_addresses_each_once(addresses):
    with pytest.raises(RequestError):
        LineSession(addresses, RULES)


@pytest.mark.parametrize("addresses", [range(1, 127), range(1, 128), [127], [126]])
def test_a_full_line_still_finds_two_polls_for_nobody(addresses):
    session = LineSession(addresses, RULES)
    assert len(session._unused) == 1
    assert session._unused[0] > 0x80


def test_many_asks_are_refused_and_one_that_is_put_back_still_has_room():
    bench = Bench(1).up()
    polls = [bytes([1, 0x10 + number]) for number in range(8)]
    polls += [bytes([1, 0x31 + number]) for number in range(12)]
    polls += [bytes([1, 0x40 + number]) for number in range(11)] + [b"\x01\x7e"]
    taken = [poll for poll in polls if bench.session.ask(1, poll)]
    assert len(taken) == ASKS_MAX
    assert bench.session.ask(1, polls[-1]) is False
    until_asked(bench, taken[0])
    assert bench.session.ask(1, polls[-1])
    bench.says("0100")
    assert len(bench.session.links[1].asks) == ASKS_MAX + 1 == 32


def test_many_callers_of_one_poll_are_told_and_more_are_refused():
    bench = Bench(1).up()
    told = [bench.session.ask(1, CREDITS, number) for number in range(TAGS_MAX + 1)]
    assert told == [True] * TAGS_MAX + [False]
    until_asked(bench, CREDITS)
    assert bench.session.ask(1, CREDITS, "later")
    bench.says("0100")
    (waiting,) = bench.session.links[1].asks
    assert waiting.tags == list(range(TAGS_MAX))
    assert waiting.busy == 1


def test_a_poll_asked_again_while_it_is_out_waits_once_with_all_its_callers():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS, "first")
    bench.session.ask(1, COIN_IN, "other")
    until_asked(bench, CREDITS)
    bench.session.ask(1, CREDITS, "second")
    bench.says("01 ff 11 14a4")
    assert [(asked.poll, asked.tags) for asked in bench.session.links[1].asks] == [
        (CREDITS, ["first", "second"]),
        (COIN_IN, ["other"]),
    ]


def test_noise_that_turns_into_a_real_time_event_is_not_kept_for_a_neighbour():
    bench = Bench(1, 2).up()
    while bench.asked().address != 1:
        bench.says("00")
    assert not bench.says("d4").final
    assert bench.poll().repeat
    assert bench.says("01 ff 11 14a4").reply.code == 0x11
    assert bench.asked().address == 2
    bench.silent()
    bench.poll()
    turn = bench.silent()
    assert isinstance(turn.reply, SilenceReply)


def test_an_exception_said_once_is_believed_when_its_second_answer_is_lost():
    bench = Bench(1).up()
    bench.asked()
    assert not bench.says("d4").final
    assert bench.poll().repeat
    turn = bench.silent()
    assert (turn.final, turn.reply) == (True, ExceptionReply(1, 0xD4, raw=b"\xd4"))


def test_a_port_that_goes_before_the_repeat_owes_the_poll_and_not_its_acknowledgement():
    bench = Bench(1).up()
    step = bench.asked()
    assert not bench.says("51 52").final
    bench.session.abandon(bench.now)
    assert bench.poll().poll == step.poll


def test_a_port_that_flaps_still_owes_the_poll():
    bench = Bench(1).up()
    step = bench.asked()
    bench.session.abandon(bench.now)
    assert isinstance(bench.session.next_step(bench.now), Pause)
    bench.session.abandon(bench.now)
    assert bench.poll().poll == step.poll


def test_a_port_that_goes_before_a_turn_is_settled_owes_its_poll():
    bench = Bench(1).up()
    step = bench.asked()
    assert bench.says("51", settle=False).final
    bench.session.abandon(bench.now)
    assert bench.poll().poll == step.poll
    assert bench.says("51").possible_repeat


def test_the_caller_of_a_long_poll_is_told_although_the_port_went_before_its_repeat():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS, "credits")
    until_asked(bench, CREDITS)
    assert not bench.silent().final
    bench.session.abandon(bench.now)
    assert [asked.tags for asked in bench.session.links[1].asks] == [["credits"]]


def test_a_port_that_comes_back_after_a_sync_does_not_begin_with_the_same_poll():
    bench = Bench(1)
    assert bench.poll().poll == b"\x80"
    bench.session.abandon(bench.now)
    assert bench.poll().poll == b"\xfe"


def test_a_port_that_is_back_at_once_keeps_the_pace_and_both_acknowledgements():
    bench = Bench(1).up()
    bench.asked()
    bench.says("28")
    asked_at = bench.sent[-1][0]
    bench.session.abandon(bench.now)
    bench.asked()
    assert bench.now - asked_at >= 0.2
    assert len(bench.between(b"\x81")) == 2


def test_an_owed_poll_that_the_list_no_longer_has_is_not_sent():
    bench = Bench(1, resume=Resume(number=41, owed=b"\x01\x1b", age_s=0.5))
    assert bench.poll().poll == b"\x80"
    assert bench.poll().poll != b"\x01\x1b"


def test_after_a_late_repeat_the_next_poll_keeps_its_distance():
    bench = Bench(1).up()
    bench.asked()
    bench.silent()
    bench.now += 3
    again = bench.poll()
    assert again.repeat
    repeated_at = bench.now
    bench.says("00")
    bench.asked()
    assert bench.now - repeated_at >= 0.2


def test_a_machine_that_is_tried_often_is_still_not_polled_above_its_pace():
    bench = Bench(1, rules=replace(RULES, retry_first_s=0.01, retry_max_s=0.01))
    tries = []
    while len(tries) < 9:
        if not bench.asked().repeat:
            tries.append(bench.now)
        bench.silent()
    assert min(b - a for a, b in pairwise(tries)) >= 0.2


def test_an_empty_queue_found_by_a_repeat_was_empty_when_it_was_first_asked():
    bench = Bench(1).up()
    bench.asked()
    first_asked_at = bench.now
    bench.silent()
    bench.poll()
    assert isinstance(bench.says("00").reply, IdleReply)
    assert bench.session.links[1].empty_at == first_asked_at


def test_a_dead_neighbours_late_answer_is_not_believed():
    bench = Bench(1, 2).up()
    while bench.session.links[1].state is not LinkState.DOWN:
        if bench.asked().address == 1:
            bench.silent()
        else:
            bench.says("00")
    while bench.asked().address != 1:
        bench.says("00")
    assert bench.silent().final
    assert bench.asked().address == 2
    assert not bench.says("51").final


def test_a_dead_machine_does_not_make_another_host_harder_to_hear():
    bench = Bench(1, 2).up()
    while bench.session.links[1].state is not LinkState.DOWN:
        if bench.asked().address == 1:
            bench.silent()
        else:
            bench.says("00")
    while bench.session._suspicious_until > bench.now or bench.asked().address != 1:
        if bench.session.waiting:
            bench.silent() if bench.session._open.address == 1 else bench.says("00")
        else:
            bench.now += 0.05
    bench.silent()
    heard = [bench.session.overheard(bench.now + 0.1 * at, b"\x82") for at in range(5)]
    assert heard == [False] * 4 + [True]


def test_two_readings_of_one_kind_never_follow_each_other_even_after_the_port_was_away():
    bench = Bench(1).up()
    first = bytes.fromhex("01 2f 03 0000 00 8b2b")
    bench.session.ask(1, first)
    until_asked(bench, first)
    bench.session.abandon(bench.now)
    assert bench.poll().poll == first
    bench.says("01 00")
    assert bench.poll().poll[:2] != first[:2]


def test_a_poll_with_its_ninth_bit_is_another_host_even_if_it_asks_none_of_ours():
    bench = Bench(1, 2).up()
    assert not bench.session.overheard(bench.now, b"\x07", wakeup=True)
    assert bench.session.overheard(bench.now, b"\xc0", wakeup=True)
    assert isinstance(bench.session.next_step(bench.now), Pause)


def test_a_byte_like_a_poll_to_nobody_of_ours_is_noise_where_no_ninth_bit_tells():
    bench = Bench(1, 2).up()
    bench.now += 5
    assert not any(bench.session.overheard(bench.now, b"\xc0") for _ in range(9))


@pytest.mark.parametrize("address", [0, 128])
def test_addresses_that_one_byte_cannot_carry_are_refused_beside_good_ones(address):
    with pytest.raises(RequestError):
        LineSession([1, address], RULES)


def test_an_answer_in_pieces_may_take_longer_than_the_first_byte_if_no_gap_is_long():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    while bench.asked().poll != CREDITS:
        bench.says("00")
    asked_at = bench.now
    for piece in ("01", "1a", "00", "01", "00"):
        bench.now += RULES.reply_gap_s
        assert bench.session.receive(bench.now, bytes.fromhex(piece)) is None
        assert bench.session.deadline == bench.now + RULES.reply_gap_s
    assert bench.now - asked_at > RULES.reply_timeout_s
    assert isinstance(bench.says("00 1fa6").reply, LongPollReply)


def test_a_reading_that_was_out_when_the_port_went_comes_before_those_that_waited():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS, "first")
    while bench.asked().poll != CREDITS:
        bench.says("00")
    bench.session.ask(1, COIN_IN, "second")
    bench.session.abandon(bench.now)
    assert [asked.poll for asked in bench.session.links[1].asks] == [CREDITS, COIN_IN]


def test_what_may_be_asked_before_the_first_poll_is_judged_at_the_sessions_own_moment():
    learned = {1: (None, {CREDITS: 100.0 - 86_400.0})}
    bench = Bench(1, resume=Resume(learned=learned))
    assert bench.session.ask(1, CREDITS)  # known for just a day


def test_where_every_address_but_the_first_is_taken_the_first_is_polled_for_nobody():
    bench = Bench(*range(2, 128))
    assert bench.poll().poll == b"\x80"
    assert bench.session._send_nobody(bench.now).poll == b"\x81"


def test_a_settled_turn_adds_no_quiet_of_its_own_however_young_the_clock_is():
    session = LineSession([1, 2], Rules(), None, 0.0)
    now = 0.0
    for _ in range(4):
        step = session.next_step(now)
        while isinstance(step, Pause):
            now = step.until
            step = session.next_step(now)
        if step.address is not None:
            now += 0.005
            assert session.receive(now, b"\x00") is not None
            session.settle()
            assert isinstance(session.next_step(now + 0.2), Send)
            break


def test_who_does_not_say_first_stands_behind_those_who_asked_before():
    bench = Bench(1)
    for poll in (b"\x01\x1a", b"\x01\x0f"):
        assert bench.session.ask(1, poll)
    assert [asked.poll for asked in bench.session.links[1].asks] == [b"\x01\x1a", b"\x01\x0f"]
