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

from gateway.outbox import files, kept, marks, replays, shed, statements
from gateway.outbox.crashpoints import VARIABLE, At, crash_at
from gateway.outbox.database import Synchronous, open_for_writing
from gateway.outbox.sequences import Sequences
from gateway.outbox.space import Limits, Room, limit_pages, measure
from gateway.outbox.structure import suspect
from gateway.outbox.trouble import is_broken, is_full, words
from gateway.outbox.types import (
    GENESIS,
    Commit,
    CommitError,
    DiskFullError,
    Mark,
    OpenError,
    ReadError,
    Restored,
    Row,
    StoreLoss,
)
from gateway.outbox.weight import PAGE_BYTES, PAGES_PER_TRANSACTION, weight

CHECKPOINT_BYTES = 12 * 1024 * 1024
"""The write-ahead log is copied into the database when about this much was written to it.

Commits wait meanwhile: if it is half as often, the slowest of a hundred half again as long."""


class Store:
    """The open outbox of this gateway; made by ``Store.open``.

    Attributes:
        path: the database.
        loss: set if a damaged file had to be set aside; the gateway tells it as an event.
        wal_pages_held: pages in the write-ahead log that the last checkpoint could not copy
            because some program was reading.
        limits: how much it may take.
        room: how much room there was when it was measured last.
        checked: whether the whole file was checked at the start; if not, see ``StructureCheck``.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        ownership: files.Ownership,
        loss: StoreLoss | None,
        at: At,
        limits: Limits,
    ) -> None:
        self.path = path
        self.loss = loss
        self.limits = limits
        self.wal_pages_held = 0
        self.checked = True
        self._connection = connection
        self._ownership = ownership
        self._identity = files.identity(path)
        self._at = at
        self._doubtful = False  # a transaction failed: the disk, not memory, knows how it ended
        self._written_bytes = files.log_bytes(path)  # since the last checkpoint, roughly
        self._head = GENESIS
        self._sequences = Sequences(0, {})
        self._pending: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._measured_bytes = 0  # written since the room was measured, roughly
        limit_pages(connection, limits)
        self.room: Room = measure(connection, path, limits)
        self._load()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        synchronous: Synchronous = "FULL",
        now_ns: int | None = None,
        at: At | None = None,
        limits: Limits | None = None,
    ) -> Store:
        """Open the outbox, or make it, with the folders above it.

        A damaged file is renamed and a fresh one begun; ``loss`` then says so.

        Args:
            path: the database.
            synchronous: ``OFF`` only for simulations and control runs: it loses data.
            now_ns: wall time for the name of a file set aside; None asks the clock.
            at: called with the name of each place in ``crashpoints.POINTS``; may raise OSError or
                sqlite3.Error as a disk would. None does what the environment says.
            limits: how much it may take; None for what the disk gives, but for the usual reserve.

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
                store = cls(path, opened.connection, ownership, opened.loss, at, limits or Limits())
                store.checked = opened.checked
            except (sqlite3.Error, OSError) as error:
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
            states, facts, damaged = kept.read_kept(self._connection)
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
            damaged=damaged,
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
            DiskFullError: there are rows, and no room but the reserve; nothing was stored.
            CommitError: the disk did not take it; nothing is known to be stored.
        """
        rows = [row for commit in commits for row in commit.rows]
        if self._doubtful and self._is_stored(rows):
            return
        if rows:
            self._refuse_reserve()
        sequences = self._sequences.advanced(rows)
        pending = self._pending + Counter(row.stream for row in rows)
        totals = self._ended.copy()
        with self._transaction("before_commit"):
            head = statements.insert_events(self._connection, rows, self._head)
            if ended:
                changed = marks.write_marks(self._connection, ended, at_ns)
                pending.subtract(changed.by_stream)
                totals.update(changed.by_outcome)
            told_to = max((commit.told_to for commit in commits), default=0)
            if told_to:
                shed.forget_losses(self._connection, told_to)
            self._write_merged(commits, rows, sequences, pending, totals)
        self._sequences, self._head = sequences, head
        self._pending, self._ended = pending, totals
        self._wrote(weight(commits, ended))

    def prune(self, keep: marks.Keep, now_ns: int, limit: int) -> int:
        """Delete at most ``limit`` rows kept longer than ``keep`` says; return how many.

        Raises:
            CommitError: the disk did not take it; nothing was deleted.
        """
        with self._transaction("before_prune_commit"):
            pruned = marks.prune(self._connection, keep, now_ns, limit)
        self._wrote(PAGE_BYTES * (PAGES_PER_TRANSACTION + pruned) if pruned else 0)
        return pruned

    def shed(self, stream: str, limit: int, now_ns: int) -> int:
        """Give up the oldest pending rows of a stream, at most ``limit``; return how many.

        Raises:
            CommitError: the disk did not take it; nothing was given up.
        """
        self._settle()
        with self._transaction("before_prune_commit"):
            given_up = shed.shed(self._connection, stream, limit, now_ns)
            pending = self._pending - Counter({stream: given_up})
            totals = self._ended + Counter({shed.SHED: given_up})
            self._write_changed(pending, totals)
        self._pending, self._ended = pending, totals
        self._wrote(PAGE_BYTES * (PAGES_PER_TRANSACTION + given_up) if given_up else 0)
        return given_up

    def replay(self, first: int, last: int, limit: int) -> tuple[Row, ...]:
        """Make rows pending again whose delivery has ended; return them, the lowest first.

        Args:
            first: lowest sequence.
            last: highest sequence.
            limit: rows at most.

        Raises:
            CommitError: the disk did not take it; nothing has changed.
        """
        self._settle()
        with self._transaction("before_commit"):
            again = replays.replay(self._connection, first, last, limit)
            pending, totals = self._pending + again.by_stream, self._ended - again.by_outcome
            self._write_changed(pending, totals)
        self._pending, self._ended = pending, totals
        self._wrote(PAGE_BYTES * PAGES_PER_TRANSACTION)
        return again.rows

    def measure(self) -> Room:
        """Ask the disk how much room there is.

        Raises:
            CommitError: it cannot be measured.
        """
        with self._guarded(doubt=False):
            self.room = measure(self._connection, self.path, self.limits)
        self._measured_bytes = 0
        return self.room

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
        newest = self._connection.execute(statements.HEAD).fetchone()
        last, self._head = newest or (0, GENESIS)
        self._sequences = Sequences(last, self._counters("family"))
        self._pending = Counter(self._counters("pending"))
        self._ended = Counter(self._counters("ended"))

    def _counters(self, kind: str) -> dict[str, int]:
        return dict(
            self._connection.execute("SELECT name, value FROM counter WHERE kind = ?", (kind,))
        )

    def _is_stored(self, rows: Sequence[Row]) -> bool:
        """After a failure: say whether the transaction that failed is on disk all the same."""
        self._settle()
        if not rows:
            return False
        with self._guarded():
            newest = self._connection.execute(
                "SELECT id FROM event WHERE sequence = ?", (rows[-1].sequence,)
            ).fetchone()
        self._doubtful = False
        return newest is not None and bool(newest[0] == rows[-1].id)

    def _settle(self) -> None:
        """After a failure: take up what is on disk; the doubt about the rows that failed stays."""
        if self._doubtful:
            with self._guarded():
                self._load()

    def _refuse_reserve(self) -> None:
        """Raise if what room there is must be kept for other than events."""
        if self.room.level == "full" or self._measured_bytes > self.limits.reserve_bytes // 8:
            room = self.measure()
            if room.level == "full":
                raise DiskFullError(
                    f"outbox {self.path}: the disk is full but for {room.free_bytes} bytes that "
                    "events may not take: free space there, or have events taken off"
                )

    def _wrote(self, size_bytes: int) -> None:
        self._written_bytes += size_bytes
        self._measured_bytes += size_bytes

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
        kept.write_kept(self._connection, states, facts)
        families = {row.family: sequences.families[row.family] for row in rows}
        counters = [("family", name, value) for name, value in families.items()]
        counters += [("poll", name, value) for name, value in polls.items()]
        self._write_changed(pending, totals, counters)

    def _write_changed(
        self,
        pending: Counter[str],
        totals: Counter[str],
        others: Sequence[tuple[str, str, int]] = (),
    ) -> None:
        """Write the counters that differ from what is stored, and ``others``."""
        counters = list(others)
        for kind, before, after in (
            ("pending", self._pending, pending),
            ("ended", self._ended, totals),
        ):
            counters += [
                (kind, name, after[name])
                for name in {**before, **after}
                if after[name] != before[name]
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
    def _guarded(self, *, doubt: bool = True) -> Iterator[None]:
        """Turn what the disk does wrong into a CommitError, with no transaction left open.

        ``doubt``: whether something may have been written all the same.
        """
        done = False
        try:
            self._refuse_exchange()
            yield
            done = True
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and is_broken(error):
                suspect(self.path, str(error))
            kind = DiskFullError if is_full(error) else CommitError
            raise kind(words(self.path, error)) from error
        finally:
            if not done:
                self._doubtful = self._doubtful or doubt
                with suppress(sqlite3.Error):
                    self._connection.rollback()

    def _refuse_exchange(self) -> None:
        """Raise if the file has been removed or replaced: writing to it would lose everything."""
        if files.identity(self.path) != self._identity:
            raise OSError(
                "the file was removed or replaced while in use; restart the gateway to begin anew"
            )
