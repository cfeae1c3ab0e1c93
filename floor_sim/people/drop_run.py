"""The drop team: takes the cashboxes machine by machine, zone by zone, before the day begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from floor_sim.agenda import Act
from floor_sim.chance import Numbers
from floor_sim.crowd_file import WEEKDAYS, Drop
from floor_sim.machine import service
from floor_sim.machine.machine import Machine
from floor_sim.people.guests import House, present
from floor_sim.people.hours import HouseClock
from floor_sim.people.staff import Staff, needs_of

RETRY_S: Final = 5.0
"""How often the team looks whether a game has ended."""
TRIES_MAX: Final = 60
"""Looks after which it leaves a machine out."""
NEXT_S: Final = 3.0
"""Seconds from one machine to the next."""


class Place(Protocol):
    """A guest's seat, as far as a team needs to know it."""

    paused: bool


class Grounds(House, Protocol):
    """The floor, as far as the drop team needs to know it."""

    clock: HouseClock
    staff: Staff

    @property
    def seats(self) -> Mapping[str, Place]:
        """Guests' seats, by asset."""
        ...


class DropRun:
    """The drop team of one floor.

    Args:
        floor: the floor.
        plan: when and how it works.
        route: machines with their zones, in the order in which one walks past them.
        seed: the floor's seed.

    Attributes:
        due: cashboxes that the plan wanted taken so far.
        dropped: cashboxes taken.
        left_out: machines that could not be opened.
    """

    def __init__(
        self, floor: Grounds, plan: Drop, route: Sequence[tuple[Machine, str]], seed: int
    ) -> None:
        self._floor = floor
        self._plan = plan
        self._route = list(route)
        self._chance = Numbers(seed, "drop")
        self._round = 0
        self.due = self.dropped = self.left_out = 0

    def start(self, now: float) -> None:
        """Play begins: plan the next run."""
        self._round += 1
        self._wait(self._round, now)

    def _wait(self, this_round: int, now: float) -> None:
        due = self._floor.clock.next_time(self._plan.starts, now)
        self._floor.agenda.at(due, lambda at: self._begin(this_round, at))

    def _begin(self, this_round: int, now: float) -> None:
        if not self._floor.playing or this_round != self._round:
            return
        today = WEEKDAYS[self._floor.clock.local(now).weekday()]
        all_zones = today in self._plan.days
        due = [one for one, zone in self._route if all_zones or zone in self._plan.daily]
        self.due += len(due)
        share = -(-len(due) // self._plan.teams)
        for team in range(self._plan.teams):
            self._go_on(due[team * share : (team + 1) * share], 0, now)
        self._wait(this_round, now)

    def _go_on(self, left: list[Machine], tries: int, now: float) -> None:
        """Go to the next machine of ``left``, or look again whether its game is over."""
        if not left or not self._floor.playing:
            return
        machine, seat = left[0], self._floor.seats[left[0].asset]
        workable = present(machine) and not needs_of(machine)
        if tries == 0 and workable and seat.paused:
            workable = False  # somebody else works there
        if workable and machine.cabinet.game is None:
            seat.paused = True
            self._floor.staff.leave(machine, now)
            self._work(machine, left[1:], now)
        elif tries < TRIES_MAX:
            seat.paused = seat.paused or workable
            self._later(RETRY_S, now, lambda at: self._go_on(left, tries + 1, at))
        else:
            seat.paused = False
            self.left_out += 1
            self._go_on(left[1:], 0, now)

    def _work(self, machine: Machine, left: list[Machine], now: float) -> None:
        low, high = self._plan.machine_s
        part = self._chance.of(self.dropped, 1_000) / 1_000
        seconds = low + (high - low) * part
        self.dropped += 1

        def take(at: float) -> None:
            service.take_cashbox(machine, at)

        def put(at: float) -> None:
            service.put_cashbox(machine, at)

        def close(at: float) -> None:
            service.close_door(machine, "cashbox", at)
            self._floor.seats[machine.asset].paused = False
            self._floor.staff.attend(machine, at)
            self._later(NEXT_S, at, lambda then: self._go_on(left, 0, then))

        service.open_door(machine, "cashbox", now)
        for share, act in ((0.2, take), (0.7, put), (1.0, close)):
            self._later(seconds * share, now, act)

    def _later(self, seconds: float, now: float, act: Act) -> None:
        self._floor.agenda.at(now + seconds / self._floor.speed, act)
