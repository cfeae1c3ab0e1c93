"""The statements of the commit path: few, each for many rows.

Every statement lets go of the interpreter while it runs and has to get it back from the event
loop, so one statement for 64 rows is worth more than 64 quick ones.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from operator import attrgetter

from gateway.outbox.chain import chained, digest_of
from gateway.outbox.types import Row

GROUPS = (64, 16, 4, 1)
"""Rows per statement; each size is one prepared statement."""


class Insert:
    """An insertion into one table, of any number of rows.

    Args:
        table: its name.
        columns: how many it has.
        otherwise: what happens to a row that is there already; SQL, empty for an error.
    """

    def __init__(self, table: str, columns: int, otherwise: str = "") -> None:
        row = f"({', '.join('?' * columns)})"
        self._sql = {
            size: f"INSERT INTO {table} VALUES {', '.join([row] * size)} {otherwise}"  # noqa: S608
            for size in GROUPS
        }

    def run(self, connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Insert ``rows``.

        Raises:
            sqlite3.Error: not all are inserted; the transaction is to be rolled back.
        """
        start = 0
        for size in GROUPS:
            while len(rows) - start >= size:
                values = [value for row in rows[start : start + size] for value in row]
                connection.execute(self._sql[size], values)
                start += size


EVENTS = Insert("event", 12)

_FIELDS = attrgetter(
    "sequence",
    "id",
    "type",
    "family",
    "familysequence",
    "subject",
    "asset",
    "stream",
    "time_ns",
    "body",
)

HEAD = """
    SELECT sequence, chain FROM event WHERE sequence = (SELECT max(sequence) FROM event)
    UNION ALL SELECT sequence, chain FROM stub WHERE sequence = (SELECT max(sequence) FROM stub)
    UNION ALL SELECT last, chain FROM anchor WHERE first = (SELECT max(first) FROM anchor)
    ORDER BY 1 DESC LIMIT 1
"""
"""The newest sequence and its chain value: of an event, a stub or an anchor."""

COUNTERS = """
    INSERT INTO counter
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET value = excluded.value
"""


def insert_events(connection: sqlite3.Connection, rows: Sequence[Row], chain: bytes) -> bytes:
    """Insert rows, which makes them pending; return the chain value of the last of them.

    Args:
        connection: inside a transaction.
        rows: in order, without a hole.
        chain: chain value of the row before the first, 32 bytes.

    Raises:
        sqlite3.Error: not all are inserted; the transaction is to be rolled back.
    """
    stored: list[tuple[object, ...]] = []
    for row in rows:
        digest = digest_of(row)
        chain = chained(chain, digest)
        stored.append((*_FIELDS(row), chain, digest))
    EVENTS.run(connection, stored)
    return chain


def write_counters(
    connection: sqlite3.Connection, counters: Iterable[tuple[str, str, int]]
) -> None:
    """Store the new values of counters, each as kind, name and value."""
    listed = list(counters)
    if listed:
        connection.execute(COUNTERS, (json.dumps(listed),))
