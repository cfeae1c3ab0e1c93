"""Bytes as people write them: ``81``, ``01 52 00 08 A8 A6``, ``0x01,0x1A``, ``81* 00``."""

from __future__ import annotations

import re
from typing import Final

from protocols.sas.capture import LINE_CHARACTERS_MAX, Burst, Speaker

_BYTE: Final = re.compile(r"([0-9A-Fa-f]{2}|\*\*)(\*(?!\*)|\?|)", re.ASCII)
_PIECE: Final = re.compile(rf"(?:{_BYTE.pattern})+", re.ASCII)
_BETWEEN: Final = re.compile(r"[\s,;:_-]+")
SHOWN_MAX: Final = 40
"""Characters of a bad text that an error shows."""


class NotHexError(ValueError):
    """The text is no bytes in hex; says what is wrong with it."""


def message_from_hex(text: str, speaker: Speaker = Speaker.UNKNOWN) -> Burst:
    """Return the bytes of ``text`` as one message.

    Bytes may stand together or apart, with ``0x`` in front. As in a capture ``*`` behind a byte is
    its ninth bit, and then those of the others are clear; ``**`` is a byte that is masked.

    Raises:
        NotHexError: it is none, or no byte at all, or too long.
    """
    if len(text) > LINE_CHARACTERS_MAX:
        raise NotHexError(f"more than {LINE_CHARACTERS_MAX} characters are no message")
    values = bytearray()
    hidden: list[int] = []
    marks: list[str] = []
    for piece in _BETWEEN.split(text.strip()):
        digits = piece[2:] if piece[:2] in {"0x", "0X"} else piece
        if not _PIECE.fullmatch(digits):
            raise NotHexError(_why(text, digits))
        for byte, mark in _BYTE.findall(digits):
            if byte == "**":
                hidden.append(len(values))
            values.append(0 if byte == "**" else int(byte, 16))
            marks.append(mark)
    known = "*" in marks
    wakeup = tuple(mark == "*" if known and mark != "?" else None for mark in marks)
    return Burst(0, speaker, bytes(values), wakeup, tuple(hidden))


def _why(text: str, piece: str) -> str:
    if not text.strip():
        return "no bytes at all"
    shown = piece if len(piece) <= SHOWN_MAX else piece[:SHOWN_MAX] + "..."
    if re.fullmatch(r"[0-9A-Fa-f]+", piece, re.ASCII):
        return f"{shown!r} has an odd number of hex digits"
    return f"{shown!r} is not hex"
