"""The demonstration's run folder: one demo at a time in it, and nobody else's files."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = "demo.lock"
"""A file that says "made by a demo"; locked while one runs."""

SOCKET_PATH_BYTES_MAX = 107
"""Bytes of a Unix socket's path that Linux takes; 103 elsewhere."""


class FolderError(Exception):
    """The operator's: the folder cannot be used; says why and what to do."""


@contextmanager
def demo_folder(folder: Path, longest_socket: str) -> Iterator[Path]:
    """Hold ``folder``, emptied of what an earlier demo left, for this process alone.

    Args:
        folder: made if it is missing. One with files in it but without our mark is not touched.
        longest_socket: relative path of the longest socket that will be in it.

    Raises:
        FolderError: another demo runs in it, it holds somebody else's files, its path is too long
            for a socket, or it cannot be written.
    """
    folder = folder.absolute()
    length = len(os.fsencode(folder / longest_socket))
    if length > SOCKET_PATH_BYTES_MAX:
        raise FolderError(
            f"{folder}: {longest_socket} in it would be a socket of {length} bytes, and "
            f"{SOCKET_PATH_BYTES_MAX} are the most; choose a shorter --run-folder"
        )
    try:
        lock = _lock(folder)
    except OSError as error:
        raise FolderError(f"{folder}: {error.strerror}; choose another --run-folder") from None
    try:
        _clean(folder)
        yield folder
    finally:
        os.close(lock)


def _lock(folder: Path) -> int:
    """Return a file descriptor that holds the folder's lock until it is closed."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise FolderError(
            f"{folder}: holds files that no demo made, which cleaning would delete; "
            "choose another --run-folder"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / MARK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        raise FolderError(
            f"{folder}: another demo is running in it; end that one, or choose another --run-folder"
        ) from None
    return lock


def _clean(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
