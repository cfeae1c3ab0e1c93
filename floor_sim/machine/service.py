"""What guests and staff do to a machine apart from play: doors, tilts, jams, lamp, cards, power."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floor_sim.machine import tickets, vouchers
from floor_sim.machine.cabinet import DARK_DOORS, DOORS, TILTS
from floor_sim.machine.parts import UNREGISTERED

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine

POWER_APPLIED, POWER_LOST = 0x17, 0x18
CASHBOX_REMOVED, CASHBOX_INSTALLED = 0x1B, 0x1C
BILL_JAM = 0x28
LAMP_ON, LAMP_OFF = 0x71, 0x72
MENU_ENTERED, MENU_LEFT = 0x82, 0x83
TEST_ENTERED, TEST_LEFT = 0x84, 0x85
OPTIONS_CHANGED = 0x3C


def open_door(machine: Machine, door: str, now: float) -> bool:
    """Open a door of ``DOORS``; say whether it was closed.

    Without power nobody hears of it until the power is back.
    """
    if door in machine.cabinet.doors:
        return False
    if not machine.live:
        return _move_in_the_dark(machine, door, now, opened=True)
    with machine.happening(now) as happening:
        machine.cabinet.doors.add(door)
        if door == "slot":
            machine.cabinet.meters.add("slot_door_openings", 1)
        happening.exception(DOORS[door][0])
    return True


def close_door(machine: Machine, door: str, now: float) -> bool:
    """Close a door; say whether it was open. See ``open_door``."""
    if door not in machine.cabinet.doors:
        return False
    if not machine.live:
        return _move_in_the_dark(machine, door, now, opened=False)
    with machine.happening(now) as happening:
        machine.cabinet.doors.discard(door)
        if door == "slot":
            machine.cabinet.meters.restart("games_since_slot_door_closed")
        happening.exception(DOORS[door][1])
    return True


def _move_in_the_dark(machine: Machine, door: str, now: float, *, opened: bool) -> bool:
    cabinet = machine.cabinet
    with machine.happening(now) as happening:
        cabinet.doors ^= {door}
        cabinet.dark_moved ^= {door}
        if opened:
            cabinet.dark_opened.add(door)
        happening.note("door", door=door, opened=opened, power=False)
    return True


def tilt(machine: Machine, name: str, now: float) -> bool:
    """Raise a tilt of ``TILTS``; say whether it is a new one."""
    code = TILTS[name]
    if code in machine.cabinet.tilts:
        return False
    with machine.happening(now) as happening:
        machine.cabinet.tilts.add(code)
        happening.exception(code)
    return True


def clear_tilts(machine: Machine, now: float) -> bool:
    """Mend whatever tilts; SAS has no code for it. Say whether something did."""
    if not machine.cabinet.tilts:
        return False
    with machine.happening(now) as happening:
        codes = [f"{code:02X}" for code in sorted(machine.cabinet.tilts)]
        machine.cabinet.tilts.clear()
        machine.cabinet.untested = True
        happening.note("mended", codes=codes)
    return True


def jam(machine: Machine, now: float) -> bool:
    """Let a bill jam the acceptor; the next bill that is taken shows that it is over."""
    if machine.cabinet.jammed:
        return False
    with machine.happening(now) as happening:
        machine.cabinet.jammed = True
        happening.exception(BILL_JAM)
    return True


def lamp(machine: Machine, now: float, *, on: bool) -> bool:
    """Switch the change lamp; say whether it was the other way."""
    if machine.cabinet.lamp is on:
        return False
    with machine.happening(now) as happening:
        machine.cabinet.lamp = on
        happening.exception(LAMP_ON if on else LAMP_OFF)
    return True


def take_cashbox(machine: Machine, now: float) -> bool:
    """Take the cashbox out, through its open door; say whether it was there."""
    if machine.cabinet.cashbox_out or "cashbox" not in machine.cabinet.doors:
        return False
    meters = machine.cabinet.meters
    with machine.happening(now) as happening:
        machine.cabinet.cashbox_out = True
        meters.fix("bills_in_stacker", 0)
        meters.fix("bills_in_stacker_credits", 0)
        happening.exception(CASHBOX_REMOVED)
    return True


def put_cashbox(machine: Machine, now: float) -> bool:
    """Put an empty cashbox in; say whether there was none."""
    if not machine.cabinet.cashbox_out:
        return False
    with machine.happening(now) as happening:
        machine.cabinet.cashbox_out = False
        happening.exception(CASHBOX_INSTALLED)
    return True


def report(machine: Machine, code: int, now: float) -> bool:
    """Report an exception that changes nothing else in the machine."""
    with machine.happening(now) as happening:
        happening.exception(code)
    return True


def enter_self_test(machine: Machine, now: float) -> bool:
    """Enter the operator's menu or self-test; nobody can play until it is left."""
    return _self_test(machine, now, on=True)


