"""A machine's calendar."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.dates import machine_date, machine_time


def test_the_month_comes_first():
    assert machine_time("07122020", "021501") == datetime(2020, 7, 12, 2, 15, 1)  # noqa: DTZ001
    assert machine_date("12312025") == date(2025, 12, 31)


@pytest.mark.parametrize("day", ["00000000", "13012025", "02302025", "00000030"])
def test_what_no_calendar_has_is_no_date(day):
    assert machine_date(day) is None
    assert machine_time(day, "000000") is None


def test_a_leap_day_is_one():
    assert machine_date("02292024") == date(2024, 2, 29)
    assert machine_date("02292025") is None


@given(st.text("0123456789", min_size=8, max_size=8), st.text("0123456789", min_size=6, max_size=6))
def test_any_digits_are_a_time_or_none(day, time):
    moment = machine_time(day, time)
    if moment is not None:
        again = (moment.month, moment.day, moment.year, moment.hour, moment.minute, moment.second)
        assert "{:02}{:02}{:04}{:02}{:02}{:02}".format(*again) == day + time
