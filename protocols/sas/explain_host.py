"""What a host's message asks or orders, as a person would explain it."""

from __future__ import annotations

from typing import Final

from protocols.sas.allowlist import allowed
from protocols.sas.capture import Burst, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.errors import WireError
from protocols.sas.explained import BAD, HIDDEN_NOTE, UNTRUSTED_NOTE, Explained, Sealed, sealed
from protocols.sas.polls import Request, parse_request
from protocols.sas.settings import Dialect, poll_row
from protocols.sas.shown_fields import ShownField, shown_fields
from protocols.sas.tables.denominations import DENOMINATION_TEXTS
from protocols.sas.tables.evidence import Confidence
from protocols.sas.tables.polls import poll_text
from protocols.sas.tables.rows import PollRow

TOLERANT: Final = Dialect(read_with_crc=True)
FIRST_BIT_ERROR: Final = "the ninth bit of its first byte is clear: no EGM listens"
LATER_BIT_ERROR: Final = "a ninth bit is set after its first byte: a new message begins there"


def explain_host(message: Burst) -> Explained:
    """Return what a message of the host says; any bytes at all."""
    if len(message.data) == 1:
        return _one_byte(message)
    seal = sealed(message) if len(message.data) > 2 else None
    masked = seal is not None and seal.crc_ok is None and seal.readable
    data = seal.body if seal is not None and masked else message.data
    request: Request | None
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    try:
        request = parse_request(data)
    except WireError as error:
        errors = (error.reason,)
        request = _as_if(data, seal)
        notes = (UNTRUSTED_NOTE,) if request is not None else ()
    row = poll_row(data[1])
    if seal is not None and seal.hidden:
        notes = (*notes, HIDDEN_NOTE)
    return Explained(
        message, Speaker.HOST, _kind(data, request), _meaning(data, request, row),
        data[0] if data[0] < 0x80 else None,
        data[1],
        row.name if row is not None else "",
        tuple(_fields(request)) if request is not None else (),
        seal.crc_ok if seal is not None else _crc_of_two_bytes(row),
        seal.crc if seal is not None else None,
        seal.hidden if seal is not None else (),
        errors=(*errors, *_wakeup_errors(message)),
        notes=(*notes, *uncertain(row)),
    )  # fmt: skip


def _one_byte(message: Burst) -> Explained:
    value = message.data[0]
    address = value & 0x7F
    kind, meaning = "general poll", f"asks EGM {address}: anything to report?"
    errors = _wakeup_errors(message)
    if value == 0x80:
        kind, meaning = "sync", "polls nobody (80): no EGM answers"
    elif value < 0x80:
        kind, meaning = BAD, f"begins a message to {_whom(value)}"
        errors = ("an address alone is no poll: its command is missing", *errors)
    return Explained(message, Speaker.HOST, kind, meaning, address, errors=errors)


def _kind(data: bytes, request: Request | None) -> str:
    if request is None:
        return BAD
    return "long poll" if data[0] else "global"


def _crc_of_two_bytes(row: PollRow | None) -> bool | None:
    """Return what is to be said of the CRC of two bytes: they have none, or lack it."""
    return False if row is not None and row.has_crc and row.kind != "R/S" else None


def _as_if(data: bytes, seal: Sealed | None) -> Request | None:
    """Read a message that is wrong as if its address, its CRC and having one were right."""
    if seal is None or not seal.readable or len(data) < 4:
        return None
    address = data[0] if 0 < data[0] < 0x80 else 0x01
    try:
        return parse_request(with_crc(bytes([address]) + data[1:-2]), TOLERANT)
    except WireError:
        return None


def _fields(request: Request) -> list[ShownField]:
    base, denomination = request.base, request.denomination
    command = request.command if base is None else base
    row = poll_row(command) if command is not None else None
    front = preamble(denomination, base) if base is not None and denomination is not None else []
    return front + shown_fields([row.request] if row is not None else [], request.values)


def preamble(denomination: int, base: int) -> list[ShownField]:
    """Return what stands in front of a poll or an answer in B0."""
    worth = DENOMINATION_TEXTS.get(denomination, "a denomination code that no table knows")
    return [
        ShownField("denomination", f"{denomination:02X}", "", worth),
        ShownField("base", f"{base:02X}", "", poll_text(base)),
    ]


def _meaning(data: bytes, request: Request | None, row: PollRow | None) -> str:
    whom = _whom(data[0])
    if row is None:
        return f"poll {data[1]:02X} to {whom}, which no table knows"
    what = row.meaning
    if request is not None and request.base is not None:
        what = f"{what}: {poll_text(request.base)}"
        row = poll_row(request.base) or row
    # What changes nothing may go out on any line, or carries no more than the number of a game.
    frame = request.raw if request is not None else data
    asks = row.kind == "R" or (row.kind == "M" and not row.acks) or allowed(frame, "any_line")
    return f"{'asks' if asks else 'orders'} {whom}: {what}"


def _whom(address: int) -> str:
    if address == 0:
        return "all EGMs"
    return f"EGM {address}" if address < 0x80 else f"address {address:02X}, which no EGM can have"


def uncertain(row: PollRow | None) -> tuple[str, ...]:
    """Return a note where a row's layout does not rest on several sources."""
    if row is None or row.confidence is Confidence.HIGH:
        return ()
    return (f"how poll {row.command:02X} is laid out rests on {row.source.value}",)


def _wakeup_errors(message: Burst) -> tuple[str, ...]:
    """Return what is wrong with the ninth bits, where they are known."""
    bits = message.wakeup
    first = (FIRST_BIT_ERROR,) if bits[0] is False else ()
    return (*first, LATER_BIT_ERROR) if any(bits[1:]) else first
