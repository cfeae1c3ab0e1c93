"""PARMRK streams as a Linux port hands them over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.parmrk import ParmrkDecoder, encode
from protocols.sas.symbols import Symbols


@pytest.mark.parametrize(
    ("stream", "data", "wakeup"),
    [
        pytest.param("01 11", "01 11", (False, False), id="an answer"),
        pytest.param("ff 00 81", "81", (True,), id="a general poll"),
        pytest.param("ff 00 01 11", "01 11", (True, False), id="a long poll"),
        pytest.param("01 ff ff 11", "01 ff 11", (False,) * 3, id="an event: a true FF"),
        pytest.param("ff 00 ff", "ff", (True,), id="a poll to address 7F"),
        pytest.param("ff 00 00", "00", (True,), id="a broadcast, or a break"),
        pytest.param("ff 00 11 ff 00 11", "11 11", (True, True), id="two chirps"),
    ],
)
def test_a_stream_is_taken_apart_and_put_together(stream, data, wakeup):
    symbols = Symbols(bytes.fromhex(data), wakeup)
    assert ParmrkDecoder().feed(bytes.fromhex(stream)) == symbols
    assert encode(*symbols) == bytes.fromhex(stream)


SYMBOLS = st.lists(st.tuples(st.integers(0, 255), st.booleans()))


@given(SYMBOLS, st.lists(st.integers(1, 7), min_size=1))
def test_escapes_may_be_split_anywhere(symbols, cuts):
    data = bytes(value for value, _ in symbols)
    wakeup = tuple(bit for _, bit in symbols)
    stream = encode(data, wakeup)
    decoder = ParmrkDecoder()
    seen, bits, at, turn = b"", (), 0, 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        part = decoder.feed(stream[at : at + step])
        seen, bits, at, turn = seen + part.data, bits + part.wakeup, at + step, turn + 1
    assert (seen, bits, decoder.faults) == (data, wakeup, 0)


@given(st.binary())
def test_any_stream_gives_as_many_bits_as_bytes(stream):
    symbols = ParmrkDecoder().feed(stream)
    assert len(symbols.data) == len(symbols.wakeup) <= len(stream)


def test_an_escape_that_no_driver_writes_is_counted_and_kept():
    decoder = ParmrkDecoder()
    assert decoder.feed(b"\xff\x41\x42") == Symbols(b"\xff\x41\x42", (None, False, False))
    assert decoder.faults == 1


def test_half_an_escape_is_forgotten_on_reset():
    decoder = ParmrkDecoder()
    decoder.feed(b"\xff\x00")
    decoder.reset()
    assert decoder.feed(b"\x81") == Symbols(b"\x81", (False,))


def test_bytes_without_a_bit_are_clear():
    assert encode(b"\x01\xff") == b"\x01\xff\xff"
