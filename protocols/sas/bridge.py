"""A bridge: nine-bit symbols of many lines in frames, on one stream of bytes.

A bridge is a board (or the simulated floor) that owns the UARTs; a host tells it what to send, and
hears what came. ``hardware/bridge.md`` describes the protocol for whoever builds one. In short:

    frame on the stream   COBS(body) 00
    body                  kind 1 | line 1 | payload | CRC-16/KERMIT of all before it, 2

All numbers have their low byte first. A body has at most ``BODY_BYTES_MAX`` bytes. What is no frame
is counted and skipped to the next 00: a lost frame is a poll without an answer, which the line
repeats, as on a wire.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from protocols.sas.bridge_frames import (
    LINES,
    Bye,
    Came,
    Close,
    Frame,
    Hello,
    LineIs,
    LineState,
    NotSent,
    Open,
    Ping,
    Pong,
    Send,
    SendList,
    Unknown,
    Why,
)
from protocols.sas.crc import crc_ok, with_crc
from protocols.sas.errors import LengthError, RequestError, UnexpectedError, WireError
from protocols.sas.symbols import Symbols, pack, unpack

NO_LINE: Final = 0
"""Stands where a line's number would, in frames about the connection."""

SYMBOLS_MAX: Final = 320
TEXT_BYTES_MAX: Final = 64
BODY_BYTES_MAX: Final = 400
FRAME_BYTES_MAX: Final = BODY_BYTES_MAX + BODY_BYTES_MAX // 254 + 2

_SHORT_SYMBOLS: Final = 2
_SHORT_BYTES: Final = 10
_SHORT_FRAMES: Final = 8192
"""Polls and idle answers are most of what is said, and the same again and again: frames as short as
theirs are made and read once. A short frame has no room for a secret."""

_MAGIC: Final = b"SAS9"
_TIMES: Final = 0x01  # of a hello's flags: with the time of what was heard
_AT: Final = 0x01  # of what was heard: its time follows
_LOST: Final = 0x02  # of what was heard: symbols before it were lost
_BLOCK: Final = 254  # COBS: most bytes in a block


def encode(frame: Frame) -> bytes:
    """Return a frame as it goes on the stream, its 00 included.

    Raises:
        RequestError: a field is out of its bounds.
    """
    if isinstance(frame, Send | Came) and len(frame.symbols.data) <= _SHORT_SYMBOLS:
        return _encoded_before(frame)
    return _encoded(frame)


def _encoded(frame: Frame) -> bytes:
    kind, write = _WRITERS[type(frame)]
    line = getattr(frame, "line", None)
    if line is not None and line not in LINES:
        raise RequestError(f"a bridge's lines are 1 to 254, not {line}")
    try:
        body = with_crc(bytes([kind, line or NO_LINE]) + write(frame))
    except (ValueError, OverflowError) as error:
        raise RequestError(f"{frame}: {error}") from None
    assert len(body) <= BODY_BYTES_MAX, "the bounds of symbols and texts leave room"
    return _stuffed(body) + b"\0"


_encoded_before = lru_cache(_SHORT_FRAMES)(_encoded)


def decode(body: bytes) -> Frame:
    """Return the frame with this body, CRC included.

    Raises:
        WireError: it is none.
    """
    if not 4 <= len(body) <= BODY_BYTES_MAX:
        raise LengthError(f"a frame of {len(body)} bytes")
    if not crc_ok(body):
        raise UnexpectedError("the CRC of a bridge's frame is wrong")
    row = _READERS.get(body[0])
    if row is None:
        return Unknown(body[0])
    about_a_line, read = row
    if not (body[1] in LINES if about_a_line else body[1] == NO_LINE):
        raise UnexpectedError(f"frame kind {body[0]:02X} for line {body[1]}")
    try:
        return read(body[1], body[2:-2])
    except (ValueError, IndexError):
        raise UnexpectedError(f"frame kind {body[0]:02X} with fields that it cannot have") from None


def _decoded(piece: bytes) -> Frame | None:
    try:
        return decode(_unstuffed(piece))
    except WireError:
        return None


_decoded_before = lru_cache(_SHORT_FRAMES)(_decoded)


class FrameReader:
    """Feed it the stream as it comes; it gives the frames. It keeps at most one.

    Attributes:
        bad: pieces that were no frame, since the start.
    """

    def __init__(self) -> None:
        self.bad = 0
        self._buffer = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[Frame]:
        """Take ``data``; return the frames it completed, in order."""
        frames: list[Frame] = []
        *whole, rest = data.split(b"\0")
        for piece in whole:
            if 0 < len(piece) <= _SHORT_BYTES and not (self._buffer or self._skipping):
                frame = _decoded_before(bytes(piece))
                if frame is None:
                    self.bad += 1
                else:
                    frames.append(frame)
                continue
            self._keep(piece)
            self._end(frames)
        self._keep(rest)
        return frames

    def _keep(self, piece: bytes) -> None:
        if self._skipping:
            return
        self._buffer += piece
        if len(self._buffer) > FRAME_BYTES_MAX:
            self._buffer.clear()
            self._skipping = True

    def _end(self, frames: list[Frame]) -> None:
        stuffed, self._buffer = self._buffer, bytearray()
        skipped, self._skipping = self._skipping, False
        if skipped:
            self.bad += 1
        elif stuffed:
            try:
                frames.append(decode(_unstuffed(stuffed)))
            except WireError:
                self.bad += 1


