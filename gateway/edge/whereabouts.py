"""Who this process is among gateways of the same name: which computer, which outbox, since when."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from gateway.bus.lease import Holder
from gateway.edge.clock import Clock
from gateway.outbox.files import FILE_MODE, sync_folder

MARK_NAME = "outbox.mark"
"""A file beside the outbox with a word of chance: a damaged outbox set aside leaves it in place."""

MACHINE_ID = Path("/etc/machine-id")


def this_process(folder: Path, birthid: str, clock: Clock, machine_id: Path = MACHINE_ID) -> Holder:
    """Return who this process is.

    Args:
        folder: of the outbox; its lock must be held.
        birthid: of this start.
        clock: both clocks.
        machine_id: the file that tells this computer from others; without it, its name does.

    A disk that does not take the mark holds up no start: the folder's path stands for it then.
    """
    host = socket.gethostname()
    computer = host
    with suppress(OSError, UnicodeDecodeError):
        computer = machine_id.read_text("ascii").strip() or host
    try:
        mark = _mark(folder)
    except OSError:
        mark = str(folder.absolute())
    place = hashlib.sha256(f"{computer}\n{mark}".encode()).hexdigest()[:16]
    return Holder(birthid, host, os.getpid(), place, clock.wall_ns())


def _mark(folder: Path) -> str:
    path = folder / MARK_NAME
    with suppress(FileNotFoundError):
        found = path.read_text("ascii", errors="replace").strip()
        if found:
            return found
    fresh = secrets.token_hex(16)
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        os.write(descriptor, f"{fresh}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(path)
    sync_folder(folder)
    return fresh
