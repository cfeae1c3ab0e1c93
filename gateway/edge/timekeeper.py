"""How good the wall clock is, for every event: held by a time service, or not, or just set.

The wall clock only labels (intervals are measured by the monotonic clock), but people compare it
with recordings. What the kernel knows of its time service is asked every ten seconds; that the
clock was set is noticed at the next event, by the monotonic clock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Literal

from gateway.edge.clock import Clock, moment
from gateway.edge.time_service import clock_offset
from gateway.events.fact import Fact
from gateway.events.moment import Moment

log = logging.getLogger(__name__)

Quality = Literal["synced", "unsynced", "stepped", "unknown"]

STEP_S: Final = 1.0
"""The wall clock may leave the monotonic one by less than this from one look to the next."""
OFFSET_MAX_S: Final = 0.25
"""A clock further off than this is as good as one that nobody holds: clip and log disagree."""
CALM_S: Final = 60.0
"""Seconds after a step until times are as good again as the time service says."""


class TimeKeeper:
    """Watches the wall clock.

    Args:
        clock: both clocks.
        asked: says the wall clock's offset in seconds and whether a time service holds it, or None.

    Attributes:
        quality: of the wall clock as last looked at.
        steps: how often it was set.
    """

    def __init__(
        self, clock: Clock, asked: Callable[[], tuple[float, bool] | None] = clock_offset
    ) -> None:
        self._clock = clock
        self._asked = asked
        self._offset_ns = _offset_ns(moment(clock))
        self._stepped_s: float | None = None
        self._told: Quality | None = None
        self.quality: Quality = "unknown"
        self.steps = 0
        self._judge()

    def look(self) -> list[Fact]:
        """Ask the kernel; return what is to be told of the clock's quality.

        At the first look, only a clock that nobody holds is told.
        """
        offset_s = self._judge()
        before, self._told = self._told, self.quality
        if before == self.quality or (before is None and self.quality != "unsynced"):
            return []
        data: dict[str, object] = {"before": before or "unknown", "after": self.quality}
        if offset_s is not None:
            data["offset_s"] = offset_s
        if self.quality == "unsynced":
            log.warning(
                "no time service holds this computer's clock: events say unsynced; is chrony "
                "or ntpd running and can it reach a server?"
            )
        elif before == "unsynced":
            log.warning("the time service holds the clock again")
        return [Fact("gateway.clockjudged", None, data, moment(self._clock),
                     severity="warning" if self.quality == "unsynced" else None)]  # fmt: skip

    def step(self) -> Fact | None:
        """Return that the wall clock was set since the last call, or None; call it before events.

        The fact must be told: it is returned once.
        """
        now = moment(self._clock)
        before, self._offset_ns = self._offset_ns, _offset_ns(now)
        step_s = round((self._offset_ns - before) / 1e9, 3)
        if abs(step_s) < STEP_S:
            return None
        log.warning("the wall clock stepped by %s s", step_s)
        self._stepped_s = now.monotonic_s
        self.steps += 1
        self.quality = "stepped"
        return Fact("gateway.clockstepped", None, {"step_s": step_s}, now)

    def _judge(self) -> float | None:
        found = self._asked()
        if found is None:
            held: Quality = "unknown"
        else:
            offset_s, synced = found
            held = "synced" if synced and abs(offset_s) <= OFFSET_MAX_S else "unsynced"
        now_s = self._clock.monotonic()
        if self._stepped_s is not None and now_s - self._stepped_s < CALM_S:
            held = "stepped"
        self.quality = held
        return None if found is None else round(found[0], 6)


def _offset_ns(now: Moment) -> int:
    return now.wall_ns - round(now.monotonic_s * 1e9)
