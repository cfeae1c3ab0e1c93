"""Checks a whole file: its structure, its rows against the chain, its books of delivery."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.outbox.chain import Anchor, Link, Stub, Verified, verify
from gateway.outbox.proof import ROW, computed, shaped
from gateway.outbox.trouble import is_broken

LINKS = f"SELECT {ROW}, event.chain FROM event ORDER BY sequence"  # noqa: S608
STUBS = "SELECT sequence, family, familysequence, digest, chain FROM stub ORDER BY sequence"
ANCHORS = "SELECT first, last, chain, lost FROM anchor ORDER BY first"
STRUCTURE = "PRAGMA integrity_check(10)"
MISCOUNTED = """
    SELECT name, value, (SELECT count(*) FROM pending WHERE stream = name) AS rows
    FROM counter WHERE kind = 'pending' AND value != rows
"""
UNCOUNTED = """
    SELECT DISTINCT stream FROM pending
    WHERE stream NOT IN (SELECT name FROM counter WHERE kind = 'pending')
"""
ASTRAY = """
    SELECT count(*) FROM event WHERE
        EXISTS (SELECT 1 FROM delivery WHERE delivery.sequence = event.sequence) =
        EXISTS (SELECT 1 FROM pending
                WHERE pending.stream = event.stream AND pending.sequence = event.sequence)
"""
ORPHANS = """
    SELECT (SELECT count(*) FROM pending WHERE NOT EXISTS
                (SELECT 1 FROM event WHERE event.sequence = pending.sequence
                                       AND event.stream = pending.stream))
         + (SELECT count(*) FROM delivery WHERE NOT EXISTS
                (SELECT 1 FROM event WHERE event.sequence = delivery.sequence))
"""


def verify_file(
    connection: sqlite3.Connection, seals: Mapping[int, bytes] | None = None
) -> Verified:
    """Check everything that the chain and the tables promise.

    Args:
        connection: inside a snapshot.
        seals: chain values that were published, by sequence.

    Raises:
        sqlite3.Error: it cannot be read for another reason than damage.
    """
    faults: list[str] = []
    verified = Verified(0, 0, 0, b"")
    try:
        faults += [row[0] for row in connection.execute(STRUCTURE) if row[0] != "ok"]
        anchors = [
            Anchor(first, last, chain, bool(lost))
            for first, last, chain, lost in connection.execute(ANCHORS)
        ]
        stubs = [Stub(*row) for row in connection.execute(STUBS)]
        verified = verify(_links(connection), anchors, stubs, seals)
        faults += _books(connection)
    except sqlite3.OperationalError as error:
        if not (is_broken(error) or _is_damage(error)):
            raise
        faults.append(f"the file is damaged: {error}")
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
        faults.append(f"the file is damaged: {error}")
    except (TypeError, ValueError) as error:  # a column holds what no writer puts there
        faults.append(f"the file is damaged: a value is none ({error})")
    return replace(verified, faults=verified.faults + tuple(faults))


def _links(connection: sqlite3.Connection) -> Iterator[Link]:
    for *columns, chain in connection.execute(LINKS):
        row = shaped(columns)
        sequence = int(columns[0])
        if row is None or not isinstance(chain, bytes):
            yield Link(sequence, "?", "?", sequence, b"", b"", digest=b"", computed=None)
        else:
            yield Link(
                sequence, row.id, row.family, row.familysequence, row.body, chain,
                columns[10], computed(row),
            )  # fmt: skip


def _books(connection: sqlite3.Connection) -> Iterator[str]:
    for name, value, rows in connection.execute(MISCOUNTED):
        yield f"stream {name}: {value} events counted as pending, {rows} found"
    for (name,) in connection.execute(UNCOUNTED):
        yield f"stream {name}: pending events that nobody counted"
    if astray := connection.execute(ASTRAY).fetchone()[0]:
        yield f"{astray} events are neither pending nor delivered, or both"
    if orphans := connection.execute(ORPHANS).fetchone()[0]:
        yield f"{orphans} entries about deliveries belong to no event"


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Say whether the words mean that a text or a table is not what was written."""
    text = str(error)
    return text.startswith(("Could not decode", "no such table", "no such column"))
