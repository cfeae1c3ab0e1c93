"""Which events may have been told before, and what a restart owes to a line (P2, P3).

Bytes are written out; no codec of ours takes part in what the EGM says.
"""

from __future__ import annotations

import pytest

from protocols.sas.host.doubtful import doubtful
from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import LinkState, Pause, Resume, Rules
from protocols.sas.replies import ExceptionReply
from tests.protocols.sas.host.bench import Bench


def test_a_clean_run_has_no_marks_even_when_one_event_follows_its_equal():
    bench = Bench(1).up()
    for _ in range(5):
        bench.asked()
        assert not bench.says("28").possible_repeat


def test_an_exception_that_was_asked_again_to_be_sure_is_no_repeat_of_the_one_before():
    bench = Bench(1, rules=Rules(confirm=frozenset({0x28}))).up()
    for _ in range(3):
        bench.asked()
        assert not bench.says("28").final
        bench.poll()
        turn = bench.says("28")
        assert turn.final
        assert not turn.possible_repeat


@pytest.mark.parametrize(("first", "second", "code"), [("f4", "28", 0x28), ("f4", "f4", 0xF4)])
def test_of_two_answers_the_one_is_believed_that_a_table_has(first, second, code):
    bench = Bench(1).up()
    bench.asked()
    assert not bench.says(first).final
    bench.poll()
    turn = bench.says(second)
    assert (turn.final, turn.reply.code) == (True, code)


@pytest.mark.parametrize(
    ("first", "second"), [("28", "f4"), ("f4", "28"), ("28", "7f"), ("28", "11"), ("f4", "d4")]
)
def test_what_must_be_said_twice_and_was_said_once_is_not_told_and_a_gap_is(first, second):
    bench = Bench(1, rules=Rules(confirm=frozenset({0x28}))).up()
    bench.asked()
    assert not bench.says(first).final
    bench.poll()
    turn = bench.says(second)
    assert (turn.final, turn.reply) == (True, None)
    assert bench.session.links[1].figures.other_errors == 1
    bench.asked()
    (gap,) = bench.says("00").gaps
    assert gap.cause == "answer_lost_twice"


@pytest.mark.parametrize(("code", "told"), [("11", True), ("f4", False)])
def test_a_code_that_no_table_has_is_not_told_of_an_answer_to_a_repeat_alone(code, told):
    bench = Bench(1).up()
    bench.asked()
    assert not bench.says("01 02 03").final
    bench.poll()
    turn = bench.says(code)
    assert (turn.final, turn.reply is not None) == (True, told)


def test_nothing_to_say_the_second_time_is_taken_for_noise_the_first_time():
    bench = Bench(1, rules=Rules(confirm=frozenset({0x28}))).up()
    bench.asked()
    assert not bench.says("28").final
    bench.poll()
    turn = bench.says("00")
    assert (turn.final, turn.reply.raw, turn.gaps) == (True, b"\x00", ())


def test_only_the_exceptions_that_a_line_names_are_asked_again():
    bench = Bench(1, rules=Rules(confirm=frozenset({0x51}))).up()
    bench.asked()
    assert bench.says("28").final
    bench.asked()
    assert not bench.says("51").final
    assert bench.poll().poll == b"\x81"
    assert bench.says("51").final


def test_an_equal_exception_after_a_lost_link_is_marked_as_a_possible_repeat():
    bench = Bench(1).up()
    bench.asked()
    bench.says("28")
    while bench.session.links[1].state is not LinkState.DOWN:
        bench.asked()
        bench.silent()
    turn = None
    while turn is None or not turn.final:
        bench.asked()
        turn = bench.says("28")
    assert turn.possible_repeat


def test_a_priority_event_in_front_does_not_hide_the_possible_repeat():
    bench = Bench(1).up()
    bench.asked()
    bench.says("28")
    while bench.session.links[1].state is not LinkState.DOWN:
        bench.asked()
        bench.silent()
    heard = []
    for code in ("51", "28"):
        turn = None
        while turn is None or not turn.final:
            bench.asked()
            turn = bench.says(code)
        heard.append(turn.possible_repeat)
    assert heard == [False, True]


