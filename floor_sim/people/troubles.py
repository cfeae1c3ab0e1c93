"""What goes wrong by itself, or comes up again and again: where and when is left to chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from random import Random
from typing import Final, Protocol

from floor_sim.chance import draw
from floor_sim.floor_file import Trouble
from floor_sim.machine import options, play, service
from floor_sim.machine.machine import Machine
from floor_sim.people.guest import P95
from floor_sim.people.guests import RETRY_S, House, Place, present
from floor_sim.people.staff import needs_of

BIG_BILL: Final = 100
BIG_BILLS_MAX: Final = 60
GUESSES: Final = 4
OLD_LOCKUP_CENTS, NEW_LOCKUP_CENTS = 120_000, 200_000
"""Lock-up limits of the tax years up to 2025, and from 2026 on."""
LONGEST_S: Final = 4 * 3_600.0
"""Seconds after which somebody has mended a machine's link."""
REJECTS: Final = 3
"""Bills rejected in a burst."""


class Grounds(House, Protocol):
    """The floor, as far as troubles need to know it."""

    @property
    def seats(self) -> Mapping[str, Place]:
        """Guests' seats, by asset."""
        ...

    def pull_line(self, name: str, seconds: float, now: float) -> bool:
        """Pull a line's cable for a while; say whether it was in."""
        ...

    def silence(self, machine: Machine, seconds: float, now: float) -> bool:
        """Let a machine hear and say nothing for a while."""
        ...

    def cut_panel(self, machine: Machine, seconds: float, now: float) -> bool:
        """Take the power of all machines of a panel for a while."""
        ...


class Troubles:
    """The troubles of one floor.

    Args:
        floor: the floor.
        troubles: rows of the floor file.
        machines: where they may happen.
        seed: the floor's seed.
    """

    def __init__(
        self, floor: Grounds, troubles: Sequence[Trouble], machines: Sequence[Machine], seed: int
    ) -> None:
        self._floor = floor
        self._troubles = troubles
        self._machines = machines
        self._seed = seed
        self._round = 0

    def start(self, now: float) -> None:
        """Play begins: plan the first time of each."""
        self._round += 1
        for number, trouble in enumerate(self._troubles):
            self._plan(number, 0, now + trouble.first_s / self._floor.speed)

    def _plan(self, number: int, count: int, due: float) -> None:
        this_round = self._round
        self._floor.agenda.at(due, lambda at: self._come(number, count, this_round, at))

    def _come(self, number: int, count: int, this_round: int, now: float) -> None:
        if not self._floor.playing or this_round != self._round:
            return
        trouble = self._troubles[number]
        chance = draw(self._seed, "trouble", number, count)
        machine = self._some_free(chance)
        if machine is None or not self._happen(trouble, machine, chance, now):
            self._plan(number, count, now + RETRY_S)
            return
        pause = chance.expovariate(1 / trouble.every_s) / self._floor.speed
        self._plan(number, count + 1, now + max(pause, RETRY_S))

    def _some_free(self, chance: Random) -> Machine | None:
        """Return a free machine, each equally likely; on a large floor most are free."""
        for _ in range(GUESSES):
            if self._free(machine := chance.choice(self._machines)):
                return machine
        free = [machine for machine in self._machines if self._free(machine)]
        return chance.choice(free) if free else None

    def _free(self, machine: Machine) -> bool:
        seat = self._floor.seats[machine.asset]
        return present(machine) and not seat.paused and not needs_of(machine)

    def _happen(self, trouble: Trouble, machine: Machine, chance: Random, now: float) -> bool:
        if trouble.kind == "line pulled":
            seconds = chance.uniform(*trouble.lasts_s)
            return self._floor.pull_line(machine.settings.line, seconds, now)
        if trouble.kind == "silent machine":
            seconds = _long_tailed(chance, *trouble.lasts_s)
            return self._floor.silence(machine, seconds, now)
        if trouble.kind == "panel without power":
            seconds = chance.uniform(*trouble.lasts_s)
            return self._floor.cut_panel(machine, seconds, now)
        if trouble.kind == "menu":
            return self._menu(machine, now + chance.uniform(*trouble.lasts_s), now)
        return _HAPPENINGS[trouble.kind](machine, now)

    def _menu(self, machine: Machine, until: float, now: float) -> bool:
        """An attendant reads the meters in the machine's menu; nobody plays meanwhile."""
        seat = self._floor.seats[machine.asset]
        seat.paused = True

        def leave(at: float) -> None:
            if not machine.live:
                self._floor.agenda.at(at + RETRY_S, leave)
                return
            service.report(machine, service.MENU_LEFT, at)
            seat.paused = False

        service.report(machine, service.MENU_ENTERED, now)
        self._floor.agenda.at(until, leave)
        return True


