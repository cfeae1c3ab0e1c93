"""Meters: absolute readings with width and epoch, and a running total beside each.

Each counter is followed by poll width, game and denomination. Totals only ever take in steps that
are certain: nothing is added up across an epoch, a zeroed or a regressed meter, or an undecided
fall; each of these also counts as a break, so that nobody takes a difference across it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from gateway.events.fact import JsonObject
from gateway.meaning.exceptions import LOGIC_DOOR
from gateway.meaning.judge import Step, Verdict, judge
from gateway.meaning.since import Remembered, Since
from gateway.meaning.telling import Telling
from protocols.sas.replies import LongPollReply, MeterReading
from protocols.sas.tables import METERS_BY_NAME, Kind, Unit

TRACKS_MAX: Final = 1024
"""Meters followed of one EGM; a reading beyond that is told but not followed."""

_UNITS: Final[Mapping[Unit, str]] = {
    Unit.CREDITS: "credits",
    Unit.CENTS: "cents",
    Unit.COUNT: "count",
    Unit.CURRENCY: "currency",
    Unit.HUNDREDTHS_OF_PERCENT: "percent_hundredths",
}
_STARTS_ANEW: Final = frozenset({"games_since_power_reset", "games_since_slot_door_closed"})
_GAUGES: Final = frozenset(
    row.name for row in METERS_BY_NAME.values() if row.kind is Kind.GAUGE
) | _STARTS_ANEW  # fmt: skip
"""Names that may go down by right."""


class Track(Remembered):
    """One counter as followed.

    Attributes:
        count: as last read.
        digits: its width.
        total: steps since it is followed, across rollovers; never wraps.
        at: when it was last read.
        heard: number of the newest evidence at that time.
    """

    count: int
    digits: int
    total: int
    at: Since
    heard: int


class Meters(Remembered):
    """The meters of one EGM.

    Attributes:
        epoch: life of the meters between two RAM clears, from 1.
        breaks: how often something happened across which no difference may be taken.
        tracks: counters followed.
        evidence: what the machine reported that may explain a fall: words to number.
        heard: number of the newest evidence.
        gap: name of a gap whose later reading is still to come, or None.
        gap_at: when that gap ended.
    """

    epoch: int = 1
    breaks: int = 0
    tracks: dict[str, Track] = Field(default_factory=dict)
    evidence: dict[str, int] = Field(default_factory=dict)
    heard: int = 0
    gap: str | None = None
    gap_at: Since | None = None

    def latest(self, name: str) -> Track | None:
        """Return the newest reading of a meter of the whole machine, of any width."""
        found = [
            track
            for key, track in self.tracks.items()
            if key.startswith(f"{name}/") and "@" not in key
        ]
        return max(found, key=lambda track: (track.at.wall_ns, track.digits), default=None)

    def machine(self) -> dict[str, JsonObject]:
        """Return the last reading of every meter of the whole machine, as event data."""
        return {
            key.partition("/")[0]: _count(key.partition("/")[0], track.count, track.digits)
            for key, track in self.tracks.items()
            if "@" not in key
        }


def unit_of(name: str) -> str:
    """Return the unit of a meter as events have it; a meter outside the table is a count."""
    row = METERS_BY_NAME.get(name)
    return "count" if row is None else _UNITS[row.unit]


def heard(meters: Meters, evidence: str) -> None:
    """Remember what the machine reported, in case a meter falls."""
    meters.heard += 1
    meters.evidence[evidence] = meters.heard


def changed_machine(meters: Meters) -> None:
    """Another machine answers: its meters have nothing to do with the ones before."""
    meters.epoch += 1
    meters.tracks.clear()
    meters.evidence.clear()


def counters(reply: LongPollReply) -> dict[str, MeterReading]:
    """Return the readings of an answer that only grow, by the key they are followed under."""
    return {_key(one, reply.denomination): one for one in reply.meters if one.name not in _GAUGES}


def told(readings: Iterable[MeterReading]) -> dict[str, JsonObject]:
    """Return readings as event data."""
    return {one.name: _count(one.name, one.value, one.digits) for one in readings}


@dataclass(frozen=True, slots=True)
class Compared:
    """A reading beside the one before it.

    Attributes:
        readings: counters of the answer by key.
        steps: those that were read before.
        verdicts: what became of those that fell.
    """

    readings: Mapping[str, MeterReading]
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def cleared(self) -> bool:
        """Whether the meters began anew with this reading."""
        return bool(self.verdicts) and self.verdicts[0].kind == "cleared"


def compare(meters: Meters, reply: LongPollReply, telling: Telling) -> Compared:
    """Compare a reading with the one before; changes nothing."""
    readings = counters(reply)
    steps = tuple(
        _step(key, meters.tracks[key], one.value, telling)
        for key, one in readings.items()
        if key in meters.tracks
    )
    verdicts: tuple[Verdict, ...] = ()
    if any(step.fell for step in steps):
        verdicts = judge(steps, _evidence(meters, steps))
    return Compared(readings, steps, verdicts)


def follow(meters: Meters, compared: Compared, telling: Telling) -> None:
    """Take a reading, and tell what became of meters that fell."""
    if compared.cleared:
        _clear(meters, compared.verdicts[0], compared.steps, telling)
    else:
        fallen = {verdict.step.name for verdict in compared.verdicts if verdict.step is not None}
        for step in compared.steps:
            if step.name not in fallen:
                meters.tracks[step.name].total += step.increase
        for verdict in compared.verdicts:
            _fell(meters, verdict, telling)
        _zeroed(meters, compared.verdicts, telling)
    _take(meters, compared.readings, telling)


def _take(meters: Meters, readings: Mapping[str, MeterReading], telling: Telling) -> None:
    now = telling.kept()
    for key, one in readings.items():
        track = meters.tracks.get(key)
        if track is not None:
            track.count, track.at, track.heard = one.value, now, meters.heard
        elif len(meters.tracks) < TRACKS_MAX:
            meters.tracks[key] = Track(
                count=one.value, digits=one.digits, total=0, at=now, heard=meters.heard
            )


def _fell(meters: Meters, verdict: Verdict, telling: Telling) -> None:
    step = verdict.step
    if step is None or verdict.kind == "zeroed":
        return
    name, game = _named(step.name)
    data = {
        "meter": name, "game": game, "before": _count(name, step.before, step.digits),
        "after": _count(name, step.after, step.digits), "epoch": meters.epoch,
        "evidence": list(verdict.evidence),
    }  # fmt: skip
    if verdict.kind == "rolledover":
        meters.tracks[step.name].total += step.increase
        data["increase"] = step.increase
    else:
        meters.breaks += 1
    telling.follow(f"meter.{verdict.kind}", data, since=meters.tracks[step.name].at)


def _zeroed(meters: Meters, verdicts: Iterable[Verdict], telling: Telling) -> None:
    """Tell of all meters of one reading that were set to zero at once."""
    steps = [one.step for one in verdicts if one.kind == "zeroed" and one.step is not None]
    if not steps:
        return
    meters.breaks += 1
    data = {"what": "meters", "epoch": meters.epoch, "before": _before(steps)}
    telling.follow("meter.zeroed", data, since=meters.tracks[steps[0].name].at)


def _clear(meters: Meters, verdict: Verdict, steps: tuple[Step, ...], telling: Telling) -> None:
    since = min((meters.tracks[step.name] for step in steps), key=lambda one: one.heard).at
    meters.epoch += 1
    meters.tracks.clear()
    data = {
        "epoch": meters.epoch,
        "before": _before(steps),
        "after": {_named(one.name)[0]: _count(_named(one.name)[0], one.after, one.digits)
                  for one in steps},
        "evidence": list(verdict.evidence),
        "logic_door_seen": LOGIC_DOOR in verdict.evidence,
    }  # fmt: skip
    telling.follow("meter.epochstarted", data, since=since)


def _evidence(meters: Meters, steps: Iterable[Step]) -> list[str]:
    """Return what was heard since the oldest of the earlier readings."""
    floor = min(meters.tracks[step.name].heard for step in steps)
    return [words for words, number in meters.evidence.items() if number > floor]


def _step(key: str, track: Track, count: int, telling: Telling) -> Step:
    unit = unit_of(_named(key)[0])
    elapsed_s = telling.seconds_since(track.at) or 0.0
    return Step(key, track.count, count, track.digits, unit, elapsed_s)


def _key(one: MeterReading, denomination: int | None) -> str:
    """Return ``coin_in/8``, for a game ``coin_in/8@3``, for a denomination ``coin_in/8@0$01``."""
    key = f"{one.name}/{one.digits}"
    if denomination is not None:
        return f"{key}@{one.game}${denomination:02X}"
    return f"{key}@{one.game}" if one.game else key


def _named(key: str) -> tuple[str, int]:
    name, _, rest = key.partition("/")
    game = rest.partition("@")[2].partition("$")[0]
    return name, int(game or 0)


def _before(steps: Iterable[Step]) -> dict[str, JsonObject]:
    return {
        _named(one.name)[0]: _count(_named(one.name)[0], one.before, one.digits) for one in steps
    }


def _count(name: str, count: int, digits: int) -> JsonObject:
    return {"count": count, "unit": unit_of(name), "digits": digits}
