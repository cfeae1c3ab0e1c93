"""A machine's own meter page against the wire: units, differences, play meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.commissioning.sheet import (
    TypedError,
    begin_sheet,
    read_again,
    type_in,
    typed_count,
)
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import Count, Reading
from tests.gateway.commissioning.little_floor import target

START = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


def read(sheet, seconds=0.0, digits=8, **meters):
    counts = {name: Count(value=value, digits=digits) for name, value in meters.items()}
    at = START + timedelta(seconds=seconds)
    return read_again(sheet, [Reading(at=at, meters=counts)], [])


@pytest.fixture
def sheet():
    return begin_sheet(target(), "tech17", START)


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [("coin_in", "1,234", 1234), ("coin_in", "12.34", 1234), ("coin_in", " $12.30 ", 1230),
     ("games_played", "7", 7), ("cashable_ticket_in_cents", "5.00", 500)],
)  # fmt: skip
def test_counts_are_typed_as_credits_or_as_money_with_a_point(name, text, count):
    assert typed_count(name, text, target().worth) == count


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [("coin_in", "12,3x", "no count"), ("coin_in", "-4", "no count"),
     ("coin_in", "1e9", "no count"),
     ("coin_in", "12.345", "no whole number"), ("games_played", "7.00", "counts pieces"),
     ("coin_in", "NaN.", "no count"), ("coin_in", "9" * 30, "no count"),
     ("coin_in", "٣", "no count"),
     ("coin_in", "5500000000000004", "10 digits at most")],
)  # fmt: skip
def test_what_is_no_count_is_refused_with_the_reason(sheet, name, text, why):
    sheet = read(sheet, coin_in=1, games_played=1)
    with pytest.raises(TypedError, match=why):
        type_in(sheet, name, text)


def test_money_needs_the_worth_of_a_credit(sheet):
    with pytest.raises(TypedError, match="worth of a credit is not known"):
        typed_count("coin_in", "12.50", None)
    cheap = read_again(sheet, [], [], "0.05")
    assert type_in(read(cheap, coin_in=250), "coin_in", "12.50").line("coin_in").difference == 0


def test_each_meter_has_its_difference_and_only_typed_ones_count(sheet):
    sheet = read(sheet, coin_in=100, games_played=5, jackpot=0)
    assert sheet.verdict is Verdict.NOT_DONE
    sheet = type_in(sheet, "coin_in", "100")
    assert (sheet.line("coin_in").difference, sheet.verdict) == (0, Verdict.PASS)
    sheet = type_in(sheet, "games_played", "3")
    assert (sheet.line("games_played").difference, sheet.verdict) == (-2, Verdict.FAIL)
    assert type_in(sheet, "games_played", "  ").verdict is Verdict.PASS
    assert sheet.line("jackpot").difference is None


def test_what_was_played_while_somebody_typed_is_no_difference(sheet):
    sheet = read(sheet, coin_in=100)
    sheet = type_in(sheet, "coin_in", "140")
    assert sheet.line("coin_in").difference == 40
    assert read(sheet, 20, coin_in=180).line("coin_in").difference == 0
    assert read(sheet, 20, coin_in=120).line("coin_in").difference == 20


def test_credits_that_went_down_and_up_meanwhile_are_between_the_least_and_the_most(sheet):
    sheet = read(read(read(sheet, current_credits=500), 9, current_credits=20), 20,
                 current_credits=300)  # fmt: skip
    differences = {
        typed: type_in(sheet, "current_credits", typed).line("current_credits").difference
        for typed in ("20", "500", "19", "501")
    }
    assert differences == {"20": 0, "500": 0, "19": -281, "501": 201}


def test_a_meter_that_goes_over_while_somebody_types_is_between(sheet):
    sheet = read(sheet, coin_in=99_999_990)
    sheet = read(type_in(sheet, "coin_in", "3"), 20, coin_in=7)
    assert sheet.line("coin_in").difference == 0
    assert type_in(sheet, "coin_in", "8").line("coin_in").difference == 1


def test_meters_stand_in_the_order_of_the_meter_table(sheet):
    assert read(sheet, games_played=1, coin_in=2, unknown=3).names == ["coin_in", "games_played"]


@given(st.text(max_size=40), st.sampled_from(["coin_in", "games_played", "x"]))
def test_whatever_is_typed_is_a_count_or_refused(text, name):
    try:
        count = typed_count(name, text, target().worth)
    except TypedError as error:
        count = len(str(error))
    assert count >= 0


@given(st.integers(0, 10**8 - 1), st.integers(0, 1000), st.integers(0, 10**8 - 1))
def test_between_two_readings_nothing_differs_and_beyond_them_something_does(first, more, typed):
    last = (first + more) % 10**8
    sheet = read(begin_sheet(target(), "t", START), coin_in=first)
    sheet = type_in(read(sheet, 60, coin_in=last), "coin_in", str(typed))
    inside = (typed - first) % 10**8 <= more
    assert (sheet.line("coin_in").difference == 0) == inside
