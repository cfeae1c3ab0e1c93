"""AFT: registration (73), lock (74), transfers (72) and cash-outs that a host takes.

A transfer is done at once and answered as pending; 69 tells the host to ask what became of it, and
no other transfer begins before it has. Cashable, restricted and non-restricted credits are kept
apart. A registration key is in memory alone: after a power cut the machine has to be registered
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from floor_sim.machine import handpay, tickets, vouchers
from floor_sim.machine.cabinet import CANCELLED_CREDITS
from floor_sim.machine.choice import counted_apart

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.settings import MachineSettings

TRANSFER_DONE, HOST_CASH_OUT, GAME_LOCKED = 0x69, 0x6A, 0x6F
DONE, DONE_IN_PART, PENDING, CANCELLED, NO_TRANSFER = 0x00, 0x01, 0x40, 0x80, 0xFF
BUSY_WITH_ANOTHER: Final = 0xC0
BUFFER_MAX: Final = 9
LOCKED_SAYS_AGAIN_S: Final = 5.0
HOST_TAKES_S: Final = 10.0
ENABLED, HARD = 0x02, 0x04

TO_EGM, BONUS, BONUS_JACKPOT, TO_TICKET = 0x00, 0x10, 0x11, 0x20
DEBIT, DEBIT_TICKET, TO_HOST, WIN_TO_HOST = 0x40, 0x60, 0x80, 0x90
KIND_OF_TYPE: Final = {
    TO_EGM: "in-house", BONUS: "bonus", BONUS_JACKPOT: "bonus", TO_TICKET: "ticket",
    DEBIT: "debit", DEBIT_TICKET: "debit", TO_HOST: "to host", WIN_TO_HOST: "win to host",
}  # fmt: skip
"""Transfer type of poll 72 to what the machine must be built for."""

METERS_OF_TYPE: Final[dict[int, tuple[str, str, str]]] = {
    TO_EGM: ("in_house_cashable_to_egm", "in_house_restricted_to_egm",
             "in_house_nonrestricted_to_egm"),
    BONUS: ("bonus_cashable_to_egm", "", "bonus_nonrestricted_to_egm"),
    BONUS_JACKPOT: ("bonus_cashable_to_egm", "", "bonus_nonrestricted_to_egm"),
    TO_TICKET: ("in_house_cashable_to_ticket", "in_house_restricted_to_ticket", ""),
    DEBIT: ("debit_to_egm", "", ""),
    DEBIT_TICKET: ("debit_to_ticket", "", ""),
    TO_HOST: ("in_house_cashable_to_host", "in_house_restricted_to_host",
              "in_house_nonrestricted_to_host"),
    WIN_TO_HOST: ("in_house_cashable_to_host", "", ""),
}  # fmt: skip
"""Transfer type to its meters: cashable, restricted, non-restricted; empty: not of this type."""

AMOUNTS: Final = ("cashable_cents", "restricted_cents", "nonrestricted_cents")


def able(machine: Machine) -> bool:
    """Say whether credits could be moved now: nothing is wrong, and no game is played."""
    return machine.cabinet.able and machine.cabinet.game is None


def parts(machine: Machine) -> tuple[int, int, int]:
    """Return the credits: cashable, restricted, non-restricted."""
    cabinet = machine.cabinet
    restricted = cabinet.meters.true("current_restricted_credits")
    free = cabinet.transfers.nonrestricted
    return cabinet.credits - restricted - free, restricted, free


def transfer(machine: Machine, asked: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Do what a 72 asks for; return the values of its answer."""
    state = machine.cabinet.transfers
    if state.last and dict(state.last).get("unread"):
        return {"buffer_position": 0, "transfer_status": BUSY_WITH_ANOTHER}
    wanted = tuple(int(asked[name]) for name in AMOUNTS)
    status = _what_is_wrong(machine, asked, wanted)
    moved = (0, 0, 0)
    if status is None:
        moved = _what_goes(machine, asked, wanted)
        status = DONE if moved == wanted else DONE_IN_PART
    shown = machine.clock(now)
    entry = {
        "transfer_type": int(asked["transfer_type"]),
        **dict(zip(AMOUNTS, moved, strict=True)),
        "flags": int(asked["flags"]),
        "transaction_id": str(asked["transaction_id"]),
        "date": f"{shown:%m%d%Y}",
        "time": f"{shown:%H%M%S}",
        "expiry": str(asked["expiry"]),
        "pool": int(asked["pool"]),
        "position": state.position % BUFFER_MAX + 1,
        "unread": True,
    }
    with machine.happening(now) as happening:
        if status in {DONE, DONE_IN_PART}:
            _move(machine, happening, entry)
            _after(machine, happening, asked)
        state = machine.cabinet.transfers
        last = tuple(sorted({**entry, "status": status}.items()))
        machine.cabinet.transfers = replace(state, last=last)
        happening.exception(TRANSFER_DONE, status=f"{status:02X}", cents=sum(moved))
    return answer(machine, entry, PENDING, 0)


