"""Figures as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.console.words import (
    AGE_WIDTH,
    age,
    clock,
    clock_or_day,
    count,
    lasting,
    percent,
    worth,
)

NOW = datetime(2026, 3, 14, 21, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"), (42.9, "0:42"), (59, "0:59"), (60, "1:00"), (3_599, "59:59"),
        (3_600, "1h00"), (11_220, "3h07"), (86_399, "23h59"),
        (86_400, "1d00"), (187_200, "2d04"), (99 * 86_400, "99d00"),
        (100 * 86_400, "100d"), (40_000 * 86_400, "9999d"),
    ],
)  # fmt: skip
def test_an_age_reads_at_a_glance_and_fits_its_column(seconds, text):
    shown = age(NOW - timedelta(seconds=seconds), NOW)
    assert shown == text
    assert len(shown) <= AGE_WIDTH


def test_a_clock_that_was_put_back_gives_no_negative_age():
    assert age(NOW + timedelta(seconds=9), NOW) == "0:00"


def test_what_is_not_known_reads_as_nothing():
    assert age(None, NOW) == count(None, 5) == percent(None) == worth(None, "0.01") == ""


def test_a_time_of_day_is_the_casinos():
    assert clock(NOW, ZoneInfo("America/Denver")) == "15:00:00"


def test_a_moment_of_more_than_a_day_ago_is_named_by_its_day():
    assert clock_or_day(NOW - timedelta(hours=23), NOW, UTC) == "22:00:00"
    assert clock_or_day(NOW - timedelta(hours=24), NOW, UTC) == "Mar 13"


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [(1_234_567, 9, "1,234,567"), (1_234_567, 8, "1234567"), (1_234_567, 6, "######"), (0, 1, "0")],
)
def test_a_count_is_never_cut(value, width, text):
    assert count(value, width) == text


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100%"), (0.999, "99%"), (0.004, "1%"), (0.0, "0%"), (0.71, "71%")]
)
def test_only_a_perfect_link_reads_100_per_cent_and_only_a_dead_one_0(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("number", "denomination", "text"),
    [(15_838, "0.01", "158.38"), (3, "0.25", "0.75"), (5, None, ""), (5, "penny", ""),
     (5, "NaN", "")],
)  # fmt: skip
def test_credits_are_worth_money_only_where_the_denomination_is_known(number, denomination, text):
    assert worth(number, denomination) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (23, ">0:23"),
        (754, ">12m"),
        (11_220, ">3h07"),
        (86_399, ">23h"),
        (99 * 86_400, ">99d"),
        (40_000 * 86_400, "9999d"),
        (None, ""),
    ],
)
def test_what_may_have_lasted_longer_fits_five_cells(seconds, words):
    since = None if seconds is None else NOW - timedelta(seconds=seconds)
    assert lasting(since, NOW, since) == words
    assert len(words) <= AGE_WIDTH


def test_what_was_known_before_the_gateway_started_is_as_old_as_it_says():
    since = NOW - timedelta(hours=2)
    assert lasting(since, NOW, since + timedelta(hours=1)) == "2h00"
