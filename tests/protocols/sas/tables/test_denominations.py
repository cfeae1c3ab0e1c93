"""What a credit is worth."""

from decimal import Decimal

import pytest

from protocols.sas.tables.denominations import DENOMINATIONS, NO_DENOMINATION, denomination


@pytest.mark.parametrize(
    ("code", "worth"), [(0x01, "0.01"), (0x06, "1"), (0x17, "0.02"), (0x1F, "0.0005")]
)
def test_a_code_is_worth_an_exact_amount(code, worth):
    assert denomination(code) == Decimal(worth)
    assert isinstance(denomination(code), Decimal)


@pytest.mark.parametrize("code", [NO_DENOMINATION, 0x20, 0xFF])
def test_no_denomination_and_unknown_ones_are_worth_nothing_known(code):
    assert denomination(code) is None


def test_the_table_ends_at_1f():
    assert DENOMINATIONS.keys() == set(range(1, 0x20))
