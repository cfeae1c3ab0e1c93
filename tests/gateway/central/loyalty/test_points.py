"""Points against exact sums done by hand; accounts in any order of sessions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.central.loyalty.points import Account, Decision, Session, appraise
from gateway.central.loyalty.rules import PointsRule, PointsRules, default_rules

USD = default_rules("USD")
THIRTY_CENTS_A_POINT = PointsRules(
    rules=(PointsRule(currency="USD", points_per_unit=Decimal("3.3")),)
)
SESSION = Session(
    session_id="s1", event_id="edge1.b1.9", asset="10101", player="p-ab12", doubt="", epoch=1,
    coin_in_before=1_000, coin_in_after=1_250, coin_in_credits=250,
    denomination=Decimal("0.05"), coin_in=Decimal("12.50"), currency="USD",
    closed_ns=1_772_337_600_000_000_000, gaming_day="2026-02-28",
)  # fmt: skip


def test_a_point_is_earned_for_each_whole_dollar_and_the_rest_is_kept():
    result = appraise(SESSION, USD)
    assert (result.decision, result.money, result.earned) == (
        Decision.CREDITED, Decimal("12.50"), Fraction(25, 2),
    )  # fmt: skip
    account, points = Account("p-ab12").plus(result.earned)
    assert (account.points, account.remainder, points) == (12, Fraction(1, 2), 12)
    account, points = account.plus(result.earned)
    assert (account.points, account.remainder, points) == (25, Fraction(0), 13)


def test_the_rule_of_the_currency_is_used():
    assert appraise(SESSION, THIRTY_CENTS_A_POINT).earned == Fraction("41.25")


UNDECIDED = [
    pytest.param({"denomination": None}, "denomination", id="credits have no worth"),
    pytest.param({"denomination": None, "coin_in": None}, "denomination", id="nothing has worth"),
    pytest.param({"doubt": "the session is broken"}, "is broken", id="the gateway is in doubt"),
    pytest.param({"coin_in_credits": None}, "meter reading is missing", id="no reading"),
    pytest.param({"coin_in_credits": -5}, "went back", id="the meter went back"),
    pytest.param({"coin_in": Decimal(250)}, "is not", id="credits taken for money"),
    pytest.param({"currency": "EUR"}, "no points rule for EUR", id="another currency"),
    pytest.param({"currency": ""}, "currency not known", id="no currency"),
    pytest.param({"denomination": Decimal(0)}, "above zero", id="a denomination of nothing"),
]


@pytest.mark.parametrize(("change", "reason"), UNDECIDED)
def test_what_is_not_known_earns_nothing_and_says_why(change, reason):
    result = appraise(replace(SESSION, **change), USD)
    assert result.decision is Decision.UNDECIDED
    assert result.earned == 0
    assert reason in result.reason


def test_nobody_is_credited_without_a_card():
    result = appraise(replace(SESSION, player=""), USD)
    assert (result.decision, result.earned) == (Decision.NO_CARD, 0)


def test_a_session_without_play_earns_nothing_and_is_decided():
    result = appraise(replace(SESSION, coin_in_credits=0, coin_in=Decimal(0)), USD)
    assert (result.decision, result.earned) == (Decision.CREDITED, 0)


@given(
    st.lists(st.fractions(min_value=0, max_value=1000), max_size=20),
    st.randoms(use_true_random=False),
)
def test_nothing_is_lost_to_rounding_in_any_order(earned, random):
    def account_of(amounts):
        account, whole = Account("p"), 0
        for amount in amounts:
            account, points = account.plus(amount)
            whole += points
        assert whole == account.points
        return account

    shuffled = earned[:]
    random.shuffle(shuffled)
    account = account_of(earned)
    assert account == account_of(shuffled)
    assert account.points + account.remainder == sum(earned)
    assert 0 <= account.remainder < 1


@given(
    credits=st.integers(min_value=0, max_value=10**9),
    cents=st.sampled_from(["0.01", "0.02", "0.05", "0.25", "1", "0.001"]),
    rate=st.decimals(min_value=0, max_value=100, places=3),
)
def test_points_are_credits_times_denomination_times_rate_exactly(credits, cents, rate):  # noqa: A002
    rules = PointsRules(rules=(PointsRule(currency="USD", points_per_unit=rate),))
    session = replace(SESSION, coin_in_credits=credits, denomination=Decimal(cents), coin_in=None)
    assert appraise(session, rules).earned == credits * Fraction(cents) * Fraction(rate)
