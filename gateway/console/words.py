"""Figures as people read them: ages, counts, money, times of day."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final

AGE_WIDTH = 5
"""Cells that an age takes at most."""


def age(since: datetime | None, now: datetime) -> str:
    """Return how long ago ``since`` was: ``0:42``, ``59:59``, ``3h07``, ``2d04``, ``123d``.

    Minutes and seconds, then hours and minutes, then days and hours. A moment that lies ahead (the
    clock was put back) reads ``0:00``; None reads as nothing.
    """
    if since is None:
        return ""
    seconds = max(0, int((now - since) / timedelta(seconds=1)))
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02}"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02}"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02}" if days < 100 else f"{min(days, 9999)}d"


FIRST_LOOK: Final = timedelta(seconds=10)
"""In which a gateway that starts finds every machine as it is, and most of them as they were."""


def at_least(since: datetime | None, started: datetime | None) -> bool:
    """Return whether what lasts ``since`` may be older: the gateway only ``started`` then."""
    if since is None or started is None:
        return False
    return started <= since <= started + FIRST_LOOK  # what is older was known for sure


def lasting(since: datetime | None, now: datetime, started: datetime | None) -> str:
    """Return for how long something lasts, in five cells; ``>`` where it may be longer."""
    words = age(since, now)
    if not at_least(since, started):
        return words
    if len(words) < AGE_WIDTH:
        return f">{words}"
    unit = {":": "m", "h": "h", "d": "d"}.get(words[2])
    return f">{words[:2]}{unit}" if unit else words


def clock(moment: datetime, zone: tzinfo) -> str:
    """Return the time of day of ``moment`` on the casino's wall, ``HH:MM:SS``."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def clock_or_day(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """Return the time of day of a moment of the last 24 hours, else its day, ``Mar 14``."""
    if now - moment < timedelta(hours=24):
        return clock(moment, zone)
    return moment.astimezone(zone).strftime("%b %d")


def count(value: int | None, width: int) -> str:
    """Return ``value`` in at most ``width`` cells: with separators, else without, else ``###``.

    A count is never cut: half a meter reading is a wrong one. None reads as nothing.
    """
    if value is None:
        return ""
    for text in (f"{value:,}", str(value)):
        if len(text) <= width:
            return text
    return "#" * width


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 as ``98%``; only all of it is ``100%``, only none of it ``0%``."""
    if share is None:
        return ""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return f"{whole}%"


def worth(credits_count: int | None, denomination: str | None) -> str:
    """Return what so many credits are worth, ``12.34``; nothing while either is not known."""
    if credits_count is None or denomination is None:
        return ""
    try:
        value = credits_count * Decimal(denomination)
    except InvalidOperation:
        return ""
    return f"{value:,.2f}" if value.is_finite() else ""


def several(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 event``, ``2 events``, ``118 events``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
