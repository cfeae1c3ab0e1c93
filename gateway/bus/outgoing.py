"""What a consumer derives and sends, kept in its own SQLite until the bus has it.

Rows are added in the transaction in which the event is handled, so an event is handled and its
consequences are on their way, or neither. They are published after the commit, under the same
message id however often, in order for each key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gateway.bus.message import KV_DELETE, KV_PUT
from gateway.outbox.types import Acknowledged, Mark, OutboxFullError, ReadError, Row

KEEP_SENT_NS = 7 * 86_400 * 1_000_000_000
"""A row stays this long after the bus took it or refused it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS outgoing (
    n        INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    type     TEXT NOT NULL,
    key      TEXT,             -- rows of one key are sent in order
    subject  TEXT NOT NULL,
    stream   TEXT NOT NULL,
    time_ns  INTEGER NOT NULL,
    body     BLOB NOT NULL,
    ended_ns INTEGER,          -- when the bus took it or refused it
    reason   TEXT              -- of a refusal
);
CREATE INDEX IF NOT EXISTS outgoing_pending ON outgoing (stream, n) WHERE ended_ns IS NULL;
CREATE INDEX IF NOT EXISTS outgoing_ended ON outgoing (ended_ns) WHERE ended_ns IS NOT NULL;
"""

PENDING = """
SELECT n, id, type, subject, key, stream, time_ns, body FROM outgoing
WHERE ended_ns IS NULL AND stream = ? AND n > ? ORDER BY n LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message that follows from an event.

    Attributes:
        id: stable: made from the event that caused it, so that a repeat makes the same.
        type: CloudEvents type; for a bucket ``kv.put`` or ``kv.delete``.
        subject: NATS subject.
        stream: the stream that must take it.
        time_ns: nanoseconds since 1970, UTC.
        body: the message.
        key: messages of one key are sent in order, one at a time.
    """

    id: str
    type: str
    subject: str
    stream: str
    time_ns: int
    body: bytes
    key: str | None = None


def floor_event(id: str, type: str, subject: str, time_ns: int, body: bytes) -> Outgoing:  # noqa: A002
    """Return a derived event for the stream ``FLOOR``; its key is the subject's last token."""
    return Outgoing(id, type, subject, "FLOOR", time_ns, body, subject.rpartition(".")[2])


def bucket_put(bucket: str, key: str, value: bytes, *, id: str, time_ns: int) -> Outgoing:  # noqa: A002
    """Return the setting of ``key`` in a KV bucket."""
    return Outgoing(id, KV_PUT, f"$KV.{bucket}.{key}", f"KV_{bucket}", time_ns, value, key)


def bucket_delete(bucket: str, key: str, *, id: str, time_ns: int) -> Outgoing:  # noqa: A002
    """Return the deletion of ``key`` in a KV bucket."""
    return Outgoing(id, KV_DELETE, f"$KV.{bucket}.{key}", f"KV_{bucket}", time_ns, b"", key)


class OutgoingRows:
    """The table of outgoing messages: what the publisher reads, and where it marks.

    Args:
        connection: the consumer's database; used in one thread only.
        now_ns: wall clock, nanoseconds since 1970.
    """

    def __init__(self, connection: sqlite3.Connection, now_ns: Callable[[], int]) -> None:
        self._connection = connection
        self._now_ns = now_ns
        self.streams = ("FLOOR", "DEAD")

    @property
    def last(self) -> int:
        """Number of the newest row ever, 0 if there was none."""
        row = self._connection.execute("SELECT max(n) FROM outgoing").fetchone()
        return int(row[0] or 0)

    @property
    def depth(self) -> int:
        """Rows that the bus has neither taken nor refused."""
        row = self._connection.execute("SELECT count(*) FROM outgoing WHERE ended_ns IS NULL")
        return int(row.fetchone()[0])

    def add(self, messages: Iterable[Outgoing]) -> None:
        """Keep messages; one whose id is already known is left out. Inside a transaction."""
        self._connection.executemany(
            "INSERT INTO outgoing (id, type, key, subject, stream, time_ns, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            [
                (one.id, one.type, one.key, one.subject, one.stream, one.time_ns, one.body)
                for one in messages
            ],
        )

    def pending(self, after_sequence: int, limit: int, *, stream: str) -> Sequence[Row]:
        """Return rows to be sent, in order. See :class:`gateway.bus.publisher.Pending`."""
        try:
            found = self._connection.execute(PENDING, (stream, after_sequence, limit)).fetchall()
        except sqlite3.Error as error:
            raise ReadError(f"the consumer's database cannot be read: {error}") from error
        return [
            Row(n, identity, kind, "", n, subject, key, to, time_ns, body)
            for n, identity, kind, subject, key, to, time_ns, body in found
        ]

    def mark(self, marks: Iterable[Mark]) -> None:
        """Store outcomes. See :class:`gateway.bus.publisher.Marks`."""
        now_ns = self._now_ns()
        ended = [
            (now_ns, None if isinstance(mark, Acknowledged) else mark.reason, mark.sequence)
            for mark in marks
        ]
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(
                    "UPDATE outgoing SET ended_ns = ?, reason = ? WHERE n = ?", ended
                )
        except sqlite3.OperationalError as error:
            raise OutboxFullError(f"the consumer's database takes nothing: {error}") from error

    def prune(self, limit: int) -> None:
        """Delete at most ``limit`` rows that ended long ago. Inside a transaction."""
        self._connection.execute(
            "DELETE FROM outgoing WHERE n IN"
            " (SELECT n FROM outgoing WHERE ended_ns < ? ORDER BY ended_ns LIMIT ?)",
            (self._now_ns() - KEEP_SENT_NS, limit),
        )
