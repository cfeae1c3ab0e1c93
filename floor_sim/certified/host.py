"""Carries the certified host on a floor: one session a line, on the floor's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final, Protocol

from floor_sim.agenda import Agenda
from floor_sim.certified.books import FACES
from floor_sim.certified.clerk import Clerk, Kind
from floor_sim.certified.session import CertifiedSession
from floor_sim.chance import draw
from floor_sim.crowd_file import Certified as CertifiedInfo
from floor_sim.line import Line
from floor_sim.machine.machine import CardSlot, Machine
from floor_sim.people.hours import HouseClock

ANSWER_S: Final = 0.025
"""Seconds for which an answer is waited for."""
READ_S: Final = 60.0
"""Seconds after the end of a gaming day in which the meters are read."""
RATE_S: Final = 3.0
"""Seconds after a card in which the meters are read."""


class Grounds(Protocol):
    """The floor, as far as its certified host needs to know it."""

    agenda: Agenda
    clock: HouseClock


class Slot:
    """A card reader that the certified system hears as well.

    Args:
        inner: the reader that stood there, or None.
        host: the certified host.
        machine: the machine.
    """

    def __init__(self, inner: CardSlot | None, host: CertifiedHost, machine: Machine) -> None:
        self._inner = inner
        self._host = host
        self._machine = machine

    def insert(self, guest: str) -> None:
        """Tell both that the card of ``guest`` went in."""
        if self._inner is not None:
            self._inner.insert(guest)
        self._host.card(self._machine, guest)

    def remove(self) -> None:
        """Tell both that the card came out."""
        if self._inner is not None:
            self._inner.remove()
        self._host.card(self._machine, None)


class CertifiedHost:
    """The certified host of one floor.

    Args:
        grounds: the floor.
        info: how it polls.
        lines: the lines that it polls.
        machines: the floor's machines, by asset.
        seed: the floor's seed.

    Attributes:
        grounds: see above.
        clerk: makes its books.
        sessions: by name of the line.
        day_closed: called when the books of a gaming day are closed.
    """

    def __init__(
        self,
        grounds: Grounds,
        info: CertifiedInfo,
        lines: Iterable[Line],
        machines: dict[str, Machine],
        seed: int,
    ) -> None:
        self.grounds = grounds
        self.day_closed: Callable[[], None] = lambda: None
        self._seed = seed
        self._info = info
        self._machines = machines
        self._lines = [line for line in lines if line.ports]
        self._now = 0.0
        kinds = {
            asset: Kind(machine.settings.cents_per_credit, machine.settings.par_percent)
            for asset, machine in machines.items()
        }
        self.clerk = Clerk(kinds, grounds.clock)
        self.sessions = {line.name: self._session(line) for line in self._lines}
        self._places = {
            seen.asset: (session, address)
            for session in self.sessions.values()
            for address, seen in session.machines.items()
        }
        self._taken = {asset: machine.cabinet.cashbox_out for asset, machine in machines.items()}
        self._counted = {asset: _bills(machine) for asset, machine in machines.items()}

    def start(self, now: float) -> None:
        """Begin to poll."""
        agenda = self.grounds.agenda
        for line in self._lines:
            session = self.sessions[line.name]
            for seen in session.machines.values():
                machine = self._machines[seen.asset]
                machine.reader = Slot(machine.reader, self, machine)
                machine.watchers.append(self._watch)
            agenda.at(now, self._turns(line, session))
        self._wait_for_day(now)

    def card(self, machine: Machine, guest: str | None) -> None:
        """Take note of a card: meters are read, and then the session is opened or closed."""
        found = self._places.get(machine.asset)
        if found is None:
            return
        session, address = found
        session.want(address, 0x0F)
        account = None if guest is None else self._account(guest)
        self.grounds.agenda.at(
            self._now + RATE_S,
            lambda at: self.clerk.card(session.machines[address], account, at),
        )  # fmt: skip

    def _account(self, guest: str) -> str:
        """Return the account of a guest; it has nothing to do with the number on the card."""
        return f"{draw(self._seed, 'account', guest).randrange(10**7):07d}"

    def _session(self, line: Line) -> CertifiedSession:
        by_port = {id(port): machine for machine in self._machines.values()
                   for port in machine.ports}  # fmt: skip
        assets = {port.address: by_port[id(port)].asset for port in line.ports}
        remote = self._info.remote_reset_s or None
        return CertifiedSession(assets, self.clerk.told, self.grounds.clock.local, remote)

    def _turns(self, line: Line, session: CertifiedSession) -> _Turns:
        pause_s = max(ANSWER_S, self._info.poll_every_s / len(line.ports))
        return _Turns(self, line, session, pause_s)

    def moved(self, now: float) -> None:
        """Take note of the time."""
        self._now = max(self._now, now)

    def _wait_for_day(self, now: float) -> None:
        clock = self.grounds.clock
        due = clock.next_time(clock.day_starts, now)

        def roll(at: float) -> None:
            for session in self.sessions.values():
                for address in session.machines:
                    session.want_meters(address)
            self.grounds.agenda.at(at + READ_S, close)
            self._wait_for_day(at)

        def close(at: float) -> None:
            ended = (clock.local(at) - timedelta(days=1)).date().isoformat()
            self.close_day(ended, at)

        self.grounds.agenda.at(due, roll)

    def close_day(self, gaming_day: str, now: float) -> None:
        """Write the meters of all machines as the end of ``gaming_day``."""
        for session in self.sessions.values():
            for seen in session.machines.values():
                self.clerk.close_day(seen, gaming_day, now)
        self.day_closed()

    def _watch(self, machine: Machine, now: float) -> None:
        """Let the count room count a cashbox when it is taken."""
        self.moved(now)
        taken = machine.cabinet.cashbox_out
        if taken and not self._taken[machine.asset]:
            bills, before = _bills(machine), self._counted[machine.asset]
            self.clerk.counts[machine.asset] = {f: bills[f] - before[f] for f in FACES}
            self._counted[machine.asset] = bills
        self._taken[machine.asset] = taken


class _Turns:
    """Polls one line, turn by turn."""

    def __init__(
        self, host: CertifiedHost, line: Line, session: CertifiedSession, pause_s: float
    ) -> None:
        self._host = host
        self._line = line
        self._session = session
        self._pause_s = pause_s

    def __call__(self, now: float) -> None:
        """Poll, and read what comes in time."""
        self._host.moved(now)
        poll = self._session.next_poll(now)
        self._line.host_write(poll, now, [True] + [False] * (len(poll) - 1))
        agenda = self._host.grounds.agenda

        def read(at: float) -> None:
            said = self._line.take_symbols(at)
            self._session.heard(b"".join(symbols.data for _, symbols in said), at)

        agenda.at(now + ANSWER_S, read)
        agenda.at(now + self._pause_s + ANSWER_S, self)


def _bills(machine: Machine) -> dict[int, int]:
    return {face: machine.cabinet.meters.true(f"bills_{face}") for face in FACES}
