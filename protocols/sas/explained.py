"""What is to be said about one message, and what is known of it before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from protocols.sas.capture import BY_WAKEUP, Burst, Speaker
from protocols.sas.crc import crc16, crc_ok
from protocols.sas.secrets import SECRET_SPANS, masked, spans_near
from protocols.sas.settings import poll_row
from protocols.sas.shown_fields import ShownField, field_text
from protocols.sas.tables.polls import REAL_TIME

EXCEPTION: Final = "exception"
"""Name of the field with an exception's code."""


@dataclass(frozen=True, slots=True)
class Crc:
    """The CRC of a message, both as they stand on the wire: low byte first.

    Attributes:
        found: the last two bytes of the message.
        expected: the CRC of all before them.
    """

    found: bytes
    expected: bytes


@dataclass(frozen=True, slots=True)
class Explained:
    """One message as a person would explain it.

    Attributes:
        message: the bytes as they were heard.
        speaker: who said it.
        kind: "general poll", "sync", "long poll", "global", "chirp", "exception", "no activity",
            "real-time event", "answer", "signature", "ack", "nack", "busy" or "not understood".
        meaning: one line, without the fields.
        address: SAS address of the EGM it is to or from; 0 for all; None where it does not say.
        command: command byte of the poll, or of the poll that it answers.
        name: our word for poll or exception; empty for those outside the tables.
        fields: in wire order.
        crc_ok: None where the kind has no CRC, or where it is masked with a secret.
        crc: found and expected; None where there is none or a secret could be told from it.
        hidden: places of bytes that are never shown.
        concludes: what the EGM concludes about its last answer; empty where nothing can be said.
        errors: what is wrong with it.
        notes: what else a person should know.
        why: why ``speaker`` is believed, if nobody told; else empty.
    """

    message: Burst
    speaker: Speaker
    kind: str
    meaning: str
    address: int | None = None
    command: int | None = None
    name: str = ""
    fields: tuple[ShownField, ...] = ()
    crc_ok: bool | None = None
    crc: Crc | None = None
    hidden: tuple[int, ...] = ()
    concludes: str = ""
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""

    @property
    def valid(self) -> bool:
        """Nothing is wrong with it."""
        return not self.errors

    @property
    def guessed(self) -> bool:
        """Who said it is a guess."""
        return self.why not in {"", BY_WAKEUP}

    @property
    def summary(self) -> str:
        """Meaning and fields in one line."""
        said = [field_text(field) for field in self.fields if field.name != EXCEPTION]
        return f"{self.meaning}; {', '.join(said)}" if said else self.meaning


BAD: Final = "not understood"
_SECRET_COMMANDS: Final = frozenset(bytes([command]) for command in SECRET_SPANS)
_HEADER_AND_CRC: Final = 4
HIDDEN_NOTE: Final = "bytes that may be part of a secret are masked"
DAMAGED_NOTE: Final = "without a good CRC it may be anything; with its poll before it more is shown"
UNTRUSTED_NOTE: Final = "the fields are read as if the message were right: do not trust them"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is judged before a message is read: its CRC, and what of it may be seen.

    Attributes:
        crc_ok: as in ``Explained``.
        crc: as in ``Explained``.
        hidden: as in ``Explained``.
        readable: its fields may be read: it was masked exactly, or not at all.
        body: the message to read: masked bytes as 00, then with the CRC that fits.
    """

    crc_ok: bool | None
    crc: Crc | None
    hidden: tuple[int, ...]
    readable: bool
    body: bytes


def sealed(message: Burst, poll: bytes | None = None) -> Sealed:
    """Judge a message of three bytes or more.

    Args:
        message: the message.
        poll: what it answers, if that is known.
    """
    data = message.data
    fitting = crc16(data[:-2]).to_bytes(2, "little")
    body = data[:-2] + fitting
    if message.hidden:
        return Sealed(None, None, message.hidden, _masked_exactly(message), body)
    fits = crc_ok(data)
    hidden = _hidden(masked(data, harmless=not fits and _is_harmless(data, poll)))
    if hidden:
        hidden = tuple(sorted({*hidden, len(data) - 2, len(data) - 1}))
    crc = None if hidden else Crc(data[-2:], fitting)
    return Sealed(fits, crc, hidden, fits or not hidden, body)


def _masked_exactly(message: Burst) -> bool:
    """Say whether all that is masked is the secret of this command, and the CRC."""
    data = message.data
    span = SECRET_SPANS.get(data[1])
    if span is None:
        return False
    if len(data) != span.length(data):
        return False
    end = min(span.stop, len(data) - 2)
    return set(message.hidden) - {len(data) - 2, len(data) - 1} == set(range(span.start, end))


def _is_harmless(data: bytes, poll: bytes | None) -> bool:
    """Say whether a damaged message may be shown: it is no piece of one that carries a secret."""
    if len(data) <= _HEADER_AND_CRC or (poll is not None and _answers_no_secret(data, poll)):
        return True
    row = poll_row(data[1])
    if row is None or row.command in SECRET_SPANS or _may_be_cut(data) or data[0] >= 0x80:
        return False
    layouts = [row.request, *row.variants, *([row.reply] if row.reply is not None else [])]
    return any(layout.takes(data[2:-2]) for layout in layouts) and _nearly_right(data)


def _answers_no_secret(data: bytes, poll: bytes) -> bool:
    """Say whether a message names a poll that no secret answers, or what may answer any poll."""
    if data[0] != poll[0] & 0x7F or poll[1:2] in _SECRET_COMMANDS:
        return False
    return data[1:2] in {poll[1:2], bytes([REAL_TIME])}


def _nearly_right(data: bytes) -> bool:
    """Say whether a message is right but for one hex digit, or for a CRC that nobody worked out.

    Only then it is likely to be the message that it looks like: the tail of a longer one, which
    may be digits of a ticket number, looks like a short answer far more often.
    """
    if len(data) <= _HEADER_AND_CRC + 1:
        return True
    right, given = crc16(data[:-2]), int.from_bytes(data[-2:], "little")
    if given in _NO_CRC or right == int.from_bytes(data[-2:], "big"):
        return True
    return any(right ^ given in _one_digit_wrong(behind) for behind in range(len(data) - 2))


_NO_CRC: Final = (0x0000, 0xFFFF)
"""What people write where they do not know the CRC."""


@cache
def _one_digit_wrong(behind: int) -> frozenset[int]:
    """Return what a wrong hex digit does to a CRC, so many bytes in front of it, or in it."""
    flips = [value << shift for value in range(1, 16) for shift in (0, 4)]
    before = [crc16(bytes([one]) + bytes(behind)) for one in flips]
    return frozenset([*before, *flips, *(one << 8 for one in flips)])


def _may_be_cut(data: bytes) -> bool:
    """Say whether a flipped bit of the command, and being cut short, may hide what it was."""
    return any(span.start < len(data) < span.length(data) for span in spans_near(data, 1))


def _hidden(text: str) -> tuple[int, ...]:
    return tuple(at for at, shown in enumerate(text.split()) if shown == "**")
