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
"""A file beside the outbox with a word of chance and the time at which it was made: how long this
gateway has had its name. A damaged outbox that is set aside leaves it in place."""

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
    host, now_ns = socket.gethostname(), clock.wall_ns()
    computer = host
    with suppress(OSError, UnicodeDecodeError):
        computer = machine_id.read_text("ascii").strip() or host
    try:
        mark, made_ns = _mark(folder, now_ns)
    except OSError:
        mark, made_ns = str(folder.absolute()), now_ns
    place = hashlib.sha256(f"{computer}\n{mark}".encode()).hexdigest()[:16]
    return Holder(birthid, host, os.getpid(), place, made_ns, now_ns)


def _mark(folder: Path, now_ns: int) -> tuple[str, int]:
    """Return the word beside the outbox and when it was written; write it if there is none."""
    path = folder / MARK_NAME
    with suppress(FileNotFoundError, ValueError):
        word, made_ns = path.read_text("ascii", errors="replace").split()
        return word, int(made_ns)
    fresh = secrets.token_hex(16)
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        os.write(descriptor, f"{fresh} {now_ns}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(path)
    sync_folder(folder)
    return fresh, now_ns
