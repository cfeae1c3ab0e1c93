"""Commits events on a disk that loses its power, over and over, and looks what is left."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from tests.powercut.disk import Disk

ROOT = Path(__file__).parents[2]
COMMITTER = ROOT / "tests" / "gateway" / "outbox" / "committer.py"
READ_MAX_S = 30


@dataclass
class Campaign:
    """What many power cuts came to.

    Attributes:
        cuts: power cuts.
        committed: events of which the program had said that they are on disk.
        unsynced: writes taken back or torn by the cuts.
        survived: writes not synced that were on the disk all the same.
        failures: writes and syncs that failed because they were told to.
        lost: events that were on disk by the program's word and are not there.
        faults: what the outbox's own chain found wrong, or why it could not be opened.
    """

    cuts: int = 0
    committed: int = 0
    unsynced: int = 0
    survived: int = 0
    failures: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.cuts} power cuts, {self.committed} events told as on disk, {self.unsynced} "
            f"writes not synced ({self.survived} of them survived), {self.failures} failed calls; "
            f"{self.lost} events lost, {len(self.faults)} faults"
        )


def run(
    library: Path, folder: Path, seed: int, cuts: int, *, off: bool = False, bad: bool = True
) -> Campaign:
    """Run a campaign on one database in ``folder``.

    Args:
        library: the shim.
        folder: empty.
        seed: of every choice.
        cuts: power cuts.
        off: with ``PRAGMA synchronous = OFF``: events must be lost, or the shim is not attached.
        bad: let some writes and syncs fail with EIO and ENOSPC.
    """
    chance = random.Random(seed)
    found = Campaign()
    database = folder / "data" / "outbox.db"
    database.parent.mkdir(parents=True)
    Store.open(database).close()
    disk = Disk(library, database.parent, folder / "logs")
    base = 0
    for _ in range(cuts):
        told = _until_cut(database, disk, chance, off=off, bad=bad)
        lost = disk.cut(chance, 0.0 if off else 0.4)
        found.cuts += 1
        found.committed += max(told - base, 0)
        found.unsynced += lost.unsynced
        found.survived += lost.survived
        last = _look(database, found)
        found.lost += max(told - last, 0)
        base = last
        if found.faults and off:
            break
    found.failures = disk.counts()[2]
    return found


def _until_cut(database: Path, disk: Disk, chance: random.Random, *, off: bool, bad: bool) -> int:
    """Run the program for a while and kill it; return the highest event told as on disk."""
    command = [sys.executable, str(COMMITTER), str(database), "--prune"]
    if off:
        command.append("--synchronous-off")
    environment = {
        **os.environ, **disk.environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }  # fmt: skip
    length, trouble = chance.randrange(5, 400), chance.randrange(400)
    told = 0
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as program:
        assert program.stdout is not None
        for number, line in enumerate(program.stdout):
            told = max(told, int(line))
            if number == trouble and bad:
                error = chance.choice([errno.EIO, errno.ENOSPC])
                kind = chance.choice(["writes", "syncs"])
                disk.fail(**{kind: chance.randint(1, 3)}, error=error)
            if number == length:
                break
        os.kill(program.pid, signal.SIGKILL)
        for line in program.stdout:  # what it had said before it died
            if line.endswith(b"\n"):
                told = max(told, int(line))
    disk.fail()
    return told


def _look(database: Path, found: Campaign) -> int:
    """Open the database as the gateway would; return the last event in it."""
    store = Store.open(database)
    try:
        if store.loss is not None:
            found.faults.append(f"set aside: {store.loss}")
        last = store.restore().last_sequence
    finally:
        store.close()
    reader = Reader(database)
    try:
        found.faults += reader.verify().faults
    finally:
        reader.close()
    return last
