"""How long something takes, as counts by duration: cheap to keep, and what metrics are made of."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the counts, seconds; the last count is of all that took longer."""


class Spread:
    """Counts durations.

    Attributes:
        counts: how many took up to each of ``BOUNDS_S``, and last how many took longer.
        total_s: seconds of all of them together.
        worst_s: the longest.
    """

    __slots__ = ("counts", "total_s", "worst_s")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.total_s = 0.0
        self.worst_s = 0.0

    def note(self, seconds: float) -> None:
        """Count one duration; below 0 counts as 0."""
        if seconds <= BOUNDS_S[0]:
            self.counts[0] += 1
            if seconds <= 0.0:
                return
        else:
            self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds
        self.worst_s = max(self.worst_s, seconds)
