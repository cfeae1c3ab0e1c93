"""What a machine does by itself when its time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floor_sim.machine import bonus, progressives, tickets, transfers

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine


def tick(machine: Machine, now: float) -> None:
    """Do what is due by ``now``: waits for hosts that have ended, progressives that are missing."""
    cabinet = machine.cabinet
    if cabinet.tickets.waiting or cabinet.tickets.escrow:
        tickets.tick(machine, now)
    if cabinet.transfers.lock or cabinet.transfers.cash_out_until:
        transfers.tick(machine, now)
    if machine.settings.progressive_levels:
        progressives.tick(machine, now)
    if cabinet.bonus.tournament:
        bonus.tick(machine, now)
