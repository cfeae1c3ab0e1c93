"""Gives up events when there is no room, and keeps account of events that nobody will get.

All of it runs inside a transaction of the store. A shed event leaves a stub, so that the chain
holds; and a loss, until the gateway has told it as an event.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from gateway.outbox.types import Loss, Losses

SHED = "shed"
GAP_TYPE = "link.gap"
"""Type of the event that tells a loss; one that is refused is not told in turn, for ever."""

OLDEST = """
    SELECT event.sequence, family, familysequence, digest, chain, asset, time_ns
    FROM pending CROSS JOIN event ON event.sequence = pending.sequence
    WHERE pending.stream = ? ORDER BY pending.sequence LIMIT ?
"""
DELETE_PENDING = """
    DELETE FROM pending WHERE stream = ? AND sequence IN (SELECT value FROM json_each(?))
"""
DELETE_EVENTS = "DELETE FROM event WHERE sequence IN (SELECT value FROM json_each(?))"
INSERT_STUB = "INSERT INTO stub VALUES (?, ?, ?, ?, ?, ?)"
INSERT_LOSS = """
    INSERT INTO loss (cause, asset, rows, first, last, began_ns, ended_ns)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
REFUSED_NOW = f"""
    SELECT asset, sequence, time_ns FROM event
    WHERE sequence IN (SELECT value FROM json_each(?)) AND type != '{GAP_TYPE}' ORDER BY sequence
"""  # noqa: S608
LOSSES = "SELECT cause, asset, rows, first, last, began_ns, ended_ns FROM loss ORDER BY number"
NEWEST_LOSS = "SELECT coalesce(max(number), 0) FROM loss"
FORGET = "DELETE FROM loss WHERE number <= ?"


def shed(connection: sqlite3.Connection, stream: str, limit: int, now_ns: int) -> int:
    """Give up the oldest pending events of a stream, at most ``limit``; return how many.

    Args:
        connection: inside a transaction.
        stream: the stream that they are for.
        limit: events at most.
        now_ns: wall time, nanoseconds since the Unix epoch.
    """
    rows = connection.execute(OLDEST, (stream, limit)).fetchall()
    if not rows:
        return 0
    listed = json.dumps([row[0] for row in rows])
    connection.execute(DELETE_PENDING, (stream, listed))
    connection.execute(DELETE_EVENTS, (listed,))  # first: a full file has room for stubs only then
    connection.executemany(INSERT_STUB, [(*row[:5], now_ns) for row in rows])
    _lose(connection, SHED, ((asset, sequence, at) for sequence, *_, asset, at in rows))
    return len(rows)


def lose_refused(connection: sqlite3.Connection, cause: str, sequences: list[int]) -> None:
    """Note that stored events were refused; the telling of a loss is not lost in turn."""
    if sequences:
        found = connection.execute(REFUSED_NOW, (json.dumps(sequences),)).fetchall()
        _lose(connection, cause, found)


def losses(connection: sqlite3.Connection) -> Losses:
    """Return what has not been told, one entry for each cause and EGM."""
    (to,) = connection.execute(NEWEST_LOSS).fetchone()
    merged: dict[tuple[str, str | None], Loss] = {}
    for row in connection.execute(LOSSES):
        _merge(merged, Loss(*row))
    return Losses(tuple(merged.values()), to)


def forget_losses(connection: sqlite3.Connection, to: int) -> None:
    """They are told, in this very transaction."""
    connection.execute(FORGET, (to,))


def _lose(
    connection: sqlite3.Connection, cause: str, rows: Iterable[tuple[str | None, int, int]]
) -> None:
    merged: dict[tuple[str, str | None], Loss] = {}
    for asset, sequence, at_ns in rows:
        _merge(merged, Loss(cause, asset, 1, sequence, sequence, at_ns, at_ns))
    connection.executemany(
        INSERT_LOSS,
        [
            (one.cause, one.asset, one.rows, one.first, one.last, one.began_ns, one.ended_ns)
            for one in merged.values()
        ],
    )


def _merge(merged: dict[tuple[str, str | None], Loss], loss: Loss) -> None:
    key = loss.cause, loss.asset
    known = merged.get(key)
    merged[key] = (
        loss
        if known is None
        else replace(
            known,
            rows=known.rows + loss.rows,
            first=min(known.first, loss.first),
            last=max(known.last, loss.last),
            began_ns=min(known.began_ns, loss.began_ns),
            ended_ns=max(known.ended_ns, loss.ended_ns),
        )
    )
