"""Track 2 of a magnetic card: ``; number = YYMM service discretionary ? LRC``.

Source: ISO/IEC 7811-2 and 7813. Five bits a character, four of data and odd parity; the set is 30
to 3F hex: digits and ``: ; < = > ?``. The LRC is the exclusive or of the data bits from the start
to the end sentinel, both included; most readers have removed it. Casino cards often hold a number
alone, without the rest.

A card number is personal data: it is never shown by ``repr`` and never part of an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from protocols.cards.errors import CardError

START: Final = ";"
END: Final = "?"
SEPARATOR: Final = "="
TRACK_CHARACTERS_MAX: Final = 40
"""Sentinels and LRC included."""
NUMBER_DIGITS_MAX: Final = 37
"""What the track holds between its sentinels; bank cards stop at 19, players' cards may not."""


@dataclass(frozen=True, slots=True)
class Track2:
    """What a track says.

    Attributes:
        number: card number, digits.
        expiry: YYMM, or empty.
        rest: service code and what the issuer added, as it came.
    """

    number: str = field(repr=False)
    expiry: str = ""
    rest: str = field(default="", repr=False)


def lrc(text: str) -> str:
    """Return the LRC of ``text``, which begins with ``;`` and ends with ``?``.

    Raises:
        CardError: a character is outside the five-bit set.
    """
    total = 0
    for character in text:
        code = ord(character)
        if not 0x30 <= code <= 0x3F:
            raise CardError("a character that track 2 does not have")
        total ^= code & 0x0F
    return chr(0x30 | total)


def parse(text: str) -> Track2:
    """Return what a track says; an LRC behind the end sentinel is checked if it is there.

    Raises:
        CardError: no sentinels, no digits, too long, a foreign character, or a wrong LRC.
    """
    if len(text) > TRACK_CHARACTERS_MAX:
        raise CardError(f"more than {TRACK_CHARACTERS_MAX} characters")
    end = text.find(END)
    if not text.startswith(START) or end < 0:
        raise CardError("no start or end sentinel")
    check = lrc(text[: end + 1])
    behind = text[end + 1 :]
    if behind not in {"", check}:
        raise CardError("the LRC does not fit")
    number, _, rest = text[1:end].partition(SEPARATOR)
    if not (number.isascii() and number.isdecimal()):
        raise CardError("the number is not made of digits")
    expiry = rest[:4] if rest[:4].isdecimal() and len(rest) >= 4 else ""
    return Track2(number, expiry, rest[len(expiry) :])


def build(number: str, expiry: str = "", rest: str = "", *, with_lrc: bool = False) -> str:
    """Return the text of a track.

    Raises:
        CardError: the number is not digits, or the track cannot hold it all.
    """
    if not (number.isascii() and number.isdecimal()):
        raise CardError("the number is not made of digits")
    behind = SEPARATOR + expiry + rest if expiry or rest else ""
    text = START + number + behind + END
    check = lrc(text)
    if len(text) + 1 > TRACK_CHARACTERS_MAX:
        raise CardError(f"more than {TRACK_CHARACTERS_MAX} characters")
    return text + check if with_lrc else text
