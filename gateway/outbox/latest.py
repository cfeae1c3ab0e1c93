"""The newest events of some kinds, from the outbox's file, while the gateway writes it.

There is no index by machine: a gateway that must commit before its next poll keeps none that only
people need. So the file is read backwards from the newest event, in short looks, for a bounded
time.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.events.envelope import Envelope, decode
from gateway.events.errors import SchemaError
from gateway.events.lookup import Found, Lookup
from gateway.outbox.reading import open_for_reading
from gateway.outbox.trouble import READING_FAILED, words
from gateway.outbox.types import ReadError

STEP_ROWS: Final = 5_000
"""Rows that one look passes: short, so that it never holds the write-ahead log open."""
LOOK_S: Final = 1.5
"""Seconds after which a search ends with what it has."""

_NEWEST = "SELECT max(sequence) FROM event"
_OLDEST = "SELECT min(sequence) FROM event"
_TIME_AT = "SELECT time_ns FROM event WHERE sequence >= ? ORDER BY sequence LIMIT 1"
_STEP = """
    SELECT body FROM event
    WHERE sequence > :low AND sequence <= :high
      AND (:asset IS NULL OR asset = :asset)
      AND (family IN ({marks}) OR type IN ({marks}))
    ORDER BY sequence DESC LIMIT :limit
"""


def latest(path: Path, wanted: Lookup, clock: Callable[[], float] = time.monotonic) -> Found:
    """Return the newest events that are wanted.

    Args:
        path: the outbox.
        wanted: which events.
        clock: seconds, for the bound.

    Raises:
        ReadError: there is no outbox, or it cannot be read.
    """
    try:
        with closing(open_for_reading(path)) as connection:
            return _search(connection, wanted, clock)
    except READING_FAILED as error:
        raise ReadError(words(path, error)) from error


def _search(connection: sqlite3.Connection, wanted: Lookup, clock: Callable[[], float]) -> Found:
    end_s = clock() + LOOK_S
    oldest, newest = (connection.execute(sql).fetchone()[0] for sql in (_OLDEST, _NEWEST))
    if newest is None:
        return Found((), wanted.after)
    floor = _first_since(connection, _ns(wanted.after), oldest, newest) - 1
    high = newest
    if wanted.before is not None:
        high = _first_since(connection, _ns(wanted.before) + 1, oldest, newest)
    marks = ",".join(f":k{number}" for number, _ in enumerate(wanted.kinds))
    step = _STEP.format(marks=marks)
    values: dict[str, object] = {f"k{number}": kind for number, kind in enumerate(wanted.kinds)}
    events: list[Envelope] = []
    while high > floor:
        low = max(floor, high - STEP_ROWS)
        values |= {"low": low, "high": high, "asset": wanted.asset, "limit": wanted.most}
        for (body,) in connection.execute(step, values).fetchall():
            try:
                event = decode(body)
            except SchemaError:  # another version's, or damaged: slotgw outbox verify says which
                continue
            if wanted.fits(event):
                events.append(event)
        high = low
        if len(events) >= wanted.most:
            return Found(tuple(events[: wanted.most]), events[wanted.most - 1].time)
        if clock() > end_s and high > floor:
            reached = _moment(_time_at(connection, high))
            return Found(tuple(events), reached, "the outbox is large: older ones are found with "
                         "slotgw find or slotgw outbox list")  # fmt: skip
    begun = _moment(_time_at(connection, oldest))
    return Found(tuple(events), max(wanted.after, begun))


def _first_since(connection: sqlite3.Connection, time_ns: int, oldest: int, newest: int) -> int:
    """Return the first sequence observed at or after a moment, about: clocks may be set."""
    low, high = oldest, newest + 1
    while low < high:
        middle = (low + high) // 2
        if _time_at(connection, middle) < time_ns:
            low = middle + 1
        else:
            high = middle
    return low


def _time_at(connection: sqlite3.Connection, sequence: int) -> int:
    row = connection.execute(_TIME_AT, (sequence,)).fetchone()
    return int(row[0]) if row else 2**62


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000


def _moment(time_ns: int) -> datetime:
    return datetime.fromtimestamp(min(time_ns, 2**61) // 1000 / 1_000_000, UTC)
