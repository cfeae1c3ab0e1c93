"""Progressives of a machine's own: each bet feeds a pot, and any game may win it.

A pot begins at ``start_cents``, grows by a share of coin in, and is won by a game with a chance of
its bet out of ``cycle_cents``. So it returns ``start / cycle + increment`` of coin in, in the long
run, and that stands in the machine's par. What it holds follows from the coin in meter: nothing
has to be remembered from game to game.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.machine.handpay import lock, pay_on_credits

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.meters import Cell
    from floor_sim.machine.settings import PotSettings

PAID_BY_MACHINE, LEVEL_HIT = 0x54, 0x59
UNITS: Final = 10_000
"""A pot is counted in ten thousandths of a cent."""


def held_units(machine: Machine, place: int) -> int:
    """Return what a pot holds, in ten thousandths of a cent."""
    pot = machine.settings.pots[place]
    since, carried = _kept(machine)[place]
    coin_in = machine.cabinet.meters.true("coin_in") - since
    grown = coin_in * machine.settings.cents_per_credit * pot.increment
    return pot.start_cents * UNITS + carried + grown


def hit(machine: Machine, number: int, bet_cents: int) -> int | None:
    """Return the place of the pot that game ``number`` wins, or None."""
    for place, pot in enumerate(machine.settings.pots):
        drawn = machine.pot_luck.of(number * len(machine.settings.pots) + place, pot.cycle_cents)
        if drawn < bet_cents:
            return place
    return None


def win(machine: Machine, happening: Happening, place: int, cell: Cell | None) -> bool:
    """Pay a pot, in whole credits; say whether an attendant has to. What is left stays in it."""
    settings, cabinet = machine.settings, machine.cabinet
    pot: PotSettings = settings.pots[place]
    a_credit = settings.cents_per_credit * UNITS
    amount, rest = divmod(held_units(machine, place), a_credit)
    kept = list(_kept(machine))
    kept[place] = (cabinet.meters.true("coin_in"), rest)
    cabinet.progressives = replace(cabinet.progressives, pots=tuple(kept))
    cents = amount * settings.cents_per_credit
    cabinet.meters.add("progressive_wins", amount, cell)
    if settings.sas_version >= "603":
        happening.exception(LEVEL_HIT, level=pot.level, cents=cents)
    if cents >= settings.lockup_cents:
        lock(machine, happening, pot.level, amount, "progressive", cell)
        return True
    pay_on_credits(machine, amount, "progressive", cell)
    happening.exception(PAID_BY_MACHINE, cents=cents)
    return False


def kept_over_reset(machine: Machine) -> tuple[tuple[int, int], ...]:
    """Return what the machine must remember of its pots when its meters begin again at 0."""
    starts = [pot.start_cents * UNITS for pot in machine.settings.pots]
    return tuple((0, held_units(machine, place) - start) for place, start in enumerate(starts))


def _kept(machine: Machine) -> tuple[tuple[int, int], ...]:
    """Return coin in at the last win, and what that left, of each pot."""
    kept = machine.cabinet.progressives.pots
    return (
        kept if len(kept) == len(machine.settings.pots) else ((0, 0),) * len(machine.settings.pots)
    )
