"""The clock seam: one monotonic clock for intervals, one wall clock for labels (P5)."""

from __future__ import annotations

import time
from typing import Protocol

from gateway.events.moment import Moment


class Clock(Protocol):
    """Where time comes from: the computer, or a simulation that jumps."""

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        ...

    def wall_ns(self) -> int:
        """Nanoseconds since 1970-01-01 UTC on a clock that may step."""
        ...


class RealClock:
    """This computer's clocks."""

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        return time.monotonic()

    def wall_ns(self) -> int:
        """Nanoseconds since 1970-01-01 UTC on a clock that may step."""
        return time.time_ns()


def moment(clock: Clock, at: float | None = None) -> Moment:
    """Return now, or the moment when the monotonic clock said ``at``, in both clocks."""
    now = clock.monotonic()
    if at is None:
        at = now
    return Moment(at, clock.wall_ns() - round((now - at) * 1e9))
