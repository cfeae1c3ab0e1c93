"""A multi-drop line: every machine hears every poll; one answers; faults spoil what passes.

Pure: bytes come in with their time, and go out with the time at which they are due.

The host speaks first: whatever it sends while an answer has not gone out yet takes that answer off
the line, and the machine knows that it did not answer. So a floor that was slow to run can never
acknowledge to itself what no host has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from floor_sim.faults import Fault, FaultKind, FaultSet
from floor_sim.faults.messages import Piece, superposed
from floor_sim.machine.port import FOREVER, Outstanding, SasPort
from protocols.sas import parmrk
from protocols.sas.errors import WireError
from protocols.sas.machine import Request, RequestReader
from protocols.sas.symbols import (
    Symbols,
    chirp,
    from_machine,
    with_parity,
    without_ninth_bit,
)
from protocols.sas.tables.polls import POLLS

CHUNK_BYTES_MAX: Final = 4096
"""Bytes from a host that wait because a fault delays them; more are dropped."""

BYTE_S: Final = 11 / 19_200
"""Seconds that one byte takes: start, eight bits, wakeup, stop."""

Side = Literal["host", "egm"]
Tap = Callable[[Side, Symbols, float], None]
"""Told of all that passes at the host's end: who speaks, what, and when."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a line carries bytes.

    Attributes:
        gap_s: silence after which a message that is not complete is given up. A real line has
            0.005; a pty needs more, because processes are scheduled.
        ninth_bit: how the wakeup bit of a chirp is shown to the host: as a PARMRK escape, or not.
        chirp: machines whose link is down chirp. Without a ninth bit a chirp is a bare address
            byte, which a host cannot tell from an exception.
        wire_time: a byte takes 0.573 ms either way, as at 19,200 baud; else it takes no time.
    """

    gap_s: float = 0.005
    ninth_bit: Literal["none", "parmrk"] = "none"
    chirp: bool = True
    wire_time: bool = False


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
    """What goes out: an answer of ``port``, or a part of one that has been begun already.

    A part that ends its answer ``completes`` it, so that it can be acknowledged. One that is on the
    wire has a ``speaker``, who falls silent when the host speaks; the last has what was ``told``.
    """

    at: float
    symbols: Symbols
    port: SasPort | None
    completes: Outstanding | None = None
    speaker: SasPort | None = None
    told: Outstanding | None = None


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
        taps: told of all that passes at the host's end, before a fault spoils what the host says
            and after one has spoiled what the machines say.
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
        self.taps: list[Tap] = []
        self._host_byte_s = float("-inf")
        self._gap_s = settings.gap_s + (BYTE_S if settings.wire_time else 0.0)
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
        if self.taps:
            bits = Symbols(data, tuple(wakeup)) if wakeup is not None else without_ninth_bit(data)
            self._tell("host", bits, now)
        if not self.faults and not self.settings.wire_time:
            self._hear(data, now, wakeup)
            return
        for piece in self.faults.from_host(data, wakeup, now).pieces:
            self._bring(piece.symbols, now + piece.late_s, now)

    def _bring(self, symbols: Symbols, at: float, now: float) -> None:
        """Let symbols that the host sends at ``at`` come to the machines."""
        if self.settings.wire_time:
            begins = max(at, self._host_byte_s)
            parts = _one_by_one(begins, symbols)
            self._host_byte_s = begins + len(symbols.data) * BYTE_S
        else:
            parts = [(at, symbols)]
        for moment, part in parts:
            if moment <= now:
                self._hear_symbols(part, now)
            elif sum(len(late.symbols.data) for late in self._late_in) < CHUNK_BYTES_MAX:
                self._late_in.append(_Late(moment, part))

    def next_due(self) -> float | None:
        """Return when something is due, or None while nothing is."""
        due = min([one.at for one in self._answers], default=FOREVER)
        if self._late_in:
            due = min(due, *(one.at for one in self._late_in))
        if self._reader.half:
            due = min(due, self._byte_s + self._gap_s)
        for port in self.ports if self.settings.chirp else ():
            if port.chirps_from is not None:
                due = min(due, port.chirps_from)
        if self.faults and (own := self.faults.next_due()) is not None:
            due = min(due, own)
        return None if due == FOREVER else due

    def take(self, now: float) -> list[tuple[float, bytes]]:
        """Return what goes out by ``now``: bytes and the moment at which each was due."""
        return [(at, self._shown(symbols)) for at, symbols in self.take_symbols(now)]

    def take_symbols(self, now: float) -> list[tuple[float, Symbols]]:
        """Return the same with its ninth bits."""
        out = (self._take_past_faults if self.faults or self._late_in else self._take_answers)(now)
        for at, symbols in out if self.taps else ():
            self._tell("egm", symbols, at)
        return out

    def _take_past_faults(self, now: float) -> list[tuple[float, Symbols]]:
        """Return what goes out on a line with faults."""
        late_in = [late for late in self._late_in if late.at <= now]
        for late in sorted(late_in, key=lambda one: one.at):
            self._late_in.remove(late)
            self._hear_symbols(late.symbols, late.at)
        if self._reader.half and now >= self._byte_s + self._gap_s:
            self._heard(self._reader.reset(), now)
        out: list[tuple[float, Symbols]] = []
        while ready := [due for due in self._answers if due.at <= now]:
            due = min(ready, key=lambda one: one.at)
            self._answers.remove(due)
            out += self._send(due, now)
        if self.settings.chirp and not self._answers:
            out += self._chirps(now)
        if self.faults:
            out += self.faults.take(now)
        return [(at, symbols) for at, symbols in out if symbols.data]

    def _take_answers(self, now: float) -> list[tuple[float, Symbols]]:
        """Return what goes out on a line where nothing but answers and chirps can come."""
        if self._reader.half and now >= self._byte_s + self._gap_s:
            self._heard(self._reader.reset(), now)
        out: list[tuple[float, Symbols]] = []
        while answers := self._answers:
            due = answers[0] if len(answers) == 1 else min(answers, key=lambda one: one.at)
            if due.at > now:
                break
            answers.remove(due)
            out += self._send(due, now)
        if self.settings.chirp and not answers:
            out += self._chirps(now)
        return out

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
            elif due.speaker is not None and due.told is not None:
                due.speaker.cut_short(due.told)
                self.counts.overtaken += 1
        self._answers = [due for due in self._answers if due.port is due.speaker is None]

    def _tell(self, side: Side, symbols: Symbols, at: float) -> None:
        for tap in self.taps:
            tap(side, symbols, at)

    def _hear_symbols(self, symbols: Symbols, now: float) -> None:
        if symbols.data:
            known = None not in symbols.wakeup
            self._hear(symbols.data, now, symbols.wakeup if known else None)

    def _hear(self, data: bytes, now: float, wakeup: Sequence[bool | None] | None) -> None:
        if now - self._byte_s > self._gap_s and (cut := self._reader.reset()):
            self._heard(cut, now)
        self._byte_s = now
        if self._answers and (wakeup is None or any(bit is not False for bit in wakeup)):
            self._overtake()
        self._heard(self._reader.feed(data, wakeup), now)

    def _heard(self, items: Sequence[Request | WireError], now: float) -> None:
        for item in items:
            if isinstance(item, WireError) and len(item.raw) < 2:
                self.counts.bad += 1  # a stray byte after a poll: machines take no notice of it
                continue
            self._overtake()  # several polls in one burst: only the last is answered
            if isinstance(item, WireError):
                self.counts.bad += 1
                self._refuse(item, now)
                continue
            self.counts.polls += 1
            self.heard_s = now
            # a large floor has eight machines on a line, and each hears them all
            address = None if item.kind == "global" else item.address
            for port in self.faults.ports(self.ports, now) if self.faults else self.ports:
                others = address != port.address and address is not None
                if (others and now <= port.idle_until) or port.dead:
                    continue
                reply = port.hear(item, now)
                if reply is not None:
                    self._answer(port, reply, now)

    def _listening(self, now: float) -> list[SasPort]:
        """Return who hears: whoever has power, and is not kept from it by a fault."""
        return [port for port in self.faults.ports(self.ports, now) if not port.dead]

    def _refuse(self, error: WireError, now: float) -> None:
        """Let the machine that a spoiled message was for say NACK; globals are dropped."""
        row = POLLS.get(error.raw[1])
        if row is None or not row.has_crc:
            return
        for port in self._listening(now):
            if port.address == error.raw[0]:
                reply = port.hear_bad(now)
                if reply is not None:
                    self._answer(port, reply, now)

    def _answer(self, port: SasPort, reply: bytes, now: float) -> None:
        low, high = port.settings.turn_round_s
        due = now + self._turn_round.uniform(low, high)
        symbols = from_machine(reply) if port.settings.ninth_bit == "space" else with_parity(reply)
        self._answers.append(_Due(due, symbols, port))

    def _send(self, due: _Due, now: float) -> list[tuple[float, Symbols]]:
        speaker = due.port or due.speaker
        if speaker is not None and speaker.dead:
            return []
        if due.port is None:
            if due.completes is not None:
                due.completes.whole = True
            return [(due.at, due.symbols)]
        if not self.faults and not self.settings.wire_time:
            self.counts.answers += 1
            due.port.sent(due.at, whole=True)
            return [(due.at, due.symbols)]
        return self._spoiled(due, due.port, now)

    def _spoiled(self, due: _Due, port: SasPort, now: float) -> list[tuple[float, Symbols]]:
        """Let an answer out past the faults of the line, and byte by byte where that takes time."""
        out: list[tuple[float, Symbols]] = []
        heard = due.symbols
        for other in [one for one in self._answers if _at_once(due, one)]:
            self._answers.remove(other)
            heard = superposed(heard, other.symbols, round((other.at - due.at) / BYTE_S))
            assert other.port is not None, "only answers can collide"
            self.counts.answers += 1
            other.port.sent(other.at, whole=heard.data == other.symbols.data)
        self.counts.answers += 1
        passed = self.faults.to_host(heard, due.at, port.address)
        at_once = all(not piece.late_s for piece in passed.pieces)
        whole = passed.whole and heard.data == due.symbols.data
        if self.settings.wire_time:
            self._spell(port, port.sent(due.at, whole=False), due.at, passed.pieces, whole=whole)
            return []
        sent = port.sent(due.at, whole=whole and at_once)
        for piece in passed.pieces:
            at = due.at + piece.late_s
            last = piece is passed.pieces[-1]
            if at <= now:
                out.append((at, piece.symbols))
            else:
                done = sent if whole and last else None
                self._answers.append(_Due(at, piece.symbols, None, done))
        return out

    def _spell(
        self, port: SasPort, sent: Outstanding | None, at: float, pieces: Sequence[Piece], *,
        whole: bool,
    ) -> None:  # fmt: skip
        """Let an answer go out byte by byte; with the last one it can be acknowledged."""
        parts = [part for piece in pieces for part in _one_by_one(at + piece.late_s, piece.symbols)]
        for number, (moment, part) in enumerate(parts, 1):
            told = sent if number == len(parts) else None
            self._answers.append(_Due(moment, part, None, told if whole else None, port, told))

    def _shown(self, symbols: Symbols) -> bytes:
        """Return the bytes in which a host is given symbols."""
        if self.settings.ninth_bit == "parmrk":
            return parmrk.encode(symbols.data, symbols.wakeup)
        return symbols.data

    def _chirps(self, now: float) -> list[tuple[float, Symbols]]:
        out: list[tuple[float, Symbols]] = []
        due = [port for port in self.ports if port.chirps_from is not None]
        heard = self.faults.ports(self.ports, now) if due else ()
        for port in due:
            at = port.chirps_from
            if at is None or at > now:
                continue
            port.chirped(max(at, now))
            if port not in heard:
                continue
            self.counts.chirps += 1
            passed = self.faults.to_host(chirp(port.address), now, port.address)
            out += [(max(at, now), piece.symbols) for piece in passed.pieces]
        return out


def _at_once(due: _Due, other: _Due) -> bool:
    """Say whether two machines speak at the same time."""
    if due.port is None or other.port is None or due.port is other.port:
        return False
    ends, other_ends = (one.at + len(one.symbols.data) * BYTE_S for one in (due, other))
    return due.at < other_ends and other.at < ends


def _one_by_one(begins: float, symbols: Symbols) -> list[tuple[float, Symbols]]:
    """Return each symbol with the moment at which it is over on the wire."""
    return [
        (begins + number * BYTE_S, Symbols(symbols.data[number - 1 : number], (bit,)))
        for number, bit in enumerate(symbols.wakeup, 1)
    ]
