"""Doors."""

from gateway.events.catalogue import CATALOGUE
from gateway.events.significance import USUAL

OPENED, CLOSED = 0x11, 0x12


def test_a_door_that_opens_is_told_with_what_was_known_before(seat):
    (first,) = seat.says(OPENED)
    assert first.data == {"door": "slot", "before": "unknown", "after": "open"}
    seat.says(CLOSED)
    (again,) = seat.says(OPENED)
    assert again.data["before"] == "closed"


def test_a_closed_door_says_how_long_it_was_open(seat):
    seat.says(OPENED)
    seat.wait(41.8)
    (closed,) = seat.says(CLOSED)
    assert (closed.data["before"], closed.data["open_s"]) == ("open", 42.0)


def test_a_door_that_says_twice_that_it_is_open_counts_from_the_first(seat):
    seat.says(OPENED)
    seat.wait(9.8)
    (again,) = seat.says(OPENED)
    assert again.data["before"] == "open"
    seat.wait(9.8)
    assert seat.says(CLOSED)[0].data["open_s"] == 20.0


def test_a_door_that_closes_without_having_opened_is_told_as_such(seat):
    seat.says(OPENED)
    seat.says(CLOSED)
    assert seat.says(CLOSED)[0].type == "door.closedwithoutopen"


def test_nobody_is_accused_after_a_gap_or_by_a_possible_repeat(seat):
    seat.says(OPENED)
    seat.says(CLOSED)
    assert seat.says(CLOSED, doubtful=True)[0].type == "door.closed"
    seat.gap()
    (closed,) = seat.says(CLOSED)
    assert (closed.type, closed.data["before"]) == ("door.closed", "unknown")


def test_a_door_that_was_open_before_a_gap_is_still_shown_as_open(seat):
    seat.says(OPENED)
    seat.gap()
    assert seat.view.doors_open == ("slot",)


def test_doors_do_not_mix(seat):
    seat.says(0x11)
    seat.says(0x1D)
    seat.says(0x12)
    assert seat.view.doors_open == ("belly",)


def test_the_logic_door_is_more_urgent_than_the_slot_door(seat):
    logic, slot = seat.says(0x15) + seat.says(0x11)
    severities = [USUAL.of(CATALOGUE[fact.type], fact.data).severity for fact in (logic, slot)]
    assert severities == ["critical", "warning"]


def test_a_door_asks_for_meters(seat):
    seat.says(OPENED)
    assert seat.wishes == [("meters", "door")]


def test_a_door_that_stays_open_is_told_once(new_seat):
    seat = new_seat(door_open_limit_s=60.0)
    seat.says(OPENED)
    assert seat.reads(current_credits=5) == []
    seat.wait(60)
    (late,) = seat.reads(current_credits=5)
    assert (late.type, late.data["door"], late.caused_by) == ("door.opentoolong", "slot", None)
    assert late.data["open_s"] >= late.data["limit_s"] == 60.0
    seat.wait(60)
    assert seat.reads(current_credits=5) == []
    seat.says(CLOSED)
    seat.says(OPENED)
    seat.wait(60)
    assert [fact.type for fact in seat.reads(current_credits=5)] == ["door.opentoolong"]


def test_how_long_a_door_is_open_survives_a_restart_by_the_wall_clock(seat):
    seat.says(OPENED)
    seat.restart("b2")
    seat.now_s += 10
    (closed,) = seat.says(CLOSED)
    assert closed.data["open_s"] == 10.2
