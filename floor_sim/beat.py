"""One timer for many lines: what is due within the same millisecond is done in one go.

A large floor has an answer due every tenth of a millisecond, and waking up costs more than the
answer. A machine answers within 2 to 5 ms of a poll and has 20 ms: one more at most is nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil
from typing import Final

from floor_sim.agenda import Agenda, Task

BEAT_S: Final = 0.001


class Beat:
    """Wakes up at most once a beat.

    Args:
        loop: the loop that it wakes up on.
        beat_s: seconds from one beat to the next.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, beat_s: float = BEAT_S) -> None:
        self._loop = loop
        self._beat_s = beat_s
        self._agenda = Agenda()
        self._timer: asyncio.TimerHandle | None = None

    def at(self, due: float, act: Callable[[float], None]) -> Task:
        """Do ``act`` at the first beat after ``due``; return the task, which can be cancelled."""
        task = self._agenda.at(due, act)
        if self._timer is None or due < self._timer.when() - self._beat_s:
            self._arm()
        return task

    def close(self) -> None:
        """Do nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._agenda.next_due()
        when = None if due is None else ceil(due / self._beat_s) * self._beat_s
        self._timer = None if when is None else self._loop.call_at(when, self._run)

    def _run(self) -> None:
        self._timer = None
        self._agenda.run(self._loop.time())
        self._arm()
