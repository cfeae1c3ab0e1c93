"""What a handpay asks for: three tables, by amount, class and day of payment."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.meaning.limits import HandpayRules, Limit, LimitTable

DENVER = ZoneInfo("America/Denver")
OLD = Limit(120_000, None, date(2025, 12, 31))
NEW = Limit(200_000, date(2026, 1, 1), date(2026, 12, 31))
W2G = LimitTable((OLD, NEW), wins_only=True)


def at(*clock):
    return int(datetime(*clock, tzinfo=DENVER).timestamp() * 1e9)


def rules(**tables):
    return HandpayRules(tables, lambda ns: datetime.fromtimestamp(ns / 1e9, DENVER).date())


def verdict(table, cents, kind="nonprogressive", day=date(2026, 6, 1)):
    return table.judge(cents, kind, day)[0]


@pytest.mark.parametrize(
    ("cents", "day", "expected"),
    [
        (119_999, date(2025, 12, 31), "notrequired"),
        (120_000, date(2025, 12, 31), "required"),
        (120_000, date(2026, 1, 1), "notrequired"),
        (199_999, date(2026, 1, 1), "notrequired"),
        (200_000, date(2026, 1, 1), "required"),
        (200_000, date(2026, 12, 31), "required"),
        (999_999, date(2027, 1, 1), "nofigure"),
    ],
)
def test_the_limit_is_that_of_the_day_of_payment_and_none_is_invented(cents, day, expected):
    assert verdict(W2G, cents, day=day) == expected


def test_a_cancelled_credit_is_never_a_winning_however_large_or_unknown():
    assert verdict(W2G, 900_000, "cancelledcredits") == "notapplicable"
    assert verdict(W2G, None, "cancelledcredits") == "notapplicable"
    assert verdict(LimitTable((OLD, NEW)), 900_000, "cancelledcredits") == "required"


def test_an_amount_of_a_class_that_nobody_knows_is_undecided_above_the_limit_only():
    assert verdict(W2G, 200_000, "unknown") == "undecided"
    assert verdict(W2G, 199_999, "unknown") == "notrequired"
    assert verdict(W2G, 200_000, "win") == "required"


@pytest.mark.parametrize("choice", ["required", "notrequired", "undecided"])
def test_an_unknown_amount_has_the_choice_that_the_table_states(choice):
    assert verdict(LimitTable((NEW,), when_unknown=choice), None) == choice


def test_a_house_may_ask_for_more_people_the_higher_the_amount():
    house = LimitTable((Limit(1_000_000, asks="manager"), Limit(500_000, asks="supervisor")))
    told = rules(house=house).told(1_000_000, "topwin", at(2026, 6, 1, 12), "USD")
    assert told["house"] == {
        "verdict": "required", "asks": ["supervisor", "manager"],
        "limit": {"amount": "10000.00", "currency": "USD"},
    }  # fmt: skip
    told = rules(house=house).told(500_000, "topwin", at(2026, 6, 1, 12), "USD")
    assert told["house"]["asks"] == ["supervisor"]


def test_the_day_is_the_casinos_own_and_the_year_ends_at_its_midnight():
    before = rules(w2g=W2G).told(150_000, "topwin", at(2025, 12, 31, 23, 59, 59), "USD")
    after = rules(w2g=W2G).told(150_000, "topwin", at(2026, 1, 1, 0, 0, 0), "USD")
    assert (before["day"], before["w2g"]["verdict"]) == ("2025-12-31", "required")
    assert (after["day"], after["w2g"]["verdict"]) == ("2026-01-01", "notrequired")
    assert before["w2g"]["limit"]["amount"] == "1200.00"
    assert after["w2g"]["limit"]["amount"] == "2000.00"


def test_a_site_without_tables_says_nothing_of_limits():
    assert HandpayRules().told(150_000, "topwin", at(2026, 1, 1), "USD") == {}


def test_without_a_calendar_days_are_those_of_utc():
    midnight_ns = 1_767_225_600 * 10**9  # 2026-01-01T00:00:00Z
    assert HandpayRules().day_of(midnight_ns) == date(2026, 1, 1)
    assert HandpayRules().day_of(midnight_ns - 1) == date(2025, 12, 31)
