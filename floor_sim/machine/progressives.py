"""Progressives that SAS runs: what a controller broadcasts (80, 86), and levels that are hit.

What was broadcast is not remembered over a power cut: the controller says it again within 5 s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.machine.choice import counted_apart
from floor_sim.machine.handpay import lock, pay_on_credits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floor_sim.machine.machine import Machine

NO_PROGRESSIVE_S: Final = 5.0
NO_INFORMATION, PAID_BY_MACHINE, LEVEL_HIT = 0x53, 0x54, 0x56


def hear(machine: Machine, group: int, levels: Mapping[int, int], now: float) -> None:
    """Take a broadcast for ``group``; other groups and levels are none of the machine's."""
    settings = machine.settings
    if group != settings.progressive_group:
        return
    own = {level: cents for level, cents in levels.items() if level in settings.progressive_levels}
    machine.passing.broadcast.take(own, now)


def tick(machine: Machine, now: float) -> None:
    """Report once that nothing was broadcast for 5 s."""
    broadcast = machine.passing.broadcast
    if broadcast.missed or now - broadcast.heard_s <= NO_PROGRESSIVE_S:
        return
    broadcast.missed = True
    with machine.happening(now) as happening:
        happening.exception(NO_INFORMATION)


def hit(machine: Machine, level: int, now: float) -> bool:
    """Let the guest hit a level; say whether it could be hit.

    It is worth what was broadcast last, in whole credits; from the lock-up amount on it is paid by
    hand.
    """
    cabinet, settings = machine.cabinet, machine.settings
    cents = machine.passing.broadcast.cents.get(level, 0)
    amount = cents // settings.cents_per_credit
    if not cabinet.ready or cabinet.game is not None or not amount:
        return False
    cell = counted_apart(machine)
    with machine.happening(now) as happening:
        paid = amount * settings.cents_per_credit
        wins = (*cabinet.progressives.wins, (level, paid))
        cabinet.progressives = replace(cabinet.progressives, wins=wins)
        cabinet.meters.add("progressive_wins", amount, cell)
        happening.exception(LEVEL_HIT, level=level, cents=paid)
        if paid >= settings.lockup_cents:
            lock(machine, happening, level, amount, "progressive", cell)
        else:
            pay_on_credits(machine, amount, "progressive", cell)
            happening.exception(PAID_BY_MACHINE, cents=paid)
    return True


def forget(machine: Machine, wins: tuple[tuple[int, int], ...]) -> None:
    """Take note that a host has read the oldest wins."""
    waiting = machine.cabinet.progressives.wins
    if waiting[: len(wins)] == wins:
        machine.cabinet.progressives = replace(
            machine.cabinet.progressives, wins=waiting[len(wins) :]
        )
