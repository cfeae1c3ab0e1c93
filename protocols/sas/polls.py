"""The host's side of requests: build them, and read what some host has sent.

A general poll is one byte, ``80 | address``. A long poll is ``address command``, and for all types
but R ``[length] data CRC``. Address 00 speaks to all machines and nobody answers; ``80`` alone
polls nobody and serves as a sync and an implied ACK.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from protocols.sas.crc import crc_ok, with_crc
from protocols.sas.errors import (
    AddressError,
    CrcError,
    LengthError,
    RequestError,
    UnexpectedError,
    WireError,
)
from protocols.sas.message import Message, spread
from protocols.sas.replies import NOTHING
from protocols.sas.settings import STANDARD, Dialect, may_be_global, poll_row
from protocols.sas.tables.polls import MULTI_DENOMINATION
from protocols.sas.tables.rows import PollRow

SYNC: Final = b"\x80"
"""General poll to nobody, which no EGM answers: a sync, and an implied ACK."""

ADDRESSES: Final = range(1, 128)
"""Addresses of machines; 0 is an EGM that was never given one."""


def _nothing() -> Mapping[str, object]:
    return NOTHING


@dataclass(frozen=True, slots=True)
class Request:
    """What a host sent.

    Attributes:
        kind: "general" poll, "long" poll, "sync" (80), or "global" (a long poll to address 00).
        address: who is asked; 0 for sync and global.
        command: command byte; None for general and sync.
        values: fields by name, as the poll's table row names them (for B0 those of the base
            command's row); ``data`` as hex for a command outside the table.
        denomination: denomination code of a B0 request, else None.
        base: command that a B0 request wraps, else None.
        raw: the whole message.
    """

    kind: Literal["general", "long", "sync", "global"]
    address: int
    command: int | None = None
    values: Mapping[str, object] = field(default_factory=_nothing)
    denomination: int | None = None
    base: int | None = None
    raw: bytes = field(default=b"", repr=False)


def general_poll(address: int) -> bytes:
    """Return the general poll to ``address``.

    Raises:
        RequestError: the address is not 1 to 127.
    """
    if address not in ADDRESSES:
        raise RequestError(f"an EGM's address is 1 to 127, not {address}")
    return bytes([0x80 | address])


def long_poll(
    address: int,
    command: int,
    *,
    denomination: int | None = None,
    dialect: Dialect = STANDARD,
    **fields: object,
) -> bytes:
    """Return a long poll, with its CRC where its type has one.

    Args:
        address: 1 to 127, or 0 for all machines.
        command: command byte of a row of the poll table.
        denomination: wrap the poll in B0 for this denomination code.
        dialect: which layout, where that is uncertain.
        fields: the request's fields by name.

    Raises:
        RequestError: no such poll, address or field, or a value that does not fit.
    """
    if address != 0 and address not in ADDRESSES:
        raise RequestError(f"an EGM's address is 1 to 127, not {address}")
    if address == 0 and not may_be_global(command, dialect):
        raise RequestError(f"poll {command:02X} may not go to all machines")
    row = poll_row(command, dialect)
    if row is None:
        raise RequestError(f"there is no poll {command:02X} in the table")
    codes = fields.get("codes")
    if command in {0x6F, 0xAF} and isinstance(codes, list | tuple):
        _few_enough(len(codes), dialect)
    body = row.request.write(fields)
    if denomination is not None:
        return _wrapped(address, row, body, denomination)
    front = bytes([address, command])
    return with_crc(front + body) if row.has_crc or body else front


def _few_enough(codes: int, dialect: Dialect) -> None:
    if codes > dialect.extended_codes_max:
        raise RequestError(f"{codes} meter codes; one poll takes {dialect.extended_codes_max}")


def _wrapped(address: int, row: PollRow, body: bytes, denomination: int) -> bytes:
    if not row.multi_denomination:
        raise RequestError(f"poll {row.command:02X} does not go into B0")
    inner = bytes([denomination, row.command]) + body
    return with_crc(bytes([address, MULTI_DENOMINATION, len(inner)]) + inner)


def parse_request(frame: bytes, dialect: Dialect = STANDARD) -> Request:
    """Return what the whole message ``frame`` asks.

    Raises:
        WireError: it is no message: empty, cut, too long, an address with bit 7 set in front of a
            long poll, a wrong CRC or length byte, no BCD where it belongs, or sent to all machines
            though it may not be.
    """
    try:
        return _parsed(bytes(frame), dialect)
    except WireError as error:
        raise type(error)(error.reason, frame) from None


def _parsed(frame: bytes, dialect: Dialect) -> Request:
    if not frame:
        raise LengthError("no bytes at all")
    first = frame[0]
    if len(frame) == 1:
        if first < 0x80:
            raise LengthError("an address alone is no poll")
        kind: Literal["general", "sync"] = "sync" if frame == SYNC else "general"
        return Request(kind, first & 0x7F, raw=frame)
    if first > 0x7F:
        raise AddressError(f"{first:02X} is no address that a long poll can have")
    command = frame[1]
    if command in {0x00, 0xFF}:
        raise UnexpectedError(f"{command:02X} is no command")
    if first == 0 and not may_be_global(command, dialect):
        raise UnexpectedError(f"poll {command:02X} may not go to all machines")
    row = poll_row(command, dialect)
    if row is None:
        return _unlisted(frame)
    data = _data(frame, row, dialect)
    if command == MULTI_DENOMINATION:
        return _unwrapped(frame, data, dialect)
    return Request(_kind(first), first, command, _values(row.request, data), raw=frame)


def _kind(first: int) -> Literal["long", "global"]:
    return "long" if first else "global"


def _values(layout: Message, data: bytes) -> Mapping[str, object]:
    return layout.read(layout.payload(data))


def _unlisted(frame: bytes) -> Request:
    """Return the request of a command outside the table, of which only the CRC can be judged."""
    if len(frame) > 2 and not crc_ok(frame):
        raise CrcError("the CRC does not fit")
    data = {"data": frame[2:-2].hex()} if len(frame) > 2 else NOTHING
    return Request(_kind(frame[0]), frame[0], frame[1], data, raw=frame)


def _data(frame: bytes, row: PollRow, dialect: Dialect) -> bytes:
    """Return what lies between command and CRC, the CRC checked."""
    if len(frame) == 2:
        if row.has_crc and row.kind != "R/S":
            raise LengthError(f"poll {row.command:02X} needs data or a CRC")
        return b""
    if not row.has_crc and not (dialect.read_with_crc and len(frame) == 4):
        raise LengthError(f"poll {row.command:02X} is two bytes, without a CRC")
    layout = row.request
    least = 4 + layout.low + layout.length_byte
    most = 4 + layout.high + layout.length_byte
    if not least <= len(frame) <= most:
        raise LengthError(f"{len(frame)} bytes, not {spread(least, most)}")
    if layout.length_byte and frame[2] != len(frame) - 5:
        raise LengthError("the length byte does not count the bytes that follow it")
    if not crc_ok(frame):
        raise CrcError("the CRC does not fit")
    return frame[2:-2]


def _unwrapped(frame: bytes, data: bytes, dialect: Dialect) -> Request:
    denomination, command, body = data[1], data[2], data[3:]
    row = poll_row(command, dialect)
    values: Mapping[str, object]
    if row is None or not row.multi_denomination:
        values = {"data": body.hex()}
    else:
        values = _values(row.request, body)
    return Request(
        _kind(frame[0]), frame[0], MULTI_DENOMINATION, values, denomination, command, frame
    )
