"""The records of surveillance in SQLite; every function works inside the caller's transaction.

Table (``SCHEMA``, one script a version): ``records``, append-only. Moments are integers:
nanoseconds since 1970, UTC. Cameras are a JSON list.
"""

from __future__ import annotations

import json
import sqlite3

from gateway.central.surveillance.record import Record

SCHEMA = (
    """
    CREATE TABLE records (
        number          INTEGER PRIMARY KEY,
        event_id        TEXT NOT NULL UNIQUE,
        type            TEXT NOT NULL,
        severity        TEXT NOT NULL,
        asset           TEXT NOT NULL,
        location        TEXT NOT NULL,
        text            TEXT NOT NULL,
        why             TEXT NOT NULL,
        cameras         TEXT NOT NULL,
        camera_note     TEXT NOT NULL,
        observed_ns     INTEGER NOT NULL,
        from_ns         INTEGER NOT NULL,
        until_ns        INTEGER NOT NULL,
        possible_repeat INTEGER NOT NULL,
        CHECK ((cameras = '[]') = (camera_note <> ''))
    ) STRICT;
    CREATE INDEX records_by_type ON records (type);
    CREATE INDEX records_by_time ON records (observed_ns);
    CREATE TRIGGER records_stay BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'records of surveillance are append-only'); END;
    CREATE TRIGGER records_are_kept BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'records of surveillance are append-only'); END;
    """,
)


def add_record(connection: sqlite3.Connection, record: Record) -> bool:
    """Keep ``record``; return whether it is new."""
    cursor = connection.execute(
        "INSERT INTO records (event_id, type, severity, asset, location, text, why, cameras, "
        "camera_note, observed_ns, from_ns, until_ns, possible_repeat) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
        (
            record.event_id, record.type, record.severity, record.asset, record.location,
            record.text, record.why, json.dumps(record.cameras), record.camera_note,
            record.observed_ns, record.from_ns, record.until_ns, int(record.possible_repeat),
        ),
    )  # fmt: skip
    return cursor.rowcount == 1
