"""Reads the outbox beside the writer: what is pending, how full it is, whether the chain holds.

A reader has a connection of its own that cannot write, and lets go of its snapshot before it
returns, so that the write-ahead log is never held open. A page of some hundred rows takes well
under a millisecond per hundred, so the event loop may call it.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from operator import attrgetter
from pathlib import Path

from gateway.outbox import delivered
from gateway.outbox.chain import Verified
from gateway.outbox.marks import ACKNOWLEDGED, REFUSED
from gateway.outbox.proof import ROW, proven
from gateway.outbox.reading import open_for_reading
from gateway.outbox.shed import SHED, losses
from gateway.outbox.statements import HEAD
from gateway.outbox.trouble import READING_FAILED, words
from gateway.outbox.types import GENESIS, Counts, Losses, ReadError, Row
from gateway.outbox.verify import verify_file

PENDING = f"""
    SELECT {ROW}, (SELECT times FROM replay WHERE replay.sequence = event.sequence)
    FROM pending CROSS JOIN event ON event.sequence = pending.sequence
    WHERE pending.stream = ? AND pending.sequence > ? ORDER BY pending.sequence
"""  # noqa: S608
DAMAGED_MAX = 1024
"""Damaged rows remembered at a time; further ones are found again when they are read again."""
STREAMS = "SELECT name, value FROM counter WHERE kind = 'pending' AND value > 0"
OLDEST = """
    SELECT time_ns FROM event
    WHERE sequence = (SELECT min(sequence) FROM pending WHERE stream = ?)
"""
NEWEST = """
    SELECT max((SELECT coalesce(max(sequence), 0) FROM event),
               (SELECT coalesce(max(sequence), 0) FROM stub),
               (SELECT coalesce(max(last), 0) FROM anchor))
"""


class Reader:
    """Reads one outbox; used by the thread that made it.

    Args:
        path: the database; a store has made it.

    Raises:
        ReadError: there is no such outbox, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged: set[int] = set()
        """Pending rows found not to be what was stored: they are passed over, never sent."""
        try:
            self._connection = open_for_reading(path)
        except READING_FAILED as error:
            raise ReadError(words(path, error)) from error

    def pending(self, after_sequence: int, limit: int, *, stream: str | None = None) -> list[Row]:
        """Return rows neither acknowledged nor refused, in sequence order.

        Args:
            after_sequence: only rows with a greater sequence; 0 for the oldest.
            limit: rows at most.
            stream: only rows for this stream: a lane can be read past one that is stuck.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            streams = [stream] if stream is not None else list(self._depths())
            cursors = [
                self._connection.execute(PENDING, (name, after_sequence)) for name in streams
            ]
            lanes = (self._proven(cursor) for cursor in cursors)
            merged = heapq.merge(*lanes, key=attrgetter("sequence"))
            rows = list(islice(merged, limit))
            for cursor in cursors:
                cursor.close()  # one that is not read to its end would hold the snapshot
        return rows

    def counts(self) -> Counts:
        """Return how full the outbox is.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            depths = self._depths()
            oldest = [self._connection.execute(OLDEST, (name,)).fetchone() for name in depths]
            ended = dict(
                self._connection.execute("SELECT name, value FROM counter WHERE kind = 'ended'")
            )
            newest = self._connection.execute(NEWEST).fetchone()[0]
        return Counts(
            depth=sum(depths.values()),
            depth_by_stream=depths,
            oldest_pending_ns=min((row[0] for row in oldest if row is not None), default=None),
            acknowledged=ended.get(ACKNOWLEDGED, 0),
            refused=ended.get(REFUSED, 0),
            last_sequence=newest,
            shed=ended.get(SHED, 0),
        )

    def highest_acknowledged(self) -> dict[str, int]:
        """Return the highest number that each stream has acknowledged; see ``delivered``.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            return delivered.highest(self._connection)

    def taken_as(self, stream: str, stream_seq: int, before: int) -> tuple[int, int] | None:
        """Return the rows that ``stream`` had under numbers it hands out anew; see ``delivered``.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            return delivered.taken_as(self._connection, stream, stream_seq, before)

    def head(self) -> tuple[int, bytes]:
        """Return the newest sequence and its chain value; 0 and zeros before the first event.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            row = self._connection.execute(HEAD).fetchone()
        return (row[0], row[1]) if row else (0, GENESIS)

    def losses(self) -> Losses:
        """Return what was shed or refused and has not been told as an event.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            return losses(self._connection)

    def verify(self, seals: Mapping[int, bytes] | None = None) -> Verified:
        """Check the file's structure, every stored row, the sequences and the books of delivery.

        Reads the whole file as it is now, and holds that snapshot: the write-ahead log grows
        meanwhile. Not for the event loop.

        Args:
            seals: chain values that were published, by sequence.

        Raises:
            ReadError: it cannot be read now.
        """
        with self._snapshot():
            return verify_file(self._connection, seals)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _depths(self) -> dict[str, int]:
        return dict(self._connection.execute(STREAMS))

    def _proven(self, cursor: sqlite3.Cursor) -> Iterator[Row]:
        for *columns, replays in cursor:
            row = proven(columns)
            if row is not None:
                yield replace(row, replays=replays) if replays else row
            elif len(self.damaged) < DAMAGED_MAX:
                self.damaged.add(columns[0])

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")
        except READING_FAILED as error:
            raise ReadError(words(self.path, error)) from error
