"""Opens an outbox that somebody else writes, or that is damaged: only to read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from operator import methodcaller
from pathlib import Path
from urllib.parse import quote

from gateway.outbox.trouble import READING_FAILED

BUSY_S = 1.0
"""How long one statement waits for a lock that a foreign program holds."""

_TEXT = methodcaller("decode", "utf-8", "surrogateescape")
"""Damaged text does not end the reading: the row's digest tells of it."""


def open_for_reading(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """Open a connection that cannot write.

    Args:
        path: the database.
        any_thread: another thread may interrupt what it does.

    Raises:
        sqlite3.Error: there is no such database, or it cannot be read.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro",
        uri=True,
        isolation_level=None,
        timeout=BUSY_S,
        check_same_thread=not any_thread,
    )
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = _TEXT
    return connection


def is_sound(path: Path) -> bool:
    """Say whether the file has the structure of a database; rows are not looked at."""
    try:
        with closing(open_for_reading(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except READING_FAILED:
        return False
