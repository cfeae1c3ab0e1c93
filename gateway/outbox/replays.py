"""Makes events pending again whose delivery had ended: a stream lost them, a permission was wrong.

Runs inside a transaction of the store. Each time an event is replayed its message id is a fresh one
(``<id>#r<n>``), or the stream would take it for the copy that it thinks it has; its CloudEvents id
stays, so consumers that have it already pass it over.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass

from gateway.outbox.types import Row

ENDED = """
    SELECT event.sequence, event.stream, delivery.outcome
    FROM delivery JOIN event ON event.sequence = delivery.sequence
    WHERE delivery.sequence BETWEEN ? AND ? ORDER BY delivery.sequence LIMIT ?
"""
COUNT = """
    SELECT count(*) FROM delivery JOIN event ON event.sequence = delivery.sequence
    WHERE delivery.sequence BETWEEN ? AND ?
"""
COUNT_AGAIN = """
    INSERT INTO replay SELECT value, 1 FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET times = times + 1
"""
FORGET_DELIVERY = "DELETE FROM delivery WHERE sequence IN (SELECT value FROM json_each(?))"
PENDING_AGAIN = """
    INSERT INTO pending SELECT stream, sequence FROM event
    WHERE sequence IN (SELECT value FROM json_each(?))
"""
ROWS = """
    SELECT event.sequence, event.id, event.type, event.family, event.familysequence,
           event.subject, event.asset, event.stream, event.time_ns, event.body, replay.times
    FROM event JOIN replay ON replay.sequence = event.sequence
    WHERE event.sequence IN (SELECT value FROM json_each(?)) ORDER BY event.sequence
"""


@dataclass(frozen=True, slots=True)
class Again:
    """Rows that are pending again, and what that changed: by stream, and by former outcome."""

    rows: tuple[Row, ...]
    by_stream: Counter[str]
    by_outcome: Counter[str]


def replay(connection: sqlite3.Connection, first: int, last: int, limit: int) -> Again:
    """Make stored events pending again whose delivery has ended.

    Args:
        connection: inside a transaction.
        first: lowest sequence.
        last: highest sequence.
        limit: events at most; the lowest sequences first.
    """
    ended = connection.execute(ENDED, (first, last, limit)).fetchall()
    if not ended:
        return Again((), Counter(), Counter())
    listed = json.dumps([sequence for sequence, _, _ in ended])
    connection.execute(COUNT_AGAIN, (listed,))
    connection.execute(FORGET_DELIVERY, (listed,))
    connection.execute(PENDING_AGAIN, (listed,))
    return Again(
        tuple(Row(*row) for row in connection.execute(ROWS, (listed,))),
        Counter(stream for _, stream, _ in ended),
        Counter(outcome for _, _, outcome in ended),
    )
