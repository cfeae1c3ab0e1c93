"""The folder that a run has for itself: one slotsim at a time in it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK: Final = "slotsim.lock"


class RunError(Exception):
    """A run cannot begin, or cannot go on; the message says why and what to do."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, made if it is not there, for this process.

    Raises:
        RunError: it cannot be made, or another slotsim runs in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror}; choose another --run-folder") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RunError(
            f"{folder}: another slotsim runs in it; end that one, or choose another --run-folder"
        ) from None
    finally:
        os.close(lock)
