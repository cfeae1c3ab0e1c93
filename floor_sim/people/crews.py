"""Crews: so many people of a kind; a job that finds nobody free waits for its turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

Start = Callable[[float], None]
"""Begins a job; it is told the moment at which somebody is free."""


class Crews:
    """Who works on the floor.

    Args:
        sizes: how many people there are of each role.

    Attributes:
        waited: jobs that found nobody free.
        longest: jobs that waited at the same time, at most.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._free = dict(sizes)
        self._waiting: dict[str, deque[tuple[object, Start]]] = {role: deque() for role in sizes}
        self._out: dict[object, str] = {}
        self.waited = self.longest = 0

    def call(self, role: str, key: object, start: Start, now: float) -> None:
        """Begin a job now or when somebody of ``role`` is free; whoever is at it already goes on.

        Args:
            role: who is needed.
            key: names the job.
            start: begins it.
            now: the moment.
        """
        if key in self._out:
            start(now)
        elif self._free[role]:
            self._send(role, key, start, now)
        else:
            self._waiting[role].append((key, start))
            self.waited += 1
            self.longest = max(self.longest, sum(map(len, self._waiting.values())))

    def over(self, key: object, now: float) -> None:
        """Take note that a job is done or not needed any more."""
        role = self._out.pop(key, None)
        if role is None:
            for name, waiting in self._waiting.items():
                self._waiting[name] = deque(row for row in waiting if row[0] != key)
            return
        self._free[role] += 1
        if self._waiting[role]:
            next_key, start = self._waiting[role].popleft()
            self._send(role, next_key, start, now)

    def _send(self, role: str, key: object, start: Start, now: float) -> None:
        self._free[role] -= 1
        self._out[key] = role
        start(now)
