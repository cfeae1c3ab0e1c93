"""A corner of a floor to which people come: guests, staff and troubles at a scenario's machines."""

from __future__ import annotations

from collections.abc import Sequence

from floor_sim.agenda import Agenda
from floor_sim.floor import Floor
from floor_sim.machine.machine import Machine
from floor_sim.people.guests import Seat
from floor_sim.people.staff import Staff
from floor_sim.people.troubles import Troubles
from floor_sim.scenarios.file import People


class Corner:
    """Some machines of a floor, with people of their own.

    Args:
        floor: the floor.
        info: how its people are.
        machines: the machines.
        faster: how many times faster they are.

    Attributes:
        agenda: the floor's.
        pace: how fast people are.
        speed: how many times faster than that.
        playing: new guests, games and troubles begin.
        attended: people are there.
        seats: guests' seats, by asset.
        staff: attendants and technicians.
    """

    def __init__(
        self, floor: Floor, info: People, machines: Sequence[Machine], faster: float
    ) -> None:
        self.agenda: Agenda = floor.agenda
        self.pace = info.pace
        self.speed = floor.speed * faster
        self.playing = False
        self.attended = False
        self.seats: dict[str, Seat] = {}
        self.staff = Staff(self, floor.seed)
        self._floor = floor
        self._machines = list(machines)
        self._troubles = Troubles(self, info.troubles, self._machines, floor.seed)

    def come(self, now: float) -> None:
        """Let people come and play."""
        self.playing = self.attended = True
        if not self.seats:
            self.seats = {one.asset: Seat(one, self, now) for one in self._machines}
            for machine in self._machines:
                machine.watchers.append(self.staff.look)
        for machine in self._machines:
            self.staff.look(machine, now)
        self._troubles.start(now)

    def go(self, now: float) -> None:
        """Let them go: games end, cards come out, and whatever waits for a person is ended."""
        self.playing = False
        for seat in self.seats.values():
            seat.finish(now)
        self.staff.hurry(self._machines, now)

    def close(self, now: float) -> None:
        """Send everybody away, and leave the machines as they are."""
        if self.playing:
            self.go(now)
        self.attended = False

    def pull_line(self, name: str, seconds: float, now: float) -> bool:
        """Pull a line's cable for a while; say whether it was in."""
        return self._floor.pull_line(name, seconds, now)

    def silence(self, machine: Machine, seconds: float, now: float) -> bool:
        """Let a machine hear and say nothing for a while."""
        return self._floor.silence(machine, seconds, now)

    def cut_panel(self, machine: Machine, seconds: float, now: float) -> bool:
        """Take the power of all machines of a panel for a while."""
        return self._floor.cut_panel(machine, seconds, now)
