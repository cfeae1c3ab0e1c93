"""Promise P1: the only bytes that the gateway may put on a line, as whole frame patterns.

Two lists are compiled in; a site picks one per line and can add nothing. ``ANY_LINE`` reads and
changes nothing in a machine. ``OWN_LINE`` adds the two that do change something: event mode (0E)
and the handpay (1B), whose implied ACK walks the machine's handpay queue; so it is only for a SAS
port that nobody else polls.

A pattern is judged by content, byte for byte, to the CRC. Its words:

    80      this byte                      aa      an address, 01 to 7F
    gg      a general poll, 81 to FF       bb      two decimal digits
    xx      any byte                       ll      how many bytes follow, up to the CRC
    xx{1,10}  one to ten of them           crc     the CRC of all before it

What is left out although it reads: 3D and 70 (they hand out ticket numbers), 57 (starts the 10 s
in which the machine waits for 58), 84, 85, 87, 90 and 5D (their ACK takes a win off a queue), 21
and 6E (they set the machine to work), 71 (only the redeeming host has a reason to ask), and the old
funds transfers (1D, 22-28, 62-6B), whose layouts nobody agrees on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from operator import contains
from typing import Final

from protocols.sas.crc import crc_ok
from protocols.sas.errors import RequestError


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of frame that may be sent.

    Attributes:
        frame: the pattern in the words of this module.
        reason: why it may be sent.
    """

    frame: str
    reason: str


_TYPE_R: Final = (
    (0x0F, "meters: cancelled credits, coin in, coin out, drop, jackpot, games"),
    (0x10, "total cancelled credits"),
    (0x11, "coin in"),
    (0x12, "coin out"),
    (0x13, "total drop"),
    (0x14, "jackpot"),
    (0x15, "games played"),
    (0x16, "games won"),
    (0x17, "games lost"),
    (0x18, "games since power up and since the slot door closed"),
    (0x19, "meters: coin in, coin out, drop, jackpot, games"),
    (0x1A, "current credits"),
    (0x1C, "meters, slot door openings, power resets"),
    (0x1E, "counts of small bills"),
    (0x1F, "identity: game, denomination, payback"),
    (0x20, "value of all bills"),
    (0x2A, "true coin in"),
    (0x2B, "true coin out"),
    (0x2C, "hopper level"),
    *((command, "count of one kind of bill") for command in (*range(0x31, 0x3D), 0x3E, 0x3F)),
    *((command, "count of one kind of large bill") for command in range(0x40, 0x46)),
    (0x46, "credits of all bills"),
    (0x47, "coins from an external acceptor"),
    (0x48, "last bill"),
    (0x49, "bills in the stacker"),
    (0x4A, "credits of the bills in the stacker"),
    (0x4F, "hopper status"),
    (0x51, "number of games"),
    (0x54, "SAS version and serial number"),
    (0x55, "selected game"),
    (0x56, "enabled games"),
    (0x7E, "date and time of the machine"),
    (0x8E, "card hand"),
    (0x8F, "reel stops"),
    (0xB1, "player denomination"),
    (0xB2, "enabled denominations"),
    (0xB3, "token denomination"),
)

_BY_GAME: Final = (
    (0x2D, "hand-paid cancelled credits of a game"),
    (0x52, "meters of a game"),
    (0x53, "identity of a game"),
    (0x83, "progressive wins of a game, all told"),
    (0x95, "tournament games played"),
    (0x96, "tournament games won"),
    (0x97, "tournament credits wagered"),
    (0x98, "tournament credits won"),
    (0x99, "tournament meters"),
    (0x9A, "legacy bonus meters of a game"),
    (0xA0, "features"),
    (0xA4, "cash-out limit of a game"),
    (0xB5, "extended identity of a game"),
)

_IN_B0: Final = (
    (0x11, "coin in"),
    (0x12, "coin out"),
    (0x14, "jackpot"),
    (0x15, "games played"),
    (0x16, "games won"),
    (0x17, "games lost"),
    (0x56, "enabled games"),
)

ANY_LINE: Final[tuple[Pattern, ...]] = (
    Pattern("80", "polls nobody: sync, and implied ACK of the last answer"),
    Pattern("gg", "general poll: asks for the next exception"),
    *(Pattern(f"aa {command:02X}", f"reads {what}") for command, what in _TYPE_R),
    *(Pattern(f"aa {command:02X} bb bb crc", f"reads {what}") for command, what in _BY_GAME),
    Pattern("aa 2F ll bb bb xx{1,10} crc", "reads up to ten meters by code"),
    Pattern("aa 6F ll bb bb xxxx{1,12} crc", "reads up to twelve meters by two-byte code"),
    Pattern("aa AF ll bb bb xxxx{1,12} crc", "twin of 6F, so that two readings can follow"),
    Pattern("aa 4D FF crc", "looks at a validation record without marking it as read"),
    Pattern("aa 50 xx crc", "reads count and cents of one kind of validation"),
    Pattern("aa 72 02 FF xx crc", "asks about an AFT transfer; any other code moves money"),
    Pattern("aa 73 01 FF crc", "reads the AFT registration; any other code changes it"),
    Pattern("aa 74 FF 00 00 00 crc", "reads AFT status; any other code locks the game"),
    Pattern("aa 7B 08 00 00 00 00 00 00 00 00 crc", "reads validation status: the mask is zero"),
    Pattern("aa B4 bb bb bb bb crc", "reads payback and coin in of a wager category"),
    *(
        Pattern(f"aa B0 02 xx {command:02X} crc", f"reads {what}, for one denomination")
        for command, what in _IN_B0
    ),
    Pattern("aa B0 ll xx 2F ll 00 00 xx{1,10} crc", "reads meters by code, for one denomination"),
    Pattern("aa B0 ll xx 6F ll 00 00 xxxx{1,12} crc", "reads meters, for one denomination"),
    Pattern("aa B0 ll xx AF ll 00 00 xxxx{1,12} crc", "twin of 6F, for one denomination"),
    Pattern("aa B0 04 xx B5 bb bb crc", "reads identity of a game, for one denomination"),
)
"""What may be sent on any line: it changes nothing in a machine."""

