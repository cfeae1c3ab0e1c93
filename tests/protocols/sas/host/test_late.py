"""An answer that comes late takes nobody's place, and what it said is told, or missing in a gap."""

from __future__ import annotations

import pytest

from protocols.sas.host.late import LateAnswer
from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import Rules
from protocols.sas.replies import ExceptionReply, IdleReply
from tests.protocols.sas.host.bench import Bench


def until_asked(bench: Bench, address: int) -> None:
    while bench.asked().address != address:
        bench.says("00")


def doubted_and_silent(bench: Bench) -> None:
    """Have machine 1 say 7F soon after a time-out, and its second answer not come in time."""
    until_asked(bench, 4)
    bench.silent()
    bench.poll()
    bench.silent()
    assert bench.asked().address == 1
    assert not bench.says("7f").final
    bench.poll()
    turn = bench.silent()
    assert (turn.final, isinstance(turn.reply, ExceptionReply)) == (True, False)


def test_what_may_be_a_late_answer_and_is_not_said_again_is_a_gap_and_no_event():
    bench = Bench(1, 2, 3, 4).up()
    doubted_and_silent(bench)
    assert gaps_of_1(bench) == [(1, "answer_lost_twice")]


def test_the_second_answer_of_a_neighbour_that_comes_late_is_not_believed_in_the_next_ones_place():
    bench = Bench(1, 2, 3, 4).up()
    doubted_and_silent(bench)
    assert bench.asked().address == 2
    assert not bench.says("47").final
    bench.poll()
    turn = bench.says("7f")  # it must be machine 1's
    assert (turn.address, turn.final, turn.reply.code) == (2, True, 0x47)


def test_of_two_answers_of_which_none_is_known_to_be_late_the_second_is_believed():
    bench = Bench(1, 2, 3, 4).up()
    doubted_and_silent(bench)
    assert bench.asked().address == 2
    assert not bench.says("7f").final  # machine 1's, or not
    bench.poll()
    assert bench.says("47").reply.code == 0x47


def answers_the_second_time(text: str) -> Bench:
    bench = Bench(1, 2, 3, 4).up()
    until_asked(bench, 1)
    bench.silent()
    bench.poll()
    assert bench.says(text).final
    return bench


def test_a_machines_own_late_idle_answer_does_not_hide_what_it_said_since():
    bench = answers_the_second_time("00")
    until_asked(bench, 1)
    assert not bench.says("7f").final
    bench.poll()
    assert bench.says("00").reply.code == 0x7F  # the one of before, late


def gaps_of_1(bench: Bench):
    until_asked(bench, 1)
    return [(gap.address, gap.cause) for gap in bench.says("00").gaps]


def test_what_comes_late_and_is_not_what_was_said_instead_is_a_gap():
    bench = answers_the_second_time("00")  # it may be the first answer, and the second is lost
    bench.session.overheard(bench.now + 0.1, b"\x7f")
    assert gaps_of_1(bench) == [(1, "answer_lost_twice")]


@pytest.mark.parametrize("late", ["7f", "00", "1a 00"])
def test_what_comes_late_and_was_told_or_says_nothing_is_no_gap(late):
    bench = answers_the_second_time("7f")
    bench.session.overheard(bench.now + 0.1, bytes.fromhex(late))
    assert gaps_of_1(bench) == []


def test_what_comes_long_after_is_nobodys_late_answer():
    bench = answers_the_second_time("00")
    bench.session.overheard(bench.now + 5.0, b"\x7f")
    assert gaps_of_1(bench) == []


@pytest.mark.parametrize(("comes", "told"), [("7f", True), ("7e", False), ("7f 7f", False)])
def test_what_was_denied_and_comes_once_more_by_itself_is_a_gap(comes, told):
    bench = Bench(1, rules=Rules(confirm=frozenset({0x7F}))).up()
    bench.asked()
    assert not bench.says("7f").final
    bench.poll()
    assert bench.says("00", settle=False).final  # another's, late: this one's is still to come
    bench.session.overheard(bench.now, bytes.fromhex(comes))
    bench.session.settle()
    bench.asked()
    gaps = bench.says("00").gaps
    assert [gap.cause for gap in gaps] == (["answer_lost_twice"] if told else [])


def expecting(said_before: str | None) -> tuple[LateAnswer, EgmLink]:
    """Machine 1 did not answer in time; what it said the first time, if this was the second."""
    late, link = LateAnswer(), EgmLink(1)
    before = None if said_before is None else reply_of(said_before)
    late.expect(link, b"\x81", 3.0, before)
    return late, link


def reply_of(text: str) -> ExceptionReply:
    raw = bytes.fromhex(text)
    return ExceptionReply(1, raw[0], raw=raw)


def test_a_late_answer_that_is_asked_for_again_is_no_gap():
    late, link = expecting(None)
    late.came(b"\x12", in_time=True)
    assert link.gap_cause is None


def test_a_late_answer_in_a_gap_that_is_told_anyway_changes_nothing_of_it():
    late, link = expecting("11")
    link.gap_cause, link.lost_at = "gateway_down", 1.0
    late.came(b"\x12", in_time=True)
    assert (link.gap_cause, link.lost_at) == ("gateway_down", 1.0)
    link.gap_cause = None
    late.came(b"\x12", in_time=True)
    assert (link.gap_cause, link.lost_at) == ("answer_lost_twice", 3.0)


def test_of_two_answers_the_one_that_no_table_has_was_spoiled():
    for first, second in (("28", "f4"), ("f4", "28")):
        settled = LateAnswer().answer(EgmLink(1), reply_of(first), reply_of(second), Rules())
        assert settled == reply_of("28")


@pytest.mark.parametrize("second", ["11", "12"])
def test_what_is_heard_again_after_it_was_not_denied_is_no_gap(second):
    late, link = LateAnswer(), EgmLink(1)
    late.answer(link, reply_of("11"), reply_of(second), Rules())
    late.came(b"\x11", in_time=False)
    assert link.gap_cause is None


def test_what_is_heard_again_after_it_was_denied_is_a_gap():
    late, link = LateAnswer(), EgmLink(1)
    late.answer(link, reply_of("11"), IdleReply(1, raw=b"\x00"), Rules())
    late.came(b"\x11", in_time=False)
    assert link.gap_cause == "answer_lost_twice"
    link.gap_cause = None  # it was told
    late.came(b"\x11", in_time=False)
    assert link.gap_cause is None


def test_what_was_denied_and_is_heard_in_a_gap_changes_nothing_of_it():
    late, link = LateAnswer(), EgmLink(1)
    late.answer(link, reply_of("11"), IdleReply(1, raw=b"\x00"), Rules())
    link.gap_cause = "gateway_down"
    late.came(b"\x11", in_time=False)
    assert link.gap_cause == "gateway_down"
