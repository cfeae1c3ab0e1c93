"""Faults of a line: nouns that are added and removed while it runs.

A fault looks at every message that passes in its direction, and spoils some: one by one with its
probability, at most ``count`` times, between its start and its end. The machine and the host do
not know; the line tells the machine's port only whether an answer went out whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from pydantic import Field

from edge_config.table import Table
from floor_sim.chance import draw


class FaultKind(StrEnum):
    """What a fault does to a message."""

    DROP = "drop"
    """One byte is missing."""
    FLIP = "flip"
    """One bit is wrong."""
    TRUNCATE = "truncate"
    """The end is missing; at least one byte is."""
    DELAY = "delay"
    """All of it comes ``delay_s`` later."""
    SILENCE = "silence"
    """Nothing comes."""
    PULL = "pull"
    """The cable is out: nothing comes in either direction, whatever the fault's direction."""


class Direction(StrEnum):
    """Which way the bytes go."""

    TO_HOST = "to_host"
    TO_EGM = "to_egm"
    BOTH = "both"


class Fault(Table):
    """One fault."""

    kind: FaultKind = Field(strict=False)
    """What it does."""
    direction: Direction = Field(default=Direction.TO_HOST, strict=False)
    """Which messages it may spoil."""
    probability: float = Field(default=1.0, ge=0, le=1)
    """Share of the messages that it spoils, 0 to 1."""
    count: int | None = Field(default=None, ge=1)
    """Messages that it spoils at most; it is over then. Nothing: no limit."""
    start_s: float = Field(default=0.0, ge=0)
    """Seconds from the moment it is added until it begins."""
    seconds: float | None = Field(default=None, gt=0)
    """Seconds that it lasts once it has begun. Nothing: until it is removed."""
    delay_s: float = Field(default=0.1, gt=0, le=60)
    """Seconds that a delayed message is late."""
    address: int | None = Field(default=None, ge=1, le=127)
    """Spoil only answers of the EGM with this address. Nothing: every message."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What is left of a message.

    Attributes:
        data: its bytes.
        late_s: seconds by which it is late.
        whole: nothing happened to its bytes.
    """

    data: bytes
    late_s: float = 0.0
    whole: bool = True


@dataclass(slots=True)
class _Active:
    fault: Fault
    begins: float
    ends: float
    left: int | None
    seen: int = 0

    def over(self, now: float) -> bool:
        return now >= self.ends or self.left == 0


class FaultSet:
    """The faults of one line.

    Args:
        seed: the floor's seed; which messages are spoiled depends on it, on ``name`` and on how
            many passed.
        name: the line.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._seed = seed
        self._name = name
        self._faults: dict[int, _Active] = {}
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault, now: float) -> int:
        """Add ``fault``; return its number, by which it can be removed."""
        self._added += 1
        begins = now + fault.start_s
        ends = begins + fault.seconds if fault.seconds is not None else float("inf")
        self._faults[self._added] = _Active(fault, begins, ends, fault.count)
        return self._added

    def remove(self, number: int) -> bool:
        """Remove a fault; say whether it was there."""
        return self._faults.pop(number, None) is not None

    def clear(self) -> None:
        """Remove every fault."""
        self._faults.clear()

    def active(self, now: float) -> dict[int, Fault]:
        """Return the faults that are not over, by number."""
        self._forget(now)
        return {number: active.fault for number, active in self._faults.items()}

    def pulled(self, now: float) -> bool:
        """Say whether the cable is out."""
        return any(
            active.fault.kind is FaultKind.PULL and active.begins <= now and not active.over(now)
            for active in self._faults.values()
        )

    def apply(
        self, data: bytes, direction: Direction, now: float, address: int | None = None
    ) -> Passed:
        """Return what is left of ``data``; ``address`` is that of the EGM which speaks."""
        if not self._faults:
            return Passed(data)
        self._forget(now)
        passed = Passed(data)
        for number, active in self._faults.items():
            if active.begins <= now and _concerns(active.fault, direction, address):
                active.seen += 1
                chance = draw(self._seed, self._name, "fault", number, active.seen)
                if chance.random() < active.fault.probability:
                    passed = _spoil(active.fault, passed, chance)
                    if active.left is not None:
                        active.left -= 1
        return passed

    def _forget(self, now: float) -> None:
        over = [number for number, active in self._faults.items() if active.over(now)]
        for number in over:
            del self._faults[number]


def _concerns(fault: Fault, direction: Direction, address: int | None) -> bool:
    if fault.kind is FaultKind.PULL:
        return True
    if fault.address is not None and fault.address != address:
        return False
    return fault.direction in {direction, Direction.BOTH}


def _spoil(fault: Fault, passed: Passed, chance: Random) -> Passed:
    data = passed.data
    if fault.kind is FaultKind.DELAY:
        return Passed(data, passed.late_s + fault.delay_s, passed.whole)
    if not data or fault.kind in {FaultKind.SILENCE, FaultKind.PULL}:
        return Passed(b"", passed.late_s, whole=False)
    at = chance.randrange(len(data))
    if fault.kind is FaultKind.DROP:
        data = data[:at] + data[at + 1 :]
    elif fault.kind is FaultKind.TRUNCATE:
        data = data[:at]
    else:
        data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    return Passed(data, passed.late_s, whole=False)
