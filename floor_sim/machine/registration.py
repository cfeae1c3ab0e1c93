"""AFT registration as an operator sees it: asking for one, agreeing to one, refusing one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.machine.parts import UNREGISTERED

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine

ASKED_FOR, ACKNOWLEDGED, CANCELLED = 0x6C, 0x6D, 0x6E
REGISTERED, WAITS_FOR_OPERATOR = 0x01, 0x40

_AGREED: Final = {True: (REGISTERED, ACKNOWLEDGED), False: (UNREGISTERED, CANCELLED)}


def ask(machine: Machine, now: float) -> bool:
    """Ask a host to register the machine; say whether it moves money at all."""
    if not machine.settings.transfers:
        return False
    with machine.happening(now) as happening:
        happening.exception(ASKED_FOR)
    return True


def decide(machine: Machine, now: float, *, agrees: bool) -> bool:
    """Agree to the registration that a host asks an operator about (73), or refuse it."""
    state = machine.cabinet.transfers
    if state.registration != WAITS_FOR_OPERATOR:
        return False
    status, code = _AGREED[agrees]
    with machine.happening(now) as happening:
        machine.cabinet.transfers = replace(state, registration=status)
        happening.exception(code)
    return True
