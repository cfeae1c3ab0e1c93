"""A machine's meters: as last read, and what they counted since a moment. Pure.

A difference is taken only where the readings say that one may be: in one epoch, without a break
between. Everything is observed; the SMS's figures are the official ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.console.columns import Column
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, clock_or_day, worth
from gateway.events.envelope import Envelope

FIRST: Final = (
    "coin_in", "coin_out", "jackpot", "hand_paid_cancelled_credits", "cancelled_credits",
    "total_drop", "games_played", "games_won", "games_lost", "current_credits",
    "bills_accepted_credits",
)  # fmt: skip
"""The meters that people ask about; the others follow by name."""

GAUGES: Final = frozenset({"current_credits"})
"""What goes up and down: a difference of it says nothing."""


@dataclass(frozen=True, slots=True)
class MeterSeen:
    """One meter of one reading.

    Attributes:
        count: as the machine sent it.
        unit: what one step is worth.
        total: steps counted in this epoch, across rollovers; None where that is not certain.
        at: when it was observed.
        epoch: life of the meters.
        breaks: how often something happened across which no difference may be taken.
    """

    count: int
    unit: str
    total: int | None
    at: datetime
    epoch: int
    breaks: int


@dataclass(frozen=True, slots=True)
class Since:
    """What one meter counted since an earlier reading.

    Attributes:
        words: the difference, or why there is none.
        steps: the difference, or None.
        tone: whether that needs a look.
    """

    words: str
    steps: int | None = None
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class MeterRow:
    """One row of the table."""

    name: str
    seen: MeterSeen
    since: Since
    denomination: str | None = field(default=None)


def readings(events: Iterable[Envelope], until: datetime | None = None) -> dict[str, MeterSeen]:
    """Return the newest reading of each meter of the whole machine, at or before ``until``."""
    found: dict[str, MeterSeen] = {}
    for event in sorted(events, key=lambda one: (one.time, one.sequence)):
        data = event.data
        if event.name != "meter.read" or data.get("game") or (until and event.time > until):
            continue
        epoch, breaks = _whole(data.get("epoch")), _whole(data.get("breaks"))
        meters = data.get("meters")
        if not isinstance(meters, Mapping):
            continue
        if any(one.epoch != epoch for one in found.values()):
            found = {}  # of an older life of the meters
        for name, one in meters.items():
            if isinstance(one, Mapping) and isinstance(one.get("count"), int):
                found[name] = _seen(one, event.time, epoch, breaks)
    return found


def rows(
    now: Mapping[str, MeterSeen], then: Mapping[str, MeterSeen], denomination: str | None
) -> list[MeterRow]:
    """Return the table: every meter with what it counted since the readings ``then``."""
    names = [name for name in FIRST if name in now]
    names += sorted(name for name in now if name not in FIRST)
    return [
        MeterRow(name, now[name], since(name, now[name], then.get(name)), denomination)
        for name in names
    ]


def since(name: str, now: MeterSeen, then: MeterSeen | None) -> Since:
    """Return what a meter counted since an earlier reading, or why that cannot be said."""
    if name in GAUGES or then is None:
        return Since("" if name in GAUGES else "no earlier reading", tone=Tone.QUIET)
    if then.epoch != now.epoch:
        return Since(f"began anew (epoch {now.epoch})", tone=Tone.WARN)
    if now.total is not None and then.total is not None and now.total >= then.total:
        return Since(f"{now.total - then.total:+,}", now.total - then.total)
    if then.breaks != now.breaks:
        return Since("a break between: no difference", tone=Tone.WARN)
    if now.count < then.count:
        return Since("fell or rolled over: see events", tone=Tone.WARN)
    return Since(f"{now.count - then.count:+,}", now.count - then.count)


COLUMNS: tuple[Column[MeterRow], ...] = (
    Column("meter", 22, lambda row, _s, _w: Said(row.name.replace("_", " ")), grow=1),
    Column("count", 12, lambda row, _s, _w: Said(f"{row.seen.count:,}"), right=True),
    Column("unit", 7, lambda row, _s, _w: Said(row.seen.unit, Tone.QUIET)),
    Column("since then", 16, lambda row, _s, _w: Said(row.since.words, row.since.tone),
           right=True),
    Column("worth", 11, lambda row, _s, _w: Said(_worth(row)), right=True, from_width=76),
    Column("read", 8, lambda row, s, _w: Said(clock_or_day(row.seen.at, s.now, s.zone),
                                               Tone.QUIET), from_width=100),
)  # fmt: skip


def moments(now: datetime, day_began: datetime | None) -> list[tuple[str, datetime]]:
    """Return the moments since which the meters can be looked at, each with its words."""
    found = [("an hour ago", now - timedelta(hours=1))]
    if day_began is not None:
        found.append(("gaming day began", day_began))
    return [*found, ("24 hours ago", now - timedelta(hours=24))]


def standing(now: Mapping[str, MeterSeen], sight: Sight) -> Said | None:
    """Say how old the readings are and of which life the meters are."""
    if not now:
        return None
    newest = max(one.at for one in now.values())
    epoch = max(one.epoch for one in now.values())
    return Said(f" observed {age(newest, sight.now)} ago, epoch {epoch} ")


def _worth(row: MeterRow) -> str:
    if row.seen.unit == "cents" and row.since.steps is not None:
        return worth(row.since.steps, "0.01")
    if row.seen.unit != "credits" or row.since.steps is None:
        return ""
    return worth(row.since.steps, row.denomination)


def _seen(one: Mapping[str, Any], at: datetime, epoch: int, breaks: int) -> MeterSeen:
    total = one.get("total")
    return MeterSeen(
        one["count"], str(one.get("unit", "")), total if isinstance(total, int) else None, at,
        epoch, breaks,
    )  # fmt: skip


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
