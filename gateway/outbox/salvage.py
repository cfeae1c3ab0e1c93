"""Takes what can be read, and proven, out of a damaged outbox into a fresh one.

An event is taken over only if its digest proves it, so nothing is invented; one of version 1, which
has no digest, only if the chain values beside it prove it. Sequences stay, so that consumers see
exactly which numbers are missing: lost runs leave an anchor that says so, and the chain is made
anew. States, polls and small facts are not taken over. A file without its first page is searched
page by page (:mod:`gateway.outbox.carve`).
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.outbox.carve import carved
from gateway.outbox.chain import chained, chained_1, chained_lost, digest_of
from gateway.outbox.marks import ACKNOWLEDGED, REFUSED
from gateway.outbox.proof import ROW, proven
from gateway.outbox.reading import open_for_reading
from gateway.outbox.statements import insert_events, write_counters
from gateway.outbox.trouble import READING_FAILED
from gateway.outbox.types import GENESIS, Row

CHUNK_ROWS = 256
"""Rows read at once; a chunk that cannot be read is read in halves."""

FAILURES_MAX = 50_000
"""Readings that may fail; then the rest of the file is given up."""

RANGES_MAX = 1000
"""Lost runs told one by one."""

TAIL_MAX = 10_000_000
"""So many lost events at the end are believed of a damaged file's counters."""

EVENTS = f"""
    SELECT {ROW}, event.chain FROM event WHERE sequence BETWEEN ? AND ? ORDER BY sequence
"""  # noqa: S608
DELIVERIES = """
    SELECT sequence, outcome, stream, stream_seq, duplicate, reason, ended_ns FROM delivery
    WHERE sequence BETWEEN ? AND ?
"""
GONE = """
    SELECT first, last, chain FROM anchor WHERE last BETWEEN ? AND ?
"""
STUBS = "SELECT sequence, sequence, chain FROM stub WHERE sequence BETWEEN ? AND ?"
NEXT = "SELECT min(sequence), 0 FROM event WHERE sequence BETWEEN ? AND ?"
NEWEST = (
    "SELECT max(sequence), 0 FROM event WHERE sequence BETWEEN ? AND ?",
    "SELECT sum(value), ? + ? FROM counter WHERE kind = 'family'",
)
SEQUENCE_MAX = 2**53
LENGTH_MAX = 2**40
_OUTCOME = ((int,), (str,), (str, type(None)), (int, type(None)), (int, type(None)),
            (str, type(None)), (int,))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a damaged file.

    Attributes:
        rows: events that were taken over.
        pending: how many of them were not delivered.
        lost: events that could not be read, or not proven.
        last_sequence: the newest sequence that the damaged file is known to have had.
        ranges: first and last sequence of each lost run, at most 1,000.
    """

    rows: int = 0
    pending: int = 0
    lost: int = 0
    last_sequence: int = 0
    ranges: tuple[tuple[int, int], ...] = ()


def salvage(damaged: Path, into: sqlite3.Connection, *, delivered: bool) -> Salvaged:
    """Copy the events of a damaged file; never raises for what is wrong with that file.

    Args:
        damaged: the file; only read.
        into: a fresh outbox of the newest version, without a transaction.
        delivered: take acknowledged events too; without it, an anchor stands for them.

    Raises:
        sqlite3.Error: the fresh file does not take it; it is as it was.
    """
    work = _Work(into, delivered)
    into.execute("BEGIN IMMEDIATE")
    with ExitStack() as unless_done:
        unless_done.callback(into.rollback)
        with _at_full_length(damaged), closing(open_for_reading(damaged)) as connection:
            found = work.copy(_Source(connection))
        if not found:  # its first page is gone, and with it what says where the tables are
            with carved(damaged) as scratch:
                work.copy(_Source(scratch))
        work.end()
        into.execute("COMMIT")
        unless_done.pop_all()
    return Salvaged(work.rows, work.pending, work.lost, work.last, tuple(work.ranges))


@contextmanager
def _at_full_length(path: Path) -> Iterator[None]:
    """Let a file that was cut short have the length that its header says: SQLite asks for it.

    What is put behind it are zeros without blocks on the disk; they are taken off again.
    """
    length = 0
    try:
        with path.open("rb") as file:
            header = file.read(32)
        page = int.from_bytes(header[16:18], "big")
        wanted = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
        if header.startswith(b"SQLite format 3\0") and path.stat().st_size < wanted <= LENGTH_MAX:
            length = path.stat().st_size
            os.truncate(path, wanted)
    except OSError:
        pass  # then SQLite says what is wrong
    try:
        yield
    finally:
        if length:
            os.truncate(path, length)


@dataclass(slots=True)
class _Source:
    """A damaged file: gives what can be read of it."""

    connection: sqlite3.Connection
    failures: int = 0

    @property
    def spent(self) -> bool:
        """Whether so much could not be read that the rest is given up."""
        return self.failures > FAILURES_MAX

    def is_database(self) -> bool:
        """Say whether it can be opened at all, and what is in its tables be found."""
        try:
            self.connection.execute("SELECT 1 FROM event LIMIT 0").fetchall()
        except READING_FAILED:
            return False
        return True

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Yield runs in which there may be events, from the first to the last."""
        start = 1
        while not self.spent:
            following = self.number(NEXT, start)
            if following is None and self.read_well(NEXT, start):
                return
            start = max(start, following or 0)
            yield start, start + CHUNK_ROWS - 1
            start += CHUNK_ROWS

    def newest(self) -> int:
        """Return the newest sequence that the file says it has, 0 if it does not say."""
        return max(self.number(sql, 1) or 0 for sql in NEWEST)

    def number(self, sql: str, first: int) -> int | None:
        """Return a plausible sequence that ``sql`` gives, or None."""
        try:
            (found, _) = self.connection.execute(sql, (first, SEQUENCE_MAX)).fetchone()
        except (*READING_FAILED, TypeError):
            self.failures += 1
            return None
        return found if isinstance(found, int) and 0 < found < SEQUENCE_MAX else None

    def read_well(self, sql: str, first: int) -> bool:
        """Say whether ``sql`` can be read at all."""
        try:
            self.connection.execute(sql, (first, SEQUENCE_MAX)).fetchall()
        except READING_FAILED:
            return False
        return True

    def read(self, sql: str, first: int, last: int) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a run that can be read, in order."""
        if self.spent:
            return
        try:
            found = self.connection.execute(sql, (first, last)).fetchall()
        except READING_FAILED:
            self.failures += 1
            if first < last:
                middle = (first + last) // 2
                yield from self.read(sql, first, middle)
                yield from self.read(sql, middle + 1, last)
            return
        yield from found

    def events_sql(self) -> str:
        """Return the query of events that suits the file's version."""
        try:
            self.connection.execute("SELECT digest FROM event LIMIT 0")
        except sqlite3.OperationalError:
            return EVENTS.replace("event.digest", "NULL")
        except READING_FAILED:
            pass
        return EVENTS


