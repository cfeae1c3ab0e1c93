"""To the last bit: what the watch for shared addresses believes, and what it does not."""

from __future__ import annotations

import pytest

from protocols.sas.errors import CrcError
from protocols.sas.host.shared import LATE_S, TOLD_EVERY_S
from tests.protocols.sas.host.shared_line import ExactLine, Line


@pytest.mark.parametrize(("behind_s", "told"), [(0.0625, True), (0.0626, False)])
def test_a_second_answer_comes_no_later_than_an_answer_may(behind_s, told):
    line = ExactLine(1)
    for at in range(5):
        line.good(1, float(at))
        line.watch.stray(at + behind_s)
    assert (line.good(1, 9.0) is not None) is told


@pytest.mark.parametrize(("at", "told"), [(LATE_S, True), (LATE_S - 0.001, False)])
def test_a_late_answer_may_come_until_its_time_is_over_and_no_longer(at, told):
    line = ExactLine(1)
    for begun in range(0, 10, 2):
        line.silent(1, float(begun))
        line.good(1, begun + at)
        line.watch.stray(begun + at)
    assert (line.good(1, 11.0) is not None) is told


@pytest.mark.parametrize(("behind_s", "named"), [(0.0625, True), (0.0626, False)])
def test_who_was_polled_before_is_named_only_if_its_answer_may_still_have_been_under_way(
    behind_s, named
):
    line, found = ExactLine(1, 2), None
    for at in range(50):
        line.good(2, float(at))
    for at in range(50, 60):
        line.good(2, float(at))
        found = line.wrong(1, b"\x01\x02", at + behind_s)
    assert found is not None
    assert ("polled_before" in found.figures) is named


def test_a_neighbour_that_is_garbled_once_in_fifty_answers_is_clean():
    line = Line(1, 2)
    line.good(2, 49)
    line.garbled(2)
    line.garbled(1, 10)
    assert line.found[0].figures["neighbours_garbled"] == 1
    line = Line(1, 2)
    line.good(2, 48)
    line.garbled(2, 2)
    line.garbled(1, 10)
    assert line.found == []


def test_the_same_serial_number_however_often_is_one_machine():
    line = Line(1)
    for _ in range(5):
        line.says_serial(1, "A")
    assert line.found == []


@pytest.mark.parametrize(("until", "told"), [(4600.0, True), (4601.0, False)])
def test_the_hour_of_three_serial_numbers_begins_with_the_first(until, told):
    line = ExactLine(1)
    line.serial(1, "A", 1000.0)
    line.serial(1, "B", 3000.0)
    assert (line.serial(1, "A", until) is not None) is told


def test_the_seconds_of_serial_numbers_are_told_to_the_millisecond():
    line = ExactLine(1)
    line.serial(1, "A", 1000.0)
    line.serial(1, "B", 1000.5)
    found = line.serial(1, "A", 1001.00049)
    assert found is not None
    assert found.figures == {"within_s": 1.0, "serials": 2}


def test_what_led_to_a_suspicion_is_spent_even_if_it_was_told_of_late():
    line = ExactLine(1)
    for at, serial in enumerate("ABA"):
        found = line.serial(1, serial, float(at))
    assert found is not None
    for at, serial in enumerate("BAB"):  # the A of the suspicion is spent: three more
        assert line.serial(1, serial, 1000.0 + at) is None
    assert line.serial(1, "A", 2 + TOLD_EVERY_S) is None
    assert line.serial(1, "B", 2 + TOLD_EVERY_S) is None
    assert line.serial(1, "A", 2 + TOLD_EVERY_S) is not None


def test_an_hour_after_a_suspicion_one_more_garbled_answer_is_none():
    line = Line(1, 2)
    line.good(2, 50)
    line.garbled(1, 10)
    line.now += TOLD_EVERY_S
    line.garbled(1, 9)
    assert len(line.found) == 1
    line.garbled(1)
    assert len(line.found) == 2


def test_who_else_it_may_be_is_judged_by_new_evidence_alone():
    line = Line(1, 2)
    line.good(2, 50)
    line.garbled(1, 10)
    assert "polled_before" not in line.found[0].figures
    line.now += TOLD_EVERY_S
    for _ in range(5):
        line.good(2)
        line.polled(1, None, CrcError("two", b"\x00\x11"), after_s=0.001)
    assert line.found[1].figures["polled_before"] == 2
