"""What may never leave the wire: ticket validation numbers, AFT keys, validation seeds.

``Secret`` holds such a value so that no log line, f-string or JSON encoder can show it by
accident; ``masked`` prints a frame with the bytes that carry one as ``**``. A validation number is
bearer money, an AFT registration key lets somebody else move credits, and a validation id with its
sequence lets somebody compute the numbers of tickets to come.

This module imports nothing of the package, so that errors can print masked bytes; a test holds
``SECRET_SPANS`` against the fields that the poll tables mark secret.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Secret:
    """A value that prints as ``**``; equal to another with the same value.

    JSON encoders refuse it (it is no str, int or bytes), which is what we want.
    """

    __slots__ = ("_value",)

    def __init__(self, value: int | str) -> None:
        self._value = value

    def reveal(self) -> int | str:
        """Return the value: only to build bytes for a wire or a keyed hash."""
        return self._value

    def __repr__(self) -> str:
        return "**"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "**"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str:
        raise TypeError("a secret is not to be pickled or copied to a file")


class Span(NamedTuple):
    """Bytes ``start`` to ``stop`` (exclusive, from the address byte on) of a frame are secret."""

    start: int
    stop: int


SECRET_SPANS: Final[dict[int, tuple[Span, ...]]] = {
    0x3D: (Span(2, 6),),                   # reply: validation number
    0x4C: (Span(2, 8),),                   # both ways: validation id and sequence
    0x4D: (Span(11, 19),),                 # reply: validation number
    0x58: (Span(3, 11),),                  # request: validation number
    0x70: (Span(10, 19),),                 # reply: validation number
    0x71: (Span(10, 19),),                 # both ways: validation number
    0x72: (Span(27, 47),),                 # request only: AFT registration key (by its length)
    0x73: (Span(8, 28),),                  # both ways: AFT registration key
}  # fmt: skip
"""Command to the secret bytes of its request or reply; B0 wraps none of these."""

# A reply to 72 has no key, and its bytes 27 to 46 are asset, id and date: told apart by grammar.
_AFT_REQUEST_TYPES: Final = frozenset({0x00, 0x01})


def masked(frame: bytes) -> str:
    """Return ``frame`` as hex with spaces, secret bytes as ``**``.

    A frame of a command that carries a secret is also masked behind the place where the secret
    begins when its length is not what the layout says, because nobody knows then where it is.
    """
    if len(frame) < 3:
        return frame.hex(" ")
    start = 0
    while start < len(frame) - 2 and frame[start] in _BEFORE_A_FRAME:
        start += 1  # capture noise or a sync byte in front shifts the frame, not the secret
    text = [f"{byte:02x}" for byte in frame]
    for offset in range(start + 1):
        _mask(frame[offset:], offset, text)
    return " ".join(text)


_BEFORE_A_FRAME: Final = frozenset({0x00, 0x80, *range(0x81, 0x100)})


def _mask(frame: bytes, offset: int, text: list[str]) -> None:
    if len(frame) < 2:
        return
    for span in SECRET_SPANS.get(frame[1], ()):
        if frame[1] == 0x72 and not _is_aft_request(frame):
            continue
        stop = span.stop if _length_fits(frame) else len(frame)
        for place in range(offset + span.start, min(offset + stop, len(text))):
            text[place] = "**"


def _is_aft_request(frame: bytes) -> bool:
    """Say whether a full 72 frame may be a host's: its key must be hidden, when in doubt too."""
    if len(frame) < 28 or frame[3] not in _AFT_REQUEST_TYPES:
        return False
    return not (_length_fits(frame) and _reads_as_aft_reply(frame))


def _reads_as_aft_reply(frame: bytes) -> bool:
    """Say whether the three cumulative meters of a 72 reply end exactly at the CRC."""
    id_length = frame[27]
    at = 28 + id_length + 4 + 3 + 4 + 2
    for _ in range(3):
        if at >= len(frame):
            return False
        at += 1 + frame[at]
    return at == len(frame) - 2


_FIXED: Final = {0x3D: (13,), 0x4C: (10,), 0x4D: (35,), 0x58: (13,)}


def _length_fits(frame: bytes) -> bool:
    lengths = _FIXED.get(frame[1])
    if lengths is not None:
        return len(frame) in lengths
    return len(frame) == frame[2] + 5
