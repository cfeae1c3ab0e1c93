"""What is uncertain or differs between real machines, as settings.

The standard dialect is what several sources agree on. A site that meets another machine changes a
setting, not code. How a simulated machine behaves (overflow, third repeat) is set there, not here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from protocols.sas.field_lists import Rest
from protocols.sas.message import Message, message
from protocols.sas.tables.polls import POLLS
from protocols.sas.tables.rows import PollRow

UNCERTAIN: Final = frozenset({0x5D, 0x6E, 0x75, 0x76, 0x7A, 0x8B, 0x8C, 0xB5, 0xB6, 0xB7})
"""Polls whose layouts, or the ends of them, rest on one weak source."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How strictly bytes are read, and which of two readings is taken.

    Attributes:
        leading_zeros: most 00 bytes in front of the address of an answer to a long poll that are
            taken for line noise and skipped.
        read_with_crc: a type R request may end with a CRC, as one host tool sends it.
        longer_answers: an answer whose length byte announces more than its fields take is read,
            and the rest kept as hex under ``undecoded``; else it is a ``LengthError``.
        echo_checked: an answer for another game, category or meter than asked is an
            ``UnexpectedError`` (a late answer to an earlier poll), not a reading.
        variants: other layouts that real machines send are read too (1F with a 25th byte, 53 with
            a length byte).
        reel_stop_without_data: event 88 may come without reel and stop.
        extended_codes_max: most meter codes in one 6F or AF request, 1 to 12; some machines take
            10.
        opaque: polls of ``UNCERTAIN`` whose data is kept as hex, not split into fields.
        without_length_byte: polls of ``UNCERTAIN`` whose data has no length byte in front.
        more_globals: commands that may go to address 00 beyond those of type G.
    """

    leading_zeros: int = 0
    read_with_crc: bool = False
    longer_answers: bool = False
    echo_checked: bool = True
    variants: bool = True
    reel_stop_without_data: bool = True
    extended_codes_max: int = 12
    opaque: frozenset[int] = frozenset()
    without_length_byte: frozenset[int] = frozenset()
    more_globals: frozenset[int] = frozenset({0x4C})


STANDARD: Final = Dialect()
"""What several sources agree on."""


def poll_row(command: int, dialect: Dialect = STANDARD) -> PollRow | None:
    """Return the row of a poll as this dialect lays it out, or None for an unknown command."""
    row = POLLS.get(command)
    if row is None or command not in UNCERTAIN or dialect is STANDARD:
        return row
    return _changed(command, dialect)


def may_be_global(command: int, dialect: Dialect = STANDARD) -> bool:
    """Say whether a poll may go to address 00."""
    row = POLLS.get(command)
    return command in dialect.more_globals or (row is not None and row.may_be_global)


@cache
def _changed(command: int, dialect: Dialect) -> PollRow:
    row = POLLS[command]
    return replace(
        row,
        request=_laid_out(row.request, command, dialect),
        reply=None if row.reply is None else _laid_out(row.reply, command, dialect),
    )


def _laid_out(known: Message, command: int, dialect: Dialect) -> Message:
    if not known.fields:
        return known
    fields = (Rest("data"),) if command in dialect.opaque else known.fields
    length_byte = known.length_byte and command not in dialect.without_length_byte
    return message(*fields, length_byte=length_byte)
