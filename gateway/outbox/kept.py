"""What is kept by name, states and small facts: each row proves itself, or is not believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from hashlib import sha256

from gateway.outbox.statements import Insert

_STATES = Insert(
    "state", 3, "ON CONFLICT DO UPDATE SET body = excluded.body, digest = excluded.digest"
)
_FACTS = Insert(
    "fact", 3, "ON CONFLICT DO UPDATE SET text = excluded.text, digest = excluded.digest"
)


def digest_kept(name: str, content: bytes) -> bytes:
    """Return the digest of a row: 32 bytes, SHA-256."""
    head = name.encode()
    return sha256(len(head).to_bytes(4, "big") + head + content).digest()


def write_kept(
    connection: sqlite3.Connection, states: Mapping[str, bytes], facts: Mapping[str, str]
) -> None:
    """Store states and facts, inside a transaction.

    Raises:
        sqlite3.Error: not all are stored; the transaction is to be rolled back.
    """
    _STATES.run(
        connection, [(name, body, digest_kept(name, body)) for name, body in states.items()]
    )
    _FACTS.run(
        connection, [(name, text, digest_kept(name, text.encode())) for name, text in facts.items()]
    )


def read_kept(
    connection: sqlite3.Connection,
) -> tuple[dict[str, bytes], dict[str, str], tuple[str, ...]]:
    """Return the states, the facts, and the names of those that are not what was stored.

    Raises:
        sqlite3.Error: they cannot be read.
    """
    damaged: list[str] = []
    states = dict(_proven(connection.execute("SELECT name, body, digest FROM state"), damaged))
    # as bytes: a text that is no UTF-8 any more is damaged, not a reason to stop
    rows = connection.execute("SELECT name, CAST(text AS BLOB), digest FROM fact")
    facts = {}
    for name, content in _proven(rows, damaged):
        try:
            facts[name] = content.decode()
        except UnicodeDecodeError:
            damaged.append(name)
    return states, facts, tuple(damaged)


def _proven(
    rows: Iterable[tuple[object, object, object]], damaged: list[str]
) -> Iterable[tuple[str, bytes]]:
    for name, content, digest in rows:
        if not isinstance(name, str) or not isinstance(content, bytes):
            damaged.append(str(name))
        elif digest is None or digest == digest_kept(name, content):
            yield name, content
        else:
            damaged.append(name)
