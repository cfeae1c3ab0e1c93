"""Two machines at one address: what makes a suspicion, and what does not."""

from __future__ import annotations

import pytest

from protocols.sas.host.shared import (
    LATE_S,
    LOOKS_BACK,
    SERIALS_WITHIN_S,
    TOLD_EVERY_S,
    two_answers,
)
from tests.protocols.sas.host.bench import Bench
from tests.protocols.sas.host.shared_line import TIMEOUT_S, Line
from tests.protocols.sas.host.wire_oracle import signed


def test_the_bounds_are_what_they_were_agreed_to_be():
    assert (LOOKS_BACK, SERIALS_WITHIN_S, TOLD_EVERY_S, LATE_S) == (50, 3600.0, 3600.0, 1.0)


def test_only_the_last_polls_are_looked_back_on():
    line = Line(1, 2)
    line.good(2, 50)
    line.garbled(1, 9)
    line.good(1, 42)
    line.garbled(1)
    assert line.found == []  # nine of the last fifty
    line.garbled(1)
    assert line.found == []
    line.garbled(1, 8)
    assert line.found[0].figures["polls"] == 50


@pytest.mark.parametrize("lost", [Line.silent, Line.garbled])
def test_a_stray_is_counted_again_once_the_late_answers_have_passed(lost):
    for pause_s, told in ((0.5, 0), (LATE_S, 1)):
        line = Line(1)
        for _ in range(6):
            lost(line, 1)
            line.good(1, after_s=pause_s)
            line.watch.stray(line.now + 0.01)
        line.good(1)
        assert len(line.found) == told


def test_garbled_answers_of_one_among_clean_neighbours_are_told_with_their_figures():
    line = Line(1, 2, 3)
    line.good(2, 30)
    line.good(3, 20)
    line.good(1, 5)
    line.silent(1, 2)
    line.garbled(1, 9)
    assert line.found == []
    line.garbled(1)
    (found,) = line.found
    assert (found.address, found.evidence, found.serials) == (1, "collisions", ())
    assert found.reason == "10 of its last 17 answers were garbled, 0 of 50 of its neighbours'"
    assert found.figures == {
        "polls": 17, "two_answers": 0, "garbled": 10, "silent": 2,
        "neighbours_answers": 50, "neighbours_garbled": 0,
    }  # fmt: skip


def test_a_bad_plug_is_silent_as_well_and_is_no_second_machine():
    line = Line(1, 2)
    line.good(2, 50)
    line.silent(1, 3)
    line.garbled(1, 14)
    assert line.found == []
    line.garbled(1)
    assert len(line.found) == 1  # three of fifteen: hardly silent


def test_a_bad_line_is_no_second_machine():
    line = Line(1, 2, 3)
    line.good(2, 40)
    line.garbled(3, 2)
    line.good(3, 40)
    line.garbled(1, 40)
    assert line.found == []


@pytest.mark.parametrize("neighbours", [0, 49])
def test_without_enough_neighbours_to_compare_with_nothing_is_concluded(neighbours):
    line = Line(1, 2)
    line.good(2, neighbours)
    line.garbled(1, 50)
    assert line.found == []
    line.good(2, 50)
    line.garbled(1)
    assert len(line.found) == 1


def test_silence_of_a_neighbour_is_nothing_to_compare_with():
    line = Line(1, 2)
    line.good(2, 30)
    line.silent(2, 20)
    line.garbled(1, 50)
    assert line.found == []


def test_who_was_polled_just_before_may_be_the_one_and_is_named():
    line = Line(1, 2)
    line.good(2, 50)
    for _ in range(10):
        line.good(2)
        line.garbled(1, after_s=0.001)
    (found,) = line.found
    assert found.figures["polled_before"] == 2
    assert found.reason.endswith("; or at address 2, which is polled just before")
    line = Line(1, 2)
    line.good(2, 50)
    for pause_s in [0.001] * 9 + [0.1]:
        line.good(2)
        line.garbled(1, after_s=pause_s)
    assert "polled_before" not in line.found[0].figures


def test_an_answer_right_behind_an_answer_five_times_is_told():
    line = Line(1)
    line.twice(1, 5)
    assert line.found == []
    line.good(1)
    (found,) = line.found
    assert (found.address, found.evidence) == (1, "answers")
    assert found.reason == "5 of its last 6 polls had two answers"
    assert (found.figures["two_answers"], found.figures["garbled"]) == (5, 5)


