"""The newest records of a ledger, for whoever looks on while the floor runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from floor_sim.ledger import LEDGER
from floor_sim.machine.journal import MemoryJournal, Record

TAIL_BYTES: Final = 256 * 1024
"""Bytes at the end of a ledger that are looked at: some hundred records."""

RECORDS_MAX: Final = 500
"""Records in one answer."""

_HIDDEN: Final = frozenset({"state", "c", "more"})
"""Keys that serve the machines' memory, not a reader."""

Tail = Callable[[int, int, str | None], list[Record]]
"""Gives the newest records: behind which number, how many at most, of which machine."""


def tail_of_folder(folder: Path) -> Tail:
    """Return what gives the newest records of the ledger in a run folder, read from its end.

    Records of a file that was just begun are all there is until more come.
    """

    def tail(after: int, limit: int, egm: str | None) -> list[Record]:
        return _newest(_from_the_end(folder / LEDGER), after, limit, egm)

    return tail


def tail_of_memory(journal: MemoryJournal) -> Tail:
    """Return what gives the newest records of a journal in memory."""
    return lambda after, limit, egm: _newest(reversed(journal.records), after, limit, egm)


def _newest(
    backwards: Iterable[dict[str, Any]], after: int, limit: int, egm: str | None
) -> list[Record]:
    found: list[Record] = []
    for record in backwards:
        if record["n"] <= after or len(found) == limit:
            break
        if egm is None or record.get("egm") == egm:
            found.append({key: value for key, value in record.items() if key not in _HIDDEN})
    return found[::-1]


def _from_the_end(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().split(b"\n")
    except OSError:
        return
    whole = lines if size <= TAIL_BYTES else lines[1:]
    for line in reversed(whole[:-1]):
        yield json.loads(line)
