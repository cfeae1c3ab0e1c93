"""Handpays: a machine that waits for an attendant, and how that ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from floor_sim.machine import vouchers
from floor_sim.machine.cabinet import CANCELLED_CREDITS, Handpay
from floor_sim.machine.meters import Cell

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine

HANDPAY_PENDING, HANDPAY_RESET = 0x51, 0x52
KEYED_TO_MACHINE_PAY: Final = 0x5A

Source = Literal["win", "progressive", "bonus", "credits"]

PAID_BY_MACHINE: Final[dict[str, str]] = {
    "win": "machine_paid_paytable_win",
    "progressive": "machine_paid_progressive_win",
    "bonus": "machine_paid_external_bonus",
}
PAID_BY_ATTENDANT: Final[dict[str, str]] = {
    "win": "attendant_paid_paytable_win",
    "progressive": "attendant_paid_progressive_win",
    "bonus": "attendant_paid_external_bonus",
}


def lock(
    machine: Machine,
    happening: Happening,
    level: int,
    amount: int,
    source: Source = "win",
    cell: Cell | None = None,
) -> None:
    """Let the machine wait for an attendant to pay ``amount`` credits by hand."""
    cents = amount * machine.settings.cents_per_credit
    group = machine.settings.progressive_group if source == "progressive" else 0
    n = happening.exception(HANDPAY_PENDING, cents=cents, level=f"{level:02X}")
    pay = Handpay(n, level, cents, amount, source=source, group=group, cell=cell)
    machine.cabinet.handpays.append(pay)
    machine.handpay_told(happening.now)
    machine.forget_handpays()


def pay_on_credits(
    machine: Machine,
    amount: int,
    source: Source,
    cell: Cell | None = None,
    counted: int | None = None,
) -> None:
    """Add a win to the credits, with its meters.

    Args:
        machine: the machine.
        amount: credits.
        source: what is paid.
        cell: where it was won.
        counted: credits that the meters count, where they are not those that are added.
    """
    meters = machine.cabinet.meters
    meters.add("current_credits", amount)
    count = amount if counted is None else counted
    for name in ("coin_out", "won_credits", PAID_BY_MACHINE[source]):
        meters.add(name, count, cell)


def pending_handpay(machine: Machine) -> Handpay | None:
    """Return the oldest handpay that nobody has keyed off, or None."""
    return next((pay for pay in machine.cabinet.handpays if not pay.reset), None)


def may_go_to_credits(machine: Machine, pay: Handpay) -> bool:
    """Say whether a handpay may be reset to the credit meter: a win, on a machine built for it."""
    return machine.settings.handpay_to_credits and pay.level != CANCELLED_CREDITS


def reset_handpay(machine: Machine, now: float, by: str = "attendant") -> bool:
    """Key off the oldest handpay that is pending; say whether there was one.

    A win goes to the credit meter if a host asked for that with A8; then the machine has paid it.
    """
    cabinet = machine.cabinet
    pay = pending_handpay(machine)
    if pay is None:
        return False
    to_credits = cabinet.switches.pays_to_credits and may_go_to_credits(machine, pay)
    with machine.happening(now) as happening:
        pay.reset = True
        cell = None if pay.cell is None else Cell(*pay.cell)
        if to_credits:
            assert pay.source != "credits", "cancelled credits do not come back"
            pay_on_credits(machine, pay.credits, pay.source, cell)  # type: ignore[arg-type]
            if machine.settings.sas_version >= "603":
                happening.exception(KEYED_TO_MACHINE_PAY, of=pay.n)
        else:
            _by_hand(machine, pay, cell)
            vouchers.validate_handpay(machine, happening, pay)
        if cabinet.switches.pays_to_credits:
            cabinet.switches = replace(cabinet.switches, pays_to_credits=False)
        happening.exception(HANDPAY_RESET, of=pay.n, by=by)
        machine.forget_handpays()
    return True


def _by_hand(machine: Machine, pay: Handpay, cell: Cell | None) -> None:
    meters = machine.cabinet.meters
    meters.add("hand_paid_credits", pay.credits)
    if pay.level == CANCELLED_CREDITS:
        machine.cabinet.transfers = replace(machine.cabinet.transfers, nonrestricted=0)
        meters.add("current_credits", -pay.credits)
        meters.add("hand_paid_cancelled_credits", pay.credits, cell)
        meters.add("cancelled_credits", pay.credits)
        return
    for name in ("jackpot", "won_credits", PAID_BY_ATTENDANT[pay.source]):
        meters.add(name, pay.credits, cell)
