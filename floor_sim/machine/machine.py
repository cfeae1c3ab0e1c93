"""One EGM: a cabinet, its SAS ports, and the journal that it writes before it acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from floor_sim.chance import Numbers
from floor_sim.machine import timers
from floor_sim.machine.answers import answer_long_poll, obey_global
from floor_sim.machine.cabinet import Cabinet, Handpay
from floor_sim.machine.happening import Happening
from floor_sim.machine.journal import Journal
from floor_sim.machine.links import Link
from floor_sim.machine.meters import MeterBook
from floor_sim.machine.options import with_options
from floor_sim.machine.parts import Secrets
from floor_sim.machine.passing import Broadcast, Passing
from floor_sim.machine.port import Answer, HandpayRead, Outstanding, SasPort, Told
from floor_sim.machine.queue import Lost
from floor_sim.machine.settings import MachineSettings
from protocols.sas.machine import Request

HANDPAY_PENDING = 0x51
GENERAL_TILT = 0x20


class CardSlot(Protocol):
    """The card reader at a machine."""

    def insert(self, guest: str) -> None:
        """Tell the host that the card of ``guest`` went in."""
        ...

    def remove(self) -> None:
        """Tell the host that the card came out."""
        ...


class Machine:
    """One EGM.

    Args:
        settings: how it is built.
        journal: where it writes.
        memory: what the journal remembers of it; empty for a new machine.
        seed: the floor's seed, for whatever the machine leaves to chance.
        wall_at_zero: UTC moment at which the floor's clock said 0.
        now: seconds on the floor's clock.
        wired: its SAS ports hang on lines; without, it has none, and waits for no host.

    Attributes:
        built: how it was built; ``settings`` is what an operator has made of that.
        cabinet: what it remembers of itself.
        ports: its SAS ports.
        reader: its card reader, or None.
        busy_until: it answers long polls with "busy" until then.
        passing: what it forgets when the power goes.
        watchers: called with the machine and the time after everything that happened to it.
        live: it has power.
        luck: draws of its games, by the number of the game.
        pot_luck: draws for its own progressives.
        link: who shares its linked progressives; itself alone, until it joins others.
        link_luck: draws for those.
    """

    def __init__(
        self,
        settings: MachineSettings,
        journal: Journal,
        memory: Mapping[str, Any],
        *,
        seed: int = 0,
        wall_at_zero: datetime = datetime(2025, 1, 1, tzinfo=UTC),
        now: float = 0.0,
        wired: bool = True,
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.wired = wired
        self.seed = seed
        self.luck = Numbers(seed, settings.asset, "game")
        self.pot_luck = Numbers(seed, settings.asset, "pot")
        self.link_luck = Numbers(seed, settings.asset, "link")
        self.link = Link()
        self.link.join(self)
        self.cabinet = Cabinet(MeterBook(settings.meter_digits, settings.meter_sizes))
        self.ports = tuple(self._make_ports(now)) if wired else ()
        self.reader: CardSlot | None = None
        self.busy_until = float("-inf")
        self.passing = Passing(Broadcast(now))
        self.watchers: list[Callable[[Machine, float], None]] = []
        self.live = True
        self._wall_at_zero = wall_at_zero
        self._drift = (0.0, now)
        self._handpay_told_s = [now for _ in self.ports]
        self._known: dict[str, Any] = {}
        self._open = False
        self.cabinet.restore(dict(memory))
        self.built = settings
        self.settings = with_options(settings, self.cabinet.options)
        strict = [port.index for port in self.ports if port.settings.host_lost != "nothing"]
        self.cabinet.hosts_lost = [index for index in self.cabinet.hosts_lost if index in strict]
        for port in self.ports:
            port.queue.restore(memory.get(f"port{port.index}", {}))
        self.cabinet.meters.take_changes()
        self._known = self._state()

    @property
    def asset(self) -> str:
        """The casino's permanent number."""
        return self.settings.asset

    @property
    def link_up(self) -> bool:
        """A host polls at least one port, or the machine needs none."""
        return not self.wired or any(port.link_up for port in self.ports)

    @property
    def queued(self) -> int:
        """Exceptions that wait for a host."""
        return sum(len(port.queue) for port in self.ports)

    @contextmanager
    def happening(self, now: float) -> Iterator[Happening]:
        """Collect what happens, and write it in one piece at the end.

        Raises:
            LedgerError: it could not be written; the floor must stop.
        """
        assert not self._open, "a happening within a happening"
        self._open = True
        try:
            happening = Happening(self, now)
            yield happening
            self._keep(happening)
        finally:
            self._open = False
        for watch in self.watchers:
            watch(self, now)

    def memory(self) -> dict[str, Any]:
        """Return everything that the machine remembers, as JSON."""
        return {**self._state(), "meters": self.cabinet.meters.counts()}

    def clock(self, now: float) -> datetime:
        """Return what the machine's own clock shows; a host may have set it."""
        offset_s = now + self.cabinet.clock_offset_s + self._drifted(now)
        return self._wall_at_zero + timedelta(seconds=offset_s)

    def set_clock(self, shown: datetime, now: float) -> None:
        """Let the machine's clock show ``shown``."""
        delta = shown - (self._wall_at_zero + timedelta(seconds=now))
        self.cabinet.clock_offset_s = round(delta.total_seconds() - self._drifted(now), 3)

    def drift(self, per_second: float, now: float) -> None:
        """Let the clock gain ``per_second`` from now on; what it gained until now stays."""
        with self.happening(now) as happening:
            self.cabinet.clock_offset_s = round(self.cabinet.clock_offset_s + self._drifted(now), 3)
            self._drift = (per_second, now)
            offset_s = self.cabinet.clock_offset_s
            happening.note("clock", drift_s_per_s=per_second, offset_s=offset_s)

    def _drifted(self, now: float) -> float:
        per_second, since = self._drift
        return per_second * (now - since)

    def power_down(self) -> None:
        """Lose the power: nothing is heard and nothing is said."""
        self.live = False
        for port in self.ports:
            port.power_down()

    def power_up(self, now: float) -> None:
        """Forget what only lives while there is power: what a host was told, and who polls."""
        self.live = True
        self.busy_until = float("-inf")
        self.passing = Passing(Broadcast(now))
        self.cabinet.secrets = Secrets()
        self.handpay_told(now)
        for port in self.ports:
            port.power_up(now)

    def tick(self, now: float) -> None:
        """Do what is due, and announce a handpay again to a host that has not read it for 15 s."""
        timers.tick(self, now)
        if not self.cabinet.handpays:
            return
        for port in self.ports:
            if now - self._handpay_told_s[port.index] < self.settings.handpay_repeat_s:
                continue
            handpay = self.unread_handpay(port)
            if handpay is None or handpay.reset:
                continue
            waits = any(entry.code == HANDPAY_PENDING for entry in port.queue.waiting())
            self._handpay_told_s[port.index] = now
            if not waits:
                with self.happening(now) as happening:
                    happening.exception(HANDPAY_PENDING, only=port, repeat=True, of=handpay.n)

    def handpay_told(self, now: float) -> None:
        """Take note that a handpay was announced; it is announced again 15 s from now."""
        self._handpay_told_s = [now for _ in self.ports]

    def unread_handpay(self, port: SasPort) -> Handpay | None:
        """Return the oldest handpay that the host of ``port`` has not read."""
        if not port.settings.reports(HANDPAY_PENDING):
            return None
        for handpay in self.cabinet.handpays:
            if port.index not in handpay.read_by:
                return handpay
        return None

    def answer(self, port: SasPort, request: Request, now: float) -> Answer | None:
        """Return the answer to a long poll, or None to be silent."""
        if now < self.busy_until:
            return Answer(bytes([port.address, 0]), kept=False)
        command = request.command if request.base is None else request.base
        if command is not None and not port.settings.answers(command):
            return None
        if not self.settings.polls_off.isdisjoint((request.command, command)):
            return None
        answer = answer_long_poll(self, port, request, now)
        if self.cabinet.meters.lied:
            with self.happening(now):
                pass  # writes down what was shown
        return answer

    def waiting_frame(self, port: SasPort, now: float) -> Answer | None:
        """Return a frame that waits for the next general poll on ``port``, or None."""
        return self.passing.frames.next(port, now)

    def obey(self, request: Request, now: float) -> None:
        """Take a global broadcast."""
        obey_global(self, request, now)

    def acknowledged(self, port: SasPort, done: Outstanding, now: float) -> None:
        """Write down that an answer was acknowledged, and act on it."""
        effect = done.answer.effect
        if effect is None:
            return
        with self.happening(now) as happening:
            if isinstance(effect, HandpayRead):
                happening.at_port(port, "handpay read", of=effect.n)
                self._handpay_was_read(effect.n, port.index)
                return
            if isinstance(effect, Told):
                happening.at_port(port, "told", what_of=effect.what)
                effect.act()
                return
            port.queue.remove(effect)
            code = f"{effect.code:02X}"
            facts = {} if done.whole else {"whole": False}
            happening.at_port(port, "acked", code=code, of=effect.n, **facts)
            if not done.whole:
                happening.lost(port, Lost(effect, "acknowledged, but no answer arrived whole"))

    def forget_handpays(self) -> None:
        """Drop handpays that are reset and read, and the oldest beyond what the machine keeps."""
        handpays = self.cabinet.handpays
        everyone = {port.index for port in self.ports if port.settings.reports(HANDPAY_PENDING)}
        handpays[:] = [pay for pay in handpays if not (pay.reset and everyone <= {*pay.read_by})]
        while len(handpays) > self.settings.handpays_max and handpays[0].reset:
            del handpays[0]

    def _handpay_was_read(self, n: int, index: int) -> None:
        for handpay in self.cabinet.handpays:
            if handpay.n == n and index not in handpay.read_by:
                handpay.read_by.append(index)
        self.forget_handpays()

    def host_came(self, port: SasPort, now: float) -> None:
        """Let play go on if it had stopped because nobody polled ``port``."""
        if port.index not in self.cabinet.hosts_lost:
            return
        with self.happening(now) as happening:
            self.cabinet.hosts_lost.remove(port.index)
            happening.at_port(port, "host", lost=False)

    def host_went(self, port: SasPort, now: float) -> None:
        """Do what the machine does when nobody polls ``port``."""
        does = port.settings.host_lost
        if does == "nothing" or port.index in self.cabinet.hosts_lost:
            return
        with self.happening(now) as happening:
            self.cabinet.hosts_lost.append(port.index)
            happening.at_port(port, "host", lost=True, does=does)
            if does == "tilt":
                happening.exception(GENERAL_TILT, of_port=port.index)

    def _make_ports(self, now: float) -> Iterator[SasPort]:
        settings = self.settings
        yield SasPort(0, settings.address, settings.port, self, now)
        if settings.second is not None:
            yield SasPort(1, settings.second.address, settings.second.settings, self, now)

    def _keep(self, happening: Happening) -> None:
        others = happening.others
        if not self.journal.remembers:
            if happening.records:
                pieces = [*happening.records, *(record for _, record in others)]
                self.journal.write(pieces, happening.now)
            return
        state, changes = self._changes()
        for (name, digits), (true, shown) in self.cabinet.meters.take_lies().items():
            happening.note("meter shown", meter=name, digits=digits, true=true, shown=shown)
        if not happening.records:
            assert not changes, f"{self.asset} changed without a record: {changes}"
            return
        if changes:
            happening.records[-1]["state"] = changes
        for machine, record in others:
            machine._known, record["state"] = machine._changes()  # noqa: SLF001
            happening.records.append(record)
        self.journal.write(happening.records, happening.now)
        self._known = state

    def _changes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what the machine remembers but for its meters, and what changed since it wrote."""
        state, known = self._state(), self._known
        changes = {
            key: value
            for key, value in state.items()
            if (old := known.get(key)) is not value and old != value
        }
        if meters := self.cabinet.meters.take_changes():
            changes["meters"] = meters
        return state, changes

    def _state(self) -> dict[str, Any]:
        state = self.cabinet.state()
        for port in self.ports:
            state[f"port{port.index}"] = port.queue.state()
        return state
