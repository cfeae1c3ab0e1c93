"""Writes how the delivery of rows ended, and prunes the rows that have been kept long enough.

Both run inside a transaction of the store. The first outcome of a row stands: marking it again
changes nothing, so that a batch may be tried again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.outbox.shed import lose_refused
from gateway.outbox.types import Acknowledged, Mark

ACKNOWLEDGED = "acknowledged"
REFUSED = "refused"

STILL_PENDING = """
    SELECT json_group_array(json_array(event.sequence, event.stream))
    FROM event JOIN pending USING (stream, sequence)
    WHERE event.sequence IN (SELECT value FROM json_each(?))
"""
ENDED = """
    INSERT INTO delivery
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
           json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'), ?
    FROM json_each(?)
"""

PRUNABLE = """
    SELECT sequence FROM delivery WHERE outcome = ? AND ended_ns < ?
    ORDER BY ended_ns, sequence LIMIT ?
"""
DELETE_EVENTS = "DELETE FROM event WHERE sequence IN (SELECT value FROM json_each(?))"
DELETE_DELIVERIES = "DELETE FROM delivery WHERE sequence IN (SELECT value FROM json_each(?))"
DELETE_REPLAYS = "DELETE FROM replay WHERE sequence IN (SELECT value FROM json_each(?))"
OLD_STUBS = """
    SELECT sequence FROM (SELECT sequence, shed_ns FROM stub ORDER BY sequence LIMIT ?)
    WHERE shed_ns < ?
"""
DELETE_STUBS = "DELETE FROM stub WHERE sequence IN (SELECT value FROM json_each(?))"
CHAIN = """
    SELECT chain FROM event WHERE sequence = ?1 UNION ALL
    SELECT chain FROM stub WHERE sequence = ?1
"""
ANCHOR_BEFORE = """
    SELECT first, last, lost FROM anchor WHERE first < ? ORDER BY first DESC LIMIT 1
"""
ANCHOR_AFTER = "SELECT last, chain FROM anchor WHERE first = ? AND lost = 0"


@dataclass(frozen=True, slots=True)
class Keep:
    """How long rows stay after their delivery ended.

    Attributes:
        acknowledged_s: seconds that an acknowledged row is kept: a stream may lose it yet.
        refused_s: seconds that a refused row is kept, for a person to look into it; and the stub
            of one that was shed.
    """

    acknowledged_s: float = 7 * 86_400.0
    refused_s: float = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What a set of marks changed: rows no longer pending by stream, rows ended by outcome."""

    by_stream: Counter[str]
    by_outcome: Counter[str]


def write_marks(connection: sqlite3.Connection, marks: Sequence[Mark], at_ns: int) -> Ended:
    """Store the marks of rows that are still pending; the others are there already.

    Args:
        connection: inside a transaction.
        marks: one or more.
        at_ns: wall time, nanoseconds since the Unix epoch.
    """
    by_sequence: dict[int, Mark] = {}
    for mark in marks:
        by_sequence.setdefault(mark.sequence, mark)
    listed = json.dumps(list(by_sequence))
    found: list[tuple[int, str]]
    found = json.loads(connection.execute(STILL_PENDING, (listed,)).fetchone()[0])
    if not found:
        return Ended(Counter(), Counter())
    records = [_record(by_sequence[sequence]) for sequence, _ in found]
    connection.execute(ENDED, (at_ns, json.dumps(records)))
    refused = [record[0] for record in records if record[1] == REFUSED]
    lose_refused(connection, REFUSED, [one for one in refused if isinstance(one, int)])
    return Ended(
        Counter(stream for _, stream in found),
        Counter(str(record[1]) for record in records),
    )


def _record(mark: Mark) -> tuple[int | str | None, ...]:
    if isinstance(mark, Acknowledged):
        taken = (mark.stream, mark.stream_seq, int(mark.duplicate), None)
        return (mark.sequence, ACKNOWLEDGED, *taken)
    return (mark.sequence, REFUSED, None, None, None, mark.reason)


def prune(connection: sqlite3.Connection, keep: Keep, now_ns: int, limit: int) -> int:
    """Delete rows whose delivery ended long enough ago; an anchor stands for each run of them.

    Pending rows are never deleted, whatever lies before or behind them, and no row changes its
    sequence.

    Args:
        connection: inside a transaction.
        keep: how long rows stay.
        now_ns: wall time, nanoseconds since the Unix epoch.
        limit: rows deleted at most.

    Returns:
        Number of rows deleted.
    """
    sequences: list[int] = []
    for outcome, kept_s in ((ACKNOWLEDGED, keep.acknowledged_s), (REFUSED, keep.refused_s)):
        before_ns = now_ns - int(kept_s * 1_000_000_000)
        room = limit - len(sequences)
        sequences += (one for (one,) in connection.execute(PRUNABLE, (outcome, before_ns, room)))
    stubs: list[int] = []
    if room := limit - len(sequences):
        before_ns = now_ns - int(keep.refused_s * 1_000_000_000)
        stubs = [one for (one,) in connection.execute(OLD_STUBS, (room, before_ns))]
    if not (sequences or stubs):
        return 0
    for first, last in runs(sorted(sequences + stubs)):
        _anchor(connection, first, last)
    listed = json.dumps(sequences)
    connection.execute(DELETE_EVENTS, (listed,))
    connection.execute(DELETE_DELIVERIES, (listed,))
    connection.execute(DELETE_REPLAYS, (listed,))
    connection.execute(DELETE_STUBS, (json.dumps(stubs),))
    return len(sequences) + len(stubs)


def runs(sequences: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of neighbours in rising ``sequences``."""
    first = last = None
    for sequence in sequences:
        if first is None or last is None:
            first = sequence
        elif sequence != last + 1:
            yield first, last
            first = sequence
        last = sequence
    if first is not None and last is not None:
        yield first, last


def _anchor(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Let one anchor stand for ``first`` to ``last`` and the anchors that touch them."""
    (chain,) = connection.execute(CHAIN, (last,)).fetchone()
    before = connection.execute(ANCHOR_BEFORE, (first,)).fetchone()
    if before is not None and before[1] == first - 1 and not before[2]:
        first = before[0]
        connection.execute("DELETE FROM anchor WHERE first = ?", (first,))
    after = connection.execute(ANCHOR_AFTER, (last + 1,)).fetchone()
    if after is not None:
        connection.execute("DELETE FROM anchor WHERE first = ?", (last + 1,))
        last, chain = after
    connection.execute("INSERT INTO anchor VALUES (?, ?, ?, 0)", (first, last, chain))
