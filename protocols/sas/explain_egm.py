"""What an EGM's message says, as a person would explain it.

What an answer means hangs on the poll: 81 from EGM 1 is "hopper low" after a general poll and a
NACK after a long poll. Where the poll is not known, the message is read as what it looks like.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from protocols.sas.capture import Burst, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.errors import RequestError, WireError
from protocols.sas.explain_host import preamble, uncertain
from protocols.sas.explained import (
    BAD,
    DAMAGED_NOTE,
    EXCEPTION,
    HIDDEN_NOTE,
    UNTRUSTED_NOTE,
    Explained,
    Sealed,
    sealed,
)
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    NackReply,
    Reply,
    SignatureReply,
    SilenceReply,
)
from protocols.sas.settings import poll_row
from protocols.sas.shown_fields import ShownField, shown_fields
from protocols.sas.tables.codes import B0_ERRORS
from protocols.sas.tables.exceptions import EXCEPTIONS, IDLE_CODES, exception_text
from protocols.sas.tables.polls import MULTI_DENOMINATION, REAL_TIME, poll_text

NOISE_NOTE: Final = "a 00 stands in front of the message: noise on the line"
OTHER_POLL_NOTE: Final = "it does not answer the poll before it"
VARIANT_NOTE: Final = "this layout is not the usual one, but real machines send it"
CRC_ERROR: Final = "the CRC does not fit"
WAKEUP_ERROR: Final = "a ninth bit is set, which an EGM sets only on a chirp"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a reply comes to.

    Attributes:
        kind: as in ``Explained``.
        meaning: as in ``Explained``.
        command: as in ``Explained``.
        name: as in ``Explained``.
        fields: as in ``Explained``.
        notes: as in ``Explained``.
    """

    kind: str
    meaning: str
    command: int | None = None
    name: str = ""
    fields: tuple[ShownField, ...] = ()
    notes: tuple[str, ...] = ()


def explain_egm(message: Burst, poll: bytes | None = None, *, certain: bool = True) -> Explained:
    """Return what a message of an EGM says; any bytes at all.

    Args:
        message: the message.
        poll: what it answers, if that is known.
        certain: the message is known to answer ``poll``; else that is only likely.
    """
    data = message.data
    if len(data) == 1 and message.wakeup[0] and data[0] < 0x80:
        meaning = f"EGM {data[0]} chirps: its link is down, and it waits for a poll"
        return Explained(message, Speaker.EGM, "chirp", meaning, data[0])
    seal = sealed(message, poll) if len(data) > 2 else None
    found = _as_answer(message, poll, seal) if poll is not None else _alone(message, seal)
    if poll is not None and found.kind == BAD:
        alone = _alone(message, seal)
        if alone.kind != BAD and not certain:
            found = replace(alone, notes=(OTHER_POLL_NOTE, *alone.notes))
        elif alone.kind != BAD:
            notes = tuple(note for note in alone.notes if note != UNTRUSTED_NOTE)
            found = replace(alone, errors=found.errors, notes=(*notes, UNTRUSTED_NOTE))
    if any(message.wakeup):
        found = replace(found, errors=(*found.errors, WAKEUP_ERROR))
    return found


def _as_answer(message: Burst, poll: bytes, seal: Sealed | None) -> Explained:
    body = message.data if seal is None else seal.body
    return _explained(message, _read(poll, body, seal), seal)


def _alone(message: Burst, seal: Sealed | None) -> Explained:
    """Explain a message of which nobody knows what it answers, as what it looks like."""
    data = message.data
    if seal is None:
        return _one_byte(message) if len(data) == 1 else _two_bytes(message)
    lead = len(data) - len(data.lstrip(b"\x00"))
    noise = lead and seal.crc_ok and len(data) - lead > 3
    body = seal.body[lead:] if noise else seal.body
    errors: tuple[str, ...] = ()
    if not 0 < body[0] < 0x80:
        errors = (f"{body[0]:02X} is no address that an EGM can have",)
        body = with_crc(b"\x01" + body[1:-2])
    said = _read(_poll_for(body), body, seal)
    found = _explained(message, said, seal)
    found = replace(found, errors=(*errors, *found.errors))
    return replace(found, notes=(NOISE_NOTE, *found.notes)) if noise else found


def _poll_for(data: bytes) -> bytes:
    """Return a poll that ``data`` looks like the answer to."""
    if data[1] == REAL_TIME:
        return bytes([data[0] | 0x80])
    if data[1] == MULTI_DENOMINATION and len(data) > 4:
        return bytes([data[0], data[1], 2, *data[3:5], 0, 0])
    return data[:2]


def _read(poll: bytes, body: bytes, seal: Sealed | None) -> Reply | str:
    """Return the reply, or why it is none."""
    if seal is not None and not seal.readable:
        return "bytes without a good CRC, some of them masked"
    try:
        reader = ReplyReader(poll)
        return reader.feed(body) or reader.end()
    except WireError as error:
        return error.reason
    except RequestError:
        return "an answer to what is no poll"


