"""What each fault leaves of one message. Pure: a row a fault, a function a row.

A message is symbols: bytes with their ninth bits. What is left of one is pieces of it, each late by
so many seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Final

from floor_sim.faults.fault import Fault
from floor_sim.faults.table import FaultKind
from protocols.sas.machine import RequestReader
from protocols.sas.symbols import Symbols, from_host, joined

BITS_A_SYMBOL: Final = 9
GAP_MAX_S: Final = 0.005
"""Longest pause between two bytes of one message. Montana DOJ, SAS implementation guide."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message.

    Attributes:
        late_s: seconds by which it is late.
        symbols: what comes.
    """

    late_s: float
    symbols: Symbols


@dataclass(frozen=True, slots=True)
class Passed:
    """What is left of a message.

    Attributes:
        pieces: what comes, in order; none is silence.
        whole: nothing happened to its bytes, and no pause tears them apart.
    """

    pieces: tuple[Piece, ...]
    whole: bool = True

    @property
    def data(self) -> bytes:
        """All its bytes."""
        return b"".join(piece.symbols.data for piece in self.pieces)


Spoiler = Callable[[Fault, Symbols, Random], Sequence[Piece]]


def spoil(fault: Fault, pieces: Sequence[Piece], chance: Random) -> tuple[Piece, ...]:
    """Return what ``fault`` leaves of a message: of the first of its ``pieces`` that has bytes."""
    for place, piece in enumerate(pieces):
        if not piece.symbols.data:
            continue
        left = _SPOILERS[fault.kind](fault, piece.symbols, chance)
        left = [Piece(piece.late_s + one.late_s, one.symbols) for one in left]
        shift_s = max((one.late_s for one in left), default=piece.late_s) - piece.late_s
        rest = [Piece(one.late_s + shift_s, one.symbols) for one in pieces[place + 1 :]]
        return (*pieces[:place], *left, *rest)
    return tuple(pieces)


def is_whole(before: Symbols, pieces: Sequence[Piece]) -> bool:
    """Say whether ``pieces`` are the message, with no pause that tears it apart."""
    if joined(piece.symbols for piece in pieces) != before:
        return False
    late = [piece.late_s for piece in pieces]
    return all(after - one <= GAP_MAX_S for one, after in pairwise(late))


def marked(data: bytes) -> Symbols:
    """Return what a host sent over a line without ninth bits, as a good host would set them."""
    reader = RequestReader()
    messages = [item.raw for item in (*reader.feed(data), *reader.reset())]
    if b"".join(messages) != data:
        return from_host(data)
    return joined(from_host(message) for message in messages)


def superposed(first: Symbols, second: Symbols, later: int) -> Symbols:
    """Return what a host hears of two machines that speak at once.

    A line is at rest while it is set, so a bit is set only where both set it.

    Args:
        first: what one says.
        second: what the other says.
        later: byte times by which the second begins later, 0 or more.
    """
    length = max(len(first.data), later + len(second.data))
    data, bits = bytearray(b"\xff" * length), [True] * length
    covered = [False] * length
    for start, one in ((0, first), (later, second)):
        for at, (value, bit) in enumerate(zip(one.data, one.wakeup, strict=True), start):
            data[at] &= value
            bits[at] = bits[at] and bool(bit)
            covered[at] = True
    kept = [at for at in range(length) if covered[at]]
    return Symbols(bytes(data[at] for at in kept), tuple(bits[at] for at in kept))


def _drop(_fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    at = chance.randrange(len(symbols.data))
    return [Piece(0.0, joined([_cut(symbols, 0, at), _cut(symbols, at + 1)]))]


def _flip(_fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    at = chance.randrange(len(symbols.data))
    data = bytearray(symbols.data)
    data[at] ^= 1 << chance.randrange(8)
    return [Piece(0.0, Symbols(bytes(data), symbols.wakeup))]


def _truncate(_fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    return [Piece(0.0, _cut(symbols, 0, chance.randrange(len(symbols.data))))]


def _noise(fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    """Flip the ends of a run of bits, and of those between each with an even chance."""
    data, bits = bytearray(symbols.data), list(symbols.wakeup)
    length = chance.randint(1, fault.bits)
    start = chance.randrange(len(data) * BITS_A_SYMBOL)
    end = min(start + length, len(data) * BITS_A_SYMBOL)
    for at in range(start, end):
        if at not in {start, end - 1} and chance.random() < 0.5:
            continue
        byte, bit = divmod(at, BITS_A_SYMBOL)
        if bit == BITS_A_SYMBOL - 1:
            bits[byte] = not bits[byte]
        else:
            data[byte] ^= 1 << bit
    return [Piece(0.0, Symbols(bytes(data), tuple(bits)))]


def _split(fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    if len(symbols.data) < 2:
        return [Piece(0.0, symbols)]
    at = chance.randrange(1, len(symbols.data))
    return [Piece(0.0, _cut(symbols, 0, at)), Piece(fault.gap_s, _cut(symbols, at))]


def _delay(fault: Fault, symbols: Symbols, _chance: Random) -> Sequence[Piece]:
    return [Piece(fault.delay_s, symbols)]


def _silence(_fault: Fault, _symbols: Symbols, _chance: Random) -> Sequence[Piece]:
    return []


def _collision(_fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    """Superpose an answer of the same length that begins up to a byte later."""
    other = chance.randbytes(len(symbols.data))
    other_symbols = Symbols(other, (False,) * len(other))
    return [Piece(0.0, superposed(symbols, other_symbols, chance.randrange(2)))]


def _ninth_missing(_fault: Fault, symbols: Symbols, _chance: Random) -> Sequence[Piece]:
    return [Piece(0.0, Symbols(symbols.data, (False,) * len(symbols.data)))]


def _ninth_extra(_fault: Fault, symbols: Symbols, chance: Random) -> Sequence[Piece]:
    clear = [at for at, bit in enumerate(symbols.wakeup) if not bit]
    bits = list(symbols.wakeup)
    if clear:
        bits[chance.choice(clear)] = True
    return [Piece(0.0, Symbols(symbols.data, tuple(bits)))]


def _cut(symbols: Symbols, start: int, end: int | None = None) -> Symbols:
    return Symbols(symbols.data[start:end], symbols.wakeup[start:end])


_SPOILERS: Final[dict[FaultKind, Spoiler]] = {
    FaultKind.DROP: _drop,
    FaultKind.FLIP: _flip,
    FaultKind.TRUNCATE: _truncate,
    FaultKind.NOISE: _noise,
    FaultKind.SPLIT: _split,
    FaultKind.DELAY: _delay,
    FaultKind.SILENCE: _silence,
    FaultKind.COLLISION: _collision,
    FaultKind.NINTH_MISSING: _ninth_missing,
    FaultKind.NINTH_EXTRA: _ninth_extra,
}
