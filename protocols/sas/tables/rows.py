"""The row of a long poll: how it is asked, how it is answered, how sure we are.

Short answers, which any poll with a CRC in its request may get: ACK = the address byte, NACK =
address with bit 7 set, busy = ``address 00``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocols.sas.fields import Field
from protocols.sas.message import EMPTY, Message, counted, message
from protocols.sas.tables.evidence import TABLES, Confidence, H, Source


@dataclass(frozen=True, slots=True)
class PollRow:
    """One long poll.

    Attributes:
        command: command byte.
        name: our word for it, snake_case.
        meaning: what it asks or orders, for people.
        kind: type letters. R reads and has no CRC in its request; S sets; M carries a game number
            (0 for the whole machine); G may also go out to all machines with address 00.
        request: data of the request.
        reply: data of the answer, or None where ACK is all that comes.
        acks: a lone address byte is a good answer.
        confidence: how sure the layouts are.
        source: what says so.
        variants: other layouts of the answer that real machines send.
        multi_denomination: may be wrapped in B0.
    """

    command: int
    name: str
    meaning: str
    kind: str
    request: Message = EMPTY
    reply: Message | None = None
    acks: bool = False
    confidence: Confidence = H
    source: Source = TABLES
    variants: tuple[Message, ...] = ()
    multi_denomination: bool = False

    @property
    def has_crc(self) -> bool:
        """A request ends with a CRC: all types but R."""
        return self.kind != "R"

    @property
    def may_be_global(self) -> bool:
        """It may go to address 00, and then nobody answers."""
        return "G" in self.kind

    @property
    def silence(self) -> str:
        """What no answer means."""
        return SILENCE_GLOBAL if self.may_be_global else SILENCE

    @property
    def nack(self) -> str:
        """What a NACK means."""
        return NACK_READ if self.kind == "R" else NACK

    @property
    def busy(self) -> str:
        """What busy means."""
        return BUSY


SILENCE: Final = "not supported, or the request or the answer was lost"
SILENCE_GLOBAL: Final = "the rule when sent to address 00; else " + SILENCE
NACK: Final = "the request's CRC or data was wrong"
NACK_READ: Final = "refused; there is nothing in a type R poll that could be wrong but its support"
BUSY: Final = "not now: ask again later"


def reading(
    command: int,
    name: str,
    meaning: str,
    *fields: Field,
    length_byte: bool = False,
    confidence: Confidence = H,
    source: Source = TABLES,
    variants: tuple[Message, ...] = (),
    multi_denomination: bool = False,
) -> PollRow:
    """Return the row of a type R poll that is answered with ``fields``."""
    reply = message(*fields, length_byte=length_byte)
    return PollRow(
        command, name, meaning, "R", EMPTY, reply,
        confidence=confidence, source=source, variants=variants,
        multi_denomination=multi_denomination,
    )  # fmt: skip


def order(
    command: int,
    name: str,
    meaning: str,
    *fields: Field,
    kind: str = "S",
    length_byte: bool = False,
    confidence: Confidence = H,
    source: Source = TABLES,
    multi_denomination: bool = False,
) -> PollRow:
    """Return the row of a poll that carries ``fields`` and is answered with ACK or NACK."""
    request = counted(*fields) if length_byte else message(*fields)
    return PollRow(
        command, name, meaning, kind, request, acks=True,
        confidence=confidence, source=source, multi_denomination=multi_denomination,
    )  # fmt: skip
