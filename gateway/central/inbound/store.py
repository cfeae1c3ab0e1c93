"""What others sent, in SQLite; every function works inside the caller's transaction.

Tables (``SCHEMA``, one script a version): ``messages``, append-only, one row an accepted message;
``refusals``, the newest of those that were refused, without their values.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from gateway.events.inbound import Message

REFUSALS_MOST: Final = 100_000
"""Refusals kept; the oldest go first."""

SCHEMA: Final = (
    """
    CREATE TABLE messages (
        number      INTEGER PRIMARY KEY,
        receipt     TEXT NOT NULL UNIQUE,
        source      TEXT NOT NULL,
        id          TEXT NOT NULL,
        type        TEXT NOT NULL,
        key         TEXT NOT NULL,
        digest      TEXT NOT NULL,
        sent        TEXT NOT NULL,
        received_ns INTEGER NOT NULL,
        data        TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_key ON messages (type, key, number);
    CREATE TRIGGER messages_stay BEFORE UPDATE ON messages
        BEGIN SELECT RAISE(ABORT, 'messages of others are append-only'); END;
    CREATE TRIGGER messages_are_kept BEFORE DELETE ON messages
        BEGIN SELECT RAISE(ABORT, 'messages of others are append-only'); END;
    CREATE TABLE refusals (
        number      INTEGER PRIMARY KEY AUTOINCREMENT,
        about       TEXT NOT NULL,
        receipt     TEXT NOT NULL,
        reason      TEXT NOT NULL,
        digest      TEXT NOT NULL,
        received_ns INTEGER NOT NULL
    ) STRICT;
    """,
)


def known_digest(connection: sqlite3.Connection, receipt: str) -> str | None:
    """Return the digest of what was accepted under ``receipt``, None if nothing was."""
    row = connection.execute("SELECT digest FROM messages WHERE receipt = ?", (receipt,)).fetchone()
    return None if row is None else str(row[0])


def keep(connection: sqlite3.Connection, message: Message, received_ns: int) -> None:
    """Keep an accepted message."""
    envelope, data = message.envelope, message.data.model_dump(mode="json", exclude_none=True)
    connection.execute(
        "INSERT INTO messages (receipt, source, id, type, key, digest, sent, received_ns, data) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message.receipt, envelope.source, envelope.id, message.row.name,
            str(data[message.row.key]), message.digest, envelope.time.isoformat(), received_ns,
            json.dumps(data, sort_keys=True),
        ),
    )  # fmt: skip


def note_refusal(
    connection: sqlite3.Connection,
    about: str,
    receipt: str,
    reason: str,
    digest: str,
    received_ns: int,
) -> int:
    """Note a refusal; return its number. The oldest beyond the bound goes."""
    cursor = connection.execute(
        "INSERT INTO refusals (about, receipt, reason, digest, received_ns) VALUES (?, ?, ?, ?, ?)",
        (about, receipt, reason, digest, received_ns),
    )
    number = int(cursor.lastrowid or 0)
    connection.execute("DELETE FROM refusals WHERE number <= ?", (number - REFUSALS_MOST,))
    return number
