"""One turn at a time: what is counted, how long it is quiet, and what is believed.

Bytes are written out; no codec of ours takes part in what the EGM says.
"""

from __future__ import annotations

from dataclasses import asdict

import pytest

from protocols.sas.errors import RequestError
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import LinkState, Pause, Resume
from tests.protocols.sas.host.bench import RULES, Bench

CREDITS = bytes.fromhex("01 1a")
CREDITS_OF_1 = "01 1a 00010000 1fa6"


def until_asked(bench: Bench, poll: bytes) -> None:
    while bench.asked().poll != poll:
        bench.says("00")


def bring_down(bench: Bench, *addresses: int) -> None:
    while any(bench.session.links[a].state is not LinkState.DOWN for a in addresses):
        if bench.asked().address in addresses:
            bench.silent()
        else:
            bench.says("00")


def pause_after(bench: Bench) -> float:
    step = bench.session.next_step(bench.now)
    assert isinstance(step, Pause)
    return step.until - bench.now


# ------------------------------------------------------------------ pace and quiet


def test_a_session_begins_at_its_own_moment_and_lets_late_answers_pass():
    session = LineSession([1], RULES)
    assert session.deadline == 0.0
    assert session.next_step(0.0) == Pause(0.05)
    assert LineSession([1], RULES, None, 7.0).deadline == 7.0


def test_a_poll_to_nobody_is_followed_by_its_pause():
    bench = Bench(1)
    bench.poll()
    assert pause_after(bench) == pytest.approx(RULES.sync_gap_s)


def test_after_silence_the_rest_of_a_bad_answer_may_pass():
    bench = Bench(1).up()
    bench.asked()
    bench.silent()
    assert pause_after(bench) == pytest.approx(RULES.reply_gap_s)


def test_after_an_answered_repeat_the_first_answer_may_still_come():
    bench = Bench(1, 2).up()
    bench.asked()
    bench.silent()
    bench.poll()
    bench.says("00")
    assert pause_after(bench) == pytest.approx(RULES.reply_timeout_s)


def test_two_idle_machines_acknowledge_each_other_without_a_poll_to_nobody():
    bench = Bench(1, 2).up()
    bench.sent.clear()
    for _ in range(20):
        bench.idle()
    assert {poll for _, poll in bench.sent} == {b"\x81", b"\x82"}


def test_a_restart_that_doubts_puts_two_polls_in_front():
    bench = Bench(1, resume=Resume(number=41, age_s=0.5, last_codes={1: (0x11,)}))
    assert [bench.poll().poll for _ in range(3)] == [b"\x80", b"\xfe", b"\x81"]


def test_a_machine_that_chirps_is_asked_an_interval_later():
    bench = Bench(1)
    bring_down(bench, 1)
    bench.session.links[1].due = bench.now + 9
    heard_at = bench.now
    assert bench.session.overheard(bench.now, b"\x01") is False
    bench.asked()
    assert bench.now - heard_at == pytest.approx(0.2)


def test_a_chirp_never_puts_a_machine_off():
    bench = Bench(1)
    due = bench.session.links[1].due
    bench.session.overheard(bench.now, b"\x01")
    assert bench.session.links[1].due == due


def test_one_machine_that_is_back_has_the_others_tried_an_interval_later():
    bench = Bench(1, 2, 3)
    bring_down(bench, 1, 2, 3)
    for address in (1, 2, 3):
        bench.session.links[address].due = bench.now + address
    bench.idle()
    back_at = bench.now
    tried = {}
    while len(tried) < 2:
        step = bench.asked()
        if step.address != 1:
            tried[step.address] = bench.now - back_at
        bench.says("00")
    assert tried[2] == pytest.approx(0.2, abs=0.01)
    assert tried[3] == pytest.approx(0.2, abs=0.05)


# ------------------------------------------------------------------ what is counted


