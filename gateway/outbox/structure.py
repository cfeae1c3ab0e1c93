"""Is the file built as a database must be? Asked at the start for a bounded time, in full after.

A check reads the whole file: a second for a gigabyte in memory, minutes from a cold disk. Polling
does not wait for that. At the start it may take ``START_S``; then the small tables are checked, on
which a start depends, and the rest is for a thread beside the gateway. Rows of events need neither:
each proves itself whenever it is read.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from gateway.outbox.files import suspicion
from gateway.outbox.reading import open_for_reading
from gateway.outbox.trouble import READING_FAILED, is_broken

START_S = 1.0
"""Seconds that the check of the whole file may take at a start."""
SMALL = ("state", "fact", "counter", "anchor", "stub", "loss", "replay")
LARGE = ("event", "delivery", "pending")
"""Tables; each is checked under a snapshot of its own, so that checkpoints go on between them."""
NEWEST = "SELECT chain FROM event WHERE sequence = (SELECT max(sequence) FROM event)"
"""The one event that a start reads."""
STOP_S = 1.0
LOOK_S = 0.05
"""Seconds that a check may take to end when it is told to, and between two times it is told."""


def check_at_start(connection: sqlite3.Connection, path: Path) -> tuple[str, bool]:
    """Check as much as there is time for.

    Args:
        connection: of the file; nothing else runs on it.
        path: the file; one that was found damaged while it was in use is checked in full.

    Returns:
        What is wrong, empty if nothing was found; and whether the whole file was checked.

    Raises:
        sqlite3.Error, UnicodeDecodeError: it cannot be read.
    """
    if suspicion(path).exists():
        return _findings(connection), True
    if START_S > 0:
        timer = threading.Timer(START_S, connection.interrupt)
        timer.start()
        try:
            return _findings(connection), True
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
        finally:
            timer.cancel()
            timer.join()  # it may not interrupt what comes next
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if "event" in known:
        connection.execute(NEWEST).fetchone()
    faults = [_findings(connection, table) for table in SMALL if table in known]
    return "; ".join(one for one in faults if one), False


def _findings(connection: sqlite3.Connection, table: str = "") -> str:
    what = f"'{table}'" if table else "3"
    rows = [row[0] for row in connection.execute(f"PRAGMA quick_check({what})")]
    return "" if rows == ["ok"] else "; ".join(rows[:3]).replace("\n", " ")


class StructureCheck:
    """Checks the large tables in a thread, while the gateway works.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stopping = threading.Event()
        self._connection: sqlite3.Connection | None = None

    async def run(self) -> str:
        """Return what is wrong, empty if nothing is; when cancelled, end soon.

        A file that is damaged is remembered, so that the next start checks it in full.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[str] = loop.create_future()

        def tell(words: str) -> None:
            if not found.done():
                found.set_result(words)

        def work() -> None:
            words = self._check()
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, words)

        thread = threading.Thread(target=work, name="outbox check", daemon=True)
        thread.start()
        try:
            return await found
        finally:
            self._stopping.set()
            for _ in range(int(STOP_S / LOOK_S)):  # an interruption between two statements is lost
                if (connection := self._connection) is not None:
                    with suppress(sqlite3.ProgrammingError):  # closed by itself meanwhile
                        connection.interrupt()
                thread.join(LOOK_S)
                if not thread.is_alive():
                    break

    def _check(self) -> str:
        try:
            with closing(open_for_reading(self._path, any_thread=True)) as connection:
                self._connection = connection
                for table in LARGE:
                    if self._stopping.is_set():
                        return ""
                    if words := _findings(connection, table):
                        return self._damaged(words)
        except READING_FAILED as error:
            return self._damaged(str(error)) if is_broken(error) else ""
        finally:
            self._connection = None
        return ""

    def _damaged(self, words: str) -> str:
        suspect(self._path, words)
        return words


def suspect(path: Path, words: str) -> None:
    """Remember that the file was found damaged: the next start takes the time to check it all."""
    with suppress(OSError):
        suspicion(path).write_text(f"{words}\n", "utf-8")
