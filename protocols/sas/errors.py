"""Whose fault it is.

SasError
    RequestError     ours: a message that may not or cannot be built; a defect of the caller
    WireError        theirs: bytes that cannot be what was asked for; counted, never fatal
        CrcError         the CRC does not fit the bytes
        LengthError      too few or too many bytes
        AddressError     another address answered
        BcdError         a nibble above 9 where a digit belongs
        UnexpectedError  an answer, but not to this poll
"""

from __future__ import annotations

from typing import Final

from protocols.sas.secrets import masked

RAW_BYTES_MAX: Final = 300
"""Bytes that an error keeps and shows: a message has at most 260; more is noise."""


class SasError(Exception):
    """Base of everything raised by this package; never raised itself."""


class RequestError(SasError):
    """We asked for a message that may not or cannot be built: a defect of the caller."""


class WireError(SasError):
    """The other side sent bytes that cannot be a valid message.

    As text it shows the bytes with secrets masked.

    Attributes:
        kind: one word for counting.
        reason: one line that says what was wrong.
        raw: the bytes as they came, secrets and all: never to be logged. The first
            ``RAW_BYTES_MAX`` of them.
    """

    kind = "wire"

    def __init__(self, reason: str, raw: bytes = b"", *, harmless: bool = False) -> None:
        kept = bytes(raw[:RAW_BYTES_MAX])
        shown = masked(kept, harmless=harmless)
        if len(raw) > len(kept):
            shown += f" and {len(raw) - len(kept)} more"
        super().__init__(f"{reason} [{shown}]" if shown else reason)
        self.reason = reason
        self.raw = kept


class CrcError(WireError):
    """The CRC does not fit the bytes."""

    kind = "crc"


class LengthError(WireError):
    """Too few or too many bytes."""

    kind = "length"


class AddressError(WireError):
    """Another address answered."""

    kind = "address"


class BcdError(WireError):
    """A nibble above 9 where a decimal digit belongs."""

    kind = "bcd"


class UnexpectedError(WireError):
    """An answer, but not one that this poll can have."""

    kind = "unexpected"
