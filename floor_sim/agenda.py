"""What is to be done on the floor, and when: one heap of moments, run in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

Act = Callable[[float], None]
"""Something to do; it is told the moment at which it is due."""


@dataclass(slots=True)
class Task:
    """One act on the agenda.

    Attributes:
        due: its moment, seconds on the floor's clock.
        act: what is done; None once it is done or cancelled.
    """

    due: float
    act: Act | None

    def cancel(self) -> None:
        """Do not do it."""
        self.act = None


class Agenda:
    """Acts in the order of their moments; equal moments in the order in which they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Task]] = []  # numbers differ: tasks are never compared
        self._added = 0

    def at(self, due: float, act: Act) -> Task:
        """Put ``act`` on the agenda; return the task, which can be cancelled."""
        self._added += 1
        task = Task(due, act)
        heapq.heappush(self._heap, (due, self._added, task))
        return task

    def next_due(self) -> float | None:
        """Return the moment of the next act, or None if nothing is to be done."""
        heap = self._heap
        while heap and heap[0][2].act is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def run(self, now: float) -> None:
        """Do what is due by ``now``."""
        while (due := self.next_due()) is not None and due <= now:
            task = heapq.heappop(self._heap)[2]
            act, task.act = task.act, None
            assert act is not None, "next_due leaves no cancelled task in front"
            act(max(due, now))
