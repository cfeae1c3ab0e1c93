"""The printer's pack of paper: it runs low, then out; somebody fills it up behind the slot door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from floor_sim.machine.cabinet import Cabinet
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine

PAPER_OUT, PAPER_LOW = 0x61, 0x74
PACK: Final = 450
"""Tickets of a pack."""
LOW: Final = PACK - 20
"""Tickets after which the machine says that paper is low."""


def is_low(cabinet: Cabinet) -> bool:
    """Say whether somebody should come and fill it up."""
    return cabinet.paper_used >= LOW


def is_out(cabinet: Cabinet) -> bool:
    """Say whether no ticket can be printed any more."""
    return cabinet.paper_used >= PACK


def use(machine: Machine, happening: Happening) -> None:
    """Take the paper of a ticket."""
    machine.cabinet.paper_used += 1
    _tell(machine, happening)


def run_out(machine: Machine, now: float) -> bool:
    """Let the printer run out of paper; say whether it had any."""
    if is_out(machine.cabinet):
        return False
    with machine.happening(now) as happening:
        machine.cabinet.paper_used = PACK
        _tell(machine, happening)
    return True


def fill(machine: Machine, now: float) -> bool:
    """Put a new pack in, behind the open slot door; SAS has no code for it."""
    cabinet = machine.cabinet
    if "slot" not in cabinet.doors or not cabinet.paper_used:
        return False
    with machine.happening(now) as happening:
        happening.note("paper", left=max(0, PACK - cabinet.paper_used))
        cabinet.paper_used = 0
    return True


def _tell(machine: Machine, happening: Happening) -> None:
    if machine.cabinet.paper_used == PACK:
        happening.exception(PAPER_OUT)
    elif machine.cabinet.paper_used == LOW:
        happening.exception(PAPER_LOW)
