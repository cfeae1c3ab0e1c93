"""Dates and times as machines send them: digits, month first, in the machine's own local time."""

from __future__ import annotations

from datetime import date, datetime


def machine_time(day: str, time: str) -> datetime | None:
    """Return the moment of ``MMDDYYYY`` and ``HHMMSS``, or None if the calendar has none such.

    The result has no time zone: SAS gives none, and a machine's clock may be wrong.
    """
    try:
        return datetime.strptime(day + time, "%m%d%Y%H%M%S")  # noqa: DTZ007 - the zone is not known
    except ValueError:
        return None


def machine_date(day: str) -> date | None:
    """Return the day of ``MMDDYYYY``, or None for zeros and for a number of days."""
    moment = machine_time(day, "000000")
    return moment.date() if moment else None
