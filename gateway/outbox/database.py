"""Opens the outbox's file: sound, at the newest version, durable; or says why not."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gateway.outbox import files
from gateway.outbox.migrate import migrate, newest
from gateway.outbox.reading import BUSY_S, open_for_reading
from gateway.outbox.salvage import salvage
from gateway.outbox.structure import check_at_start
from gateway.outbox.trouble import READING_FAILED, is_broken, words
from gateway.outbox.types import OpenError, StoreLoss

APPLICATION_ID = 0x534C4F42
WAL_KEEP_BYTES = 32 * 1024 * 1024
"""The write-ahead log is cut back to this after it had to grow beyond it."""

Synchronous = Literal["FULL", "OFF"]
"""``FULL``: committed is on disk. ``OFF``: for simulations and control runs, which lose data."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A writable connection, what was lost on the way to it, and whether all of it was checked."""

    connection: sqlite3.Connection
    loss: StoreLoss | None
    checked: bool = True


class _BrokenError(Exception):
    """The file is damaged; says how."""


def open_for_writing(path: Path, synchronous: Synchronous, now_ns: int) -> Opened:
    """Open or make the database; a damaged one is set aside and a fresh one begun.

    Args:
        path: the database; its folder exists and nobody else writes to it.
        synchronous: see ``Synchronous``.
        now_ns: wall time, nanoseconds since the Unix epoch, for the name of a file set aside.

    Raises:
        OpenError: it is something else's, a newer gateway's, or cannot be read or made.
    """
    loss = None
    try:
        connection, checked = _sound(path, synchronous)
    except _BrokenError as broken:
        last_sequence, pending = _glimpse(path)
        aside = files.set_aside(path, now_ns)
        try:
            connection, checked = _sound(path, synchronous)
        except _BrokenError as again:
            raise OpenError(f"outbox {path}: a fresh file is damaged too ({again})") from again
        loss = StoreLoss(aside, str(broken), last_sequence, pending)
        loss = _salvaged(loss, connection)
    return Opened(connection, loss, checked)


def _salvaged(loss: StoreLoss, connection: sqlite3.Connection) -> StoreLoss:
    """Take over what was not delivered; a fresh file that does not take it stays empty."""
    try:
        salvaged = salvage(loss.set_aside, connection, delivered=False)
    except sqlite3.Error as error:
        reason = f"{loss.reason}; and nothing was salvaged: {error}"
        return replace(loss, reason=reason)
    newest = max(salvaged.last_sequence, loss.last_sequence or 0) or None
    return replace(loss, last_sequence=newest, salvaged=salvaged.pending, lost=salvaged.lost)


def _sound(path: Path, synchronous: Synchronous) -> tuple[sqlite3.Connection, bool]:
    files.make_file(path)
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=BUSY_S, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise OpenError(words(path, error)) from error
    with ExitStack() as unless_sound:
        unless_sound.callback(connection.close)
        try:
            _refuse_strangers(connection, path)
            broken, checked = check_at_start(connection, path)
            if broken:
                raise _BrokenError(broken)
            _configure(connection, path, synchronous)
            migrate(connection)
        except READING_FAILED as error:
            if is_broken(error):
                raise _BrokenError(str(error)) from error
            raise OpenError(words(path, error)) from error
        files.sync_folder(path.parent)
        unless_sound.pop_all()
    return connection, checked


def _refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    begun = version == 0 and _only_migration_record(connection)
    if tables and owner != APPLICATION_ID and not begun:
        raise OpenError(
            f"{path} is a SQLite file of some other program: move it away, or choose another "
            "run folder for the gateway"
        )
    if version > newest():
        raise OpenError(
            f"outbox {path} has version {version}, written by a newer gateway; this one knows "
            f"{newest()}. Install the newer gateway again, or choose another run folder"
        )


def _only_migration_record(connection: sqlite3.Connection) -> bool:
    """Say whether the making of this file was cut short before its first step was committed."""
    names = connection.execute("SELECT DISTINCT tbl_name FROM sqlite_master").fetchall()
    return names == [("_sqlite_migrations",)]


def _configure(connection: sqlite3.Connection, path: Path, synchronous: Synchronous) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise OpenError(
            f"outbox {path}: this file system cannot hold a write-ahead log (a network share?); "
            "choose a run folder on a local disk"
        )
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # the writer does it between batches
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEEP_BYTES}")


def _glimpse(path: Path) -> tuple[int | None, int | None]:
    """Return the newest sequence and the number of pending rows, as far as they can be read."""
    try:
        with closing(open_for_reading(path)) as connection:
            last = connection.execute("SELECT max(sequence) FROM event").fetchone()[0]
            pending = connection.execute("SELECT count(*) FROM pending").fetchone()[0]
    except READING_FAILED:
        return None, None
    return last, pending
