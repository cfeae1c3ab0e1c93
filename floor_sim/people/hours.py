"""What time it is on the floor, and how full floors are at that time.

Figures of a usual North American floor, tuned so that a mean of 30 per cent has 8 per cent on a
Tuesday at 04:00 and 75 to 80 per cent on a Saturday at 21:00.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_HOURS: Final = (
    1.05, 0.85, 0.65, 0.50, 0.36, 0.32, 0.35, 0.42, 0.50, 0.60, 0.72, 0.84,
    0.95, 1.05, 1.12, 1.18, 1.25, 1.32, 1.42, 1.55, 1.65, 1.68, 1.55, 1.30,
)  # fmt: skip
_WEEKDAYS: Final = (0.78, 0.74, 0.80, 0.92, 1.20, 1.50, 1.06)  # Monday first
_MEAN: Final = sum(_HOURS) / 24 * sum(_WEEKDAYS) / 7


def fullness(local: datetime) -> float:
    """Return how full the floor is at a local time, 1.0 for the mean of a week."""
    hour, part = local.hour, local.minute / 60
    here = _HOURS[hour] * _WEEKDAYS[local.weekday()]
    later = local + timedelta(hours=1)
    then = _HOURS[later.hour] * _WEEKDAYS[later.weekday()]
    return (here + (then - here) * part) / _MEAN


class HouseClock:
    """The clock on the wall, and the casino's days.

    Args:
        wall_at_zero: UTC moment at which the floor's clock said 0.
        zone: name of the time zone.
        day_starts: local time at which a gaming day begins.

    Attributes:
        day_starts: see above.
    """

    def __init__(self, wall_at_zero: datetime, zone: str, day_starts: time) -> None:
        self._zero = wall_at_zero.astimezone(UTC)
        self._zone = ZoneInfo(zone)
        self.day_starts = day_starts

    def local(self, now: float) -> datetime:
        """Return the local time at a moment of the floor's clock."""
        return (self._zero + timedelta(seconds=now)).astimezone(self._zone)

    def gaming_day(self, now: float) -> str:
        """Return the gaming day, ``YYYY-MM-DD``."""
        local = self.local(now)
        day = local.date()
        if local.time() < self.day_starts:
            day -= timedelta(days=1)
        return day.isoformat()

    def next_time(self, at: time, now: float) -> float:
        """Return when the wall will show ``at`` next, on the floor's clock; after ``now``."""
        local = self.local(now)
        wanted = datetime.combine(local.date(), at, self._zone)
        if wanted <= local:
            wanted = datetime.combine(local.date() + timedelta(days=1), at, self._zone)
        return (wanted - self._zero).total_seconds()