OWN_LINE_ADDS: Final[tuple[Pattern, ...]] = (
    Pattern("aa 0E 01 crc", "changes the machine: events arrive at once, to any poll"),
    Pattern("aa 0E 00 crc", "changes the machine: events wait for general polls again"),
    Pattern("aa 1B", "changes the machine: its ACK walks the handpay queue; gives the amount"),
)
"""What ``OWN_LINE`` has beyond ``ANY_LINE``."""

OWN_LINE: Final[tuple[Pattern, ...]] = (*ANY_LINE, *OWN_LINE_ADDS)
"""What may be sent on a SAS port that no other host polls."""

LISTS: Final[dict[str, tuple[Pattern, ...]]] = {"any_line": ANY_LINE, "own_line": OWN_LINE}
"""The lists, by the names that a site file uses."""


def allowed(frame: bytes, list_name: str) -> bool:
    """Say whether exactly these bytes, as one message, may be sent on a line with this list.

    Args:
        frame: first to last byte.
        list_name: "any_line" or "own_line".

    Raises:
        RequestError: there is no list of that name.
    """
    try:
        by_command = _COMPILED[list_name]
    except KeyError:
        raise RequestError(f"there is no allow-list {list_name!r}") from None
    if len(frame) == 1:
        return frame[0] >= 0x80
    if not 2 <= len(frame) <= FRAME_BYTES_MAX:
        return False
    return any(shape.fits(frame) for shape in by_command.get(frame[1], ()))


def allow_list_hash() -> str:
    """Return a SHA-256 in hex of the frames of both lists, without the wording of reasons."""
    lines = [f"{name}: {row.frame}" for name, rows in LISTS.items() for row in rows]
    return sha256("\n".join(lines).encode()).hexdigest()


FRAME_BYTES_MAX: Final = 34
"""Longest frame of the lists: a B0 that asks for twelve meters of two bytes."""

_ADDRESS: Final = frozenset(range(0x01, 0x80))
_ANY: Final = frozenset(range(0x100))
_DECIMAL: Final = frozenset(high << 4 | low for high in range(10) for low in range(10))
_SETS: Final = {"aa": (_ADDRESS,), "bb": (_DECIMAL,), "xx": (_ANY,), "xxxx": (_ANY, _ANY)}


@dataclass(frozen=True, slots=True)
class _Shape:
    """A pattern of one exact length.

    Attributes:
        bytes_allowed: for each place before the CRC the bytes that may stand there.
        has_crc: two CRC bytes end it.
    """

    bytes_allowed: tuple[frozenset[int], ...]
    has_crc: bool

    def fits(self, frame: bytes) -> bool:
        """Say whether ``frame`` is one of these, its CRC right."""
        return (
            len(frame) == len(self.bytes_allowed) + 2 * self.has_crc
            and all(map(contains, self.bytes_allowed, frame))
            and (not self.has_crc or crc_ok(frame))
        )


def _shapes(pattern: Pattern) -> Iterable[_Shape]:
    """Return one shape for each length that the pattern can have."""
    words = pattern.frame.split()
    has_crc = words[-1] == "crc"
    if has_crc:
        words.pop()
    repeat = next((word for word in words if "{" in word), None)
    least, most = (1, 1) if repeat is None else _bounds(repeat)
    for times in range(least, most + 1):
        places = list(chain.from_iterable(_places(word, times) for word in words))
        yield _Shape(
            tuple(
                frozenset({len(places) - at - 1}) if place is None else place
                for at, place in enumerate(places)
            ),
            has_crc,
        )


def _bounds(word: str) -> tuple[int, int]:
    least, most = word[word.index("{") + 1 : -1].split(",")
    return int(least), int(most)


def _places(word: str, times: int) -> list[frozenset[int] | None]:
    """Return the sets of a word; None for a length byte, which counts the places after it."""
    if word == "ll":
        return [None]
    name, brace, _ = word.partition("{")
    if name in _SETS:
        return [*_SETS[name] * (times if brace else 1)]
    return [frozenset({int(word, 16)})]


def _compile(rows: Iterable[Pattern]) -> dict[int, tuple[_Shape, ...]]:
    """Return the shapes of all long polls by command byte, which every pattern fixes."""
    compiled: dict[int, tuple[_Shape, ...]] = {}
    for row in rows:
        if row.frame in {"80", "gg"}:
            continue  # one byte: judged without a table
        for shape in _shapes(row):
            (command,) = shape.bytes_allowed[1]
            compiled[command] = (*compiled.get(command, ()), shape)
    return compiled


_COMPILED: Final = {name: _compile(rows) for name, rows in LISTS.items()}

assert (
    max(
        len(shape.bytes_allowed) + 2
        for by_command in _COMPILED.values()
        for shapes in by_command.values()
        for shape in shapes
    )
    == FRAME_BYTES_MAX
), "the longest frame of the lists is not what the constant says"
