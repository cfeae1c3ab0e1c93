"""The outbox on the file system: whose it is, how it comes to be, how it is set aside.

Beside ``outbox.db`` lie ``outbox.db-wal`` and ``outbox.db-shm`` (SQLite's own), and
``outbox.db.lock``, which is never removed: the lock is the kernel's, on the open file, and ends
with the process however that ends.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gateway.outbox.types import OpenError, OutboxLockedError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
SUSPECT = ".suspect"
PARTS = ("", "-wal", "-shm", SUSPECT)
"""Endings of the files that together are one database, and go together when it is set aside."""


class Ownership:
    """The right to write to one outbox, held by one process at a time.

    Raises:
        OutboxLockedError: another process holds it; said at once, nothing waits.
        OpenError: the lock file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        lock = path.with_name(path.name + ".lock")
        try:
            self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, FILE_MODE)
        except OSError as error:
            raise cannot_open(lock, error) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip()
            os.close(self._descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise cannot_open(lock, error) from error
            raise OutboxLockedError(
                f"{path} is in use by process {owner or 'unknown'}: one gateway only may write to "
                "it. Stop that one, or give this one a run folder of its own"
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another process have it."""
        os.close(self._descriptor)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, so that it survives a power cut.

    Raises:
        OpenError: it cannot be made.
    """
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=FOLDER_MODE, exist_ok=True)
            sync_folder(one.parent)
    except OSError as error:
        raise cannot_open(folder, error) from error


def make_file(path: Path) -> None:
    """Make an empty file that only its owner reads, unless there is one; sync its folder.

    SQLite gives its own files beside it the same rights.

    Raises:
        OpenError: it cannot be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_open(path, error) from error


def sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(path: Path, now_ns: int) -> Path:
    """Rename a database and SQLite's files beside it; return its new name.

    Args:
        path: the database.
        now_ns: wall time, nanoseconds since the Unix epoch: the stamp in the name.

    Raises:
        OpenError: it cannot be renamed.
    """
    stamp = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.broken-{stamp}-{number}")
    try:
        for part in PARTS:
            with suppress(FileNotFoundError):
                path.with_name(path.name + part).rename(aside.with_name(aside.name + part))
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_open(path, error) from error
    return aside


def suspicion(path: Path) -> Path:
    """Return the file that says that this database was found damaged while it was in use."""
    return path.with_name(path.name + SUSPECT)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells this file from any other (device and inode), None if it is not there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def log_bytes(path: Path) -> int:
    """Return the size of the write-ahead log beside the database at ``path``; 0 if there is none.

    Raises:
        OSError: it cannot be asked for.
    """
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def cannot_open(path: Path, error: OSError) -> OpenError:
    """Return what an operator is told when the file system refuses."""
    return OpenError(
        f"cannot open {path}: {error.strerror or error}. Check that the folder exists, that this "
        "user may write to it and that the disk is neither full nor read-only"
    )
