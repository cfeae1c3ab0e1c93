"""The faults of one line, added and removed while it runs.

A fault looks at every message that passes in its direction, and spoils some: one by one with its
probability, at most ``count`` times, between its start and its end. Others let something pass that
nobody has sent. The machine and the host do not know; the line tells the machine's port only
whether an answer went out whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final

from floor_sim.chance import draw
from floor_sim.faults.fault import Direction, Fault
from floor_sim.faults.messages import Passed, Piece, is_whole, marked, spoil
from floor_sim.faults.table import FAULTS, FaultKind, Place
from floor_sim.faults.twin import twin_port
from floor_sim.machine.port import SasPort
from protocols.sas.symbols import Symbols, chirp, from_machine, joined, without_ninth_bit

NEVER: Final = float("inf")
CHIRP_S: Final = 0.2
"""Seconds between two chirps. Montana DOJ, SAS implementation guide."""
STALE_AHEAD_S: Final = 0.01
"""Seconds by which a stale answer comes before the one that is due."""
WAITING_MAX: Final = 64
"""Messages of its own that a line holds until somebody takes them; the oldest go first."""

_NINTH: Final = frozenset({FaultKind.NOISE, FaultKind.NINTH_MISSING, FaultKind.NINTH_EXTRA})
_DEAD: Final = frozenset({FaultKind.PULL, FaultKind.VANISH})
_AT_ITS_TIME: Final = frozenset({FaultKind.JUNK, FaultKind.STUCK_CHIRP, FaultKind.VANISH})


@dataclass(slots=True)
class _Active:
    fault: Fault
    nth: int
    begins: float
    ends: float
    left: int | None
    next_s: float = NEVER
    seen: int = 0
    spoiled: int = 0
    held: Symbols | None = None
    wait: int = 0
    port: SasPort | None = None

    def over(self, now: float) -> str | None:
        if now >= self.ends:
            return "time"
        return "count" if self.left == 0 and self.held is None else None

    def on(self, now: float) -> bool:
        return self.begins <= now < self.ends

    def used(self) -> None:
        self.spoiled += 1
        if self.left is not None:
            self.left -= 1


class FaultSet:
    """The faults of one line.

    Args:
        seed: the floor's seed; which messages are spoiled depends on it, on ``name`` and on how
            many passed.
        name: the line.

    Attributes:
        numbers: where a new fault's number comes from.
        over: told of a fault that ended by itself: number, reason ("time" or "count"), the moment.
        changed: told that a fault was added or removed, so that something may be due earlier.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._seed = seed
        self._name = name
        self._faults: dict[int, _Active] = {}
        self._nth: dict[FaultKind, int] = {}
        self._own: list[tuple[float, Symbols]] = []
        self._junk_since_poll = False
        self.numbers: Iterator[int] = count(1)
        self.over: Callable[[int, str, float], None] | None = None
        self.changed: Callable[[], object] | None = None

    def __bool__(self) -> bool:
        return bool(self._faults or self._own or self._junk_since_poll)

    def add(self, fault: Fault, now: float) -> int:
        """Add ``fault``, of a kind that acts on messages or lines; return its number."""
        assert FAULTS[fault.kind].place in {Place.MESSAGE, Place.LINE}, f"{fault.kind} on a line"
        nth = self._nth[fault.kind] = self._nth.get(fault.kind, 0) + 1
        begins = now + fault.start_s
        ends = begins + fault.seconds if fault.seconds is not None else NEVER
        active = _Active(fault, nth, begins, ends, fault.count)
        if fault.kind in _AT_ITS_TIME:
            active.next_s = begins
        if fault.kind is FaultKind.TWIN and fault.address is not None:
            active.port = twin_port(fault.address, begins)
        number = next(self.numbers)
        self._faults[number] = active
        self._tell()
        return number

    def remove(self, number: int) -> bool:
        """Remove a fault; say whether it was there."""
        was_there = self._faults.pop(number, None) is not None
        if was_there:
            self._tell()
        return was_there

    def clear(self) -> None:
        """Remove every fault."""
        self._faults.clear()
        self._tell()

    def active(self, now: float) -> dict[int, Fault]:
        """Return the faults that are not over, by number."""
        self._forget(now)
        return {number: active.fault for number, active in self._faults.items()}

    def spoiled(self, number: int) -> int:
        """Return how often a fault that is still there did something."""
        return self._faults[number].spoiled if number in self._faults else 0

    def pulled(self, now: float) -> bool:
        """Say whether the cable is out."""
        return any(self._on(now, FaultKind.PULL))

    def gone(self, now: float) -> bool:
        """Say whether the host's port is not there."""
        return any(self._on(now, FaultKind.VANISH))

    def ports(self, ports: Sequence[SasPort], now: float) -> Sequence[SasPort]:
        """Return who hears and speaks: ``ports``, without the stuck, and the twins."""
        if not self._faults:
            return ports
        stuck = {one.fault.address for one in self._on(now, FaultKind.STUCK_CHIRP)}
        here = [port for port in ports if port.address not in stuck]
        twins = [one.port for one in self._on(now, FaultKind.TWIN)]
        return here + [port for port in twins if port is not None]

    def from_host(self, data: bytes, wakeup: Sequence[bool] | None, now: float) -> Passed:
        """Return what machines hear of what the host says.

        Args:
            data: its bytes.
            wakeup: their ninth bits; None where the line does not carry them. A fault of the ninth
                bit then supposes that the host set them right.
            now: the moment.
        """
        self._forget(now)
        self._junk_since_poll = False
        symbols = without_ninth_bit(data) if wakeup is None else Symbols(data, tuple(wakeup))
        shown = marked(data) if wakeup is None else symbols
        if wakeup is None and any(
            one.fault.kind in _NINTH and _concerns(one.fault, Direction.TO_EGM, None)
            for one in self._on(now)
        ):
            symbols = shown
        for active in self._on(now, FaultKind.ECHO):
            if self._draw(active).random() < active.fault.probability:
                active.used()
                self._put(now, shown)
        return self.apply(symbols, Direction.TO_EGM, now)

    def to_host(self, symbols: Symbols, now: float, address: int) -> Passed:
        """Return what the host hears of what the EGM with ``address`` says."""
        passed = self.apply(symbols, Direction.TO_HOST, now, address)
        return Passed(passed.pieces, whole=False) if self._junk_since_poll else passed

    def apply(
        self, symbols: Symbols, direction: Direction, now: float, address: int | None = None
    ) -> Passed:
        """Return what is left of a message; ``address`` is that of the EGM which speaks."""
        pieces: tuple[Piece, ...] = (Piece(0.0, symbols),)
        if not self._faults:
            return Passed(pieces)
        self._forget(now)
        if any(self._on(now, *_DEAD)):
            return Passed((), whole=False)
        for active in self._on(now):
            if not _concerns(active.fault, direction, address):
                continue
            chance = self._draw(active)
            if active.fault.kind is FaultKind.STALE:
                pieces = _stale(active, pieces, chance)
            elif chance.random() < active.fault.probability:
                active.used()
                pieces = spoil(active.fault, pieces, chance)
        return Passed(pieces, is_whole(symbols, pieces))

    def next_due(self) -> float | None:
        """Return when the line has something of its own to send or to do, or None."""
        due = min((at for at, _ in self._own), default=NEVER)
        for active in self._faults.values():
            if active.left != 0 and active.next_s < active.ends + CHIRP_S:
                due = min(due, active.next_s)
        return None if due == NEVER else due

    def take(self, now: float) -> list[tuple[float, Symbols]]:
        """Return what comes to the host by ``now`` that nobody has sent as an answer."""
        if not self:
            return []
        for active in list(self._faults.values()):
            if active.next_s <= now:
                self._act(active, now)
        out = [(at, symbols) for at, symbols in self._own if at <= now]
        self._own = [(at, symbols) for at, symbols in self._own if at > now]
        self._forget(now)
        dead = any(self._on(now, *_DEAD))
        return [] if dead else sorted(out, key=lambda one: one[0])

    def _act(self, active: _Active, now: float) -> None:
        """Do what a fault does at its time; a time that was missed is not made up for."""
        fault, at = active.fault, max(active.next_s, active.begins)
        if fault.kind is FaultKind.VANISH:
            active.next_s = active.ends if at < active.ends else NEVER
            return
        every_s = CHIRP_S if fault.kind is FaultKind.STUCK_CHIRP else fault.every_s
        active.next_s = max(at, now - every_s) + every_s
        if at >= active.ends or active.left == 0:
            active.next_s = NEVER
            return
        chance = self._draw(active)
        if chance.random() >= fault.probability:
            return
        active.used()
        if fault.kind is FaultKind.STUCK_CHIRP:
            assert fault.address is not None, "the table says that it needs one"
            self._put(at, chirp(fault.address))
            return
        self._junk_since_poll = True
        self._put(at, from_machine(chance.randbytes(chance.randint(1, fault.bytes_max))))

    def _put(self, at: float, symbols: Symbols) -> None:
        self._own = [*self._own, (at, symbols)][-WAITING_MAX:]

    def _on(self, now: float, *kinds: FaultKind) -> Iterator[_Active]:
        """Yield the faults that act now, of some kinds or of all."""
        for active in self._faults.values():
            if (
                (not kinds or active.fault.kind in kinds)
                and active.on(now)
                and not active.over(now)
            ):
                yield active

    def _draw(self, active: _Active) -> Random:
        active.seen += 1
        return draw(self._seed, self._name, active.fault.kind, active.nth, active.seen)

    def _forget(self, now: float) -> None:
        ended = {number: why for number, one in self._faults.items() if (why := one.over(now))}
        for number, why in ended.items():
            if self.over is not None:
                self.over(number, why, now)
            self._faults.pop(number, None)  # whoever was told may have removed it

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()


def _concerns(fault: Fault, direction: Direction, address: int | None) -> bool:
    if FAULTS[fault.kind].place is not Place.MESSAGE:
        return False
    if fault.address is not None and fault.address != address:
        return False
    return fault.direction in {direction, Direction.BOTH}


def _stale(active: _Active, pieces: tuple[Piece, ...], chance: Random) -> tuple[Piece, ...]:
    """Keep one message back, and let it come before a later one."""
    if active.held is None:
        if active.left == 0 or chance.random() >= active.fault.probability:
            return pieces
        active.used()
        active.held = joined(piece.symbols for piece in pieces)
        active.wait = active.fault.polls_later
        return ()
    active.wait -= 1
    if active.wait:
        return pieces
    stale, active.held = active.held, None
    later = [Piece(piece.late_s + STALE_AHEAD_S, piece.symbols) for piece in pieces]
    return (Piece(0.0, stale), *later)
