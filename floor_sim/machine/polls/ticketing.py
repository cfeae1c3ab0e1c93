"""Validation and tickets: 3D, 4C, 4D, 50, 57, 58, 70, 71, 7B, 7C, 7D."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from floor_sim.chance import draw
from floor_sim.machine import tickets, vouchers
from floor_sim.machine.polls.row import Asked, Refused, Result, Row, Values, obeys, reads
from floor_sim.machine.port import Answer, Told
from floor_sim.machine.settings import MachineSettings
from protocols.sas.machine import build_reply
from protocols.sas.secrets import Secret

LOOK: Final = 0xFF
NO_RECORD: Final[Values] = {
    "validation_type": 0, "index": 0, "date": "0" * 8, "time": "0" * 6, "validation_number": 0,
    "amount_cents": 0, "ticket_number": 0, "system_id": 0, "expiry": "0" * 8, "pool": 0,
}  # fmt: skip
_TICKET_IN: Final = 0x00
_ACCEPTED, _NOT_IN_CASH_OUT, _IMPROPER = 0x00, 0x80, 0x81
_DATA_TAKEN: Final = 0x01
_STATES: Final = 0x003F


def _plain(value: object) -> int:
    number = value.reveal() if isinstance(value, Secret) else value
    assert isinstance(number, int), "the codec gives numbers"
    return number


def _last_ticket(asked: Asked) -> Values:
    """3D. The number is bearer money on a real floor: it is made here and kept nowhere."""
    machine = asked.machine
    number, cents = asked.cabinet.last_ticket
    chance = draw(machine.seed, machine.asset, "ticket", number)
    return {
        "validation_number": chance.randrange(1, 10**8) if number else 0,
        "amount_cents": cents,
    }


def _validation_id(asked: Asked) -> Values:
    """4C: id and sequence for validation numbers; zeros ask only. Kept in memory alone."""
    secrets = asked.cabinet.secrets
    wanted = (_plain(asked.values["validation_id"]), _plain(asked.values["sequence"]))
    if wanted != (0, 0):
        secrets.validation_id = wanted
        asked.order()
    identity, sequence = secrets.validation_id or (0, 0)
    return {"validation_id": identity, "sequence": sequence}


def _record(asked: Asked) -> Result:
    """4D: 00 the oldest that is unread, and mark it; FF look at it; 01-1F a place in the buffer."""
    function, machine, port = int(asked.values["function"]), asked.machine, asked.port
    assert port is not None, "4D never goes to all machines"
    if function in {0x00, LOOK}:
        record = vouchers.next_unread(machine)
    elif function <= vouchers.RECORDS_IN_BUFFER:
        kept = vouchers.records(machine)
        record = next((one for one in kept if one.place == function), None)
    else:
        return Refused
    if record is None:
        return dict(NO_RECORD)
    days = asked.cabinet.tickets.expiries[record.kind == vouchers.RESTRICTED]
    values: Values = {
        "validation_type": record.kind,
        "index": record.place,
        "date": record.date,
        "time": record.time,
        "validation_number": vouchers.number_of(machine, record),
        "amount_cents": record.cents,
        "ticket_number": record.ticket,
        "system_id": record.system_id,
        "expiry": f"{days:08d}",
        "pool": 0,
    }
    n = record.n
    told = Told("validation record", lambda: vouchers.mark_read(machine, n))
    reply = build_reply(port.address, 0x4D, **values)
    return Answer(reply, None if function else told)


def _totals(asked: Asked) -> Result:
    kind = int(asked.values["validation_type"])
    totals = {row[0]: row for row in asked.cabinet.tickets.totals}
    _, count, cents = totals.get(kind, (kind, 0, 0))
    return {
        "validation_type": kind,
        "validation_count": count % 10**8,
        "amount_cents": cents % 10**10,
    }


def _cash_out_waiting(asked: Asked) -> Values:
    waiting = asked.cabinet.tickets.waiting
    if not waiting:
        return {"cash_out_type": 0x80, "amount_cents": 0}
    cents = int(waiting[1]) * asked.settings.cents_per_credit
    return {"cash_out_type": int(waiting[0]), "amount_cents": cents}


def _give_number(asked: Asked) -> Values:
    """58: the validation number of the cash-out that waits; system id 0 denies it."""
    system_id = int(asked.values["system_id"])
    number = _plain(asked.values["validation_number"])
    if not asked.cabinet.tickets.waiting:
        return {"status": _NOT_IN_CASH_OUT}
    if system_id and not number:
        return {"status": _IMPROPER}
    tickets.give_number(asked.machine, system_id, number, asked.now)
    return {"status": _ACCEPTED}


def _in_escrow(asked: Asked) -> Values:
    escrow = asked.cabinet.tickets.escrow
    if not escrow:
        return {"status": tickets.NONE}
    number = asked.cabinet.secrets.ticket
    return {"status": _TICKET_IN, "amount_cents": escrow[1], "validation_number": number}


def _redeem(asked: Asked) -> Values:
    """71: what the ticket in the acceptor is worth, or why it is refused; FF asks only."""
    code, machine = int(asked.values["transfer_code"]), asked.machine
    if code == 0xFF:
        status = asked.cabinet.tickets.redeemed[0]
    elif "validation_number" not in asked.values:
        status = tickets.BAD_CODE
    else:
        cents = int(asked.values["amount_cents"])
        number = _plain(asked.values["validation_number"])
        status = tickets.decide(machine, code, cents, number, asked.now)
    if status == tickets.NONE:
        return {"status": status}
    cents = asked.cabinet.tickets.redeemed[1]
    number = asked.cabinet.secrets.ticket
    return {"status": status, "amount_cents": cents, "validation_number": number}


def _validation_status(asked: Asked) -> Values:
    """7B: what is validated and printed, and for how long it is good; an empty mask asks only."""
    kept = asked.cabinet.tickets
    mask, states = int(asked.values["mask"]), int(asked.values["states"])
    days = (int(asked.values["cashable_expiry"]), int(asked.values["restricted_expiry"]))
    mask &= _STATES if asked.settings.ticket_redemption else _STATES & ~vouchers.REDEEMS
    new = kept.states & ~mask | states & mask
    expiries = (days[0] or kept.expiries[0], days[1] or kept.expiries[1])
    if (new, expiries) != (kept.states, kept.expiries):
        with asked.machine.happening(asked.now) as happening:
            asked.cabinet.tickets = replace(kept, states=new, expiries=expiries)
            happening.note("order", **asked.key(), states=f"{new:04X}")
    secure = asked.settings.validation == "secure enhanced"
    ready = secure and vouchers.configured(asked.machine)
    return {
        "asset": asked.settings.asset_number,
        "states": new | (vouchers.CONFIGURED if ready else 0),
        "cashable_expiry": expiries[0],
        "restricted_expiry": expiries[1],
    }


def _take_texts(asked: Asked, texts: dict[str, str], **more: int) -> Values:
    kept = asked.cabinet.tickets
    merged = tuple(sorted({**dict(kept.texts), **texts}.items()))
    with asked.machine.happening(asked.now) as happening:
        asked.cabinet.tickets = replace(kept, texts=merged, **more)  # type: ignore[arg-type]
        happening.note("order", **asked.key())
    return {"status": _DATA_TAKEN}


def _ticket_data(asked: Asked) -> Values:
    return _take_texts(
        asked, {f"{int(row['item']):02X}": str(row["text"]) for row in asked.values["items"]}
    )


def _ticket_texts(asked: Asked) -> Values:
    values = asked.values
    names = {"location": "00", "address_1": "01", "address_2": "02"}
    texts = {item: str(values[name]) for name, item in names.items() if name in values}
    more = {"host_id": int(values["host_id"])}
    if days := int(values.get("expiry_days", 0)):
        kept = asked.cabinet.tickets.expiries
        asked.cabinet.tickets = replace(asked.cabinet.tickets, expiries=(days, kept[1]))
    return _take_texts(asked, texts, **more)


def _extended(settings: MachineSettings) -> bool:
    return settings.validation != "standard" or settings.ticket_redemption


def _recorded(settings: MachineSettings) -> bool:
    return settings.validation != "standard"


_STANDARD: Final = "validates tickets in the standard way (A0 says so)"
_NO_REDEMPTION: Final = "takes no tickets (A0 says so)"

TICKETING: Final[dict[int, Row]] = {
    0x3D: reads(_last_ticket, "number and amount of the last ticket"),
    0x4C: obeys(_validation_id, "id and sequence for validation numbers; gone at a power cut",
                lambda settings: settings.validation == "secure enhanced",
                "makes no secure enhanced validation numbers (A0 says so)"),
    0x4D: reads(_record, "a validation record; 00 marks it as read once acknowledged",
                _recorded, _STANDARD),
    0x50: reads(_totals, "count and cents of one kind of validation", _extended, _STANDARD),
    0x57: reads(_cash_out_waiting, "the cash-out that waits for a number; 80 for none"),
    0x58: obeys(_give_number, "prints the ticket that waits, or pays it by hand",
                lambda settings: settings.validation == "system",
                "asks no host for validation numbers (A0 says so)"),
    0x70: reads(_in_escrow, "the ticket in the acceptor; FF for none"),
    0x71: obeys(_redeem, "credits the ticket in the acceptor or gives it back; FF asks only",
                lambda settings: settings.ticket_redemption, _NO_REDEMPTION),
    0x7B: obeys(_validation_status, "what is validated and printed; an empty mask asks only",
                _extended, _STANDARD),
    0x7C: obeys(_ticket_data, "keeps texts of tickets", _extended, _STANDARD),
    0x7D: obeys(_ticket_texts, "keeps host id, expiry and texts of tickets", _extended, _STANDARD),
}  # fmt: skip
