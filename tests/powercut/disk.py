"""Builds the disk that can lose its power, and takes its power away."""

from __future__ import annotations

import errno
import importlib.util
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
RECORD = struct.Struct("=5q")
NUMBERS = struct.Struct("=7i")
SECTOR = 512
SURVIVES = 0.4
"""Share of the writes not synced that the disk had put down all the same."""


def compiler() -> list[str] | None:
    """Return the command of a C compiler, or None."""
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def build(folder: Path) -> Path:
    """Compile the shim; return the library."""
    command = compiler()
    assert command is not None, "no C compiler"
    library = folder / "disk.so"
    options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wno-unused-result"]
    libraries = ["-ldl", "-lpthread"]
    subprocess.run(
        [*command, *options, "-o", str(library), str(HERE / "disk.c"), *libraries], check=True
    )
    return library


@dataclass(frozen=True, slots=True)
class Lost:
    """What a power cut took.

    Attributes:
        unsynced: writes that were not synced.
        survived: those of them that were on the disk all the same, whole or torn.
    """

    unsynced: int
    survived: int


class Disk:
    """A folder on a disk that may lose its power.

    Args:
        library: the shim.
        prefix: files whose path begins so are on it.
        logs: folder of the shim's own logs.
    """

    def __init__(self, library: Path, prefix: Path, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._control = logs / "control"
        self._control.write_bytes(NUMBERS.pack(*[0] * 7))
        self.environment = {
            "LD_PRELOAD": str(library), "DISK_PREFIX": str(prefix), "DISK_UNDO": str(logs),
            "DISK_CONTROL": str(self._control),
        }  # fmt: skip

    def fail(self, *, writes: int = 0, syncs: int = 0, error: int = errno.EIO) -> None:
        """Let so many of the next writes and syncs fail with ``error``."""
        with self._mapped() as control:
            control[:16] = struct.pack("=4i", writes, error, syncs, error)

    def counts(self) -> tuple[int, int, int]:
        """Return writes, syncs and failures so far."""
        with self._mapped() as control:
            return NUMBERS.unpack(control[: NUMBERS.size])[4:]

    def cut(self, chance: random.Random, survives: float = SURVIVES) -> Lost:
        """Take the power: what was not synced is gone, but for a part that happens to be there.

        The program must be dead. Of two writes not synced the later one may be there without the
        earlier one, and a write may be torn at a sector.
        """
        unsynced = survived = 0
        for log in sorted(self._logs.glob("*.log")):
            path = Path(log.with_suffix(".path").read_text())
            records = list(_records(log.read_bytes()))
            unsynced += len(records)
            if records and path.exists():
                survived += _take_back(path, records, chance, survives)
        self._undo_names()
        for old in [*self._logs.glob("*.log"), *self._logs.glob("*.path")]:
            old.unlink()
        for shm in {Path(str(path)) for path in Path(self.environment["DISK_PREFIX"]).parent
                    .rglob("*-shm")}:  # fmt: skip
            shm.unlink()
        return Lost(unsynced, survived)

    def _undo_names(self) -> None:
        names = self._logs / "names"
        if not names.exists():
            return
        for line in reversed(names.read_text().splitlines()):
            source, target, kept = line.split("\t")
            if Path(target).exists():
                Path(target).rename(source)
            if kept:
                Path(kept).rename(target)
        names.unlink()

    def _mapped(self) -> mmap.mmap:
        with self._control.open("r+b") as file:
            return mmap.mmap(file.fileno(), NUMBERS.size)


def _records(log: bytes):
    at = 0
    while at + RECORD.size <= len(log):
        offset, old_size, old_length, new_length, truncated_to = RECORD.unpack_from(log, at)
        at += RECORD.size
        old, new = log[at : at + old_length], log[at + old_length :][:new_length]
        at += old_length + new_length
        if at <= len(log):  # else the program was killed while it wrote the log, before the change
            yield offset, old_size, old, new, truncated_to


def _take_back(path: Path, records, chance: random.Random, survives: float) -> int:
    survived = 0
    with path.open("r+b") as file:
        for offset, old_size, old, _, _ in reversed(records):
            os.pwrite(file.fileno(), old, offset)
            file.truncate(old_size)
        for offset, _, _, new, truncated_to in records:
            if chance.random() >= survives:
                continue
            survived += 1
            if truncated_to >= 0:
                file.truncate(truncated_to)
                continue
            whole = chance.random() < 0.7 or len(new) <= SECTOR
            length = len(new) if whole else SECTOR * chance.randrange(len(new) // SECTOR)
            os.pwrite(file.fileno(), new[:length], offset)
    return survived
