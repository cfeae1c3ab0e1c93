"""Runs a floor for hours in virtual time, with or without a wire, and says how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.poller import SLOT_S, Heard, pollers
from floor_sim.tally import Tally

POLL_EVERY_S: Final = 1.0
"""Seconds between two polls of a machine."""
LOOK_S: Final = 5.0
"""Seconds between two looks at the floor's links and waits."""
LOOK_EVERY_S: Final = 60.0
"""Seconds between two looks at how many seats are taken."""

Progress = Callable[[float], None]
"""Told how many seconds of the floor's time are over."""


@dataclass(slots=True)
class Day:
    """What a run has come to.

    Attributes:
        floor: the floor, as it is at the end.
        tally: what happened.
        hours: how long it was.
        seats: share of seats taken and share wanted, once a minute.
        heard: what a host has heard, on a floor with a wire.
    """

    floor: Floor
    tally: Tally
    hours: float
    seats: list[tuple[float, float]]
    heard: Heard | None = None

    @property
    def machine_days(self) -> float:
        """Machines, times days."""
        return len(self.floor.machines) * self.hours / 24

    @property
    def occupancy(self) -> float:
        """Mean share of seats that were taken."""
        return sum(taken for taken, _ in self.seats) / len(self.seats)

    @property
    def wanted(self) -> float:
        """Mean share of seats that should have been taken, by hour and weekday."""
        return sum(wanted for _, wanted in self.seats) / len(self.seats)


def run_day(
    file: FloorFile,
    begins: datetime,
    hours: float,
    *,
    wired: bool = False,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Day:
    """Run a floor; it has a crowd.

    Args:
        file: the floor.
        begins: when, aware.
        hours: for how long.
        wired: every machine is polled once a second, each poll encoded, heard, answered and
            decoded; else nobody polls, and play is done in stretches. Tickets are taken by hand
            either way.
        seed: instead of the file's.
        progress: told once an hour of the floor's time.
    """
    tally = Tally()
    floor = Floor(
        file,
        tally,
        {},
        seed=seed,
        wall_at_zero=begins,
        wired=wired,
        look_s=LOOK_S,
        tickets_by_hand=True,
    )
    floor.start(0.0)
    assert floor.crowd is not None, "a floor without a crowd keeps no hours"
    day = Day(floor, tally, hours, [])

    def look(now: float) -> None:
        assert floor.crowd is not None, "it has one"
        machines = len(floor.machines)
        day.seats.append((floor.crowd.seated / machines, floor.crowd.wanted(now) / machines))
        if progress is not None and now % 3600 == 0:
            progress(now)
        floor.agenda.at(now + LOOK_EVERY_S, look)

    floor.agenda.at(LOOK_EVERY_S, look)
    if wired:
        day.heard = _polled(floor, hours * 3600)
    else:
        _alone(floor, hours * 3600)
    return day


def _alone(floor: Floor, until: float) -> None:
    while (due := floor.next_due()) is not None and due <= until:
        floor.run(due)


def _polled(floor: Floor, until: float) -> Heard:
    rows, heard = pollers(floor.host_lines)
    slots = max(row.slots for row in rows)
    second = 0.0
    while second < until:
        for slot in range(slots):
            now = second + slot * SLOT_S
            while (due := floor.next_due()) is not None and due <= now:
                floor.run(due)
            for row in rows:
                row.poll(slot, now)
        second += POLL_EVERY_S
    return heard