def test_every_poll_is_counted_by_what_became_of_it():
    bench = Bench(1).up()
    before = asdict(bench.session.links[1].figures)
    bench.asked()
    bench.silent()
    bench.poll()
    bench.says("00")
    bench.asked()
    bench.says("11 12")
    bench.poll()
    bench.says("01 ff 11 14a5")
    bench.asked()
    bench.says("d4")
    bench.poll()
    bench.says("d4")
    after = asdict(bench.session.links[1].figures)
    gained = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert gained.pop("gap_s") == pytest.approx(0.43)  # since its last word
    assert gained == {
        "polls": 6, "answers": 2, "timeouts": 1, "crc_errors": 1, "other_errors": 1,
        "length_errors": 1, "repeats": 3, "gaps": 1,
    }  # fmt: skip
    assert bench.session.links[1].quality == pytest.approx(3 / 6)


def test_an_exception_whose_second_answer_is_lost_counts_as_one_answer_and_not_as_a_clean_one():
    bench = Bench(1).up()
    link = bench.session.links[1]
    answers = link.figures.answers
    bench.asked()
    bench.says("d4")
    bench.poll()
    assert bench.silent().reply.code == 0xD4
    assert (link.figures.answers, link.good) == (answers + 1, 0)


def test_an_answer_to_a_repeat_is_no_clean_turn():
    bench = Bench(1).up()
    bench.idle()
    assert bench.session.links[1].good >= 1
    bench.asked()
    bench.silent()
    bench.poll()
    bench.says("00")
    assert bench.session.links[1].good == 0


def test_bytes_that_nobody_asked_for_are_counted():
    bench = Bench(1).up()
    bench.session.overheard(bench.now, b"\x00\x11\x22")
    bench.session.overheard(bench.now, b"\x00")
    assert bench.session.strays == 4


# ------------------------------------------------------------------ what is believed


@pytest.mark.parametrize("known", [True, False])
def test_a_code_that_is_a_neighbours_address_is_a_chirp_only_while_it_is_not_live(known):
    bench = Bench(1, 0x12).up()
    if not known:
        bring_down(bench, 0x12)
        bench.now += 2
    until_asked(bench, b"\x81")
    bench.session._late_until = bench.now
    assert bench.says("12").final is known


def test_suspicion_ends_at_its_moment():
    bench = Bench(1).up()
    bench.asked()
    bench.session._late_until = bench.now + 0.005
    assert bench.says("11", 0.005).final


def test_a_machine_that_is_down_and_says_something_wrong_is_asked_again():
    bench = Bench(1)
    bring_down(bench, 1)
    bench.asked()
    assert not bench.says("11 12").final
    assert bench.poll().repeat


def test_an_answer_that_stops_half_way_is_a_bad_one():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    until_asked(bench, CREDITS)
    turn = bench.says("01 1a 00")
    assert (turn.final, turn.reply, turn.error.kind) == (False, None, "length")
    assert bench.session.links[1].figures.other_errors == 1


def test_the_ninth_bit_in_an_answer_makes_it_a_bad_one():
    bench = Bench(1).up()
    bench.asked()
    turn = bench.session.receive(bench.now, b"\x11", wakeup=True)
    assert (turn.final, turn.reply, turn.error.kind) == (False, None, "unexpected")


@pytest.mark.parametrize("after", ["start", "port gone", "silence"])
def test_bytes_like_polls_may_be_late_answers_for_a_while(after):
    bench = Bench(1, 2)
    if after != "start":
        bench.up()
        bench.now += 5
    if after == "port gone":
        bench.session.abandon(bench.now)
    if after == "silence":
        bench.asked()
        bench.silent()
    heard = bench.session.overheard
    assert not any(heard(bench.now + 0.99, b"\x82") for _ in range(9))
    assert [heard(bench.now + 1.0, b"\x82") for _ in range(5)] == [False] * 4 + [True]


