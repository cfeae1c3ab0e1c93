"""What streams have acknowledged: how a stream that has gone back is noticed and made good.

A stream that was deleted and made again, or restored from a backup, hands out numbers again that
it had handed out before. The outbox remembers the old ones as long as it keeps acknowledged rows.
"""

from __future__ import annotations

import sqlite3

LOOKED_AT = 1_000_000
"""Newest rows that are looked at: a start must not read months (a million take about 0.2 s)."""

HIGHEST = """
    SELECT stream, max(stream_seq) FROM delivery
    WHERE outcome = 'acknowledged'
      AND sequence > (SELECT coalesce(max(sequence), 0) FROM delivery) - ?
    GROUP BY stream
"""
TAKEN_AS = """
    SELECT min(sequence), max(sequence) FROM delivery
    WHERE outcome = 'acknowledged' AND stream = ? AND stream_seq >= ? AND sequence < ?
"""


def highest(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the highest number that each stream has acknowledged, by stream."""
    return dict(connection.execute(HIGHEST, (LOOKED_AT,)))


def taken_as(
    connection: sqlite3.Connection, stream: str, stream_seq: int, before: int
) -> tuple[int, int] | None:
    """Return which rows a stream had taken under a number that it now hands out anew.

    Args:
        connection: of a reader.
        stream: the stream's name.
        stream_seq: the first number that it handed out again.
        before: sequence of the row that got it.

    Returns:
        The first and the last sequence; None if the outbox keeps no such row any more.
    """
    first, last = connection.execute(TAKEN_AS, (stream, stream_seq, before)).fetchone()
    return None if first is None else (first, last)
