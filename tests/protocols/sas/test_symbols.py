"""Bytes with their ninth bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.errors import LengthError
from protocols.sas.symbols import (
    Symbols,
    chirp,
    from_host,
    from_machine,
    joined,
    pack,
    unpack,
    without_ninth_bit,
)


def test_a_host_wakes_machines_with_its_first_byte_only():
    assert from_host(b"\x01\x11") == Symbols(b"\x01\x11", (True, False))


def test_a_machine_wakes_nobody_unless_it_chirps():
    assert from_machine(b"\x01\x00") == Symbols(b"\x01\x00", (False, False))
    assert chirp(0x11) == Symbols(b"\x11", (True,))


def test_without_a_ninth_bit_nothing_is_known():
    assert without_ninth_bit(b"\x01\x11").wakeup == (None, None)


def test_a_packed_message_is_its_bytes_and_then_its_bits():
    assert pack(from_host(b"\x01\x11")) == b"\x01\x11\x01"
    nine = joined([from_machine(bytes(8)), chirp(5)])
    assert pack(nine) == bytes(8) + b"\x05" + b"\x00\x01"


@given(st.lists(st.tuples(st.integers(0, 255), st.booleans()), max_size=100))
def test_what_is_packed_is_unpacked(symbols):
    whole = Symbols(bytes(value for value, _ in symbols), tuple(bit for _, bit in symbols))
    assert unpack(pack(whole)) == whole


@given(st.binary(max_size=100))
def test_any_bytes_are_symbols_or_refused(packed):
    try:
        symbols = unpack(packed)
    except LengthError:
        return
    assert pack(symbols) == packed


@pytest.mark.parametrize("packed", [b"\x01", b"\x01\x02", bytes(10)])
def test_what_nobody_packed_is_refused(packed):
    with pytest.raises(LengthError):
        unpack(packed)
