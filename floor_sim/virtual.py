"""Runs a floor on a clock that jumps: hours in seconds, and the same every time.

People, machines, lines and faults are the same as in real time. Nobody else can be there, so a
plain host polls every line; cards go into readers that nobody reads. One seed, one ledger.
"""

from __future__ import annotations

import heapq
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from floor_sim.certified.write import write_extracts
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.ledger import Ledger
from floor_sim.memory_line import MemoryLine
from floor_sim.plain_host import PlainHost
from floor_sim.run_folder import RunError, locked


@dataclass(frozen=True, slots=True)
class VirtualOptions:
    """How a floor is run.

    Attributes:
        folder: run folder; its ledger must not have begun.
        seconds: virtual seconds until the end.
        begins: what the clock on the wall shows at the beginning.
        seed: instead of the floor file's.
        speed: how many times faster people are.
        playing: people play from the start.
    """

    folder: Path
    seconds: float
    begins: datetime
    seed: int | None = None
    speed: float = 1.0
    playing: bool = True


@dataclass(frozen=True, slots=True)
class VirtualRun:
    """What came of it.

    Attributes:
        seed: that made it.
        virtual_s: seconds that passed on the floor.
        real_s: seconds that it took.
        records: what the ledger holds.
        polls: of all hosts together.
        heard: exceptions that hosts were told.
        queued: exceptions that waited at the end.
    """

    seed: int
    virtual_s: float
    real_s: float
    records: int
    polls: int
    heard: int
    queued: int


class NoReader:
    """A card reader that nobody reads."""

    def insert(self, guest: str) -> None:
        """Take a card in."""

    def remove(self) -> None:
        """Give it back."""


Progress = Callable[[float, float], None]
"""Told how many seconds of the floor's time are over, and how many it took."""

MARKS: Final = 100
"""How often in a run it is looked whether to tell how far it has come."""


def run_virtual(
    file: FloorFile,
    options: VirtualOptions,
    progress: Progress | None = None,
    tell_s: float = 5.0,
) -> VirtualRun:
    """Run the floor until its time is over, or until SIGTERM or SIGINT.

    Args:
        file: the floor.
        options: how it is run.
        progress: told how far it has come, where it takes long.
        tell_s: seconds of real time from one telling to the next.

    Raises:
        RunError: the folder has a ledger already, or another slotsim runs in it.
        LedgerError: the ledger cannot be written.
    """
    with locked(options.folder), _stops() as stopped:
        ledger = Ledger(options.folder, lambda now: options.begins + timedelta(seconds=now))
        try:
            if ledger.recovered.n:
                raise RunError(
                    f"{options.folder} has a ledger already, and the same seed would be another "
                    "run behind it; choose a new --run-folder"
                )
            marks = _Marks(options.seconds, progress, tell_s)
            return _run(file, options, ledger, stopped, marks)
        finally:
            ledger.close()


def _run(
    file: FloorFile, options: VirtualOptions, ledger: Ledger, stopped: list[int], marks: _Marks
) -> VirtualRun:
    began = time.monotonic()
    readers = {egm.asset: NoReader() for egm in file.egms if egm.card_reader}
    floor = Floor(
        file, ledger, {}, seed=options.seed, speed=options.speed,
        wall_at_zero=options.begins, readers=readers,
    )  # fmt: skip
    floor.start(0.0, playing=options.playing)
    hosts = [PlainHost(MemoryLine(line), 0.0) for line in floor.host_lines]
    dues = [(host.due, number) for number, host in enumerate(hosts)]
    now = 0.0
    while not stopped:
        due, number = dues[0]
        people = floor.next_due()
        if people is not None and people <= due:
            due = people
        if due >= options.seconds:
            now = options.seconds
            break
        now = max(now, due)
        marks.reached(now)
        if due == people:
            floor.run(now)
        else:
            hosts[number].act(now)
            heapq.heapreplace(dues, (hosts[number].due, number))
    floor.stop(now)
    if floor.certified is not None:
        folder, info = options.folder / file.certified.folder, file.certified
        books = floor.certified.clerk.books
        write_extracts(folder, books, info.formats, info.errors, floor.seed)
    return VirtualRun(
        floor.seed, now, time.monotonic() - began, ledger.next_n - 1,
        sum(host.polls for host in hosts), sum(host.heard for host in hosts), floor.queued,
    )  # fmt: skip


class _Marks:
    """Tells how far a run has come, not more often than a person wants to read."""

    def __init__(self, seconds: float, progress: Progress | None, tell_s: float) -> None:
        self._progress = progress
        self._step_s = seconds / MARKS
        self._tell_s = tell_s
        self._next_s = self._step_s
        self._began = self._told = time.monotonic()

    def reached(self, now: float) -> None:
        """The floor has come to a moment of its time."""
        if now < self._next_s or self._progress is None:
            return
        self._next_s = now + self._step_s
        moment = time.monotonic()
        if moment - self._told >= self._tell_s:
            self._told = moment
            self._progress(now, moment - self._began)


@contextmanager
def _stops() -> Iterator[list[int]]:
    """Give a list that is no longer empty once SIGTERM or SIGINT came."""
    stopped: list[int] = []

    def stop(number: int, frame: Any) -> None:
        del frame
        stopped.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
