"""The exceptions of one SAS port that a host has not taken yet.

Twenty queue up in order; priority exceptions are flags, one of each code, and go out before the
queue. An entry leaves only when its answer is acknowledged; the port decides when that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from floor_sim.machine.settings import PortSettings

OVERFLOW = 0x70


class Entry(NamedTuple):
    """One exception that waits.

    Attributes:
        code: exception code.
        n: number of its record in the journal.
        data: what a real-time event of it carries, as hex.
    """

    code: int
    n: int
    data: str = ""

    @property
    def kept(self) -> list[int | str]:
        """What is remembered of it, as JSON."""
        return [self.code, self.n, self.data] if self.data else [self.code, self.n]


class Lost(NamedTuple):
    """One exception that no host will get.

    Attributes:
        entry: what is lost.
        reason: why, for the journal.
    """

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of an exception that was posted.

    Attributes:
        lost: what is lost by it.
        overflow: the overflow flag must be raised.
    """

    lost: tuple[Lost, ...] = ()
    overflow: bool = False


class ExceptionQueue:
    """Queue and flags of one port."""

    def __init__(self, settings: PortSettings) -> None:
        self._settings = settings
        self._entries: list[Entry] = []
        self._flags: dict[int, list[Entry]] = {}
        self._state: dict[str, list[list[int | str]]] | None = None

    def __len__(self) -> int:
        return len(self._entries) + sum(len(flag) for flag in self._flags.values())

    def post(self, entry: Entry, in_flight: Entry | None) -> Posted:
        """Add ``entry``.

        Args:
            entry: what happened.
            in_flight: what was sent and awaits its ACK; it cannot be lost, and an equal flag that
                is raised meanwhile is kept beside it.
        """
        if entry.code in self._settings.priority:
            flag = self._flags.setdefault(entry.code, [])
            if any(other != in_flight for other in flag):
                return Posted((Lost(entry, "its priority flag was still raised"),))
            flag.append(entry)
            self._state = None
            return Posted()
        self._state = None
        if len(self._entries) < self._settings.queue_max:
            self._entries.append(entry)
            return Posted()
        if self._settings.overflow_loses == "newest":
            victim = entry
        else:
            victim = next(other for other in self._entries if other != in_flight)
            self._entries.remove(victim)
            self._entries.append(entry)
        overflow = not any(other != in_flight for other in self._flags.get(OVERFLOW, ()))
        return Posted((Lost(victim, "overflow"),), overflow)

    def head(self) -> Entry | None:
        """Return what goes out next, without taking it."""
        if self._flags:
            for code in self._settings.priority:
                if flag := self._flags.get(code):
                    return flag[0]
        return self._entries[0] if self._entries else None

    def holds(self, entry: Entry) -> bool:
        """Say whether ``entry`` still waits."""
        return entry in self._entries or entry in self._flags.get(entry.code, ())

    def remove(self, entry: Entry) -> None:
        """Take ``entry`` out: a host has it."""
        self._state = None
        flag = self._flags.get(entry.code)
        if flag and entry in flag:
            flag.remove(entry)
            if not flag:
                del self._flags[entry.code]
        elif entry in self._entries:
            self._entries.remove(entry)

    def waiting(self) -> Iterable[Entry]:
        """Yield what waits, in the order in which it would go out."""
        for code in self._settings.priority:
            yield from self._flags.get(code, ())
        yield from self._entries

    def state(self) -> dict[str, list[list[int | str]]]:
        """Return what waits, as JSON; the same object as long as nothing changes."""
        if self._state is None:
            self._state = {
                "queue": [entry.kept for entry in self._entries],
                "flags": [entry.kept for flag in self._flags.values() for entry in flag],
            }
        return self._state

    def restore(self, state: dict[str, Sequence[Sequence[Any]]]) -> None:
        """Take over what waited."""
        self._state = None
        self._entries = [Entry(*kept) for kept in state.get("queue", ())]
        self._flags = {}
        for kept in state.get("flags", ()):
            entry = Entry(*kept)
            self._flags.setdefault(entry.code, []).append(entry)
