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

from floor_sim.faults import Fault, FaultKind, FaultSet
from floor_sim.faults.messages import superposed
from floor_sim.machine.port import Outstanding, SasPort
from protocols.sas import parmrk
from protocols.sas.errors import WireError
from protocols.sas.machine import Request, RequestReader
from protocols.sas.symbols import Symbols, chirp, from_machine
from protocols.sas.tables.polls import POLLS

CHUNK_BYTES_MAX: Final = 4096
"""Bytes from a host that wait because a fault delays them; more are dropped."""

BYTE_S: Final = 11 / 19_200
"""Seconds that one byte takes: start, eight bits, wakeup, stop."""


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
    """What goes out: an answer of ``port``, or what a fault left of one, encoded already."""

    at: float
    data: bytes
    port: SasPort | None
    completes: Outstanding | None = None


@dataclass(slots=True)
class _Late:
    """What a fault has kept back on its way to the machines."""

    at: float
    symbols: Symbols


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
        self._late_in: list[_Late] = []
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
        for piece in self.faults.from_host(data, wakeup, now).pieces:
            if not piece.late_s:
                self._hear_symbols(piece.symbols, now)
            elif sum(len(late.symbols.data) for late in self._late_in) < CHUNK_BYTES_MAX:
                self._late_in.append(_Late(now + piece.late_s, piece.symbols))

    def next_due(self) -> float | None:
        """Return when something is due, or None while nothing is."""
        times = [due.at for due in self._answers]
        times += [due.at for due in self._late_in]
        if self._reader.pending:
            times.append(self._byte_s + self.settings.gap_s)
        if self.settings.chirp:
            times += [at for port in self.ports if (at := port.next_chirp()) is not None]
        if self.faults and (own := self.faults.next_due()) is not None:
            times.append(own)
        return min(times, default=None)

    def take(self, now: float) -> list[tuple[float, bytes]]:
        """Return what goes out by ``now``: bytes and the moment at which each was due."""
        for late in sorted((one for one in self._late_in if one.at <= now), key=lambda one: one.at):
            self._late_in.remove(late)
            self._hear_symbols(late.symbols, late.at)
        if self._reader.pending and now >= self._byte_s + self.settings.gap_s:
            self._heard(self._reader.reset(), now)
        out: list[tuple[float, bytes]] = []
        for due in sorted((one for one in self._answers if one.at <= now), key=lambda one: one.at):
            if due in self._answers:
                self._answers.remove(due)
                out += self._send(due, now)
        if self.settings.chirp and not self._answers:
            out += self._chirps(now)
        out += [(at, self._shown(symbols)) for at, symbols in self.faults.take(now)]
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

    def _hear_symbols(self, symbols: Symbols, now: float) -> None:
        if symbols.data:
            known = None not in symbols.wakeup
            self._hear(symbols.data, now, symbols.wakeup if known else None)

    def _hear(self, data: bytes, now: float, wakeup: Sequence[bool | None] | None) -> None:
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
            for port in self.faults.ports(self.ports, now):
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
        for port in self.faults.ports(self.ports, now):
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
            if due.completes is not None:
                due.completes.whole = True
            return [(due.at, due.data)]
        if not self.faults:
            self.counts.answers += 1
            due.port.sent(due.at, whole=True)
            return [(due.at, self._shown(from_machine(due.data)))]
        return self._spoiled(due, due.port, now)

    def _spoiled(self, due: _Due, port: SasPort, now: float) -> list[tuple[float, bytes]]:
        """Let an answer out past the faults of the line."""
        out: list[tuple[float, bytes]] = []
        heard = from_machine(due.data)
        for other in [one for one in self._answers if _at_once(due, one)]:
            self._answers.remove(other)
            heard = superposed(heard, from_machine(other.data), round((other.at - due.at) / BYTE_S))
            assert other.port is not None, "only answers can collide"
            self.counts.answers += 1
            other.port.sent(other.at, whole=heard.data == other.data)
        self.counts.answers += 1
        passed = self.faults.to_host(heard, due.at, port.address)
        at_once = all(not piece.late_s for piece in passed.pieces)
        whole = passed.whole and heard.data == due.data
        sent = port.sent(due.at, whole=whole and at_once)
        for piece in passed.pieces:
            at, data = due.at + piece.late_s, self._shown(piece.symbols)
            last = piece is passed.pieces[-1]
            if at <= now:
                out.append((at, data))
            else:
                self._answers.append(_Due(at, data, None, sent if whole and last else None))
        return out

    def _shown(self, symbols: Symbols) -> bytes:
        """Return the bytes in which a host is given symbols."""
        if self.settings.ninth_bit == "parmrk":
            return parmrk.encode(symbols.data, symbols.wakeup)
        return symbols.data

    def _chirps(self, now: float) -> list[tuple[float, bytes]]:
        out: list[tuple[float, bytes]] = []
        heard = self.faults.ports(self.ports, now)
        for port in self.ports:
            at = port.next_chirp()
            if at is None or at > now:
                continue
            port.chirped(max(at, now))
            if port not in heard:
                continue
            self.counts.chirps += 1
            passed = self.faults.to_host(chirp(port.address), now, port.address)
            out += [(max(at, now), self._shown(piece.symbols)) for piece in passed.pieces]
        return out


def _at_once(due: _Due, other: _Due) -> bool:
    """Say whether two machines speak at the same time."""
    if due.port is None or other.port is None or due.port is other.port:
        return False
    ends, other_ends = (one.at + len(one.data) * BYTE_S for one in (due, other))
    return due.at < other_ends and other.at < ends
