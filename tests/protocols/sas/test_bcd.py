"""Packed BCD: digits in, digits out, and nothing that is no digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.bcd import from_bcd, to_bcd
from protocols.sas.errors import BcdError, RequestError


def test_the_first_byte_is_the_most_significant():
    assert from_bcd(b"\x00\x01\x23\x45") == 12345
    assert to_bcd(12345, 4) == b"\x00\x01\x23\x45"


@given(st.integers(1, 9).flatmap(lambda w: st.tuples(st.integers(0, 100**w - 1), st.just(w))))
def test_what_is_written_is_read_again(case):
    value, width = case
    assert from_bcd(to_bcd(value, width)) == value
    assert len(to_bcd(value, width)) == width


@pytest.mark.parametrize("data", [b"\x1a", b"\xa1", b"\xff\x00", b"\x00\x0e"])
def test_a_letter_is_no_digit_and_its_bytes_are_not_shown(data):
    with pytest.raises(BcdError) as caught:
        from_bcd(data)
    assert data.hex() not in str(caught.value)


@pytest.mark.parametrize(("value", "width"), [(-1, 4), (100_000_000, 4), (100, 1)])
def test_a_number_that_does_not_fit_is_our_mistake(value, width):
    with pytest.raises(RequestError):
        to_bcd(value, width)
