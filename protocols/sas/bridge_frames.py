"""What a bridge and its host say to each other: plain values. ``bridge`` makes frames of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from protocols.sas.symbols import Symbols

VERSIONS: Final = (1, 1)
"""Lowest and highest version of the protocol that is spoken here."""

LINES: Final = range(1, 255)
"""Numbers that a line can have."""


class LineState(IntEnum):
    """What a bridge says of a line."""

    CLOSED = 0
    OPEN = 1
    TAKEN = 2  # by another host
    ABSENT = 3  # the bridge has no such line
    REFUSED = 4  # the bridge does not know the list of frames that the host named
    FAULT = 5  # the line's hardware does not work


class Why(IntEnum):
    """Why a bridge did not send."""

    NOT_ALLOWED = 1  # the frame is not on the line's list
    NOT_OPEN = 2
    BUSY = 3  # it still sends what came before
    FAULT = 4


class SendList(IntEnum):
    """Which frames a host may have sent on a line: the compiled allow-lists, or none at all."""

    LISTEN = 0
    ANY_LINE = 1
    OWN_LINE = 2


@dataclass(frozen=True, slots=True)
class Hello:
    """First frame of either side.

    Attributes:
        low: lowest version spoken; a bridge gives the chosen one twice.
        high: highest version spoken.
        lines: how many lines a bridge has, numbered from 1; 0 from a host.
        times: a host asks for the time of what is heard; a bridge says that it gives it.
        name: for people; at most 64 bytes of UTF-8.
    """

    low: int = VERSIONS[0]
    high: int = VERSIONS[1]
    lines: int = 0
    times: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bye:
    """Last frame of either side; ``reason`` is for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """Host: I take this line, to send frames of this list only."""

    line: int
    send_list: SendList


@dataclass(frozen=True, slots=True)
class Close:
    """Host: I let this line go."""

    line: int


@dataclass(frozen=True, slots=True)
class LineIs:
    """Bridge: answer to Open and Close, and whenever a line changes; ``text`` is for people."""

    line: int
    state: LineState
    text: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Host: put these symbols on the line in one burst."""

    line: int
    symbols: Symbols


@dataclass(frozen=True, slots=True)
class NotSent:
    """Bridge: what was to be sent was not."""

    line: int
    why: Why


@dataclass(frozen=True, slots=True)
class Came:
    """Bridge: these symbols came.

    Attributes:
        line: from which line.
        symbols: a whole answer or a part of one.
        lost: symbols before these were lost.
        at_us: when the last of them was complete, microseconds on the bridge's clock; None if the
            host did not ask.
    """

    line: int
    symbols: Symbols
    lost: bool = False
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """Either side: are you there?"""

    token: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to a ping, with its token."""

    token: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A good frame of a kind that this version does not know; to be ignored."""

    kind: int


Frame = Hello | Bye | Open | Close | LineIs | Send | NotSent | Came | Ping | Pong | Unknown