@pytest.mark.parametrize("poll", [b"\x80", b"\x81", b"\xff"])
def test_any_poll_with_its_ninth_bit_is_another_host(poll):
    bench = Bench(1).up()
    assert bench.session.overheard(bench.now, poll, wakeup=True) is True
    assert bench.session.overheard(bench.now, poll, wakeup=True) is False


# ------------------------------------------------------------------ long polls


def test_asking_says_whether_it_was_taken():
    session = Bench(1).session
    assert session.ask(1, CREDITS) is True
    assert session.ask(1, b"\x81") is False
    assert session.ask(1, b"\x01\x01") is False


def test_a_silent_long_poll_that_may_not_be_supported_casts_no_doubt_on_an_event():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    until_asked(bench, b"\x81")
    bench.says("28")
    while bench.asked().poll == CREDITS:
        bench.silent()
    assert not bench.says("28").possible_repeat


def test_after_a_long_poll_that_failed_the_machine_is_heard_first():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    until_asked(bench, CREDITS)
    bench.silent()
    bench.poll()
    bench.silent()
    assert bench.asked().poll == b"\x81"


def test_a_known_reading_that_fails_degrades_the_link_and_is_no_gap():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    until_asked(bench, CREDITS)
    bench.says(CREDITS_OF_1)
    bench.session.ask(1, CREDITS, "again")
    until_asked(bench, CREDITS)
    bench.silent()
    bench.poll()
    turn = bench.silent()
    assert [change.after for change in turn.changes] == [LinkState.DEGRADED]
    assert turn.tags == ()
    until_asked(bench, b"\x81")
    assert bench.says("00").gaps == ()
    until_asked(bench, CREDITS)
    assert bench.says(CREDITS_OF_1).tags == ("again",)


def test_a_reading_never_answered_tells_its_callers_so_in_the_end():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS, "credits")
    told = []
    while not told:
        if bench.asked().poll == CREDITS:
            told += bench.silent().tags
        else:
            bench.says("00")
    assert told == ["credits"]
    assert [poll for _, poll in bench.sent].count(CREDITS) == 6


def test_a_reading_answered_with_noise_degrades_the_link():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    until_asked(bench, CREDITS)
    bench.says("01 1a 00010000 1fa7")
    bench.poll()
    turn = bench.says("01 1a 00010000 1fa7")
    assert [change.after for change in turn.changes] == [LinkState.DEGRADED]


def test_readings_of_one_kind_do_not_follow_each_other_whatever_they_ask_for():
    owed = bytes.fromhex("01 2f 03 0000 00 8b2b")
    bench = Bench(1, resume=Resume(number=41, owed=owed, age_s=0.5))
    assert bench.poll().poll == owed
    bench.says("01 00")
    other = bytes.fromhex("01 2f 04 0000 0001 a51b")
    assert bench.session.ask(1, other)
    bench.now += 1
    assert [bench.poll().poll for _ in range(2)] == [b"\x80", other]


def test_what_the_list_forbids_is_not_sent_whoever_in_here_wants_it():
    bench = Bench(1).up()
    with pytest.raises(RequestError, match="not on the list"):
        bench.session._send(b"\x01\x01", 1, bench.now)
    assert not bench.session.waiting


def test_a_turn_that_was_settled_after_repeats_leaves_room_for_their_late_answers():
    bench = Bench(1, 2).up()
    bench.asked()
    bench.says("00", settle=False)
    bench.session.settle(bench.now + 0.3)
    step = bench.session.next_step(bench.now)
    assert step == Pause(bench.now + 0.3)
    bench.now += 0.3
    bench.asked()
    assert not bench.says("11").final  # it may be a late one


def test_an_answer_that_a_repeat_brought_has_a_number_of_its_own():
    bench = Bench(1).up()
    number = bench.asked().number
    assert bench.session.number_another() == number + 1
    bench.says("00")
    assert bench.poll().number == number + 2