def lost_after(bench, code):
    """Have an exception told, and the link lost before its acknowledgement is proven."""
    bench.asked()
    bench.says(code)
    while bench.session.links[1].state is not LinkState.DOWN:
        bench.asked()
        bench.silent()


def say(bench, *codes):
    """Have these exceptions told, each at the first attempt; return which were marked."""
    marked = []
    for code in codes:
        turn = None
        while turn is None or not turn.final:
            bench.asked()
            turn = bench.says(code)
        marked.append(turn.possible_repeat)
    return marked


def test_what_came_in_its_turn_and_was_acknowledged_ends_the_doubt_about_those_before_it():
    bench = Bench(1).up()
    lost_after(bench, "28")
    assert say(bench, "11", "12", "28") == [False, False, False]


def test_it_ends_the_doubt_only_once_it_is_certain_that_it_was_no_noise():
    bench = Bench(1).up()
    lost_after(bench, "28")
    assert say(bench, "11") == [False]  # a 28 that noise made an 11 of?
    bench.asked()
    bench.silent()
    assert bench.poll().repeat
    assert bench.says("28").possible_repeat


@pytest.mark.parametrize("code", ["51", "3d", "70", "f4", "87"])
def test_what_may_go_in_front_of_the_queue_ends_no_doubt(code):
    bench = Bench(1).up()
    lost_after(bench, "28")
    assert say(bench, code, code, "28") == [False, False, True]


def test_a_flag_that_was_not_acknowledged_would_have_gone_in_front_of_the_queue():
    bench = Bench(1).up()
    lost_after(bench, "51")
    assert say(bench, "11", "12", "51") == [False, False, False]


def test_a_queue_found_empty_ends_the_doubt():
    bench = Bench(1).up()
    bench.asked()
    bench.says("28")
    while bench.session.links[1].state is not LinkState.DOWN:
        bench.asked()
        bench.silent()
    bench.asked()
    bench.says("00")
    bench.now += 2
    bench.asked()
    assert not bench.says("28").possible_repeat


def test_a_restart_first_sends_the_poll_whose_answer_was_not_committed():
    bench = Bench(1, 2, resume=Resume(number=41, owed=b"\x82", age_s=0.5))
    step = bench.poll()
    assert (step.poll, step.number, step.address) == (b"\x82", 42, 2)


def test_a_restart_after_a_commit_acknowledges_it_first():
    bench = Bench(1, 2, resume=Resume(number=41, owed=None, age_s=0.5))
    assert bench.poll().poll == b"\x80"


def test_a_restart_after_more_than_five_seconds_is_a_gap_and_doubts_the_last_event():
    resume = Resume(41, None, 7.0, {1: (0x28,)}, frozenset({1}))
    bench = Bench(1, resume=resume)
    bench.asked()
    turn = bench.says("28")
    assert turn.possible_repeat
    assert [gap.cause for gap in turn.gaps] == ["gateway_down"]


def test_a_restart_on_another_boot_cannot_know():
    resume = Resume(41, None, None, {}, frozenset({1}))
    bench = Bench(1, resume=resume)
    bench.asked()
    assert [gap.cause for gap in bench.says("00").gaps] == ["restart_unknown"]


def test_an_answer_that_is_lost_before_a_machine_was_ever_heard_is_a_gap():
    bench = Bench(1, 2)
    while bench.asked().address != 1:
        bench.says("00")
    bench.silent()
    assert bench.poll().repeat
    bench.silent()
    while bench.asked().address != 1:
        bench.says("00")
    assert [gap.cause for gap in bench.says("00").gaps] == ["answer_lost_twice"]


def test_an_owed_poll_that_stays_silent_twice_is_a_gap_that_the_restart_cannot_explain():
    resume = Resume(number=41, owed=b"\x81", age_s=0.5, was_up=frozenset({1}))
    bench = Bench(1, 2, resume=resume)
    assert bench.poll().poll == b"\x81"
    assert not bench.silent().final
    assert bench.poll().repeat
    bench.silent()
    while bench.asked().address != 1:
        bench.says("00")
    assert [gap.cause for gap in bench.says("00").gaps] == ["restart_unknown"]