def big_cash_out(machine: Machine, now: float) -> bool:
    """Let a guest feed in large bills and cash out more than a ticket may be worth."""
    limit = machine.settings.ticket_limit_cents
    if machine.cabinet.game is not None or machine.cabinet.jammed:
        return False
    for _ in range(BIG_BILLS_MAX):
        if machine.cabinet.credits * machine.settings.cents_per_credit > limit:
            return play.cash_out(machine, now)
        if not play.bill_in(machine, BIG_BILL, now):
            return False
    return False


def reject_bills(machine: Machine, now: float) -> bool:
    """Let a guest feed in a bill that the acceptor does not like, again and again."""
    return all(play.reject_bill(machine, now) for _ in range(REJECTS))


def drop(machine: Machine, now: float) -> bool:
    """Let the drop team open the cashbox door and take the cashbox."""
    if machine.cabinet.game is not None:
        return False
    return service.open_door(machine, "cashbox", now) and service.take_cashbox(machine, now)


def change_option(machine: Machine, now: float) -> bool:
    """Let a technician open the machine and set its lock-up limit from the old to the new."""
    limit = (
        NEW_LOCKUP_CENTS if machine.settings.lockup_cents < NEW_LOCKUP_CENTS else OLD_LOCKUP_CENTS
    )
    unused = machine.cabinet.card is None and not machine.cabinet.credits
    return (
        unused
        and machine.cabinet.game is None
        and service.open_door(machine, "slot", now)
        and options.change_options(machine, now, lockup_cents=limit)
    )


def clear_memory(machine: Machine, now: float) -> bool:
    """Let a technician open the card cage of a machine that nobody uses, and clear its memory."""
    cabinet = machine.cabinet
    if cabinet.game is not None or cabinet.credits or cabinet.card is not None or cabinet.locked:
        return False
    opened = service.open_door(machine, "card cage", now)
    return opened and options.ram_clear(machine, now)


def _long_tailed(chance: Random, median: float, one_in_twenty: float) -> float:
    spread = log(max(one_in_twenty, median) / max(median, 0.1)) / P95
    return min(LONGEST_S, max(0.1, median) * exp(chance.gauss(0, spread)))


_HAPPENINGS: Final[dict[str, Callable[[Machine, float], bool]]] = {
    "slot door": lambda machine, now: service.open_door(machine, "slot", now),
    "drop door": lambda machine, now: service.open_door(machine, "drop", now),
    "card cage": lambda machine, now: service.open_door(machine, "card cage", now),
    "belly door": lambda machine, now: service.open_door(machine, "belly", now),
    "cashbox": drop,
    "general tilt": lambda machine, now: service.tilt(machine, "general", now),
    "reel tilt": lambda machine, now: service.tilt(machine, "reel", now),
    "printer tilt": lambda machine, now: service.tilt(machine, "printer", now),
    "bill jam": service.jam,
    "bill rejects": reject_bills,
    "lamp": lambda machine, now: service.lamp(machine, now, on=True),
    "big cash-out": big_cash_out,
    "option change": change_option,
    "ram clear": clear_memory,
}
