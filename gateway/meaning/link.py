"""Link and gaps: what could be heard, and what may have been missed."""

from __future__ import annotations

from typing import Final

from gateway.events.fact import JsonObject
from gateway.meaning.exceptions import GAP as GAP_HEARD
from gateway.meaning.exceptions import Meant
from gateway.meaning.names import Names
from gateway.meaning.observation import GapSeen, LinkChange
from gateway.meaning.result import ReadWish
from gateway.meaning.telling import Telling
from gateway.meaning.tracks import Meters, heard

UP: Final = (
    ReadWish("identity", "link_up"), ReadWish("meters", "link_up"), ReadWish("full", "link_up"),
    ReadWish("features", "link_up"), ReadWish("handpay", "link_up"),
)  # fmt: skip
GAP: Final = (ReadWish("meters", "gap"),)
STATE_LOST: Final = "state_lost"
_EVENTS: Final = {"up": "link.up", "degraded": "link.degraded", "down": "link.down"}


def changed(change: LinkChange, telling: Telling) -> None:
    """The link changed; going to ``unknown`` is no event: nothing was seen."""
    event = _EVENTS.get(change.after)
    if event is None:
        return
    data = {
        "before": change.before, "after": change.after, "reason": change.reason[:160],
        "figures": dict(change.figures),
    }  # fmt: skip
    telling.main(event, data)
    if change.after == "up" and change.before != "degraded":
        telling.wish(UP)


def gap_seen(meters: Meters, names: Names, gap: GapSeen, telling: Telling) -> None:
    """Something may have been missed between two moments."""
    gap_s = round(max(0.0, gap.ended.monotonic_s - gap.began.monotonic_s), 3)
    _gap(meters, names, {"cause": gap.cause, "gap_s": gap_s}, telling)


def overflowed(meters: Meters, names: Names, meant: Meant, telling: Telling) -> None:
    """70: the machine itself lost entries of its queue; nobody knows which."""
    _gap(meters, names, meant.data, telling)


def state_lost(meters: Meters, names: Names, telling: Telling) -> None:
    """What was remembered of this EGM could not be read; everything begins anew."""
    name = names.new("gap", telling.egm)
    meters.gap, meters.gap_at = name, telling.kept()
    telling.follow(
        "link.gap", {"cause": STATE_LOST, "meters_before": {}}, correlation=name, caused=False
    )


def _gap(meters: Meters, names: Names, data: JsonObject, telling: Telling) -> None:
    name = names.new("gap", telling.egm)
    meters.gap, meters.gap_at = name, telling.kept()
    full = {**data, "meters_before": meters.machine()}
    telling.main("link.gap", full, correlation=name)
    heard(meters, GAP_HEARD)
    telling.wish(GAP)
