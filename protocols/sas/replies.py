"""What an EGM can say, as values.

Silence, busy and NACK are replies, not errors; an unknown code is a value. Each value keeps the
bytes it was read from in ``raw`` (CRC included, where the message has one), which ``repr`` leaves
out because they may carry a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

NOTHING: Mapping[str, object] = MappingProxyType({})


def _nothing() -> Mapping[str, object]:
    return NOTHING


class MeterReading(NamedTuple):
    """One absolute count, as read.

    Attributes:
        name: our word for the meter (``protocols.sas.tables.meters``).
        value: the count; its unit is the table row's.
        digits: BCD digits sent; the count rolls over at ``10**digits`` or above.
        code: SAS meter code 00-FF, or None where the poll's meter has no code of its own.
        game: game number, 0 for the whole machine.
    """

    name: str
    value: int
    digits: int
    code: int | None = None
    game: int = 0


@dataclass(frozen=True, slots=True)
class IdleReply:
    """Nothing to report: 00, the obsolete 1F, or either as a real-time frame."""

    address: int
    raw: bytes = field(default=b"\x00", repr=False)


@dataclass(frozen=True, slots=True)
class ExceptionReply:
    """An exception, from a general poll or as a real-time event.

    Attributes:
        address: who was asked.
        code: exception code 01-FF; unknown codes are kept.
        data: fields of a real-time event by name; empty for others.
        real_time: True if it came as ``addr FF code``, with a CRC.
        raw: the bytes.
    """

    address: int
    code: int
    data: Mapping[str, object] = field(default_factory=_nothing)
    real_time: bool = False
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class AckReply:
    """The EGM took a type S or M message."""

    address: int
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class NackReply:
    """The EGM refused a type S or M message (address with bit 7 set)."""

    address: int
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class BusyReply:
    """The EGM is busy (``addr 00``): ask again later."""

    address: int
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SignatureReply:
    """A ROM signature (21) that came as the answer to a general poll."""

    address: int
    signature: int
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class LongPollReply:
    """A data answer to a long poll.

    Attributes:
        address: who answered.
        command: command byte of the poll; for B0 the base command.
        values: fields by name, as the poll's table row names them.
        meters: every meter in the answer, in wire order; empty for other polls.
        denomination: denomination code of a B0 answer, else None.
        raw: the whole frame with its CRC.
    """

    address: int
    command: int
    values: Mapping[str, object] = field(default_factory=_nothing)
    meters: tuple[MeterReading, ...] = ()
    denomination: int | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SilenceReply:
    """No byte came in time. After a long poll it may mean "not supported"."""

    address: int
    raw: bytes = field(default=b"", repr=False)


Reply = (
    IdleReply
    | ExceptionReply
    | AckReply
    | NackReply
    | BusyReply
    | SignatureReply
    | LongPollReply
    | SilenceReply
)
