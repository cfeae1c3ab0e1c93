"""Loyalty at its tables: sessions as the gateway closes them, in any order and number."""

from __future__ import annotations

import sqlite3
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.central.loyalty.rules import default_rules
from gateway.central.loyalty.service import Loyalty
from gateway.events.catalogue import CATALOGUE
from gateway.events.errors import SchemaError

ACCOUNTS = "SELECT player, points, remainder FROM accounts ORDER BY player"
DECISIONS = "SELECT decision, reason FROM ledger ORDER BY number"


@pytest.fixture
def loyalty(desk):
    return lambda: desk(Loyalty(default_rules("USD")))


@pytest.fixture(scope="session")
def session(event):
    """A closed session of ``credits`` credits of 0.05 USD, starting at meter 1000 * sequence."""

    def make(sequence, credits=250, *, player="c7f3a0", name=None, **more):  # noqa: A002
        before = 1000 * sequence
        money = {"amount": f"{credits * 5 // 100}.{credits * 5 % 100:02}", "currency": "USD"}
        data = {
            "card": player, "coin_in_credits": credits, "coin_in": money,
            "coin_in_before": {"count": before, "unit": "credits", "digits": 8},
            "coin_in_after": {"count": before + credits, "unit": "credits", "digits": 8},
            "denomination": {"amount": "0.05", "currency": "USD"},
        }  # fmt: skip
        data |= more.pop("data", {})
        name = name or f"session-10101-b1-{sequence}"
        return event("session.closed", sequence, data=data, correlation=name, **more)

    return make


def test_a_session_is_credited_once_however_often_it_is_told(loyalty, session):
    desk = loyalty().work(session(1), session(1), session(1))
    assert desk.rows(ACCOUNTS) == [("c7f3a0", 12, "1/2")]
    (told,) = desk.told
    assert told.name == "loyalty.pointscredited"
    assert desk.messages[0].subject == "floor.v1.demo.loyalty.pointscredited.c7f3a0"
    assert told.data["points"] == 12
    assert told.data["remainder"] == "1/2"


def test_what_is_left_over_counts_with_the_next_session(loyalty, session):
    desk = loyalty().work(session(1), session(2))
    assert desk.rows(ACCOUNTS) == [("c7f3a0", 25, "0")]
    assert [one.data["points"] for one in desk.told] == [12, 13]


def test_the_same_session_under_another_event_id_is_not_credited_again(loyalty, session):
    again = session(9, name="session-10101-b1-1")
    desk = loyalty().work(session(1), again)
    assert desk.rows(ACCOUNTS) == [("c7f3a0", 12, "1/2")]
    assert desk.rows(DECISIONS)[1] == ("repeat", "credited before from edge1.b1.1")


@pytest.mark.parametrize("first_is_repeat", [True, False])
def test_a_possible_repeat_between_the_same_meters_is_the_same_session(
    loyalty, session, first_is_repeat
):
    one = session(1, possible_repeat=first_is_repeat)
    same_meters = {key: one.data[key] for key in ("coin_in_before", "coin_in_after")}
    other = session(2, data=same_meters, possible_repeat=not first_is_repeat)
    assert loyalty().work(one, other).rows(ACCOUNTS) == [("c7f3a0", 12, "1/2")]


def test_a_possible_repeat_between_other_meters_is_a_session_of_its_own(loyalty, session):
    desk = loyalty().work(session(1), session(2, possible_repeat=True))
    assert desk.rows(ACCOUNTS) == [("c7f3a0", 25, "0")]


UNDECIDED = [
    ({"denomination": None, "coin_in": None}, "denomination not known"),
    ({"denomination": None}, "denomination not known"),
    ({"quality": "late", "coin_in_credits": None, "coin_in": None}, "after the card had gone"),
    ({"quality": "broken", "coin_in_credits": None, "coin_in": None}, "do not allow"),
    ({"coin_in": {"amount": "250.00", "currency": "USD"}}, "is not 250 credits of 0.05"),
]


@pytest.mark.parametrize(("data", "reason"), UNDECIDED)
def test_a_session_of_unknown_worth_is_undecided_and_reported(loyalty, session, data, reason):
    desk = loyalty().work(session(1, data=data))
    assert desk.rows(ACCOUNTS) == []
    ((decision, why),) = desk.rows(DECISIONS)
    assert decision == "undecided"
    assert reason in why
    (told,) = desk.told
    assert (told.name, told.data["reason"]) == ("loyalty.undecided", why)


def test_a_correction_gives_no_points_and_waits_for_a_person(loyalty, session, event):
    corrected = event("session.corrected", 5, data={"session": "session-10101-b1-1"})
    desk = loyalty().work(session(1), corrected)
    assert desk.rows(ACCOUNTS) == [("c7f3a0", 12, "1/2")]
    assert [row[0] for row in desk.rows(DECISIONS)] == ["credited", "undecided"]
    assert desk.told[1].name == "loyalty.undecided"


def test_coin_in_counted_in_cents_is_refused_with_the_reason(loyalty, session):
    cents = {"coin_in_before": {"count": 5, "unit": "cents", "digits": 8}}
    with pytest.raises(SchemaError, match="not in credits"):
        loyalty().work(session(1, data=cents))


def test_two_currencies_in_one_session_are_refused(loyalty, session):
    with pytest.raises(SchemaError, match="two currencies"):
        loyalty().work(session(1, data={"denomination": {"amount": "0.05", "currency": "CAD"}}))


@pytest.mark.parametrize("change", ["UPDATE ledger SET points = 1000", "DELETE FROM ledger"])
def test_the_ledger_cannot_be_changed_afterwards(loyalty, session, change):
    desk = loyalty().work(session(1))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        desk.rows(change)


def test_loyalty_asks_only_for_types_of_the_catalogue():
    assert set(Loyalty.reads) <= set(CATALOGUE)


PLAYS = [(n, count, f"p{n % 3}") for n, count in enumerate([1, 7, 19, 333, 20, 0, 41, 4], 1)]


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sessions_in_any_order_and_up_to_three_times_give_the_same_accounts(loyalty, session, data):
    events = [session(n, count, player=player) for n, count, player in PLAYS]
    events += [session(20, 9, player="p1", name="session-10101-b1-1")]  # told under another id
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(events), max_size=len(events)))
    told = [one for one, count in zip(events[:-1], times, strict=False) for _ in range(count)]
    desk = loyalty().work(*data.draw(st.permutations(told)), events[-1])
    expected = {}
    for _, count, player in PLAYS:
        expected[player] = expected.get(player, Fraction(0)) + count * Fraction("0.05")
    found = {player: points + Fraction(rest) for player, points, rest in desk.rows(ACCOUNTS)}
    assert found == expected
    assert desk.rows("SELECT sum(points) FROM ledger") == desk.rows(
        "SELECT sum(points) FROM accounts"
    )
