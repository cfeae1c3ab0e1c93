"""The gaming day's roll: every EGM's meters are read as soon as a new gaming day has begun.

The day is the casino's, cut by the clock on its wall, so it has 23 or 25 hours when that clock is
put forward or back. The gateway's own clock may be set too: a day that was rolled is not rolled
again, and one that it should not have been in yet keeps no other from being rolled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from edge_config.site import SiteInfo
from gateway.edge.clock import Clock
from gateway.edge.job import Job
from gateway.edge.reading import Tag

LOOK_S: Final = 5.0
"""How often the clock is looked at: a roll is late by this at most."""
DAYS_KEPT: Final = 8
"""Gaming days remembered as rolled, so many that a clock set to and fro rolls none twice."""
DAYS_KEY: Final = "gamingdays"
"""Name under which the outbox keeps them, oldest first."""

ROLL: Final = Tag("dayroll")
WISHES: Final = ("meters", "full")


class DayRoll:
    """Watches for the roll of the gaming day.

    Args:
        site: the casino.
        lines: jobs of all lines.
        keys: what the outbox kept.
        keep: keeps keys in the outbox.
        clock: both clocks.
    """

    def __init__(
        self,
        site: SiteInfo,
        lines: Iterable[Job],
        keys: Mapping[str, str],
        keep: Callable[[dict[str, str]], object],
        clock: Clock,
    ) -> None:
        self._site = site
        self._lines = tuple(lines)
        self._keep = keep
        self._clock = clock
        self._days = keys.get(DAYS_KEY, "").split()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> bool:
        """Ask for meters if a gaming day has begun that was not rolled; say whether one has.

        The day in which a gateway starts for the first time is not rolled: it began without it.
        """
        wall = datetime.fromtimestamp(self._clock.wall_ns() / 1e9, UTC)
        day = self._site.gaming_day(wall)
        if day in self._days:
            return False
        first = not self._days
        self._days = [*self._days, day][-DAYS_KEPT:]
        self._keep({DAYS_KEY: " ".join(self._days)})
        if first:
            return False
        for line in self._lines:
            for address in line.works:
                for what in WISHES:
                    line.wish(address, what, ROLL)
        return True
