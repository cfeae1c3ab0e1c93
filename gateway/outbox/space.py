"""How much room there is for events, and what that means: pure but for two measurements.

Play may be kept while there is ample room. When it gets tight, events that a stream has
acknowledged are let go before their time, then play is shed, oldest first; doors, money, meters and
the rest go on being stored down to the reserve. Below the reserve no event is taken at all, so that
outcomes of deliveries, the mark of what was shed and a checkpoint still have room.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MIB = 1024 * 1024
RESERVE_BYTES = 64 * MIB
"""Room that events may not take; it holds two write-ahead logs of the usual size."""

TIGHT_RESERVES = 4
"""Room below so many reserves is tight."""

SHED_FIRST = "SLOT_PLAY"
"""The stream whose events are shed."""

Statvfs = Callable[[Path], os.statvfs_result]
Level = Literal["ample", "tight", "full"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the outbox may take.

    Attributes:
        max_bytes: size of the database file at most, the write-ahead log beside it not counted;
            None for whatever the disk gives.
        reserve_bytes: room that events may not take.
        statvfs: asks the file system; a test gives its own.
    """

    max_bytes: int | None = None
    reserve_bytes: int = RESERVE_BYTES
    statvfs: Statvfs = os.statvfs

    @property
    def tight_bytes(self) -> int:
        """Room below which it is tight."""
        return TIGHT_RESERVES * self.reserve_bytes


@dataclass(frozen=True, slots=True)
class Room:
    """Room for events.

    Attributes:
        free_bytes: what may still be written: unused pages of the file, and what it may grow by.
        used_bytes: what events and all else take of the file.
        level: what that means.
    """

    free_bytes: int
    used_bytes: int
    level: Level


def measure(connection: sqlite3.Connection, path: Path, limits: Limits) -> Room:
    """Return the room that ``path`` has now.

    Raises:
        sqlite3.Error, OSError: it cannot be measured.
    """
    page, pages, unused = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    disk = limits.statvfs(path.parent)
    growth = disk.f_bavail * disk.f_frsize
    if limits.max_bytes is not None:
        growth = min(growth, max(0, limits.max_bytes - pages * page))
    free = growth + unused * page
    return Room(free, (pages - unused) * page, _level(free, limits))


def limit_pages(connection: sqlite3.Connection, limits: Limits) -> None:
    """Let SQLite itself hold the file to its greatest size; a file that is larger only shrinks."""
    if limits.max_bytes is not None:
        page = int(connection.execute("PRAGMA page_size").fetchone()[0])
        connection.execute(f"PRAGMA max_page_count = {max(1, limits.max_bytes // page)}")


def _level(free_bytes: int, limits: Limits) -> Level:
    if free_bytes < limits.reserve_bytes:
        return "full"
    return "tight" if free_bytes < limits.tight_bytes else "ample"
