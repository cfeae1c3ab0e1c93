"""Legacy bonuses (8A) and tournaments (8C)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.machine.cabinet import NOT_PROGRESSIVE
from floor_sim.machine.choice import counted_apart
from floor_sim.machine.handpay import lock, pay_on_credits

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine

BONUS_PAID: Final = 0x7C
TAX_METERS: Final = {
    0x00: "legacy_bonus_deductible",
    0x01: "legacy_bonus_nondeductible",
    0x02: "legacy_bonus_wager_match",
}
"""Tax status of a legacy bonus, to its meter."""


def pay_bonus(machine: Machine, amount: int, tax: int, now: float) -> bool:
    """Pay a legacy bonus of ``amount`` credits; say whether it could be paid.

    It goes to the credits, from the lock-up amount on it is paid by hand.
    """
    cabinet, settings = machine.cabinet, machine.settings
    if not cabinet.ready or cabinet.game is not None or not amount or tax not in TAX_METERS:
        return False
    cell = counted_apart(machine)
    with machine.happening(now) as happening:
        cabinet.bonus = replace(cabinet.bonus, paid=(0, 0, tax, amount))
        cabinet.meters.add(TAX_METERS[tax], amount, cell)
        data = {"multiplier": 0, "multiplied_win": 0, "tax_status": tax, "bonus": amount}
        happening.exception(BONUS_PAID, data, credits=amount)
        if amount * settings.cents_per_credit >= settings.lockup_cents:
            lock(machine, happening, NOT_PROGRESSIVE, amount, "bonus", cell)
        else:
            pay_on_credits(machine, amount, "bonus", cell)
    return True


def enter_tournament(machine: Machine, game: int, seconds: int, amount: int, now: float) -> bool:
    """Begin a tournament with its own credits and time; only without a guest's credits on it."""
    cabinet = machine.cabinet
    able = cabinet.ready and cabinet.game is None and not cabinet.credits
    if not able or not seconds or not amount or game not in machine.settings.game_numbers:
        return False
    with machine.happening(now) as happening:
        cabinet.bonus = replace(cabinet.bonus, tournament=(game, amount, now + seconds))
        happening.note("tournament", on=True, game=game, credits=amount)
    return True


def leave_tournament(machine: Machine, now: float) -> bool:
    """End the tournament, and take what is left of its credits; say whether one was on."""
    cabinet = machine.cabinet
    if not cabinet.bonus.tournament:
        return False
    with machine.happening(now) as happening:
        left = int(cabinet.bonus.tournament[1])
        cabinet.bonus = replace(cabinet.bonus, tournament=())
        happening.note("tournament", on=False, left=left)
    return True


def stake(machine: Machine, happening: Happening, bet: int) -> bool:
    """Take a tournament game's bet from its own credits; say whether there were enough."""
    cabinet = machine.cabinet
    game, left, until = cabinet.bonus.tournament
    if bet > left:
        return False
    cabinet.bonus = replace(cabinet.bonus, tournament=(game, left - bet, until))
    cell = counted_apart(machine)
    cabinet.meters.add("tournament_credits_wagered", bet, cell)
    happening.note("tournament game", bet=bet)
    return True


def tick(machine: Machine, now: float) -> None:
    """End a tournament whose time is over; a game that is being played goes to its end first."""
    tournament = machine.cabinet.bonus.tournament
    if tournament and now > tournament[2] and machine.cabinet.game is None:
        leave_tournament(machine, now)