def _stuffed(body: bytes) -> bytes:
    """COBS: no byte of the result is 00; each 00 becomes the distance to the next one."""
    out = bytearray()
    for part in body.split(b"\0"):
        at = 0
        while len(part) - at >= _BLOCK:
            out.append(_BLOCK + 1)
            out += part[at : at + _BLOCK]
            at += _BLOCK
        out.append(len(part) - at + 1)
        out += part[at:]
    return bytes(out)


def _unstuffed(stuffed: bytes | bytearray) -> bytes:
    out = bytearray()
    at, length = 0, len(stuffed)
    while at < length:
        end = at + stuffed[at]
        if end > length:
            raise LengthError("a frame was cut short")
        out += stuffed[at + 1 : end]
        if stuffed[at] <= _BLOCK and end < length:
            out.append(0)
        at = end
    return bytes(out)


def _text(text: str) -> bytes:
    """Cut ``text`` to its bound, at the end of a character."""
    return text.encode()[:TEXT_BYTES_MAX].decode(errors="ignore").encode()


def _as_text(raw: bytes) -> str:
    if len(raw) > TEXT_BYTES_MAX:
        raise ValueError("a text that is too long")
    return raw.decode("utf-8", "replace")


def _write_hello(frame: Hello) -> bytes:
    flags = _TIMES if frame.times else 0
    return _MAGIC + bytes([frame.low, frame.high, flags, frame.lines]) + _text(frame.name)


def _read_hello(_: int, raw: bytes) -> Hello:
    if raw[:4] != _MAGIC:
        raise ValueError("no hello of this protocol")
    return Hello(raw[4], raw[5], raw[7], bool(raw[6] & _TIMES), _as_text(raw[8:]))


def _checked(symbols: Symbols) -> bytes:
    _some(symbols)
    return pack(symbols)


def _some(symbols: Symbols) -> None:
    if not 1 <= len(symbols.data) == len(symbols.wakeup) <= SYMBOLS_MAX:
        raise ValueError(f"1 to {SYMBOLS_MAX} symbols, each with its ninth bit")


def _symbols(raw: bytes) -> Symbols:
    try:
        symbols = unpack(raw)
    except WireError as error:
        raise ValueError(str(error)) from None
    _some(symbols)
    return symbols


def _write_came(frame: Came) -> bytes:
    flags = (_LOST if frame.lost else 0) | (_AT if frame.at_us is not None else 0)
    at = b"" if frame.at_us is None else frame.at_us.to_bytes(8, "little")
    return bytes([flags]) + at + _checked(frame.symbols)


def _read_came(line: int, raw: bytes) -> Came:
    begin = 9 if raw[0] & _AT else 1
    at_us = int.from_bytes(raw[1:9], "little") if raw[0] & _AT else None
    return Came(line, _symbols(raw[begin:]), bool(raw[0] & _LOST), at_us)


def _token(raw: bytes) -> int:
    if len(raw) != 4:
        raise ValueError("a token has 4 bytes")
    return int.from_bytes(raw, "little")


def _nothing(raw: bytes) -> None:
    if raw:
        raise ValueError("nothing belongs here")


def _one(raw: bytes) -> int:
    if len(raw) != 1:
        raise ValueError("one byte belongs here")
    return raw[0]


def _read_close(line: int, raw: bytes) -> Close:
    _nothing(raw)
    return Close(line)


_WRITERS: Final[dict[type, tuple[int, Callable[..., bytes]]]] = {
    Hello:   (0x01, _write_hello),
    Bye:     (0x02, lambda frame: _text(frame.reason)),
    Ping:    (0x03, lambda frame: frame.token.to_bytes(4, "little")),
    Pong:    (0x04, lambda frame: frame.token.to_bytes(4, "little")),
    Open:    (0x10, lambda frame: bytes([frame.send_list])),
    Close:   (0x11, lambda _: b""),
    LineIs:  (0x12, lambda frame: bytes([frame.state]) + _text(frame.text)),
    Send:    (0x20, lambda frame: _checked(frame.symbols)),
    NotSent: (0x21, lambda frame: bytes([frame.why])),
    Came:    (0x22, _write_came),
}  # fmt: skip

# kind: (whether it is about a line, reader of its payload)
_READERS: Final[dict[int, tuple[bool, Callable[[int, bytes], Frame]]]] = {
    0x01: (False, _read_hello),
    0x02: (False, lambda _, raw: Bye(_as_text(raw))),
    0x03: (False, lambda _, raw: Ping(_token(raw))),
    0x04: (False, lambda _, raw: Pong(_token(raw))),
    0x10: (True,  lambda line, raw: Open(line, SendList(_one(raw)))),
    0x11: (True,  _read_close),
    0x12: (True,  lambda line, raw: LineIs(line, LineState(raw[0]), _as_text(raw[1:]))),
    0x20: (True,  lambda line, raw: Send(line, _symbols(raw))),
    0x21: (True,  lambda line, raw: NotSent(line, Why(_one(raw)))),
    0x22: (True,  _read_came),
}  # fmt: skip