@dataclass(slots=True)
class _Work:
    """Where a salvage has got to."""

    into: sqlite3.Connection
    delivered: bool
    rows: int = 0
    pending: int = 0
    lost: int = 0
    last: int = 0
    head: bytes = GENESIS
    ranges: list[tuple[int, int]] = field(default_factory=list)
    families: dict[str, int] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    skipped: tuple[int, int] | None = None  # delivered ones that an anchor will stand for
    chain: tuple[int, bytes] = (0, GENESIS)  # of the event before, in the damaged file

    def copy(self, source: _Source) -> bool:
        """Copy what can be read; False if there are no tables to read."""
        if not source.is_database():
            return False
        sql = source.events_sql()
        for start, stop in source.chunks():
            outcomes = {row[0]: row for row in source.read(DELIVERIES, start, stop)}
            gone = {row[1]: row for row in source.read(GONE, start - 1, stop)}
            gone |= {row[1]: row for row in source.read(STUBS, start - 1, stop)}
            for *columns, chain in source.read(sql, start, stop):
                row = self._proven(columns, chain, gone)
                if row is not None and self.last < row.sequence:
                    self._pass_gone(source, row.sequence)
                    self._take(row, outcomes.get(row.sequence))
        if self.last < (newest := source.newest()) <= self.last + TAIL_MAX:
            self._pass_gone(source, newest + 1)
            self._lose_to(newest)
        return True

    def _pass_gone(self, source: _Source, before: int) -> None:
        """Put anchors where events of the damaged file were pruned or shed already."""
        if self.last + 1 >= before:
            return
        known = [*source.read(GONE, self.last + 1, before - 1)]
        known += source.read(STUBS, self.last + 1, before - 1)
        runs = [(one[0], one[1]) for one in known]
        for first, last in sorted(one for one in runs if all(isinstance(n, int) for n in one)):
            assert isinstance(first, int)
            assert isinstance(last, int)
            if self.last < first <= last < before:
                self._lose_to(first - 1)
                self._pass(first, last, chained_lost(self.head, first, last))

    def end(self) -> None:
        self._flush()
        counters = [("family", name, value) for name, value in self.families.items()]
        counters += [("pending", name, value) for name, value in self.streams.items()]
        counters += [("ended", name, value) for name, value in self.ended.items()]
        write_counters(self.into, counters)

    def _proven(
        self, columns: list[object], chain: object, gone: dict[object, tuple[object, ...]]
    ) -> Row | None:
        """Return the row if it is what was stored; by its digest, or by the chain before it."""
        row = proven(columns)
        at, before = self.chain
        if isinstance(columns[0], int) and isinstance(chain, bytes):
            self.chain = columns[0], chain
        if row is None or columns[10] is not None:
            return row
        if at != row.sequence - 1:
            anchor = gone.get(row.sequence - 1)
            if anchor is None or not isinstance(anchor[2], bytes):
                return None
            before = anchor[2]
        held = chained_1(before, row.sequence, row.id, row.body) == chain
        return row if held else None

    def _take(self, row: Row, outcome: tuple[object, ...] | None) -> None:
        if outcome is not None and not _is_outcome(outcome):
            outcome = None  # nothing says that it was delivered
        delivered = outcome is not None and outcome[1] == ACKNOWLEDGED
        self._lose_to(row.sequence - 1)
        self.families[row.family] = max(self.families.get(row.family, 0), row.familysequence)
        if delivered and not self.delivered:
            self.ended[ACKNOWLEDGED] = self.ended.get(ACKNOWLEDGED, 0) + 1
            self._pass(row.sequence, row.sequence, chained(self.head, digest_of(row)))
            return
        self._flush()
        self.head = insert_events(self.into, [row], self.head)
        self.rows += 1
        self.last = row.sequence
        if outcome is not None:
            self._deliver(outcome)
        else:
            self.pending += 1
            self.streams[row.stream] = self.streams.get(row.stream, 0) + 1

    def _deliver(self, outcome: tuple[object, ...]) -> None:
        name = str(outcome[1])
        self.ended[name] = self.ended.get(name, 0) + 1
        self.into.execute("INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?)", outcome)

    def _lose_to(self, last: int) -> None:
        """Put a mark in the place of what was lost before ``last``."""
        first = self.last + 1
        if first > last:
            return
        self._flush()
        self.lost += last - first + 1
        if len(self.ranges) < RANGES_MAX:
            self.ranges.append((first, last))
        self._insert_anchor(first, last, chained_lost(self.head, first, last), lost=1)

    def _pass(self, first: int, last: int, chain: bytes) -> None:
        """Let an anchor stand for events that are not taken over; neighbours share one."""
        self.skipped = (self.skipped[0] if self.skipped else first, last)
        self.head, self.last = chain, last

    def _flush(self) -> None:
        if self.skipped is not None:
            first, last = self.skipped
            self.skipped = None
            self._insert_anchor(first, last, self.head, lost=0)

    def _insert_anchor(self, first: int, last: int, chain: bytes, *, lost: int) -> None:
        self.into.execute("INSERT INTO anchor VALUES (?, ?, ?, ?)", (first, last, chain, lost))
        self.head, self.last = chain, last


_SPOILT: Final = re.compile("[\udc80-\udcff]")
"""Bytes of a text that were no UTF-8, as :mod:`gateway.outbox.reading` hands them on."""


def _is_outcome(values: tuple[object, ...]) -> bool:
    typed = all(isinstance(one, kinds) for one, kinds in zip(values, _OUTCOME, strict=True))
    sound = not any(_SPOILT.search(one) for one in values if isinstance(one, str))
    return typed and sound and values[1] in (ACKNOWLEDGED, REFUSED)