def test_just_after_a_restart_a_neighbours_late_answer_is_not_believed():
    bench = Bench(1, 2, resume=Resume(number=41, age_s=0.5, was_up=frozenset({1, 2})))
    assert bench.asked().address == 1
    bench.silent()
    bench.poll()
    bench.silent()
    assert bench.asked().address == 2
    assert not bench.says("51").final


def test_an_answer_that_comes_after_the_restart_is_thrown_away_before_the_first_poll():
    bench = Bench(1, 2, resume=Resume(number=41, owed=b"\x82", age_s=0.01))
    assert isinstance(bench.session.next_step(bench.now), Pause)
    assert not bench.session.overheard(bench.now + 0.005, b"\x51")
    assert bench.poll().poll == b"\x82"


def test_any_restart_doubts_the_last_event_until_the_queue_is_found_empty():
    resume = Resume(number=41, age_s=0.5, last_codes={1: (0x11,)}, was_up=frozenset())
    bench = Bench(1, 2, resume=resume)
    turn = None
    while turn is None or not turn.final or turn.address != 1:
        turn = bench.says("11") if bench.asked().address == 1 else bench.says("00")
    assert turn.possible_repeat


def test_a_restart_doubts_earlier_events_too_that_the_last_process_still_doubted():
    resume = Resume(number=41, age_s=0.5, last_codes={1: (0x51, 0x7F)}, was_up=frozenset())
    bench = Bench(1, 2, resume=resume)
    turn = None
    while turn is None or not turn.final or turn.address != 1:
        turn = bench.says("7F") if bench.asked().address == 1 else bench.says("00")
    assert turn.possible_repeat


def test_what_overtakes_an_event_in_doubt_leaves_it_in_doubt_for_the_next_process():
    resume = Resume(number=41, age_s=0.5, last_codes={1: (0x7F,)}, was_up=frozenset())
    bench = Bench(1, 2, resume=resume)
    turn = None
    while turn is None or not turn.final or turn.address != 1:
        turn = bench.says("51") if bench.asked().address == 1 else bench.says("00")
    assert not turn.possible_repeat
    assert bench.session.links[1].doubts == {0x7F}


def test_a_gap_that_a_restart_found_open_is_told_when_the_machine_answers():
    resume = Resume(number=41, age_s=0.5, gaps={1: ("answer_lost_twice", 80.0)})
    bench = Bench(1, resume=resume)
    bench.asked()
    turn = bench.says("00")
    assert [(gap.cause, gap.began) for gap in turn.gaps] == [("no_exchange", 80.0)]


def _asked_until_told(bench, address, text):
    while True:
        step = bench.asked()
        if step.address != address:
            bench.silent()
            continue
        turn = bench.says(text)
        if turn.final:
            return turn


def test_a_line_on_which_nobody_answered_has_carried_no_acknowledgement():
    bench = Bench(1, 2).up()
    while bench.asked().address != 1:
        bench.says("00")
    bench.says("28")
    assert bench.asked().address == 2  # this acknowledges it, if anybody hears it
    bench.silent()
    assert _asked_until_told(bench, 1, "28").possible_repeat


def test_a_neighbours_answer_proves_that_the_acknowledgement_arrived():
    bench = Bench(1, 2).up()
    while bench.asked().address != 1:
        bench.says("00")
    bench.says("28")
    assert bench.asked().address == 2
    bench.silent()
    assert bench.asked().address == 2
    bench.says("00")
    while bench.asked().address != 1:
        bench.says("00")
    turn = bench.says("28")
    while not turn.final:
        bench.asked()
        turn = bench.says("28")
    assert not turn.possible_repeat


@pytest.mark.parametrize(("code", "again"), [(0x82, True), (0x83, False), (0x80, False)])
def test_an_exception_that_may_be_an_echo_of_the_poll_is_asked_for_again(code, again):
    link = EgmLink(2)
    assert doubtful(ExceptionReply(2, code), link, {2: link}, Rules(), 0.0) is again
