"""The machine's own clock (poll 7E): how far it is off, and how fast it drifts. Never set.

A machine shows whole seconds of the casino's local time, so an offset is good to half a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.meaning.result import ReadWish
from gateway.meaning.since import Since, remembered
from gateway.meaning.telling import Telling

READ_EVERY_S: Final = 3600.0
"""Seconds between two readings of a machine's clock."""
TOLD_FROM_S: Final = 2.0
"""A clock is told anew once it is off by so much more or less than it was last told."""
OFF_S: Final = 60.0
"""A clock that is off by more than this is worth somebody's notice: slips and logs disagree."""
SET_S: Final = 5.0
"""An offset that changes by more than this from one reading to the next was set, not drifted."""
DRIFT_FROM_S: Final = 3600.0
"""Seconds over which a drift can be told: half a second of reading is 12 s a day then."""
WISH: Final = (ReadWish("clock", "clock"),)


@remembered
class MachineClock:
    """What is known of one machine's clock.

    Attributes:
        asked_at: when it was last wished to be read, or None.
        offset_s: how far it is ahead of ours, as last read.
        at: when that was.
        first_s: the same at the first reading since it was last set.
        first_at: when that was.
        told_s: as last told.
        told_in: start of the gateway in which it was last told.
    """

    asked_at: Since | None = None
    offset_s: float | None = None
    at: Since | None = None
    first_s: float | None = None
    first_at: Since | None = None
    told_s: float | None = None
    told_in: str | None = None


def due(clock: MachineClock, telling: Telling) -> None:
    """Wish for a reading once an hour while the machine answers."""
    gone_s = telling.seconds_since(clock.asked_at)
    if gone_s is None or gone_s >= READ_EVERY_S:
        clock.asked_at = telling.kept()
        telling.wish(WISH)


def read(clock: MachineClock, values: Mapping[str, object], telling: Telling) -> None:
    """7E was answered: tell the first reading of a start, and what differs from the last told."""
    shown = f"{values.get('date', '')} {values.get('time', '')}"
    seen = telling.seen
    assert seen is not None, "a reading is an answer"
    moment = _moment(str(values.get("date", "")), str(values.get("time", "")))
    if moment is None:
        if clock.told_in != telling.egm.birthid:
            clock.told_in = telling.egm.birthid
            telling.main("egm.clockread", {"shown": shown[:32]}, severity="notice")
        return
    ours_ns = (seen.asked.wall_ns + seen.observed.wall_ns) // 2
    ours = _EPOCH + timedelta(microseconds=ours_ns // 1000)
    local = ours + timedelta(seconds=telling.egm.utc_offset_s(ours_ns))
    offset_s = round((moment - local).total_seconds() + 0.5, 1)  # it shows 12:00:01 for a second
    _drifting(clock, offset_s, telling)
    if clock.told_in == telling.egm.birthid and (
        clock.told_s is not None and abs(offset_s - clock.told_s) < TOLD_FROM_S
    ):
        return
    data: dict[str, object] = {"shown": moment.isoformat()[:19], "offset_s": offset_s}
    if clock.told_s is not None:
        data["offset_before_s"] = clock.told_s
    drift = _drift(clock, telling)
    if drift is not None:
        data["drift_s_per_day"] = drift
    clock.told_s, clock.told_in = offset_s, telling.egm.birthid
    telling.main("egm.clockread", data, severity="notice" if abs(offset_s) > OFF_S else None)


def _drifting(clock: MachineClock, offset_s: float, telling: Telling) -> None:
    if clock.offset_s is None or abs(offset_s - clock.offset_s) > SET_S:
        clock.first_s, clock.first_at = offset_s, telling.kept()
    clock.offset_s, clock.at = offset_s, telling.kept()


def _drift(clock: MachineClock, telling: Telling) -> float | None:
    gone_s = telling.seconds_since(clock.first_at)
    if gone_s is None or clock.first_s is None or clock.offset_s is None or gone_s < DRIFT_FROM_S:
        return None
    return round((clock.offset_s - clock.first_s) / gone_s * 86_400, 1)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(date: str, time: str) -> datetime | None:
    """Return the local time that ``MMDDYYYY`` and ``HHMMSS`` show, marked as UTC; or None."""
    try:
        return datetime.strptime(f"{date}{time}", "%m%d%Y%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
