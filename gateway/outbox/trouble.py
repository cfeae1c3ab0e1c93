"""What SQLite's error codes mean to an operator.

Source: sqlite.org, "Result and Error Codes"; the low byte is the primary code.
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

BROKEN_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

READING_FAILED = (sqlite3.Error, UnicodeDecodeError)
"""What reading a file may raise; the second where SQLite's own words hold damaged bytes."""

ADVICE = {
    sqlite3.SQLITE_FULL:     "the disk is full, or the file at its size limit: free space there",
    sqlite3.SQLITE_IOERR:    "the disk answered with an error: read the kernel's log, test it",
    sqlite3.SQLITE_READONLY: "it is read-only: remount the disk or give this user the right",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder exists and is writable",
    sqlite3.SQLITE_BUSY:     "another program has locked it: close what has it open for writing",
    sqlite3.SQLITE_LOCKED:   "another program has locked it: close what has it open for writing",
    sqlite3.SQLITE_CORRUPT:  "it is damaged: restart the gateway, which sets it aside and goes on",
    sqlite3.SQLITE_NOTADB:   "it is damaged: restart the gateway, which sets it aside and goes on",
    sqlite3.SQLITE_NOMEM:    "there is no memory left: see what else runs on this machine",
}  # fmt: skip


def words(path: Path, error: sqlite3.Error | UnicodeDecodeError | OSError) -> str:
    """Return one line for an operator: file, what is wrong, what to do; SQLite's words last."""
    advice = ADVICE.get(primary_code(error))
    return f"outbox {path}: {advice} [{error}]" if advice else f"outbox {path}: {error}"


def is_broken(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Say whether the error means that the file itself is damaged."""
    return primary_code(error) in BROKEN_CODES


def is_full(error: sqlite3.Error | OSError) -> bool:
    """Say whether the error means that there is no room."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return primary_code(error) == sqlite3.SQLITE_FULL


def primary_code(error: sqlite3.Error | UnicodeDecodeError | OSError) -> int:
    """Return SQLite's primary result code, 0 where there is none."""
    if isinstance(error, OSError):
        return sqlite3.SQLITE_FULL if is_full(error) else sqlite3.SQLITE_IOERR
    if isinstance(error, UnicodeDecodeError):
        return sqlite3.SQLITE_CORRUPT
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
