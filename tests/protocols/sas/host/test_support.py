"""Which long polls an EGM answers: learned, remembered, and forgotten with reason."""

from __future__ import annotations

from protocols.sas.host.steps import Resume
from protocols.sas.host.support import (
    FORGOTTEN_AFTER_S,
    POLLS_KNOWN_MAX,
    SILENT_TURNS_MAX,
    Support,
)
from protocols.sas.replies import LongPollReply
from tests.protocols.sas.host.bench import RULES, Bench

CREDITS = b"\x01\x1a"
METERS = b"\x01\x0f"
WHO = b"\x01\x54"
GAME = b"\x01\x1f"
SERIAL_A = "01 54 04 363032 41 51b5"  # version 602, serial A
SERIAL_B = "01 54 04 363032 42 ca87"


def identity(version: str, serial: str) -> LongPollReply:
    return LongPollReply(1, 0x54, {"version": version, "serial": serial})


def silent(support: Support, poll: bytes, turns: int = SILENT_TURNS_MAX, now: float = 10.0):
    return [support.turn_was_silent(poll, now) for _ in range(turns)]


def refuse(bench: Bench, poll: bytes) -> None:
    """Ask for ``poll`` and let it be unanswered until it is given up; all else is answered."""
    assert bench.session.ask(1, poll)
    while poll not in bench.session.links[1].support.refused:
        if bench.asked().poll == poll:
            bench.silent()
        else:
            bench.says("00")


def test_three_silent_turns_in_a_row_are_not_supported_and_two_are_not():
    support = Support()
    assert silent(support, CREDITS) == [False, False, True]
    assert SILENT_TURNS_MAX == 3
    assert (support.refused, support.silent) == ({CREDITS: 10.0}, {})
    assert support.refuses(CREDITS, 10.0)
    assert not support.refuses(METERS, 10.0)


def test_an_answer_between_two_silences_begins_the_count_anew():
    support = Support()
    silent(support, CREDITS, 2)
    support.poll_was_answered(CREDITS)
    assert silent(support, CREDITS, 2) == [False, False]
    assert not support.refuses(CREDITS, 10.0)


def test_what_was_learned_is_forgotten_after_a_day_and_not_before():
    support = Support()
    silent(support, CREDITS, now=10.0)
    assert FORGOTTEN_AFTER_S == 86_400
    assert support.refuses(CREDITS, 10.0 + FORGOTTEN_AFTER_S - 0.001)
    assert not support.refuses(CREDITS, 10.0 + FORGOTTEN_AFTER_S)
    assert support.refused == {}


def test_a_poll_that_answers_again_is_no_longer_refused():
    support = Support()
    silent(support, CREDITS)
    support.poll_was_answered(CREDITS)
    assert (support.refused, support.answered) == ({}, {CREDITS})
    silent(support, CREDITS)
    assert (support.refused, support.answered) == ({CREDITS: 10.0}, set())


def test_another_serial_number_or_version_forgets_everything_and_the_same_one_nothing():
    for other in (identity("602", "B"), identity("603", "A")):
        support = Support()
        assert not support.identity_was_read(identity("602", "A"))
        silent(support, CREDITS)
        silent(support, METERS, 1)
        support.poll_was_answered(WHO)
        assert not support.identity_was_read(identity("602", "A "))
        assert (support.who, support.refused, support.silent) == (
            "602 A", {CREDITS: 10.0}, {METERS: 1},
        )  # fmt: skip
        assert support.identity_was_read(other)
        assert (support.refused, support.silent, support.answered) == ({}, {}, set())
        assert not support.identity_was_read(other)


def test_a_link_that_went_keeps_what_was_learned_but_asks_anew_who_answers():
    support = Support()
    for poll in (CREDITS, WHO, GAME):
        silent(support, poll)
    silent(support, METERS, 1)
    support.poll_was_answered(b"\x01\x11")
    support.link_went()
    assert support.refused == {CREDITS: 10.0}
    assert (support.silent, support.answered) == ({}, set())


