"""Linked progressives: what their levels are worth, and what happens when one is won.

A host broadcasts what they are worth (80, 86); that is not remembered over a power cut, for it says
it again within 5 s. Or a controller of the floor keeps their pool, and no host is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.machine.choice import counted_apart
from floor_sim.machine.handpay import lock, pay_on_credits
from floor_sim.machine.links import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.meters import Cell
    from floor_sim.machine.settings import PotSettings

NO_PROGRESSIVE_S: Final = 5.0
WINS_MAX: Final = 32
"""Wins that wait for a host to read them: as many as poll 87 tells; the newest are kept."""
NO_INFORMATION, PAID_BY_MACHINE, LEVEL_HIT = 0x53, 0x54, 0x56


def hear(machine: Machine, group: int, levels: Mapping[int, int], now: float) -> None:
    """Take a broadcast for ``group``; other groups and levels are none of the machine's."""
    settings = machine.settings
    if group != settings.progressive_group or has_controller(machine):
        return
    own = {level: cents for level, cents in levels.items() if level in settings.progressive_levels}
    machine.passing.broadcast.take(own, now)


def tick(machine: Machine, now: float) -> None:
    """Report once that nothing was broadcast for 5 s."""
    broadcast = machine.passing.broadcast
    if has_controller(machine) or broadcast.missed or now - broadcast.heard_s <= NO_PROGRESSIVE_S:
        return
    broadcast.missed = True
    with machine.happening(now) as happening:
        happening.exception(NO_INFORMATION)


def has_controller(machine: Machine) -> bool:
    """Say whether a controller of the floor keeps the pool of the machine's levels."""
    return bool(machine.settings.links) and not machine.settings.link_by_host


def hit(machine: Machine, level: int, now: float) -> bool:
    """Let the guest hit a level outside of a game; say whether it could be hit."""
    cabinet = machine.cabinet
    if not cabinet.ready or cabinet.game is not None or not _credits(machine, level):
        return False
    with machine.happening(now) as happening:
        _pay(machine, happening, level, _credits(machine, level), counted_apart(machine))
    return True


def won_by_play(machine: Machine, happening: Happening, place: int, cell: Cell | None) -> bool:
    """Pay the level that a game has won; say whether an attendant has to.

    Where a host has to say what it is worth and has not, it is worth what it begins with.
    """
    terms = machine.settings.links[place]
    amount = (
        _credits(machine, terms.level) or terms.start_cents // machine.settings.cents_per_credit
    )
    return _pay(machine, happening, terms.level, amount, cell)


def _credits(machine: Machine, level: int) -> int:
    """Return what a level is worth now, in whole credits."""
    cents = machine.passing.broadcast.cents.get(level, 0)
    if has_controller(machine):
        terms = _terms(machine, level)
        cents = 0 if terms is None else machine.link.held_units(terms) // UNITS
    return cents // machine.settings.cents_per_credit


def _terms(machine: Machine, level: int) -> PotSettings | None:
    return next((terms for terms in machine.settings.links if terms.level == level), None)


def _pay(
    machine: Machine, happening: Happening, level: int, amount: int, cell: Cell | None
) -> bool:
    """Pay a level in whole credits, from the lock-up amount on by hand; say whether by hand."""
    cabinet, settings = machine.cabinet, machine.settings
    paid = amount * settings.cents_per_credit
    terms = _terms(machine, level)
    if terms is not None and has_controller(machine):
        rest = machine.link.held_units(terms) - paid * UNITS
        machine.link.reset(terms, rest, machine, happening)
    wins = (*cabinet.progressives.wins, (level, paid))[-WINS_MAX:]
    cabinet.progressives = replace(cabinet.progressives, wins=wins)
    cabinet.meters.add("progressive_wins", amount, cell)
    group = settings.progressive_group
    happening.exception(LEVEL_HIT, level=level, cents=paid, group=group)
    if paid >= settings.lockup_cents:
        lock(machine, happening, level, amount, "progressive", cell)
        return True
    pay_on_credits(machine, amount, "progressive", cell)
    happening.exception(PAID_BY_MACHINE, cents=paid)
    return False


def forget(machine: Machine, wins: tuple[tuple[int, int], ...]) -> None:
    """Take note that a host has read the oldest wins."""
    waiting = machine.cabinet.progressives.wins
    if waiting[: len(wins)] == wins:
        machine.cabinet.progressives = replace(
            machine.cabinet.progressives, wins=waiting[len(wins) :]
        )
