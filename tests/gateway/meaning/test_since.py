"""Intervals go by the monotonic clock, and by the wall clock only across a restart."""

from gateway.events.moment import Moment
from gateway.meaning.since import Since

DAY_NS = 86_400 * 10**9
THEN = Since.of(Moment(100.0, DAY_NS), "b1")


def test_a_step_of_the_wall_clock_changes_no_interval():
    assert THEN.seconds_to(Moment(107.5, 0), "b1") == 7.5


def test_after_a_restart_the_wall_clock_measures():
    assert THEN.seconds_to(Moment(3.0, DAY_NS + 20 * 10**9), "b2") == 20.0


def test_no_interval_is_below_zero():
    assert THEN.seconds_to(Moment(99.0, DAY_NS), "b1") == 0.0
    assert THEN.seconds_to(Moment(3.0, DAY_NS - 1), "b2") == 0.0


def test_anything_of_an_older_start_was_before():
    assert THEN.is_before(Moment(1.0, 0), "b2")
    assert not THEN.is_before(Moment(99.9, DAY_NS), "b1")