def _explained(message: Burst, reply: Reply | str, seal: Sealed | None) -> Explained:
    data = message.data
    said = _bad(data) if isinstance(reply, str) else _said(reply)
    errors = [reply] if isinstance(reply, str) else []
    notes = list(said.notes)
    if seal is not None and seal.crc_ok is False:
        errors.insert(0, CRC_ERROR)
        if said.kind != BAD:
            notes.append(UNTRUSTED_NOTE)
    if seal is not None and seal.hidden:
        notes += [HIDDEN_NOTE] if seal.crc_ok is not False else [HIDDEN_NOTE, DAMAGED_NOTE]
    address = data[0] if isinstance(reply, str) else reply.address
    cut = seal is None and said.kind == BAD and len(data) == 2
    return Explained(
        message, Speaker.EGM, said.kind, said.meaning,
        address if 0 < address < 0x80 else None,
        said.command, said.name, said.fields,
        seal.crc_ok if seal is not None else False if cut else None,
        seal.crc if seal is not None else None,
        seal.hidden if seal is not None else (),
        errors=tuple(errors), notes=tuple(notes),
    )  # fmt: skip


def _one_byte(message: Burst) -> Explained:
    code = message.data[0]
    address = code & 0x7F
    kind = "no activity" if code in IDLE_CODES else "exception"
    other = "ACK" if code < 0x80 else "NACK"
    row = EXCEPTIONS.get(code)
    return Explained(
        message, Speaker.EGM, kind, f"an EGM reports: {exception_text(code)}",
        name=row.name if row is not None else "", fields=(_code_field(code),),
        notes=(f"after a long poll it would be the {other} of EGM {address}",) if address else (),
    )  # fmt: skip


def _two_bytes(message: Burst) -> Explained:
    address, second = message.data
    if second == 0x00 and 0 < address < 0x80:
        return _explained(message, BusyReply(address, message.data), None)
    return _explained(message, "cut short: of two bytes, only busy (address 00) is whole", None)


def _bad(data: bytes) -> _Said:
    shown = data[:1].hex().upper()
    if len(data) > 1 and 0 < data[0] < 0x80:
        row = poll_row(data[1])
        what = "which no table knows" if row is None else row.meaning
        meaning = f"looks like an answer of EGM {data[0]} to poll {data[1]:02X} ({what})"
        return _Said(BAD, meaning, data[1], row.name if row is not None else "")
    return _Said(BAD, f"no message of an EGM begins with {shown}")


def _said(reply: Reply) -> _Said:
    if isinstance(reply, LongPollReply):
        return _data(reply)
    if isinstance(reply, ExceptionReply):
        return _exception(reply)
    if isinstance(reply, IdleReply):
        return _idle(reply)
    if isinstance(reply, SignatureReply):
        field = ShownField("signature", f"{reply.signature:04X}", "", "of the program's memory")
        meaning = f"EGM {reply.address} gives its ROM signature: {reply.signature:04X}"
        return _Said("signature", meaning, 0x21, "rom_signature", (field,))
    kind, words = _SHORT[type(reply)]
    return _Said(kind, f"EGM {reply.address} {words}")


_SHORT: Final[dict[type[Reply], tuple[str, str]]] = {
    AckReply: ("ack", "took the message (ACK)"),
    NackReply: ("nack", "refuses the message (NACK)"),
    BusyReply: ("busy", "is busy: ask again later"),
    SilenceReply: (BAD, "is silent"),
}


def _idle(reply: IdleReply) -> _Said:
    code = reply.raw[-3] if len(reply.raw) > 2 else reply.raw[0]
    row = EXCEPTIONS[code]
    meaning = f"EGM {reply.address} reports: {row.meaning}"
    return _Said("no activity", meaning, None, row.name, (_code_field(code),))


def _exception(reply: ExceptionReply) -> _Said:
    row = EXCEPTIONS.get(reply.code)
    layouts = [row.data] if row is not None else []
    fields = (_code_field(reply.code), *shown_fields(layouts, reply.data))
    notes: tuple[str, ...] = ()
    if row is not None and reply.real_time and row.data.fields and not reply.data:
        notes = ("it comes without its data, as some machines send it",)
    return _Said(
        "real-time event" if reply.real_time else "exception",
        f"EGM {reply.address} reports: {exception_text(reply.code)}",
        None, row.name if row is not None else "", fields, notes,
    )  # fmt: skip


def _data(reply: LongPollReply) -> _Said:
    row = poll_row(reply.command)
    fields: list[ShownField] = []
    notes = list(uncertain(row))
    if reply.denomination is not None:
        base = 0x00 if "error" in reply.values else reply.command
        fields += preamble(reply.denomination, base)
    if reply.command == MULTI_DENOMINATION and "error" in reply.values:
        return _multi_denomination_error(reply, fields)
    if row is not None and row.reply is not None:
        fields += shown_fields([row.reply, *row.variants], reply.values)
        if reply.denomination is None and row.variants and not row.reply.takes(reply.raw[2:-2]):
            notes.append(VARIANT_NOTE)
    else:
        fields += shown_fields([], reply.values)
    what = poll_text(reply.command) if row is not None else "which no table knows"
    return _Said(
        "answer",
        f"EGM {reply.address} answers poll {reply.command:02X} ({what})",
        reply.command, row.name if row is not None else "", tuple(fields), tuple(notes),
    )  # fmt: skip


def _multi_denomination_error(reply: LongPollReply, fields: list[ShownField]) -> _Said:
    code = reply.values["error"]
    text = f"{code:02X}" if isinstance(code, int) else None
    meaning = B0_ERRORS.get(code, "a code that no table knows") if isinstance(code, int) else ""
    field = ShownField("error", text, "", meaning)
    return _Said(
        "answer", f"EGM {reply.address} cannot answer for that denomination: {meaning}",
        MULTI_DENOMINATION, "multi_denomination", (*fields, field),
    )  # fmt: skip


def _code_field(code: int) -> ShownField:
    return ShownField(EXCEPTION, f"{code:02X}", "", exception_text(code))
