"""What may never leave the wire: ticket validation numbers, AFT keys, validation seeds.

``Secret`` holds such a value so that no log line, f-string or JSON encoder can show it by
accident; ``masked`` prints a frame with the bytes that carry one as ``**``. A validation number is
bearer money, an AFT registration key lets somebody else move credits, and a validation id with its
sequence lets somebody compute the numbers of tickets to come.

This module imports no table, so that errors can print masked bytes; a test holds ``SECRET_SPANS``
against the fields that the poll tables mark secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from protocols.sas.crc import crc_ok


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
    """Bytes ``start`` to ``stop`` (exclusive, from the address byte on) of a frame are secret.

    Attributes:
        start: first secret byte.
        stop: first byte behind.
        total: length of a frame that has them there; 0 where a length byte says it.
    """

    start: int
    stop: int
    total: int = 0

    def length(self, frame: bytes) -> int:
        """Return how long ``frame`` (three bytes or more), if it has a secret here, must be."""
        return self.total or frame[2] + LENGTH_BYTE_OUTSIDE


LENGTH_BYTE_OUTSIDE: Final = 5
"""What a length byte does not count: address, command, itself, CRC."""

SECRET_SPANS: Final[dict[int, Span]] = {
    0x3D: Span(2, 6, 13),    # answer: validation number
    0x4C: Span(2, 8, 10),    # both ways: validation id and sequence
    0x4D: Span(11, 19, 35),  # answer: validation number
    0x58: Span(3, 11, 13),   # request: validation number
    0x70: Span(10, 19),      # answer: validation number
    0x71: Span(10, 19),      # both ways: validation number
    0x72: Span(26, 46),      # request: AFT registration key
    0x73: Span(8, 28),       # both ways: AFT registration key
}  # fmt: skip
"""Command to the secret bytes of its request or answer; B0 wraps none of these."""

TO_ALL: Final = 0x4C
"""The one command with a secret that may go out to all EGMs."""

_MAY_HIDE: Final = frozenset({0x00, TO_ALL})
"""First bytes behind which a message with a secret may begin elsewhere than at the address."""

DAMAGED_BYTES_SHOWN: Final = 2
"""Of bytes that may be anything so many are shown: a header, or too little of a number to use."""

FLIPPED_BITS_MAX: Final = 2
"""A command that differs in so many bits from one with a secret may have been that one."""


def masked(frame: bytes, *, harmless: bool = False) -> str:
    """Return ``frame`` as hex with spaces, secret bytes as ``**``.

    A frame with a good CRC is masked where its secret is, and its CRC with it. Other bytes may be
    anything, shifted, cut or with a flipped command: all but the first ``DAMAGED_BYTES_SHOWN`` are
    masked. Where they are harmless, they are masked behind every place where a secret could begin,
    and where they are as long as a frame with a secret whose command has ``FLIPPED_BITS_MAX`` wrong
    bits or fewer: who answered what is not always certain.

    Args:
        frame: bytes as they were on the wire.
        harmless: they came in answer to a poll that no secret answers, so they may be shown.
    """
    if len(frame) == 1:
        return frame.hex()
    whole = crc_ok(frame)
    if whole and frame[0] not in _MAY_HIDE and frame[1] not in SECRET_SPANS:
        return frame.hex(" ")  # as nearly all are
    if whole and not (secrets := list(_secrets_of(frame))):
        return frame.hex(" ")
    text = [f"{value:02x}" for value in frame]
    if whole:
        for start, stop in secrets:
            _hide(text, start, stop)
            _hide(text, len(frame) - 2, len(frame))  # the CRC tells 16 bits of the secret
        return " ".join(text)
    if not harmless:
        _hide(text, DAMAGED_BYTES_SHOWN, len(frame))
        return " ".join(text)
    starts = [span.start for span in spans_near(frame, FLIPPED_BITS_MAX)
              if len(frame) == span.length(frame)]  # fmt: skip
    for at in range(len(frame) - 1):
        span = SECRET_SPANS.get(frame[at + 1])
        if span is not None and frame[at] < 0x80:
            starts.append(at + span.start)
    _hide(text, min(starts, default=len(frame)), len(frame))
    return " ".join(text)


def spans_near(frame: bytes, bits: int) -> list[Span]:
    """Return where ``frame`` has secrets if so many bits of its command, or fewer, are wrong."""
    if len(frame) < 3:
        return []
    near = SECRET_SPANS.items()
    return [span for command, span in near if (command ^ frame[1]).bit_count() <= bits]


def _hide(text: list[str], start: int, stop: int) -> None:
    for place in range(start, min(stop, len(text))):
        text[place] = "**"


def _secrets_of(frame: bytes) -> Iterator[tuple[int, int]]:
    """Yield from where to where a frame with a good CRC is, or may be, secret.

    Zeros in front leave its CRC as it is: the message may begin behind any of them, and a message
    to all EGMs may have lost the one that it began with.
    """
    lead = len(frame) - len(frame.lstrip(b"\x00"))
    for zeros in {max(lead - 1, 0), lead}:  # a command with a secret is not 00
        start, stop = _secret_of(frame[zeros:])
        if stop > start:
            yield zeros + start, zeros + stop
    lost = SECRET_SPANS[TO_ALL]
    if frame[0] == TO_ALL and len(frame) == lost.total - 1:
        yield lost.start - 1, lost.stop - 1


def _secret_of(frame: bytes) -> tuple[int, int]:
    """Return from where to where a frame with a good CRC is secret."""
    span = SECRET_SPANS.get(frame[1]) if len(frame) > 2 else None
    if span is None or (frame[1] == 0x72 and _is_aft_answer(frame)):
        return 0, 0
    usual = len(frame) == span.length(frame)
    return span.start, span.stop if usual else len(frame) - 2


_ID_AT: Final = 27
_ID_LENGTH_MAX: Final = 20
_DATE_AND_TIME_BYTES: Final = 4 + 3
_DATES_BYTES: Final = _DATE_AND_TIME_BYTES + 4 + 2
_METER_BYTES_MAX: Final = 9


def _is_aft_answer(frame: bytes) -> bool:
    """Say whether a 72 frame is an answer, which carries no key where a request has one.

    An answer has a printable transaction id there, then date, time, expiry and pool, then three
    meters with their sizes, which end exactly at the CRC.
    """
    if len(frame) <= _ID_AT:
        return True
    length = frame[_ID_AT]
    at = _ID_AT + 1 + length
    if length > _ID_LENGTH_MAX or not frame[_ID_AT + 1 : at].decode("latin-1").isprintable():
        return False
    if not frame[at : at + _DATE_AND_TIME_BYTES].hex().isdecimal():
        return False
    at += _DATES_BYTES
    for _ in range(3):
        if at >= len(frame) or frame[at] > _METER_BYTES_MAX:
            return False
        at += 1 + frame[at]
    return at == len(frame) - 2
