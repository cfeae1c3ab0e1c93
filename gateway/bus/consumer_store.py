"""A consumer's SQLite: which events it has handled, how far it has read, what it still has to send.

One transaction holds an event's number, what the handler wrote, and what follows from it. The
place in each stream is kept here too: the durable on the server is a bookmark, this file is the
truth.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.bus import outgoing, seen
from gateway.bus.outgoing import OutgoingRows
from gateway.bus.seen import Hole, SeenEvents
from gateway.events.envelope import Envelope

REMEMBER_DAYS = 45
"""Numbers of handled events are kept so long after their range grew last. An event comes again when
the server delivers again, or when a gateway sends again from its outbox, which keeps at most 30
days."""
REMEMBER_MOST = 20_000_000
"""Ranges kept at most; the oldest go first (about 2 GB; a family read whole is one range)."""
PRUNE_ROWS = 5_000
"""Rows deleted at once, so that a consumer is never held up for long."""
PRUNE_EVERY_S = 60.0

_DAY_NS = 86_400 * 1_000_000_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS place (
    stream   TEXT PRIMARY KEY,
    born     TEXT    NOT NULL, -- when the stream was created: another time is another stream
    sequence INTEGER NOT NULL  -- highest stream sequence handled
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS total (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
"""


_DISK = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
})  # fmt: skip


def is_disk_fault(error: sqlite3.Error) -> bool:
    """Return whether the disk or the file is to blame, and not what was asked of it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DISK


class StoreError(Exception):
    """The consumer's database cannot be opened or written; says what to do."""


@dataclass(frozen=True, slots=True)
class ReadTo:
    """How far a stream has been read.

    Attributes:
        born: when that stream was created, as the server says it.
        sequence: highest stream sequence handled.
    """

    born: str
    sequence: int


class ConsumerStore:
    """The open database of one consumer.

    Args:
        path: the file; made, with the folders above it, if it is not there.
        schema: the service's own tables, one script a version; scripts not yet run are run.
        now_ns: wall clock, nanoseconds since 1970.

    Raises:
        StoreError: it cannot be opened.
    """

    def __init__(self, path: Path, schema: Sequence[str], now_ns: Callable[[], int]) -> None:
        self.path = path
        self._now_ns = now_ns
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path}: {error}") from error
        try:
            self._prepare(schema)
        except sqlite3.Error as error:
            self.connection.close()
            raise StoreError(
                f"{path}: {error}; if it is damaged, set it aside: the consumer then reads its "
                "streams again from the beginning"
            ) from error
        self.outgoing = OutgoingRows(self.connection, now_ns)
        self._seen = SeenEvents(self.connection)

    def _prepare(self, schema: Sequence[str]) -> None:
        execute = self.connection.execute
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA busy_timeout = 2000")
        self.connection.executescript(_SCHEMA + outgoing.SCHEMA + seen.SCHEMA)
        version = int(execute("PRAGMA user_version").fetchone()[0])
        if version > len(schema):
            raise sqlite3.DatabaseError(
                f"made by a later version of the consumer ({version}, this one knows {len(schema)})"
            )
        for number in range(version, len(schema)):
            script = f"BEGIN; {schema[number]}; PRAGMA user_version = {number + 1}; COMMIT;"
            self.connection.executescript(script)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold one transaction; rolled back if anything is raised."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Hold a part of a transaction that is undone by itself if anything is raised."""
        self.connection.execute("SAVEPOINT attempt")
        well = False
        try:
            yield
            well = True
        finally:
            if self.connection.in_transaction:  # a full disk ends the whole transaction by itself
                if not well:
                    self.connection.execute("ROLLBACK TO attempt")
                self.connection.execute("RELEASE attempt")

    def claim(self, envelope: Envelope) -> bool:
        """Note that an event is handled; False if it was before. Inside a transaction."""
        now_ns = self._now_ns()
        if not self._seen.claim(envelope, now_ns):
            return False
        self._seen.note_heartbeat(envelope, now_ns)
        return True

    def bury(self, envelope: Envelope) -> None:
        """Note that an event came and cannot be handled. Inside a transaction."""
        self._seen.bury(envelope, self._now_ns())

    def holes(self, families: Iterable[str]) -> list[Hole]:
        """Return what has not come, late or lost, of families that are read whole."""
        return self._seen.holes(families)

    def read_to(self, stream: str) -> ReadTo:
        """Return how far a stream has been read."""
        row = self.connection.execute(
            "SELECT born, sequence FROM place WHERE stream = ?", (stream,)
        ).fetchone()
        return ReadTo("", 0) if row is None else ReadTo(*row)

    def note_place(self, stream: str, born: str, sequence: int) -> None:
        """Note that a stream has been read up to ``sequence``. Inside a transaction."""
        self.connection.execute(
            "INSERT INTO place (stream, born, sequence) VALUES (?, ?, ?) ON CONFLICT (stream)"
            " DO UPDATE SET sequence = CASE WHEN born = excluded.born"
            " THEN max(sequence, excluded.sequence) ELSE excluded.sequence END,"
            " born = excluded.born",
            (stream, born, sequence),
        )

    def count(self, name: str, more: int) -> None:
        """Add to a total that outlives the process. Inside a transaction."""
        self.connection.execute(
            "INSERT INTO total (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, more),
        )

    def totals(self) -> dict[str, int]:
        """Return the totals by name: ``handled``, ``duplicate``, ``dead``."""
        return dict(self.connection.execute("SELECT name, value FROM total"))

    def prune(self) -> None:
        """Forget a few ranges that are older than the bound, or too many, and old sent rows."""
        with self.transaction():
            before_ns = self._now_ns() - REMEMBER_DAYS * _DAY_NS
            self._seen.prune(before_ns, PRUNE_ROWS, REMEMBER_MOST)
            self.outgoing.prune(PRUNE_ROWS)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


async def keep_pruned(store: ConsumerStore) -> None:
    """Prune ``store`` a little each minute, for ever: a job, ended by cancelling it."""
    while True:
        await asyncio.sleep(PRUNE_EVERY_S)
        with suppress(sqlite3.OperationalError):  # told where messages are handled
            store.prune()
