"""Brings an outbox file to the newest version, however old it is.

The steps are the numbered SQL files in ``migrations``; each runs once, in a transaction with the
record that it ran, and sets ``user_version`` to its number. A step that was released is never
changed: a new one is added.
"""

from __future__ import annotations

import sqlite3
from importlib import resources

from sqlite_utils import Database, Migrations

SET = "outbox"


def scripts() -> dict[int, str]:
    """Return the SQL of every step by number, in order from 1."""
    folder = resources.files("gateway.outbox") / "migrations"
    found = {
        int(file.name.partition("_")[0]): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }
    return dict(sorted(found.items()))


def newest() -> int:
    """Return the version that this program writes."""
    return max(scripts())


def migrate(connection: sqlite3.Connection) -> None:
    """Run the steps that this file has not had.

    Args:
        connection: a writable connection without an open transaction, in autocommit mode.

    Raises:
        sqlite3.Error: a step failed; the file is as it was before that step.
    """
    steps = Migrations(SET)
    for number, sql in scripts().items():
        _register(steps, number, sql)
    steps.apply(Database(connection, execute_plugins=False))


def _register(steps: Migrations, number: int, sql: str) -> None:
    @steps(name=f"{number:04d}")
    def step(database: Database) -> None:
        database.executescript(sql)
