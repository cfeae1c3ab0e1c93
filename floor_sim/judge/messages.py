"""What a judge is told of a line: messages, and what follows from them.

Plain values. Moments are in seconds since the judging began. Bytes may hold secrets: only ``shown``
makes text of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from protocols.sas.errors import WireError
from protocols.sas.polls import Request
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    NackReply,
    Reply,
)
from protocols.sas.secrets import SECRET_SPANS, masked

BYTE_S: Final = 11 / 19_200
"""Seconds that one byte takes: start, eight bits, wakeup, stop."""

Bits = tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of the host.

    Attributes:
        at: when its first byte came.
        last_s: when its last piece began; the same as ``at`` where it came in one piece.
        data: its bytes.
        wakeup: the ninth bit of each, None where it is not known.
        gap_s: longest pause within it.
        request: what it asks, or None.
        error: why it is no message, or None.
        behind: it stands in one burst with a general poll to an EGM, right behind it.
    """

    at: float
    last_s: float
    data: bytes = field(repr=False)
    wakeup: Bits
    gap_s: float
    request: Request | None
    error: WireError | None
    behind: bool = False

    @property
    def address(self) -> int:
        """Who is asked; 0 for everybody and nobody."""
        return self.data[0] & 0x7F

    @property
    def command(self) -> int | None:
        """Command byte, None of a general poll."""
        return self.data[1] if len(self.data) > 1 else None

    @property
    def marked(self) -> bool:
        """Its wakeup bits are right, as far as they are known."""
        return self.wakeup[0] is not False and True not in self.wakeup[1:]

    @property
    def good(self) -> bool:
        """Machines hear it as a message."""
        return self.request is not None and self.marked

    @property
    def to_one(self) -> bool:
        """An EGM is to answer it."""
        return self.address != 0 and (len(self.data) == 1) == (self.data[0] > 0x7F)

    @property
    def on_wire_s(self) -> float:
        """When its last byte is over, at the latest."""
        return self.last_s + len(self.data) * BYTE_S

    @property
    def name(self) -> str:
        """What people call it."""
        if self.data == b"\x80":
            return "80"
        if self.command is None:
            return "general poll"
        return f"poll {self.command:02X}"


@dataclass(frozen=True, slots=True)
class Said:
    """What an EGM said to a poll.

    Attributes:
        at: when its first byte came.
        last_s: when its last piece began.
        data: its bytes.
        wakeup: the ninth bit of each.
        gap_s: longest pause within it.
        asked: the poll.
        reply: what it says, or None.
        error: why it is no answer, or None.
        again: bytes that the EGM had kept, and was asked to say again; empty where it was not.
    """

    at: float
    last_s: float
    data: bytes = field(repr=False)
    wakeup: Bits
    gap_s: float
    asked: Asked
    reply: Reply | None
    error: WireError | None
    again: bytes = field(default=b"", repr=False)

    @property
    def code(self) -> int | None:
        """Exception code, if it is one."""
        return self.reply.code if isinstance(self.reply, ExceptionReply) else None

    @property
    def is_data(self) -> bool:
        """It answers a long poll with data."""
        return isinstance(self.reply, LongPollReply)

    @property
    def is_busy(self) -> bool:
        """It says: ask again later."""
        return isinstance(self.reply, BusyReply)

    @property
    def is_nack(self) -> bool:
        """It refuses."""
        return isinstance(self.reply, NackReply)

    @property
    def is_ack(self) -> bool:
        """It is an ACK without data."""
        return isinstance(self.reply, AckReply)

    @property
    def kept(self) -> bool:
        """An EGM keeps it until it is acknowledged."""
        return not isinstance(self.reply, BusyReply | NackReply | IdleReply)


@dataclass(slots=True)
class Kept:
    """An answer that an EGM keeps until the host's next poll acknowledges it.

    Attributes:
        said: the answer as it went out last.
        first_s: when it went out first.
        times: how often it went out.
        whole: at least once it came whole.
    """

    said: Said
    first_s: float
    times: int = 1
    whole: bool = True

    @property
    def address(self) -> int:
        """Whose it is."""
        return self.said.asked.address


@dataclass(slots=True)
class Machine:
    """What the line has shown of one EGM.

    Attributes:
        address: its address.
        asked_s: when it was asked last; None before.
        said_s: when it answered last; None before.
        up: it answers: its last answers were no silence, and it has not chirped since.
        silences: polls in a row without an answer.
        chirp_s: its last chirp; None before and once it answers.
        real_time: it is in real-time event mode.
        fast: it may be polled every 40 ms (A0).
        features: feature bytes of its A0 answer; empty before.
        answered: long polls that it answered with ACK, data or busy, by command.
        unanswered: long polls to which it was silent, by command.
    """

    address: int
    asked_s: float | None = None
    said_s: float | None = None
    up: bool = False
    silences: int = 0
    chirp_s: float | None = None
    real_time: bool = False
    fast: bool = False
    features: tuple[int, ...] = ()
    answered: Counter[int] = field(default_factory=Counter)
    unanswered: Counter[int] = field(default_factory=Counter)


def shown(data: bytes, wakeup: Bits, poll: bytes = b"") -> str:
    """Return bytes in hex as a capture has them, secrets masked.

    Args:
        data: a message.
        wakeup: its ninth bits.
        poll: for what an EGM said, the poll that it answers.
    """
    harmless = len(poll) == 1 or (len(poll) > 1 and poll[1] not in SECRET_SPANS)
    words = masked(data, harmless=harmless).split()
    if "**" in words:
        words[-2:] = ["**"] * len(words[-2:])  # a CRC over masked digits narrows them down
    return " ".join(word + "*" * (bit is True) for word, bit in zip(words, wakeup, strict=True))
