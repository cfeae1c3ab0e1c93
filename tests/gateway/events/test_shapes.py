"""Money keeps every digit and is never a float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events.shapes import Money, money, money_from_cents


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0.0005", "0.0005"), ("12.5", "12.50"), ("1E+3", "1000.00"), ("-3", "-3.00")],
)
def test_an_amount_has_at_least_two_decimals_and_loses_none(amount, text):
    assert money(Decimal(amount), "USD") == {"amount": text, "currency": "USD"}


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False))
def test_money_read_back_is_the_same_amount(amount):
    told = Money.model_validate(money(amount, "EUR"))
    assert Decimal(told.amount) == amount


def test_cents_are_hundredths():
    assert money_from_cents(125_000, "USD")["amount"] == "1250.00"


@pytest.mark.parametrize("amount", ["0.0000001", "NaN", "Infinity"])
def test_what_cannot_be_told_exactly_is_refused(amount):
    with pytest.raises(ValueError, match="six decimals"):
        money(Decimal(amount), "USD")
