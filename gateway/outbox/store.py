"""The store: what is committed is on disk, in order, without a hole, or the caller is told.

One process owns a store, and one thread at a time uses it. It knows no clock: moments are
arguments.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from gateway.outbox import files, marks, statements
from gateway.outbox.crashpoints import VARIABLE, At, crash_at
from gateway.outbox.database import Synchronous, open_for_writing
from gateway.outbox.sequences import Sequences
from gateway.outbox.trouble import words
from gateway.outbox.types import (
    GENESIS,
    Commit,
    CommitError,
    Mark,
    OpenError,
    ReadError,
    Restored,
    Row,
    StoreLoss,
)

CHECKPOINT_BYTES = 12 * 1024 * 1024
"""The write-ahead log is copied into the database when about this much was written to it."""

PAGE_BYTES = 4096
PAGES_PER_TRANSACTION = 8
ROW_BYTES = 400
"""A stored row's bytes beside its body, roughly."""


class Store:
    """The open outbox of this gateway; made by ``Store.open``.

    Attributes:
        path: the database.
        loss: set if a damaged file had to be set aside; the gateway tells it as an event.
        wal_pages_held: pages in the write-ahead log that the last checkpoint could not copy
            because some program was reading.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        ownership: files.Ownership,
        loss: StoreLoss | None,
        at: At,
    ) -> None:
        self.path = path
        self.loss = loss
        self.wal_pages_held = 0
        self._connection = connection
        self._ownership = ownership
        self._identity = files.identity(path)
        self._at = at
        self._doubtful = False  # a transaction failed: the disk, not memory, knows how it ended
        self._written_bytes = 0  # to the write-ahead log since the last checkpoint, roughly
        self._head = GENESIS
        self._sequences = Sequences(0, {})
        self._pending: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._load()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        synchronous: Synchronous = "FULL",
        now_ns: int | None = None,
        at: At | None = None,
    ) -> Store:
        """Open the outbox, or make it, with the folders above it.

        A damaged file is renamed and a fresh one begun; ``loss`` then says so.

        Args:
            path: the database.
            synchronous: ``OFF`` only for simulations and control runs: it loses data.
            now_ns: wall time for the name of a file set aside; None asks the clock.
            at: called with the name of each place in ``crashpoints.POINTS``; may raise OSError or
                sqlite3.Error as a disk would. None does what the environment says.

        Raises:
            OutboxLockedError: another process has it open.
            OpenError: it cannot be used; says what to do.
        """
        at = at or crash_at(os.environ.get(VARIABLE))
        files.make_folder(path.parent)
        with ExitStack() as unless_open:
            ownership = files.Ownership(path)
            unless_open.callback(ownership.release)
            opened = open_for_writing(
                path, synchronous, time.time_ns() if now_ns is None else now_ns
            )
            unless_open.callback(opened.connection.close)
            try:
                store = cls(path, opened.connection, ownership, opened.loss, at)
            except sqlite3.Error as error:
                raise OpenError(words(path, error)) from error
            unless_open.pop_all()
        return store

    @property
    def last_sequence(self) -> int:
        """The newest sequence on disk, 0 if there was never an event."""
        return self._sequences.last

    @property
    def checkpoint_due(self) -> bool:
        """Say whether the write-ahead log has grown enough to be worth a checkpoint."""
        return self._written_bytes >= CHECKPOINT_BYTES

    def restore(self) -> Restored:
        """Return what the last process left behind.

        Raises:
            ReadError: it cannot be read.
        """
        try:
            states = dict(self._connection.execute("SELECT name, body FROM state"))
            facts = dict(self._connection.execute("SELECT name, text FROM fact"))
            polls = self._counters("poll")
        except sqlite3.Error as error:
            raise ReadError(words(self.path, error)) from error
        return Restored(
            last_sequence=self._sequences.last,
            family_sequences=dict(self._sequences.families),
            states=states,
            polls=polls,
            keys=facts,
            pending=self._pending.total(),
        )

    def apply(self, commits: Sequence[Commit], ended: Sequence[Mark], at_ns: int) -> None:
        """Store commits and marks in one transaction; on return they are on disk.

        The same call may be repeated after a CommitError: what was stored after all is found to
        be there, and nothing is stored twice.

        Args:
            commits: in the order in which they were submitted.
            ended: marks; of a row marked before, the first outcome stands.
            at_ns: wall time of the marks, nanoseconds since the Unix epoch.

        Raises:
            SequenceError: the rows do not continue what is stored; nothing was stored.
            CommitError: the disk did not take it; nothing is known to be stored.
        """
        rows = [row for commit in commits for row in commit.rows]
        if self._doubtful and self._is_stored(rows):
            return
        sequences = self._sequences.advanced(rows)
        pending = self._pending + Counter(row.stream for row in rows)
        totals = self._ended.copy()
        with self._transaction("before_commit"):
            head = statements.insert_events(self._connection, rows, self._head)
            if ended:
                changed = marks.write_marks(self._connection, ended, at_ns)
                pending.subtract(changed.by_stream)
                totals.update(changed.by_outcome)
            self._write_merged(commits, rows, sequences, pending, totals)
        self._sequences, self._head = sequences, head
        self._pending, self._ended = pending, totals
        self._written_bytes += _weight(commits, ended)

    def prune(self, keep: marks.Keep, now_ns: int, limit: int) -> int:
        """Delete at most ``limit`` rows kept longer than ``keep`` says; return how many.

        Raises:
            CommitError: the disk did not take it; nothing was deleted.
        """
        with self._transaction("before_prune_commit"):
            pruned = marks.prune(self._connection, keep, now_ns, limit)
        self._written_bytes += PAGE_BYTES * (PAGES_PER_TRANSACTION + pruned) if pruned else 0
        return pruned

    def checkpoint(self) -> None:
        """Copy the write-ahead log into the database, as far as no reader is in the way.

        Raises:
            CommitError: the disk did not take it; everything committed is still safe in the log.
        """
        with self._guarded():
            self._at("before_checkpoint")
            (_, pages, copied) = self._connection.execute(
                "PRAGMA wal_checkpoint(PASSIVE)"
            ).fetchone()
        self.wal_pages_held = pages - copied
        self._written_bytes = 0

    def close(self) -> None:
        """Close the file and let another process have it; what is committed stays committed."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
        self._ownership.release()

    def _load(self) -> None:
        """Take up what is on disk."""
        newest = self._connection.execute(
            "SELECT sequence, chain FROM event ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        pruned = self._connection.execute(
            "SELECT last, chain FROM anchor ORDER BY first DESC LIMIT 1"
        ).fetchone()
        last, self._head = max(newest or (0, GENESIS), pruned or (0, GENESIS))
        self._sequences = Sequences(last, self._counters("family"))
        self._pending = Counter(self._counters("pending"))
        self._ended = Counter(self._counters("ended"))

    def _counters(self, kind: str) -> dict[str, int]:
        return dict(
            self._connection.execute("SELECT name, value FROM counter WHERE kind = ?", (kind,))
        )

    def _is_stored(self, rows: Sequence[Row]) -> bool:
        """After a failure: say whether the transaction that failed is on disk all the same."""
        with self._guarded():
            self._load()
            newest = self._connection.execute(
                "SELECT id FROM event WHERE sequence = ?", (rows[-1].sequence if rows else 0,)
            ).fetchone()
        self._doubtful = False
        return newest is not None and bool(newest[0] == rows[-1].id)

    def _write_merged(
        self,
        commits: Sequence[Commit],
        rows: Sequence[Row],
        sequences: Sequences,
        pending: Counter[str],
        totals: Counter[str],
    ) -> None:
        """Write what a later commit of the batch replaces, once."""
        states: dict[str, bytes] = {}
        polls: dict[str, int] = {}
        facts: dict[str, str] = {}
        for commit in commits:
            states.update(commit.states)
            polls.update(commit.polls)
            facts.update(commit.keys)
        statements.STATES.run(self._connection, list(states.items()))
        statements.FACTS.run(self._connection, list(facts.items()))
        families = {row.family: sequences.families[row.family] for row in rows}
        counters = [("family", name, value) for name, value in families.items()]
        counters += [("poll", name, value) for name, value in polls.items()]
        for kind, before, after in (
            ("pending", self._pending, pending),
            ("ended", self._ended, totals),
        ):
            counters += [
                (kind, name, value) for name, value in after.items() if value != before[name]
            ]
        statements.write_counters(self._connection, counters)

    @contextmanager
    def _transaction(self, point: str) -> Iterator[None]:
        """Commit what happens inside, or undo it; ``point`` is reached before the commit."""
        with self._guarded():
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._at(point)
            self._connection.execute("COMMIT")
            self._at("after_commit")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what the disk does wrong into a CommitError, with no transaction left open."""
        done = False
        try:
            self._refuse_exchange()
            yield
            done = True
        except (sqlite3.Error, OSError) as error:
            raise CommitError(words(self.path, error)) from error
        finally:
            if not done:
                self._doubtful = True
                with suppress(sqlite3.Error):
                    self._connection.rollback()

    def _refuse_exchange(self) -> None:
        """Raise if the file has been removed or replaced: writing to it would lose everything."""
        if files.identity(self.path) != self._identity:
            raise OSError(
                "the file was removed or replaced while in use; restart the gateway to begin anew"
            )


def _weight(commits: Sequence[Commit], ended: Sequence[Mark]) -> int:
    """Return roughly how many bytes a transaction adds to the write-ahead log."""
    rows = sum(len(row.body) + ROW_BYTES for commit in commits for row in commit.rows)
    states = sum(len(body) + PAGE_BYTES for commit in commits for body in commit.states.values())
    return PAGE_BYTES * PAGES_PER_TRANSACTION + rows * 3 // 2 + states + 128 * len(ended)
