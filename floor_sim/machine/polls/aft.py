"""AFT: 72 transfers and asks, 73 registers, 74 locks."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from floor_sim.machine import transfers
from floor_sim.machine.polls.handpays import CENTS_MAX
from floor_sim.machine.polls.row import Asked, Refused, Result, Row, Values, obeys
from floor_sim.machine.port import Answer, Told
from floor_sim.machine.settings import MachineSettings
from protocols.sas.machine import build_reply
from protocols.sas.secrets import Secret

ASKS: Final = frozenset({0xFE, 0xFF})
CANCEL: Final = 0x80
NOT_SUPPORTED: Final = 0xC1
BAD_INDEX: Final = 0x82

READY, REGISTERED, WAITS_FOR_OPERATOR, UNREGISTERED = 0x00, 0x01, 0x40, 0x80
NOT_LOCKED, LOCK_PENDING, LOCKED = 0xFF, 0x40, 0x00


def _transfer(asked: Asked) -> Result:
    """72: one transfer; FE and FF ask what became of one."""
    code = int(asked.values["transfer_code"])
    if code in ASKS:
        return _interrogate(asked)
    if code == CANCEL:  # a transfer is done at once: there never is one to be cancelled
        return {"buffer_position": 0, "transfer_status": transfers.BUSY_WITH_ANOTHER}
    if code not in {0x00, 0x01}:
        return {"buffer_position": 0, "transfer_status": NOT_SUPPORTED}
    if "transfer_type" not in asked.values:
        return Refused
    if int(asked.values["index"]):
        return {"buffer_position": 0, "transfer_status": BAD_INDEX}
    return transfers.transfer(asked.machine, asked.values, asked.now)


def _interrogate(asked: Asked) -> Result:
    machine, port = asked.machine, asked.port
    assert port is not None, "72 never goes to all machines"
    index = int(asked.values.get("index", 0))
    state = asked.cabinet.transfers
    if index == 0:
        entry = dict(state.last)
    else:
        entry = next((dict(old) for old in state.history if dict(old)["position"] == index), {})
    if not entry:
        return {"buffer_position": index, "transfer_status": transfers.NO_TRANSFER}
    values = transfers.answer(machine, entry, int(entry["status"]), int(entry["position"]))
    reply = build_reply(port.address, 0x72, **values)
    told = Told("transfer", lambda: transfers.was_read(machine))
    return Answer(reply, told if index == 0 and entry["unread"] else None)


def _registration(asked: Asked) -> Result:
    """73: register with a key, read or end that. The key is in memory alone."""
    code = int(asked.values["registration_code"])
    state = asked.cabinet.transfers
    if code != 0xFF:
        if "key" not in asked.values:
            return Refused
        status = _registered(asked, code)
        if status is None:
            return Refused
        pos_id = 0 if status == UNREGISTERED else int(asked.values["pos_id"])
        with asked.machine.happening(asked.now) as happening:
            state = replace(state, registration=status, pos_id=pos_id)
            asked.cabinet.transfers = state
            happening.note("order", **asked.key(), status=f"{status:02X}")
    return {
        "registration_status": state.registration,
        "asset": asked.settings.asset_number,
        "key": asked.cabinet.secrets.key or "00" * 20,
        "pos_id": state.pos_id,
    }


def _registered(asked: Asked, code: int) -> int | None:
    key = asked.values["key"]
    text = str(key.reveal() if isinstance(key, Secret) else key)
    fits = int(asked.values["asset"]) == asked.settings.asset_number != 0
    match code:
        case 0x00 | 0x01 | 0x40 if fits and int(text, 16):
            asked.cabinet.secrets.key = text
            return {0x00: READY, 0x01: REGISTERED, 0x40: WAITS_FOR_OPERATOR}[code]
        case 0x80:
            asked.cabinet.secrets.key = ""
            return UNREGISTERED
        case _:
            return None


def _lock(asked: Asked) -> Result:
    """74: lock the game for a transfer, now or after the game; FF asks only."""
    code, condition = int(asked.values["lock_code"]), int(asked.values["condition"])
    hundredths = int(asked.values["lock_timeout"])
    machine, cabinet = asked.machine, asked.cabinet
    if code == 0x80:
        transfers.unlock(machine, asked.now, "its host let it go")
    elif code == 0x00 and hundredths and condition & _available(asked):
        if cabinet.game is not None:
            with machine.happening(asked.now) as happening:
                cabinet.transfers = replace(cabinet.transfers, lock_waits=hundredths)
                happening.note("order", **asked.key())
        elif cabinet.able:
            with machine.happening(asked.now) as happening:
                transfers.lock(machine, happening, hundredths / 100)
    elif code not in {0x00, 0xFF}:
        return Refused
    return _status(asked)


def _status(asked: Asked) -> Values:
    settings, state = asked.settings, asked.cabinet.transfers
    worth = settings.cents_per_credit
    cashable, restricted, free = transfers.parts(asked.machine)
    lock = LOCKED if state.lock else LOCK_PENDING if state.lock_waits else NOT_LOCKED
    kinds = settings.transfers
    aft = (
        ("ticket" in kinds, 0), ("to host" in kinds, 1), (state.registration == REGISTERED, 3),
        (bool({"in-house", "ticket", "to host"} & kinds), 4), ("bonus" in kinds, 5),
        ("debit" in kinds, 6), (bool(kinds), 7),
    )  # fmt: skip
    return {
        "asset": settings.asset_number,
        "lock_status": lock,
        "available_transfers": _available(asked) if transfers.able(asked.machine) else 0,
        "host_cash_out_status": state.host_cash_out | int("to host" in kinds),
        "aft_status": sum(1 << bit for on, bit in aft if on),
        "max_buffer_index": transfers.BUFFER_MAX,
        "cashable_cents": min(cashable * worth, CENTS_MAX),
        "restricted_cents": min(restricted * worth, CENTS_MAX),
        "nonrestricted_cents": min(free * worth, CENTS_MAX),
        "transfer_limit_cents": settings.transfer_limit_cents,
        "restricted_expiry": state.restricted_until[0],
        "pool": state.restricted_until[1],
    }


def _available(asked: Asked) -> int:
    kinds = asked.settings.transfers
    bits = (
        (bool({"in-house", "debit"} & kinds), 0x01), ("to host" in kinds, 0x02),
        ("ticket" in kinds, 0x04), ("bonus" in kinds, 0x10), (bool(kinds), 0x80),
    )  # fmt: skip
    return sum(bit for on, bit in bits if on)


def _offered(settings: MachineSettings) -> bool:
    return transfers.offered(settings)


_NO_AFT: Final = "moves no money by transfer (A0 says so)"

AFT: Final[dict[int, Row]] = {
    0x72: obeys(_transfer, "moves credits at once, answers pending; 69, then FE or FF says how it "
                "ended; receipts are refused (90)", _offered, _NO_AFT),
    0x73: obeys(_registration, "registers with a key; gone at a power cut", _offered, _NO_AFT),
    0x74: obeys(_lock, "locks for transfers, at once or after the game; FF asks only",
                _offered, _NO_AFT),
}  # fmt: skip
