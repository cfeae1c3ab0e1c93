"""The machine's side: build what an EGM answers, and read what hosts send, through any junk.

Short answers have no CRC: ACK is the address, NACK the address with bit 7 set, busy ``address 00``,
an exception one byte. Everything else has one.
"""

from __future__ import annotations

from protocols.sas.crc import with_crc
from protocols.sas.errors import RequestError
from protocols.sas.polls import ADDRESSES, Request, parse_request
from protocols.sas.requests import RequestReader
from protocols.sas.settings import STANDARD, Dialect, poll_row
from protocols.sas.tables.exceptions import EXCEPTIONS
from protocols.sas.tables.polls import MULTI_DENOMINATION, REAL_TIME

__all__ = [
    "Request",
    "RequestReader",
    "ack",
    "build_exception",
    "build_multi_denomination_error",
    "build_real_time",
    "build_reply",
    "busy",
    "nack",
    "parse_request",
]


def ack(address: int) -> bytes:
    """Return an ACK.

    Raises:
        RequestError: the address is not 1 to 127.
    """
    return bytes([_checked(address)])


def nack(address: int) -> bytes:
    """Return a NACK.

    Raises:
        RequestError: the address is not 1 to 127.
    """
    return bytes([_checked(address) | 0x80])


def busy(address: int) -> bytes:
    """Return "busy, ask again later".

    Raises:
        RequestError: the address is not 1 to 127.
    """
    return bytes([_checked(address), 0x00])


def build_exception(address: int, code: int) -> bytes:
    """Return the one-byte answer to a general poll; it does not carry the address.

    Raises:
        RequestError: the address is not 1 to 127 or the code no byte.
    """
    _checked(address)
    return bytes([_code(code)])


def build_real_time(address: int, code: int, **data: object) -> bytes:
    """Return a real-time event; ``undecoded`` (hex) is the data of a code outside the table.

    Event 88 may be built without data, as one real machine sends it.

    Raises:
        RequestError: the address is not 1 to 127, the code no byte, or the data not the code's.
    """
    front = bytes([_checked(address), REAL_TIME, _code(code)])
    row = EXCEPTIONS.get(code)
    if row is None:
        spare = data.keys() - {"undecoded"}
        if spare:
            raise RequestError(f"no such field: {', '.join(sorted(spare))}")
        return with_crc(front + bytes.fromhex(str(data.get("undecoded", ""))))
    if code == 0x88 and not data:
        return with_crc(front)
    return with_crc(front + row.data.write(data))


def build_reply(
    address: int,
    command: int,
    *,
    denomination: int | None = None,
    dialect: Dialect = STANDARD,
    **values: object,
) -> bytes:
    """Return the data answer to a long poll; ``LongPollReply.values`` gives the same bytes again.

    Args:
        address: 1 to 127.
        command: command byte of a row of the poll table.
        denomination: wrap the answer in B0, as the request was.
        dialect: which layout, where that is uncertain.
        values: the answer's fields by name.

    Raises:
        RequestError: no such poll or field, a poll that is only acknowledged, or a value that does
            not fit.
    """
    row = poll_row(command, dialect)
    if row is None:
        raise RequestError(f"there is no poll {command:02X} in the table")
    front = bytes([_checked(address)])
    if denomination is None:
        if row.reply is None:
            raise RequestError(f"poll {command:02X} is answered with ACK or NACK, not with data")
        return with_crc(front + bytes([command]) + row.reply.write(values))
    if not row.multi_denomination:
        raise RequestError(f"poll {command:02X} does not go into B0")
    body = row.reply.write(values) if row.reply is not None else front
    inner = bytes([denomination, command]) + body
    return with_crc(front + bytes([MULTI_DENOMINATION, len(inner)]) + inner)


def build_multi_denomination_error(address: int, denomination: int, error: int) -> bytes:
    """Return the B0 answer that says why the wrapped poll was not answered (base command 00).

    Raises:
        RequestError: the address is not 1 to 127 or the error no byte.
    """
    inner = bytes([denomination, 0x00, _code(error)])
    return with_crc(bytes([_checked(address), MULTI_DENOMINATION, len(inner)]) + inner)


def _checked(address: int) -> int:
    if address not in ADDRESSES:
        raise RequestError(f"an EGM's address is 1 to 127, not {address}")
    return address


def _code(code: int) -> int:
    if not 0 <= code <= 0xFF:
        raise RequestError(f"{code} is no byte")
    return code
