"""What people look at in an outbox: rows with what became of them, whoever writes to it meanwhile.

Rows are read in pages, each under a snapshot of its own, so that a long look never holds the
write-ahead log open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.outbox.proof import ROW, proven
from gateway.outbox.reading import open_for_reading
from gateway.outbox.trouble import READING_FAILED, words
from gateway.outbox.types import ReadError, Row

PAGE_ROWS = 500
STATES = ("pending", "acknowledged", "refused", "shed")

EVENTS = f"""
    SELECT {ROW}, event.chain, delivery.outcome, delivery.stream_seq, delivery.duplicate,
           delivery.reason, delivery.ended_ns, coalesce(replay.times, 0)
    FROM event LEFT JOIN delivery ON delivery.sequence = event.sequence
               LEFT JOIN replay ON replay.sequence = event.sequence
    WHERE event.sequence BETWEEN :first AND :last
      AND event.time_ns BETWEEN :began_ns AND :ended_ns
      AND (:state IS NULL OR coalesce(delivery.outcome, 'pending') = :state)
      AND (:asset IS NULL OR event.asset = :asset)
      AND (:type IS NULL OR event.type GLOB :type)
    ORDER BY event.sequence LIMIT :limit
"""  # noqa: S608
STUB = "SELECT family, familysequence, shed_ns, chain FROM stub WHERE sequence = ?"
ANCHOR = "SELECT first, last, lost FROM anchor WHERE ? BETWEEN first AND last"
BY_ID = "SELECT sequence FROM event WHERE id = ?"
SEQUENCE_MAX = 2**62


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are looked at.

    Attributes:
        first: lowest sequence.
        last: highest sequence.
        began_ns: observed at or after, nanoseconds since the Unix epoch.
        ended_ns: observed at or before.
        state: pending, acknowledged or refused; None for all.
        asset: asset number; None for all.
        type: event type such as ``door.opened``, ``*`` stands for anything; None for all.
    """

    first: int = 1
    last: int = SEQUENCE_MAX
    began_ns: int = 0
    ended_ns: int = SEQUENCE_MAX
    state: str | None = None
    asset: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored row and what became of it.

    Attributes:
        row: the event.
        intact: it is what was stored.
        chain: its chain value.
        state: pending, acknowledged or refused.
        stream_seq: the stream's number of the message.
        duplicate: the stream had it already.
        reason: of a refusal.
        ended_ns: when that was stored, nanoseconds since the Unix epoch.
    """

    row: Row
    intact: bool
    chain: bytes
    state: str
    stream_seq: int | None
    duplicate: bool
    reason: str | None
    ended_ns: int | None


class Browser:
    """Looks into one outbox.

    Args:
        path: the database.

    Raises:
        ReadError: there is none, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = open_for_reading(path)
            self._connection.execute("SELECT 1 FROM event LIMIT 1").fetchall()
            if not _has_proofs(self._connection):
                raise ReadError(
                    f"outbox {path} is of an older gateway: start this one on it once, or "
                    "salvage it"
                )
        except READING_FAILED as error:
            raise ReadError(words(path, error)) from error

    def rows(self, wanted: Wanted, limit: int | None = None) -> Iterator[Kept]:
        """Yield rows in order of sequence, at most ``limit``.

        Raises:
            ReadError: it cannot be read.
        """
        first, left = wanted.first, limit
        while left is None or left > 0:
            size = PAGE_ROWS if left is None else min(PAGE_ROWS, left)
            page = self._page(wanted, first, size)
            yield from page
            if len(page) < size:
                return
            first = page[-1].row.sequence + 1
            left = None if left is None else left - size

    def one(self, name: str) -> Kept | None:
        """Return the row with this sequence or id, or None.

        Raises:
            ReadError: it cannot be read.
        """
        sequence = int(name) if name.isdecimal() and len(name) < 19 else None
        if sequence is None:
            found = self._fetch(BY_ID, (name,))
            if not found:
                return None
            sequence = found[0][0]
        return next(self.rows(Wanted(sequence, sequence)), None)

    def absent(self, sequence: int) -> str:
        """Say why there is no row with this sequence.

        Raises:
            ReadError: it cannot be read.
        """
        if self._fetch(STUB, (sequence,)):
            return f"event {sequence} was shed because the disk filled; its hash is kept"
        for first, last, lost in self._fetch(ANCHOR, (sequence,)):
            how = "lost with a damaged file" if lost else "pruned after its time"
            return f"event {sequence} was {how}, as all from {first} to {last}"
        return f"there was never an event {sequence}"

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _page(self, wanted: Wanted, first: int, limit: int) -> list[Kept]:
        values = {
            "first": first,
            "last": wanted.last,
            "began_ns": wanted.began_ns,
            "ended_ns": wanted.ended_ns,
            "state": wanted.state,
            "asset": wanted.asset,
            "type": wanted.type,
            "limit": limit,
        }
        return [_kept(columns) for columns in self._fetch(EVENTS, values)]

    def _fetch(self, sql: str, values: tuple[object, ...] | Mapping[str, object]) -> list[Any]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except READING_FAILED as error:
            raise ReadError(words(self.path, error)) from error


def _has_proofs(connection: sqlite3.Connection) -> bool:
    return any(row[1] == "digest" for row in connection.execute("PRAGMA table_info(event)"))


def _kept(columns: tuple[Any, ...]) -> Kept:
    row, chain, outcome = columns[:11], columns[11], columns[12]
    stream_seq, duplicate, reason, ended_ns, replays = columns[13:]
    return Kept(
        replace(Row(*row[:10]), replays=replays),
        proven(row) is not None,
        chain,
        "pending" if outcome is None else str(outcome),
        stream_seq,
        bool(duplicate),
        reason,
        ended_ns,
    )
