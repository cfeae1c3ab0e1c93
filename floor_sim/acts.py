"""More that can be done at a machine by hand: menus, options, bills, coins, tickets, games."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from floor_sim.machine import (
    choice,
    coins,
    options,
    paper,
    play,
    progressives,
    registration,
    service,
    tickets,
)
from floor_sim.machine.machine import Machine

Act = Callable[[Machine, float], bool]


def _report(code: int) -> Act:
    return lambda machine, now: service.report(machine, code, now)


PLAIN_ACTS: Final[dict[str, Act]] = {
    "menu enter":       _report(service.MENU_ENTERED),
    "menu leave":       _report(service.MENU_LEFT),
    "self-test enter":  service.enter_self_test,
    "self-test leave":  service.leave_self_test,
    "out of service":   _report(0x86),
    "bill reject":      play.reject_bill,
    "bill counterfeit": _report(0x2C),
    "bill totals reset": _report(0x7B),
    "coin":             coins.coin_in,
    "coins out":        coins.coins_out,
    "paper low":        _report(0x74),
    "paper out":        paper.run_out,
    "paper fill":       paper.fill,
    "battery low":      _report(0x3B),
    "ram clear":        options.ram_clear,
    "register ask":     registration.ask,
    "register agree":   lambda machine, now: registration.decide(machine, now, agrees=True),
    "register refuse":  lambda machine, now: registration.decide(machine, now, agrees=False),
}  # fmt: skip
"""Words to acts that need nothing more."""


def _denomination(machine: Machine, word: str, now: float) -> bool:
    return choice.select_denomination(machine, int(word, 16), now)


def _credit_worth(machine: Machine, word: str, now: float) -> bool:
    return options.change_options(machine, now, denomination_code=int(word, 16))


NUMBER_ACTS: Final[dict[str, Callable[[Machine, int, float], bool]]] = {
    "ticket in":           lambda machine, cents, now: tickets.insert(
                               machine, cents, "cashable", now),
    "restricted ticket in": lambda machine, cents, now: tickets.insert(
                               machine, cents, "restricted", now),
    "game select":         choice.select_game,
    "progressive hit":     progressives.hit,
}  # fmt: skip
"""Words to acts that need a whole number: cents, a game, a level."""

TEXT_ACTS: Final[dict[str, Callable[[Machine, str, float], bool]]] = {
    "denomination select": _denomination,
    "option denomination": _credit_worth,
    "option paytable":     lambda machine, word, now: options.change_options(
                               machine, now, paytable_id=word[:6]),
}  # fmt: skip
"""Words to acts that need a word: a SAS denomination code in hex, a paytable."""
