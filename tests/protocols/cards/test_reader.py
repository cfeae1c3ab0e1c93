"""A card reader's lines: cards in and out, bad reads dropped, numbers never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.cards.reader import (
    LINE_BYTES_MAX,
    CardIn,
    CardOut,
    CardReader,
    ReaderFormat,
    encode_in,
    encode_out,
)


def test_a_card_goes_in_and_comes_out():
    seen = CardReader().feed(b";0012345678?\rOUT\r")
    assert seen == [CardIn("0012345678"), CardOut()]


@pytest.mark.parametrize(
    "line",
    [
        b";123?\r",
        b";123?4\r",
        b";123?\r\n",
        b"\n ;123? \r",
        b"%B123^DOE/JANE^2512?;123=2512?\r",
        b"%B123^DOE/JANE^2512?;123?;999?\r",
    ],
)
def test_readers_differ_and_the_number_is_the_same(line):
    reader = CardReader()
    assert reader.feed(line) == [CardIn("123")]
    assert reader.bad_reads == 0


@pytest.mark.parametrize("line", [b"E?\r", b";?\r", b"123\r", b";12\xb53?\r", b"?;\r", b";123?5\r"])
def test_a_bad_swipe_is_counted_and_the_next_card_is_read(line):
    reader = CardReader()
    assert reader.feed(line) == []
    assert reader.bad_reads == 1
    assert reader.feed(encode_in("77")) == [CardIn("77")]


def test_empty_lines_are_nothing():
    reader = CardReader()
    assert reader.feed(b"\r\r\n\r") == []
    assert reader.bad_reads == 0


def test_noise_without_an_end_is_dropped_whole():
    reader = CardReader()
    assert reader.feed(b"x" * 10 * LINE_BYTES_MAX + b";123?\r") == []
    assert (reader.bad_reads, len(reader._line)) == (1, 0)
    assert reader.feed(encode_in("77")) == [CardIn("77")]


def test_what_differs_between_readers_is_a_setting():
    assert CardReader(ReaderFormat(bare_digits=True)).feed(b"123\r") == [CardIn("123")]
    assert CardReader(ReaderFormat(removal="GONE")).feed(b"GONE\r") == [CardOut()]
    assert encode_out(ReaderFormat(removal="GONE")) == b"GONE\r"
    even = bytes(value | 0x80 * (value.bit_count() % 2) for value in encode_in("123"))
    assert CardReader(ReaderFormat(parity_bit=True)).feed(even) == [CardIn("123")]


def test_a_card_number_is_never_shown():
    assert "123456" not in repr(CardIn("123456"))


@given(st.lists(st.one_of(
    st.text("0123456789", min_size=1, max_size=19).map(CardIn), st.just(CardOut()))),
    st.lists(st.integers(1, 9), min_size=1))  # fmt: skip
def test_cards_may_come_in_any_pieces(cards, cuts):
    stream = b"".join(
        encode_in(card.number, with_lrc=len(card.number) % 2 == 0)
        if isinstance(card, CardIn)
        else encode_out()
        for card in cards
    )
    reader, seen, at, turn = CardReader(), [], 0, 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        seen += reader.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert seen == cards
    assert reader.bad_reads == 0


@given(st.lists(st.binary(max_size=400)))
def test_any_bytes_are_cards_or_nothing_and_memory_is_bounded(pieces):
    reader = CardReader()
    for piece in pieces:
        for card in reader.feed(piece):
            assert isinstance(card, CardIn | CardOut)
        assert len(reader._line) <= LINE_BYTES_MAX