def answer(
    machine: Machine, entry: Mapping[str, Any], status: int, position: int
) -> dict[str, Any]:
    """Return the values of a 72 answer about one transfer."""
    names = METERS_OF_TYPE.get(entry["transfer_type"], ("", "", ""))
    book = machine.cabinet.meters
    totals = [
        (book.shown(f"{name}_cents"), book.digits(f"{name}_cents") // 2) if name else (None, 0)
        for name in names
    ]
    told = {
        key: value for key, value in entry.items() if key not in {"position", "unread", "status"}
    }
    return {
        "buffer_position": position,
        "transfer_status": status,
        "receipt_status": NO_TRANSFER,
        **told,
        "asset": machine.settings.asset_number,
        "cashable_total": totals[0],
        "restricted_total": totals[1],
        "nonrestricted_total": totals[2],
    }


def was_read(machine: Machine) -> None:
    """Take note that a host knows what became of the last transfer: it goes into the buffer."""
    state = machine.cabinet.transfers
    entry = dict(state.last)
    if not entry.get("unread"):
        return
    done = tuple(sorted({**entry, "unread": False}.items()))
    history = tuple(old for old in state.history if dict(old)["position"] != entry["position"])
    machine.cabinet.transfers = replace(
        state, last=done, history=(*history, done)[-BUFFER_MAX:], position=entry["position"]
    )


def _what_is_wrong(
    machine: Machine, asked: Mapping[str, Any], wanted: tuple[int, ...]
) -> int | None:
    settings, state = machine.settings, machine.cabinet.transfers
    kind, flags = int(asked["transfer_type"]), int(asked["flags"])
    names = METERS_OF_TYPE.get(kind, ("", "", ""))
    debit = kind in {DEBIT, DEBIT_TICKET}
    partial = int(asked["transfer_code"]) == DONE_IN_PART
    registered = state.registration == 0x01
    last_id = dict(state.last).get("transaction_id")
    wrong_parts = any(cents and not name for cents, name in zip(wanted, names, strict=True))
    to_host = kind in {TO_HOST, WIN_TO_HOST}
    text = str(asked["transaction_id"])
    checks = (
        (int(asked["asset"]) == 0 or int(asked["asset"]) != settings.asset_number, 0x93),
        (not 1 <= len(text) <= 20 or not text.isprintable(), 0x95),
        (text == last_id, 0x81),
        (KIND_OF_TYPE.get(kind) not in settings.transfers or wrong_parts, 0x82),
        (sum(wanted) == 0 and not to_host, 0x83),
        (debit and not registered, 0x88),
        (debit and _key_of(asked) != machine.cabinet.secrets.key, 0x89),
        (debit and not state.pos_id, 0x8A),
        (sum(wanted) > settings.transfer_limit_cents and not partial, 0x84),
        (any(cents % settings.cents_per_credit for cents in wanted), 0x85),
        (bool(flags & 0x80), 0x90),
        (bool(flags & 0x40) and not state.lock, 0x94),
        (not able(machine), 0x87),
        (kind in {TO_TICKET, DEBIT_TICKET} and vouchers.full(machine), 0x8E),
        (_other_pool(machine, asked, wanted), 0x8F),
        (kind == WIN_TO_HOST, 0x8B),
        (to_host and not partial and _short(machine, wanted), 0x83),
    )
    return next((status for bad, status in checks if bad), None)


def _key_of(asked: Mapping[str, Any]) -> str:
    key = asked["key"]
    return str(key.reveal() if hasattr(key, "reveal") else key)


def _other_pool(machine: Machine, asked: Mapping[str, Any], wanted: tuple[int, ...]) -> bool:
    """Say whether restricted credits of another pool are on the machine already."""
    present = machine.cabinet.meters.true("current_restricted_credits")
    pool = machine.cabinet.transfers.restricted_until[1]
    to_egm = int(asked["transfer_type"]) == TO_EGM
    return bool(to_egm and wanted[1] and present and pool != int(asked["pool"]))


def _short(machine: Machine, wanted: tuple[int, ...]) -> bool:
    worth = machine.settings.cents_per_credit
    return any(cents > have * worth for cents, have in zip(wanted, parts(machine), strict=True))


def _what_goes(
    machine: Machine, asked: Mapping[str, Any], wanted: tuple[int, ...]
) -> tuple[int, int, int]:
    """Return the cents that move: what is there, and no more than the limit."""
    settings = machine.settings
    left = settings.transfer_limit_cents // settings.cents_per_credit * settings.cents_per_credit
    goes: list[int] = []
    for cents, have in zip(wanted, parts(machine), strict=True):
        most = cents
        if int(asked["transfer_type"]) == TO_HOST:
            most = min(cents, have * settings.cents_per_credit)
        goes.append(min(most, left))
        left -= goes[-1]
    return goes[0], goes[1], goes[2]


def _move(machine: Machine, happening: Happening, entry: Mapping[str, Any]) -> None:
    cabinet, settings = machine.cabinet, machine.settings
    meters, kind = cabinet.meters, entry["transfer_type"]
    cents = [entry[name] for name in AMOUNTS]
    for name, amount in zip(METERS_OF_TYPE[kind], cents, strict=True):
        if name and amount:
            meters.add(f"{name}_cents", amount)
            meters.add(f"{name}_count", 1)
    if kind in {TO_TICKET, DEBIT_TICKET}:
        _print(machine, happening, kind, cents)
        return
    cashable, restricted, free = (amount // settings.cents_per_credit for amount in cents)
    total = cashable + restricted + free
    sign = -1 if kind == TO_HOST else 1
    meters.add("current_credits", sign * total)
    meters.add("current_restricted_credits", sign * restricted)
    state = cabinet.transfers
    until = state.restricted_until
    if kind == TO_EGM and restricted:
        until = (entry["expiry"], entry["pool"])
    cabinet.transfers = replace(
        state, nonrestricted=state.nonrestricted + sign * free, restricted_until=until
    )
    if kind in {BONUS, BONUS_JACKPOT}:
        cell = counted_apart(machine)
        meters.add("won_credits", total, cell)
        jackpot = kind == BONUS_JACKPOT
        meters.add("jackpot" if jackpot else "coin_out", total, cell)
        by = "attendant" if jackpot else "machine"
        meters.add(f"{by}_paid_external_bonus", total, cell)
        return
    way = "to_host" if kind == TO_HOST else "to_egm"
    meters.add(f"electronic_{way}_credits", total)
    first = "debit" if kind == DEBIT else "cashable"
    for word, amount in ((first, cashable), ("restricted", restricted), ("nonrestricted", free)):
        meters.add(f"electronic_{word}_{way}_credits", amount)


def _print(machine: Machine, happening: Happening, kind: int, cents: list[int]) -> None:
    """Print a ticket over money that never was on the machine: its own kind of record."""
    debit = kind == DEBIT_TICKET
    for amount, record in ((cents[0], 0x04 if debit else 0x02), (cents[1], 0x03)):
        if amount:
            vouchers.note(machine, record, amount, happening.now)
            happening.exception(0x3D, cents=amount)


def _after(machine: Machine, happening: Happening, asked: Mapping[str, Any]) -> None:
    flags, state = int(asked["flags"]), machine.cabinet.transfers
    if flags & 0x01:
        state = replace(state, host_cash_out=flags & 0x06)
    if int(asked["transfer_type"]) == TO_HOST:
        state = replace(state, cash_out_until=0.0)
    machine.cabinet.transfers = state
    if flags & 0x10:
        seconds = int(asked.get("lock_timeout", 0)) / 100 or LOCKED_SAYS_AGAIN_S
        lock(machine, happening, seconds)


def lock(machine: Machine, happening: Happening, seconds: float) -> None:
    """Lock the game for a host's transfers."""
    until = happening.now + seconds
    machine.passing.locked_told_s = happening.now
    machine.cabinet.transfers = replace(machine.cabinet.transfers, lock=until, lock_waits=0)
    happening.exception(GAME_LOCKED, seconds=seconds)


def unlock(machine: Machine, now: float, why: str) -> None:
    """End a lock, or the wait for one."""
    state = machine.cabinet.transfers
    if not state.lock and not state.lock_waits:
        return
    with machine.happening(now) as happening:
        machine.cabinet.transfers = replace(state, lock=0.0, lock_waits=0)
        happening.note("unlocked", reason=why)


def ask_host(machine: Machine, happening: Happening) -> None:
    """Ask the host to take the credits (6A), as it said it would."""
    until = happening.now + HOST_TAKES_S
    machine.cabinet.transfers = replace(machine.cabinet.transfers, cash_out_until=until)
    happening.exception(HOST_CASH_OUT)


def tick(machine: Machine, now: float) -> None:
    """End a lock whose time is over, and say again every 5 s that the game is locked.

    A cash-out that no host has taken is paid as if there were none; in hard mode, by hand alone.
    """
    state = machine.cabinet.transfers
    if state.cash_out_until and now > state.cash_out_until:
        _not_taken(machine, now)
    elif state.lock and now > state.lock:
        unlock(machine, now, "its time is over")
    elif state.lock and now - machine.passing.locked_told_s >= LOCKED_SAYS_AGAIN_S:
        machine.passing.locked_told_s = now
        with machine.happening(now) as happening:
            happening.exception(GAME_LOCKED, repeat=True)


def _not_taken(machine: Machine, now: float) -> None:
    state = machine.cabinet.transfers
    cashable = machine.cabinet.credits - parts(machine)[1]
    with machine.happening(now) as happening:
        machine.cabinet.transfers = replace(state, cash_out_until=0.0)
        happening.note("cash-out", taken=False)
        if state.host_cash_out & HARD and cashable:
            cell = counted_apart(machine)
            handpay.lock(machine, happening, CANCELLED_CREDITS, cashable, "credits", cell)
        elif cashable:
            tickets.cash_out(machine, happening, vouchers.CASHABLE, cashable)


def offered(settings: MachineSettings) -> bool:
    """Say whether the machine moves money by AFT at all."""
    return bool(settings.transfers)