def leave_self_test(machine: Machine, now: float) -> bool:
    """Leave the operator's menu or self-test."""
    return _self_test(machine, now, on=False)


def _self_test(machine: Machine, now: float, *, on: bool) -> bool:
    cabinet = machine.cabinet
    if cabinet.testing is on or cabinet.game is not None:
        return False
    with machine.happening(now) as happening:
        cabinet.testing = on
        happening.exception(TEST_ENTERED if on else TEST_LEFT)
    return True


def card_in(machine: Machine, guest: str, now: float) -> bool:
    """Put the card of ``guest`` in the reader; say whether the reader was empty."""
    if machine.reader is None or machine.cabinet.card is not None:
        return False
    with machine.happening(now) as happening:
        machine.cabinet.card = guest
        happening.note("card", inside=True, guest=guest)
    machine.reader.insert(guest)
    return True


def card_out(machine: Machine, now: float) -> bool:
    """Take the card out; say whether there was one."""
    guest = machine.cabinet.card
    if machine.reader is None or guest is None:
        return False
    with machine.happening(now) as happening:
        machine.cabinet.card = None
        happening.note("card", inside=False, guest=guest)
    machine.reader.remove()
    return True


def power_off(machine: Machine, now: float) -> bool:
    """Take the power away; say whether there was any. ``power_on`` brings it back."""
    if not machine.live:
        return False
    with machine.happening(now) as happening:
        happening.note("power", on=False)
    machine.power_down()
    return True


def power_on(machine: Machine, now: float) -> None:
    """Start the machine: after a power cut it says so, with what it was doing still to be done.

    It says then which doors were opened meanwhile, and which stand otherwise than before.
    """
    cabinet = machine.cabinet
    machine.power_up(now)
    with machine.happening(now) as happening:
        happening.note("power", on=True)
        if cabinet.powered:
            cabinet.meters.add("power_resets", 1)
            cabinet.meters.restart("games_since_power_reset")
            if machine.settings.reports_power_lost:
                happening.exception(POWER_LOST)
        cabinet.powered = True
        payback = int(10_000 - machine.settings.par_percent * 100)
        cabinet.meters.fix("weighted_average_payback", payback)
        happening.exception(POWER_APPLIED)
        _tell_doors(machine, happening)
        _forget_what_needs_power(machine, happening)


def _tell_doors(machine: Machine, happening: Happening) -> None:
    cabinet = machine.cabinet
    for door, code in DARK_DOORS.items():
        if door in cabinet.dark_opened:
            happening.exception(code)
    for door, (opened, closed) in DOORS.items():
        if door in cabinet.dark_moved:
            happening.exception(opened if door in cabinet.doors else closed)
    if "slot" in cabinet.dark_moved & cabinet.doors:
        cabinet.meters.add("slot_door_openings", 1)
    elif "slot" in cabinet.dark_moved:
        cabinet.meters.restart("games_since_slot_door_closed")
    cabinet.dark_opened, cabinet.dark_moved = set(), set()


def _forget_what_needs_power(machine: Machine, happening: Happening) -> None:
    """End what cannot go on without the secrets that a power cut takes with it."""
    cabinet = machine.cabinet
    if cabinet.transfers.registration != UNREGISTERED:
        cabinet.transfers = replace(cabinet.transfers, registration=UNREGISTERED, pos_id=0)
        happening.note("registration", lost="power cut")
    tickets.lost_power(machine, happening)
    if not vouchers.configured(machine):
        happening.exception(vouchers.NOT_CONFIGURED)
