"""A serial card reader that sends lines of text, as most do, and as keyboard wedges type them.

    card in     [track 1] ; track-2 data ? [LRC] CR
    card out    OUT CR

Line feeds are ignored; a line that is neither is counted and dropped, whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from protocols.cards import track2
from protocols.cards.errors import CardError

LINE_BYTES_MAX: Final = 256
"""Longest line kept: all three tracks of a card fit."""


@dataclass(frozen=True, slots=True)
class CardIn:
    """A card was put in.

    Attributes:
        number: its number, never shown by ``repr``: make a keyed hash of it, then forget it.
    """

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardOut:
    """The card was taken out."""


@dataclass(frozen=True, slots=True)
class ReaderFormat:
    """What differs between readers.

    Attributes:
        removal: line that says that the card was taken out.
        bare_digits: a line of digits without sentinels is a card too.
        parity_bit: bit 7 is parity (7E2 read as 8 bits) and is cleared.
    """

    removal: str = "OUT"
    bare_digits: bool = False
    parity_bit: bool = False


class CardReader:
    """Feed it bytes as they come; it gives cards in and out.

    Args:
        layout: what differs between readers.

    Attributes:
        bad_reads: lines that were no card, since the start.
    """

    def __init__(self, layout: ReaderFormat | None = None) -> None:
        self.bad_reads = 0
        self._layout = layout or ReaderFormat()
        self._line = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> list[CardIn | CardOut]:
        """Take ``data``; return the cards it completed, in order."""
        seen: list[CardIn | CardOut] = []
        for raw in data:
            value = raw & 0x7F if self._layout.parity_bit else raw
            if value == 0x0D:
                self._end_of_line(seen)
            elif value != 0x0A:
                self._keep(value)
        return seen

    def _keep(self, value: int) -> None:
        if len(self._line) >= LINE_BYTES_MAX:
            self._overlong = True
            self._line.clear()
        if not self._overlong:
            self._line.append(value)

    def _end_of_line(self, seen: list[CardIn | CardOut]) -> None:
        line = self._line.decode("latin-1").strip()
        overlong, self._overlong = self._overlong, False
        self._line.clear()
        if overlong:
            self.bad_reads += 1
        elif line == self._layout.removal:
            seen.append(CardOut())
        elif line:
            self._card(line, seen)

    def _card(self, line: str, seen: list[CardIn | CardOut]) -> None:
        if self._layout.bare_digits and line.isascii() and line.isdecimal():
            seen.append(CardIn(line))
            return
        start = line.find(track2.START)
        end = line.find(track2.END, start)
        stop = end + 1
        if stop < len(line) and 0x30 <= ord(line[stop]) <= 0x3F and line[stop] != track2.START:
            stop += 1  # an LRC
        track = line[start:stop] if 0 <= start < end else ""
        try:
            seen.append(CardIn(track2.parse(track).number))
        except CardError:
            self.bad_reads += 1


def encode_in(number: str, expiry: str = "", *, with_lrc: bool = False) -> bytes:
    """Return what a reader sends when a card goes in.

    Raises:
        CardError: the number is not digits or too long.
    """
    return track2.build(number, expiry, with_lrc=with_lrc).encode("ascii") + b"\r"


def encode_out(layout: ReaderFormat | None = None) -> bytes:
    """Return what a reader sends when the card is taken out."""
    return (layout or ReaderFormat()).removal.encode("ascii") + b"\r"
