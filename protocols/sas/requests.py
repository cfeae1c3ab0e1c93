"""A machine's ear: cuts what comes down the wire into requests, through any junk.

With the ninth bit every wakeup byte starts a message. Without it the poll table says how long a
message is; what cannot be cut so is skipped until ``reset``, which the caller calls when the line
has been quiet for longer than the 5 ms that may lie between two bytes of a message.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocols.sas.crc import crc_ok
from protocols.sas.errors import LengthError, UnexpectedError, WireError
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import Request, parse_request
from protocols.sas.settings import STANDARD, Dialect, poll_row

Heard = Request | WireError

_GENERAL = tuple(parse_request(bytes([0x80 | address])) for address in range(128))
"""What a general poll to each address is; ``80`` is a sync."""


class RequestReader:
    """Feed it bytes as they come; it gives every message that is complete.

    It never waits, knows no clock and keeps at most one message (260 bytes).

    Args:
        dialect: how strictly requests are read.
    """

    def __init__(self, dialect: Dialect = STANDARD) -> None:
        self._dialect = dialect
        self._buffer = bytearray()
        self._skipping = False

    @property
    def pending(self) -> bytes:
        """Bytes of a message that is not complete yet."""
        return bytes(self._buffer)

    @property
    def half(self) -> bool:
        """A message has begun and is not complete yet."""
        return bool(self._buffer)

    def feed(self, data: bytes, wakeup: Sequence[bool | None] | None = None) -> list[Heard]:
        """Take ``data``; return what it completed, in order.

        Args:
            data: bytes as they came.
            wakeup: the ninth bit of each, None where it is not known.
        """
        alone = len(data) == 1 and data[0] >= 0x80 and not (self._buffer or self._skipping)
        if alone and (wakeup is None or wakeup[0] is not False):
            return [_GENERAL[data[0] & 0x7F]]  # most of what a machine ever hears
        heard: list[Heard] = []
        bits: Sequence[bool | None] = wakeup if wakeup is not None else [None] * len(data)
        for value, bit in zip(data, bits, strict=True):
            self._take(value, bit, heard)
        return heard

    def reset(self) -> list[Heard]:
        """Forget what is not complete: the line was quiet too long for it to go on.

        Returns:
            The request of a command outside the table if its CRC fits; else an error if a message
            was cut short; else nothing.
        """
        heard: list[Heard] = []
        self._cut(heard)
        self._skipping = False
        return heard

    def _take(self, value: int, bit: bool | None, heard: list[Heard]) -> None:
        if bit:
            self._cut(heard)
            self._skipping = False
        elif bit is False and not self._buffer and not self._skipping:
            heard.append(UnexpectedError("bytes without an address before them", bytes([value])))
            self._skipping = True
        if self._skipping:
            return
        self._buffer.append(value)
        self._complete(heard)

    def _complete(self, heard: list[Heard]) -> None:
        length = request_length(self._buffer, self._dialect)
        if length is None:
            if len(self._buffer) >= MESSAGE_BYTES_MAX:
                heard.append(LengthError("no message is that long", bytes(self._buffer)))
                self._buffer.clear()
                self._skipping = True
            return
        if len(self._buffer) >= length:
            heard.append(_request(bytes(self._buffer), self._dialect))
            self._buffer.clear()

    def _cut(self, heard: list[Heard]) -> None:
        if not self._buffer:
            return
        frame = bytes(self._buffer)
        self._buffer.clear()
        row = poll_row(frame[1], self._dialect) if len(frame) > 1 else None
        if len(frame) > 1 and (row is None or row.kind == "R/S"):
            heard.append(_request(frame, self._dialect))
        else:
            heard.append(LengthError("a message was cut short", frame))


def request_length(buffer: Sequence[int], dialect: Dialect = STANDARD) -> int | None:
    """Return how long the message that begins with ``buffer`` will be, or None if not known yet.

    A message of a command outside the table, or of one whose layout nobody knows, ends where its
    CRC fits, or with the silence after it: None until then.
    """
    if buffer[0] >= 0x80:
        return 1
    if len(buffer) < 2:
        return None
    row = poll_row(buffer[1], dialect)
    if row is not None and row.kind == "R":
        return 2
    least = 4
    if row is not None and row.kind != "R/S":
        layout = row.request
        if layout.length_byte:
            return 5 + buffer[2] if len(buffer) > 2 else None
        least += layout.low
        if layout.fixed:
            return least
    fits = len(buffer) >= least and crc_ok(bytes(buffer))
    return len(buffer) if fits else None


def _request(frame: bytes, dialect: Dialect) -> Heard:
    try:
        return parse_request(frame, dialect)
    except WireError as error:
        return error
