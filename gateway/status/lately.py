"""How well a link answered lately, a mark a minute: what a person sees at a glance.

A mark is a digit, 7 for a minute in which every poll was answered well down to 0 for one in which
nothing was; ``-`` stands for a minute in which nobody knew. The worst moment makes the mark.
"""

from __future__ import annotations

from typing import Final

MINUTES: Final = 8
"""Marks that are kept, the running minute included."""
UNKNOWN: Final = "-"

_LEVELS: Final = ((1.0, 7), (0.99, 6), (0.98, 5), (0.95, 4), (0.90, 3), (0.75, 2), (0.01, 1))
"""Share of polls answered well from which on a level holds: what is nearly right is told apart."""
_MINUTE_S: Final = 60


def level(share: float) -> int:
    """Return the level of a share of polls answered well, 0 to 1: 7 is all, 0 none."""
    return next((one for least, one in _LEVELS if share >= least), 0)


class Lately:
    """Keeps the marks of one link."""

    __slots__ = ("_marks", "_minute", "_worst")

    def __init__(self) -> None:
        self._marks = ""
        self._minute = -1
        self._worst: int | None = None

    def note(self, share: float | None, now_s: float) -> None:
        """Take one look.

        Args:
            share: of the last polls that were answered well, 0 to 1; None where nobody knows.
            now_s: any clock that only goes forward, seconds.
        """
        minute = int(now_s // _MINUTE_S)
        if minute != self._minute:
            passed = min(minute - self._minute, MINUTES) if self._minute >= 0 else 0
            if passed > 0:
                self._marks = (self._marks + self._mark() + UNKNOWN * (passed - 1))[1 - MINUTES :]
            self._minute, self._worst = minute, None
        if share is not None:
            one = level(share)
            self._worst = one if self._worst is None else min(self._worst, one)

    def text(self) -> str:
        """Return the marks, the newest last; at most ``MINUTES``."""
        return self._marks + self._mark()

    def _mark(self) -> str:
        return UNKNOWN if self._worst is None else str(self._worst)
