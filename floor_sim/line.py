"""A multi-drop line: every machine hears every poll; one answers; faults spoil what passes.

Pure: bytes come in with their time, bytes go out with the time at which they are due. A pty, a
socket or a simulation in memory carries them.

The host speaks first: whatever it sends while an answer has not gone out yet takes that answer off
the line, and the machine knows that it did not answer. So a floor that was slow to run can never
acknowledge to itself what no host has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from floor_sim.faults import Direction, Fault, FaultKind, FaultSet
from floor_sim.machine.port import SasPort
from protocols.sas import parmrk
from protocols.sas.errors import WireError
from protocols.sas.machine import Request, RequestReader
from protocols.sas.tables.polls import POLLS

CHUNK_BYTES_MAX: Final = 4096
"""Bytes from a host that wait because a fault delays them; more are dropped."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a line carries bytes.

    Attributes:
        gap_s: silence after which a message that is not complete is given up. A real line has
            0.005; a pty needs more, because processes are scheduled.
        ninth_bit: how the wakeup bit of a chirp is shown to the host: as a PARMRK escape, or not.
        chirp: machines whose link is down chirp. Without a ninth bit a chirp is a bare address
            byte, which a host cannot tell from an exception.
    """

    gap_s: float = 0.005
    ninth_bit: Literal["none", "parmrk"] = "none"
    chirp: bool = True


@dataclass(slots=True)
class LineCounts:
    """What passed on a line.

    Attributes:
        polls: good polls heard, whoever they were for.
        answers: answers that went out.
        bad: bytes or messages that were no poll.
        overtaken: answers taken off the line because the host spoke first.
        chirps: chirps sent.
    """

    polls: int = 0
    answers: int = 0
    bad: int = 0
    overtaken: int = 0
    chirps: int = 0


@dataclass(slots=True)
class _Due:
    at: float
    data: bytes
    port: SasPort | None


class Line:
    """One line.

    Args:
        name: its name.
        ports: the SAS ports that hang on it.
        settings: how it carries bytes.
        seed: the floor's seed: turn-round times and faults depend on it.

    Attributes:
        counts: what passed.
        heard_s: moment of the last good poll, or None.
    """

    def __init__(
        self, name: str, ports: Sequence[SasPort], settings: LineSettings, seed: int = 0
    ) -> None:
        self.name = name
        self.settings = settings
        self.ports = tuple(ports)
        self.faults = FaultSet(seed, name)
        self.counts = LineCounts()
        self.heard_s: float | None = None
        self._reader = RequestReader()
        self._byte_s = float("-inf")
        self._answers: list[_Due] = []
        self._late_in: list[_Due] = []
        self._turn_round = Random(f"{seed} {name}")  # noqa: S311  # play, not cryptography

    def pull(self, seconds: float, now: float) -> int:
        """Pull the cable for a while; return the number of the fault."""
        return self.faults.add(Fault(kind=FaultKind.PULL, seconds=seconds), now)

    def host_write(self, data: bytes, now: float, wakeup: Sequence[bool] | None = None) -> None:
        """Take bytes from the host.

        Args:
            data: the bytes.
            now: the moment at which they came.
            wakeup: ninth bit of each, or None where the transport has none.
        """
        if not data:
            return
        if not self.faults:
            self._hear(data, now, wakeup)
            return
        passed = self.faults.apply(data, Direction.TO_EGM, now)
        if passed.late_s and sum(len(late.data) for late in self._late_in) < CHUNK_BYTES_MAX:
            self._late_in.append(_Due(now + passed.late_s, passed.data, None))
        elif not passed.late_s and passed.data:
            self._hear(passed.data, now, wakeup if passed.whole else None)

    def next_due(self) -> float | None:
        """Return when something is due, or None while nothing is."""
        times = [due.at for due in self._answers]
        times += [due.at for due in self._late_in]
        if self._reader.pending:
            times.append(self._byte_s + self.settings.gap_s)
        if self.settings.chirp:
            times += [at for port in self.ports if (at := port.next_chirp()) is not None]
        return min(times, default=None)

    def take(self, now: float) -> list[tuple[float, bytes]]:
        """Return what goes out by ``now``: bytes and the moment at which each was due."""
        while self._late_in and self._late_in[0].at <= now:
            late = self._late_in.pop(0)
            self._hear(late.data, late.at, None)
        if self._reader.pending and now >= self._byte_s + self.settings.gap_s:
            self._heard(self._reader.reset(), now)
        out: list[tuple[float, bytes]] = []
        for due in [due for due in self._answers if due.at <= now]:
            self._answers.remove(due)
            out += self._send(due, now)
        if self.settings.chirp and not self._answers:
            out += self._chirps(now)
        return [(at, data) for at, data in out if data]

    def tick(self, now: float) -> None:
        """Let every port notice a link that went down."""
        for port in self.ports:
            port.tick(now)

    def _overtake(self) -> None:
        if not self._answers:
            return
        for due in self._answers:
            if due.port is not None:
                due.port.unsent()
                self.counts.overtaken += 1
        self._answers = [due for due in self._answers if due.port is None]

    def _hear(self, data: bytes, now: float, wakeup: Sequence[bool] | None) -> None:
        if now - self._byte_s > self.settings.gap_s:
            self._heard(self._reader.reset(), now)
        self._byte_s = now
        self._overtake()
        self._heard(self._reader.feed(data, wakeup), now)

    def _heard(self, items: Sequence[Request | WireError], now: float) -> None:
        for item in items:
            self._overtake()  # several polls in one burst: only the last is answered
            if isinstance(item, WireError):
                self.counts.bad += 1
                self._refuse(item, now)
                continue
            self.counts.polls += 1
            self.heard_s = now
            for port in self.ports:
                reply = port.hear(item, now)
                if reply is not None:
                    self._answer(port, reply, now)

    def _refuse(self, error: WireError, now: float) -> None:
        """Let the machine that a spoiled message was for say NACK; globals are dropped."""
        if len(error.raw) < 2:
            return
        row = POLLS.get(error.raw[1])
        if row is None or not row.has_crc:
            return
        for port in self.ports:
            if port.address == error.raw[0]:
                reply = port.hear_bad(now)
                if reply is not None:
                    self._answer(port, reply, now)

    def _answer(self, port: SasPort, reply: bytes, now: float) -> None:
        low, high = port.settings.turn_round_s
        due = now + self._turn_round.uniform(low, high)
        self._answers.append(_Due(due, reply, port))

    def _send(self, due: _Due, now: float) -> list[tuple[float, bytes]]:
        if due.port is None:
            return [(due.at, due.data)]
        self.counts.answers += 1
        passed = self.faults.apply(due.data, Direction.TO_HOST, due.at, due.port.address)
        due.port.sent(due.at, whole=passed.whole)
        data = parmrk.encode(passed.data) if self.settings.ninth_bit == "parmrk" else passed.data
        if passed.late_s:
            late = _Due(due.at + passed.late_s, data, None)
            if late.at > now:
                self._answers.append(late)
                return []
            return [(late.at, data)]
        return [(due.at, data)]

    def _chirps(self, now: float) -> list[tuple[float, bytes]]:
        out: list[tuple[float, bytes]] = []
        for port in self.ports:
            at = port.next_chirp()
            if at is None or at > now:
                continue
            port.chirped(max(at, now))
            self.counts.chirps += 1
            data = bytes([port.address])
            if self.settings.ninth_bit == "parmrk":
                data = parmrk.encode(data, wakeup=(True,))
            passed = self.faults.apply(data, Direction.TO_HOST, now, port.address)
            out.append((max(at, now), passed.data))
        return out