def test_two_answers_in_one_piece_are_told():
    bench = Bench(1).up()
    found = []
    while not found:
        bench.asked()
        turn = bench.says("00 00")
        found += [turn.shared] if turn.shared else []
        if not turn.final:
            bench.poll()
            bench.says("00")
    assert (found[0].address, found[0].evidence) == (1, "answers")
    asked = [poll for _, poll in bench.sent if poll == b"\x81"]
    assert len(asked) == 1 + 5 * 2  # up, then five polls and their repeats


def test_strays_right_behind_the_answers_of_a_session_are_told():
    bench = Bench(1).up()
    turns = []
    for _ in range(8):
        bench.asked()
        turns.append(bench.says("00"))
        bench.session.overheard(bench.now + 0.01, b"\x00")
    assert [turn.shared.evidence for turn in turns if turn.shared] == ["answers"]


def test_a_stray_byte_much_later_is_no_second_answer():
    line = Line(1)
    for _ in range(20):
        line.good(1)
        line.watch.stray(line.now + TIMEOUT_S + 0.001)
    assert line.found == []


def test_one_answer_has_one_second_answer_in_however_many_pieces_it_comes():
    line = Line(1)
    line.twice(1, 4)
    line.watch.stray(line.now + 0.01)
    line.good(1)
    assert line.found == []


def test_a_late_answer_after_a_repeat_or_a_time_out_is_no_second_answer():
    line = Line(1)
    for _ in range(20):
        line.good(1, repeat=True)
        line.watch.stray(line.now + 0.01)
    for _ in range(20):
        line.silent(1)
        line.good(1)
        line.watch.stray(line.now + 0.01)
    assert line.found == []


def test_strays_behind_everybodys_answers_are_a_bad_line():
    line = Line(1, 2)
    for _ in range(10):
        line.twice(1)
        line.twice(2)
    assert line.found == []


def test_serial_numbers_that_take_turns_are_told_and_a_swap_is_not():
    line = Line(1)
    for serial in ("A", "A", "B", "B", "", "C"):
        line.says_serial(1, serial)
    assert line.found == []
    line.says_serial(1, "B")
    (found,) = line.found
    assert (found.evidence, found.serials) == ("serials", ("B", "C", "B"))
    assert found.reason.startswith("serial numbers take turns: B, C, B in ")
    assert found.figures["serials"] == 2


def test_a_machine_that_comes_back_after_more_than_an_hour_was_away():
    for away_s, told in ((SERIALS_WITHIN_S - 2, 1), (SERIALS_WITHIN_S + 1, 0)):
        line = Line(1)
        line.says_serial(1, "A")
        line.says_serial(1, "B")
        line.now += away_s
        line.says_serial(1, "A")
        assert len(line.found) == told


def test_it_is_told_once_an_hour():
    line = Line(1, 2)
    for pause_s in (0.0, 0.0, TOLD_EVERY_S):
        line.now += pause_s
        line.good(2, 50)
        line.garbled(1, 10)
    assert len(line.found) == 2


@pytest.mark.parametrize(
    ("poll", "raw", "two"),
    [("81", b"\x00\x00", True), ("81", b"\x00\x11", True), ("81", b"\x51\x52", True),
     ("81", b"\x00\xd4", False),  # not in the table: noise
     ("81", b"\xd4\x00", False), ("81", b"\x00\x00\x00", False), ("81", b"\x00", False),
     ("81", b"", False),
     ("011a", signed("011a00000001") * 2, True),
     ("011a", signed("011a00000001") + signed("011a00000002"), True),
     ("011a", signed("011a00000001") + b"\x01", False),
     ("011a", b"\x02" + signed("011a00000001"), False),
     ("81", signed("01ff11") + signed("01ff11"), True)],
)  # fmt: skip
def test_two_whole_answers_to_one_poll_are_known_from_noise(poll, raw, two):
    assert two_answers(bytes.fromhex(poll), raw) is two


def test_a_stray_in_a_pause_belongs_to_nobody_polled_before():
    line = Line(1, 2)
    line.good(2)
    line.garbled(1, after_s=0.001)
    line.now += LATE_S
    line.twice(1, 5)
    line.good(1)
    (found,) = line.found
    assert found.figures["garbled"] == 6
    assert "polled_before" not in found.figures
