"""Where a machine writes down what happens to it, before it acts on it.

A machine's memory is what its journal holds: each write carries what changed in the machine, so
that a power cut between two writes loses nothing and leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Record = dict[str, Any]
"""One line of the journal: JSON values by key."""


class Journal(Protocol):
    """Takes records; a record is kept once ``write`` has returned."""

    remembers: bool
    """It is the machines' memory too: what changed in them is written with what happened."""

    @property
    def next_n(self) -> int:
        """Number that the next record will get."""
        ...

    def write(self, records: Sequence[Mapping[str, Any]], now: float) -> None:
        """Keep ``records``, all or none, numbered from ``next_n`` on.

        Args:
            records: what happened, in order; the key ``state`` of the last one holds what changed
                in the machine.
            now: seconds on the floor's clock.

        Raises:
            LedgerError: they could not be kept; the floor must stop.
        """
        ...


class MemoryJournal:
    """A journal in memory: for tests and simulations.

    Attributes:
        records: everything written, oldest first.
    """

    remembers = True

    def __init__(self) -> None:
        self.records: list[Record] = []

    @property
    def next_n(self) -> int:
        """Number that the next record will get."""
        return len(self.records) + 1

    def write(self, records: Sequence[Mapping[str, Any]], now: float) -> None:
        """Keep ``records`` in the list, with their number and time."""
        for record in records:
            self.records.append({"n": self.next_n, "t": now, **record})

    def codes(self, asset: str, what: str = "exception") -> list[str]:
        """Return the codes of the records of one kind about one machine, in order."""
        return [
            record["code"]
            for record in self.records
            if record.get("egm") == asset and record["what"] == what
        ]

    def memory(self, asset: str) -> Record:
        """Return what the machine remembers, put together from every write."""
        memory: Record = {}
        for record in self.records:
            if record.get("egm") == asset:
                merge(memory, record.get("state", {}))
        return memory


def merge(memory: Record, changes: Mapping[str, Any]) -> None:
    """Bring ``memory`` up to date: meters are merged one by one, all else is replaced."""
    for key, value in changes.items():
        if key == "meters":
            memory.setdefault("meters", {}).update(value)
        else:
            memory[key] = value
