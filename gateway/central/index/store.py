"""The index in SQLite: small rows, two orders, bodies packed.

Tables (``SCHEMA``, one script a version): ``name`` gives texts that repeat a number; ``event`` has
a row an event, its moment in nanoseconds since 1970 UTC; ``stood`` says where each machine has
stood, ``led`` which types each exception code has led to. The two indexes of ``event`` hold all
that a search filters by, so only what is found is read.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.central.derived import nanoseconds
from gateway.central.index.packing import pack
from gateway.events.envelope import Envelope

SCHEMA: Final = (
    """
    CREATE TABLE name (
        id   INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE event (
        n        INTEGER PRIMARY KEY,
        asset    INTEGER NOT NULL,
        type     INTEGER NOT NULL,
        time_ns  INTEGER NOT NULL,
        code     INTEGER NOT NULL, -- SAS exception, 0 for none
        location INTEGER NOT NULL,
        body     BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX event_by_asset ON event (asset, type, time_ns, code, location);
    CREATE INDEX event_by_type ON event (type, time_ns, code);
    CREATE TABLE stood (
        location INTEGER NOT NULL,
        asset    INTEGER NOT NULL,
        PRIMARY KEY (location, asset)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE led (
        code INTEGER NOT NULL,
        type INTEGER NOT NULL,
        PRIMARY KEY (code, type)
    ) STRICT, WITHOUT ROWID;
    """,
)


class IndexRows:
    """Writes an index; every call inside the caller's transaction.

    Args:
        connection: the database, with ``SCHEMA``.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, event: Envelope) -> None:
        """Keep an event."""
        asset, location = self._id(event.asset or ""), self._id(event.location)
        code = int(event.sascode, 16) if event.sascode else 0
        time_ns = nanoseconds(event.time)
        kind = self._id(event.name)
        row = (asset, kind, time_ns, code, location, pack(event))
        self._db.execute(
            "INSERT INTO event (asset, type, time_ns, code, location, body)"
            " VALUES (?, ?, ?, ?, ?, ?)", row,
        )  # fmt: skip
        if code:
            self._db.execute("INSERT OR IGNORE INTO led VALUES (?, ?)", (code, kind))
        if event.location:
            self._db.execute("INSERT OR IGNORE INTO stood VALUES (?, ?)", (location, asset))

    def prune(self, name: str, before_ns: int, limit: int) -> int:
        """Delete at most ``limit`` events of a type that are older; return how many."""
        deleted = self._db.execute(
            "DELETE FROM event WHERE n IN (SELECT n FROM event WHERE type = ? AND time_ns < ?"
            " ORDER BY time_ns LIMIT ?)", (self._id(name), before_ns, limit),
        )  # fmt: skip
        return deleted.rowcount

    def _id(self, text: str) -> int:
        # not remembered: a transaction that is undone takes a new name with it
        row = self._db.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
        if row is None:
            row = self._db.execute(
                "INSERT INTO name (text) VALUES (?) RETURNING id", (text,)
            ).fetchone()
        return int(row[0])
