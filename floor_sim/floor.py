"""The floor: lines, machines and people, on one clock that is told to it.

Pure but for the journal: a driver calls ``run`` when ``next_due`` has come, and carries the bytes
of the lines. In real time that is an asyncio loop over ptys, in a simulation a loop that jumps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from floor_sim.agenda import Agenda
from floor_sim.certified.host import CertifiedHost
from floor_sim.faults.board import FaultBoard, Stand
from floor_sim.faults.fault import Direction, Fault
from floor_sim.faults.table import FaultKind
from floor_sim.floor_file import FloorFile
from floor_sim.line import Line
from floor_sim.machine import service, timers
from floor_sim.machine.journal import Journal
from floor_sim.machine.links import Link
from floor_sim.machine.machine import CardSlot, Machine
from floor_sim.people.crowd import Crowd
from floor_sim.people.drop_run import DropRun
from floor_sim.people.guests import Place, Seat
from floor_sim.people.hours import HouseClock
from floor_sim.people.staff import Staff
from floor_sim.people.troubles import Troubles

LOOK_S = 0.5
"""How often the floor looks whether its lines are polled, in seconds."""


class Floor:
    """One floor.

    Args:
        file: what it is.
        journal: where everything that happens is written.
        memories: what the journal remembers of each machine, by asset.
        now: seconds on the floor's clock.
        seed: instead of the file's.
        speed: how many times faster people are than the file says.
        wall_at_zero: UTC moment at which the floor's clock said 0.
        readers: card readers by asset.
        say: tells a person what changed on the lines.
        wired: machines hang on lines; without, they play and nobody polls them.
        tickets_by_hand: tickets that guests insert are taken without a host that says so.
        look_s: how often it is looked whether lines are polled, and what has waited too long.

    Attributes:
        lines: by name.
        machines: by asset.
        links: progressives that machines share, by progressive group.
        faults: what goes wrong on it.
        seats: guests' seats, by asset.
        agenda: what people will do.
        clock: the clock on the wall.
        crowd: guests who come by the hour; None on a floor without ``[crowd]``.
        drop: the drop team, or None.
        certified: the certified host that polls lines of its own, or None.
        pace: how fast people are.
        speed: see above.
        playing: new guests, games and troubles begin.
        attended: people are there; else whatever is done by hand stays as it is.
    """

    def __init__(
        self,
        file: FloorFile,
        journal: Journal,
        memories: Mapping[str, Mapping[str, Any]],
        *,
        now: float = 0.0,
        seed: int | None = None,
        speed: float = 1.0,
        wall_at_zero: datetime = datetime(2025, 1, 1, tzinfo=UTC),
        readers: Mapping[str, CardSlot] | None = None,
        say: Callable[[str], None] | None = None,
        wired: bool = True,
        tickets_by_hand: bool = False,
        look_s: float = LOOK_S,
    ) -> None:
        self.file = file
        self.clock = HouseClock(wall_at_zero, file.floor.time_zone, file.floor.gaming_day_starts)
        self.crowd: Crowd | None = None
        self.drop: DropRun | None = None
        self.certified: CertifiedHost | None = None
        self._look_s = look_s
        self._tickets_by_hand = tickets_by_hand
        self.seed = file.floor.seed if seed is None else seed
        self.pace = file.pace
        self.speed = speed
        self.agenda = Agenda()
        self.playing = False
        self.attended = False
        self._journal = journal
        self._say = say or (lambda _words: None)
        self._polled: dict[str, bool] = {}
        self._pulled: dict[str, int] = {}
        self.machines: dict[str, Machine] = {}
        shown_at_zero = self.clock.local(0.0).replace(tzinfo=UTC)  # machines show the house's time
        for egm in file.egms:
            machine = Machine(
                file.machine(egm), journal, memories.get(egm.asset, {}),
                seed=self.seed, wall_at_zero=shown_at_zero, now=now, wired=wired,
            )  # fmt: skip
            machine.reader = (readers or {}).get(egm.asset)
            self.machines[egm.asset] = machine
        self.links: dict[int, Link] = {row.group: Link() for row in file.links}
        for machine in self.machines.values():
            if machine.settings.links:
                self.links[machine.settings.progressive_group].join(machine)
        self.lines = {line.name: self._line(line.name) for line in file.lines}
        stands = {egm.asset: Stand(egm.bank, egm.panel) for egm in file.egms}
        self.faults = FaultBoard(self, stands)
        self.staff = Staff(self, self.seed, file.crew)
        self.seats: dict[str, Place] = {}
        self._troubles = Troubles(self, file.troubles, [*self.machines.values()], self.seed)

    def _line(self, name: str) -> Line:
        info = next(line for line in self.file.lines if line.name == name)
        ports = []
        for egm in self.file.egms:
            places = (egm.line, egm.second.line if egm.second else None)
            ports += [
                port
                for port, place in zip(self.machines[egm.asset].ports, places, strict=False)
                if place == name
            ]
        return Line(name, ports, info.settings(), self.seed)

    def start(self, now: float, ended: str = "there was none", *, playing: bool = True) -> None:
        """Switch every machine on; ``ended`` says how the last run ended.

        People come with ``playing``; without it nobody is there until ``set_play``.
        """
        self.note(now, "start", seed=self.seed, speed=self.speed, before=ended)
        for machine in self.machines.values():
            service.power_on(machine, now)
            machine.watchers.append(self.staff.look)
        self._set_up_seats(now)
        self._set_up_certified(now)
        self.playing = self.attended = playing
        for machine in self.machines.values():
            self.staff.look(machine, now)
        if playing:
            self._begin(now)
        for fault in self.file.faults:
            self.faults.add(fault, now)
        self._look(now)

    def _set_up_seats(self, now: float) -> None:
        file, machines = self.file, [*self.machines.values()]
        if file.crowd is None:
            self.seats = {machine.asset: Seat(machine, self, now) for machine in machines}
        else:
            self.crowd = Crowd(
                self, file.crowd, machines, self.seed, now, tickets_by_hand=self._tickets_by_hand
            )
            self.seats = {**self.crowd.chairs}
        if file.drop is not None:
            rows = sorted(file.egms, key=lambda egm: (egm.zone or "", egm.bank or "", egm.location))
            route = [(self.machines[egm.asset], egm.zone or "") for egm in rows]
            self.drop = DropRun(self, file.drop, route, self.seed)

    def _set_up_certified(self, now: float) -> None:
        """Let the certified host poll its lines, if there are any."""
        names = [line.name for line in self.file.lines if line.transport == "certified"]
        lines = [self.lines[name] for name in names if self.lines[name].ports]
        if lines:
            info = self.file.certified
            self.certified = CertifiedHost(self, info, lines, self.machines, self.seed)
            self.certified.start(now)

    def _begin(self, now: float) -> None:
        """Let troubles, guests and the drop team begin."""
        self._troubles.start(now)
        if self.crowd is not None:
            self.crowd.start(now)
        if self.drop is not None:
            self.drop.start(now)

    def stop(self, now: float) -> None:
        """Write that the floor was stopped in good order."""
        self.note(now, "stop")

    def note(self, now: float, what: str, **facts: Any) -> None:
        """Write a record about the floor or a line."""
        self._journal.write([{"what": what, **facts}], now)

    def next_due(self) -> float | None:
        """Return the moment of the next act of a person."""
        return self.agenda.next_due()

    def run(self, now: float) -> None:
        """Let people do what is due by ``now``."""
        self.agenda.run(now)

    def set_play(self, now: float, *, on: bool) -> None:
        """Begin or stop play. When it stops, whatever waits for a person is ended at once."""
        if on is self.playing and self.attended:
            return
        self.playing, self.attended = on, True
        self.note(now, "play", on=on)
        if on:
            self._begin(now)
            for machine in self.machines.values():
                self.staff.look(machine, now)
            return
        for line in self.lines.values():
            self._put_back(line, now)
        for seat in self.seats.values():
            seat.finish(now)
        self.staff.hurry([*self.machines.values()], now)

    def pull_line(self, name: str, seconds: float, now: float) -> bool:
        """Pull a line's cable for a while; say whether it was in."""
        line = self.lines[name]
        if line.faults.pulled(now):
            return False
        self.note(now, "line", line=name, pulled=True, seconds=round(seconds, 3))
        number = line.pull(seconds, now)
        self._say(f"{name}: pulled for {seconds:.1f} s")

        def back(at: float) -> None:
            line.faults.remove(number)
            if self._pulled.get(name) == number:
                del self._pulled[name]
                self.note(at, "line", line=name, pulled=False)

        self._pulled[name] = number
        self.agenda.at(now + seconds, back)
        return True

    def silence(self, machine: Machine, seconds: float, now: float) -> bool:
        """Let a machine hear and say nothing for a while; without a wire nobody notices."""
        settings = machine.settings
        if self.lines[settings.line].ports:
            fault = Fault(
                kind=FaultKind.SILENCE, line=settings.line, address=settings.address,
                direction=Direction.BOTH, seconds=seconds,
            )  # fmt: skip
            self.faults.add(fault, now)
        return True

    def cut_panel(self, machine: Machine, seconds: float, now: float) -> bool:
        """Take the power of all machines of a machine's panel for a while, or of it alone."""
        row = next(egm for egm in self.file.egms if egm.asset == machine.asset)
        asset = None if row.panel else machine.asset
        fault = Fault(kind=FaultKind.POWER_CUT, asset=asset, panel=row.panel, seconds=seconds)
        self.faults.add(fault, now)
        return True

    def _put_back(self, line: Line, now: float) -> None:
        for number, fault in line.faults.active(now).items():
            if fault.kind is FaultKind.PULL:
                self.faults.remove(number, now)
        if self._pulled.pop(line.name, None) is not None:
            self.note(now, "line", line=line.name, pulled=False)

    @property
    def host_lines(self) -> list[Line]:
        """Lines on which a host from outside polls machines: not those of the certified host."""
        own = {line.name for line in self.file.lines if line.transport == "certified"}
        return [line for name, line in self.lines.items() if line.ports and name not in own]

    @property
    def records(self) -> int:
        """Number of the last record that the journal has."""
        return self._journal.next_n - 1

    @property
    def queued(self) -> int:
        """Exceptions that wait for a host, on the whole floor."""
        return sum(machine.queued for machine in self.machines.values())

    @property
    def unacknowledged(self) -> int:
        """Answers that await their ACK."""
        ports = [port for machine in self.machines.values() for port in machine.ports]
        return sum(port.unacknowledged for port in ports)

    @property
    def pending(self) -> int:
        """What people still have to do before the floor is quiet: jobs, games, cards, cables."""
        seats = sum(seat.unfinished or seat.paused for seat in self.seats.values())
        return self.staff.pending + seats + len(self._pulled)

    def _look(self, now: float) -> None:
        """See which lines are polled, and tell once when that changes; end what waits too long."""
        for machine in self.machines.values():
            if machine.live:
                timers.tick(machine, now)
        for line in self.lines.values():
            line.tick(now)
            polled = any(port.link_up for port in line.ports)
            if polled is not self._polled.get(line.name, False):
                self._polled[line.name] = polled
                words = "a host polls it" if polled else "no host polls it any more"
                self._say(f"{line.name}: {words}")
        self.agenda.at(now + self._look_s, self._look)