def test_a_restart_remembers_all_but_what_tells_who_answers():
    support = Support()
    support.resume("602 A", {CREDITS: 3.0, WHO: 3.0, GAME: 3.0})
    assert (support.who, support.refused) == ("602 A", {CREDITS: 3.0})
    assert support.identity_was_read(identity("602", "B"))


def test_what_is_remembered_has_a_bound():
    support = Support()
    polls = [number.to_bytes(2, "big") for number in range(0x0100, 0x0100 + POLLS_KNOWN_MAX + 10)]
    for poll in polls:
        support.poll_was_answered(poll)
        silent(support, poll + b"1")
        for known in (support.answered, support.silent, support.refused):
            assert len(known) <= POLLS_KNOWN_MAX == 256
    assert support.answered
    assert support.refused
    for poll in polls:
        silent(support, poll + b"2", 1)
        assert 1 <= len(support.silent) <= POLLS_KNOWN_MAX
    support = Support()
    support.resume(None, {poll + b"3": 1.0 for poll in polls})
    assert len(support.refused) == POLLS_KNOWN_MAX - 2  # 1F and 54 are asked anew


# ------------------------------------------------------------------ in a session


def test_a_poll_that_a_machine_does_not_support_is_not_asked_again_for_a_day():
    bench = Bench(1).up()
    refuse(bench, CREDITS)
    assert not bench.session.ask(1, CREDITS)
    assert bench.session.ask(1, METERS)
    for _ in range(2):
        bench.asked()
        bench.says("00" if len(bench.sent[-1][1]) == 1 else "01 00")
    bench.now += FORGOTTEN_AFTER_S
    bench.idle()
    assert bench.session.ask(1, CREDITS)


def test_a_link_that_was_down_does_not_make_it_asked_again():
    bench = Bench(1).up()
    refuse(bench, CREDITS)
    while bench.session.links[1].live:
        bench.asked()
        bench.silent()
    bench.up()
    assert not bench.session.ask(1, CREDITS)


def test_a_general_poll_lost_between_two_silences_begins_the_count_anew():
    for events_lost, left in ((True, {}), (False, {CREDITS: 2})):
        link = Bench(1).up().session.links[1]
        silent(link.support, CREDITS, 2)
        link.failed(110.0, 109.9, RULES, "no answer", events_lost=events_lost)
        assert link.support.silent == left


def test_another_serial_number_makes_it_asked_again():
    bench = Bench(1).up()
    bench.session.ask(1, WHO)
    while bench.asked().poll != WHO:
        bench.says("00")
    bench.says(SERIAL_A)
    refuse(bench, CREDITS)
    bench.session.ask(1, WHO)
    while bench.asked().poll != WHO:
        bench.says("00")
    bench.says(SERIAL_B)
    assert bench.session.ask(1, CREDITS)


def test_what_the_last_process_learned_is_not_asked_by_this_one():
    learned = {1: ("602 A", {CREDITS: 50.0}), 2: (None, {})}
    bench = Bench(1, 2, resume=Resume(learned=learned)).up()
    assert not bench.session.ask(1, CREDITS)
    assert bench.session.ask(2, b"\x02\x1a")
    assert bench.session.links[1].support.who == "602 A"


def test_a_known_reading_that_falls_silent_while_the_machine_talks_is_unlearned():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS)
    while bench.asked().poll != CREDITS:
        bench.says("00")
    bench.says("01 1a 00010000 1fa6")
    assert CREDITS in bench.session.links[1].support.answered
    refuse(bench, CREDITS)
    assert not bench.session.ask(1, CREDITS)


def test_garbled_answers_end_the_asking_without_teaching_that_it_is_not_supported():
    bench = Bench(1).up()
    bench.session.ask(1, CREDITS, "asked")
    turns = []
    while not (turns and turns[-1].tags):
        poll = bench.asked().poll
        turn = bench.says("00" if len(poll) == 1 else "01 1a 00010000 1fa7")
        while not turn.final:
            bench.poll()
            turn = bench.says("01 1a 00010000 1fa7")
        turns.append(turn)
    assert turns[-1].tags == ("asked",)
    assert sum(turn.poll == CREDITS for turn in turns) == 3
    assert bench.session.ask(1, CREDITS)
