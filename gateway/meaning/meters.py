"""Meters: absolute readings with width and epoch, and a running total beside each.

Each counter is followed by name, width, game and denomination. Totals only ever take in steps that
are certain: nothing is added up across an epoch, a zeroed or a regressed meter, an undecided fall
or a count that cannot be right; each of these also counts as a break, so that nobody takes a
difference across it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from gateway.events.fact import JsonObject
from gateway.events.value import value
from gateway.meaning import resets
from gateway.meaning.counts import GAUGES, count, key_of, named, unit_of
from gateway.meaning.judge import Step, Verdict, enough, judge, standing
from gateway.meaning.pace import DAY_S
from gateway.meaning.result import ReadWish
from gateway.meaning.since import Since
from gateway.meaning.telling import Telling
from gateway.meaning.tracks import SIGHTINGS, Meters, Track
from gateway.meaning.widths import wrong_width
from protocols.sas.replies import LongPollReply, MeterReading

TRACKS_MAX: Final = 1024
"""Meters followed of one EGM; a reading beyond that is told but not followed."""

ELAPSED_MAX_S: Final = float(DAY_S)
"""Longest time for which a machine is thought to have been played at its liveliest; also taken
where the wall clock went back over a restart, and nobody knows."""

RESET: Final = (ReadWish("identity", "options"),)
FELL: Final = (ReadWish("meters", "fell"),)


def has_counters(reply: LongPollReply) -> bool:
    """Whether an answer has readings that only grow."""
    return any(one.name not in GAUGES for one in reply.meters)


def told(reply: LongPollReply, tracks: Mapping[str, Track]) -> dict[str, JsonObject]:
    """Return an answer's readings as event data, each with its running total if it has one."""
    data: dict[str, JsonObject] = {}
    for name, steps, digits, _, _ in reply.meters:
        data[name] = shown = count(name, steps, digits)
        if name in tracks:
            shown["total"] = tracks[name].total
    return data


@value
class Compared:
    """A reading beside the one before it.

    Attributes:
        readings: counters of the answer that can be right, by the key they are followed under.
        steps: those that were read before.
        verdicts: what became of those that fell or cannot be right.
        wrong: counters that contradict what is known of the machine: reading and reason.
        deferred: keys of falls that wait for more meters.
    """

    readings: Mapping[str, MeterReading]
    steps: tuple[Step, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    wrong: tuple[tuple[MeterReading, str], ...] = ()
    deferred: frozenset[str] = frozenset()

    @property
    def cleared(self) -> bool:
        """Whether the meters began anew with this reading."""
        return bool(self.verdicts) and self.verdicts[0].kind == "cleared"

    def tracks(self, meters: Meters) -> dict[str, Track]:
        """Return the tracks of the answer, by name of the meter."""
        return {
            one.name: meters.tracks[key]
            for key, one in self.readings.items()
            if key in meters.tracks
        }


@dataclass(slots=True)
class Outcome:
    """What a reading led to, to be told after it.

    Attributes:
        events: type, data and the moment after which it happened.
    """

    events: list[tuple[str, JsonObject, Since | None]] = field(default_factory=list)

    def add(self, event: str, data: JsonObject, since: Since | None = None) -> None:
        """Add an event."""
        self.events.append((event, data, since))


def compare(
    meters: Meters, reply: LongPollReply, worth: Decimal | None, telling: Telling
) -> Compared:
    """Compare a reading with the one before; changes no meter.

    Args:
        meters: of the EGM.
        reply: the reading.
        worth: of one credit, or None if not known.
        telling: of the observation.
    """
    readings: dict[str, MeterReading] = {}
    wrong: list[tuple[MeterReading, str]] = []
    denomination, site_digits = reply.denomination, telling.egm.meter_digits
    for one in reply.meters:
        name, _, _, _, game = one
        if name in GAUGES:
            continue
        digits, reason = wrong_width(
            meters.widths, reply.command, one, unit_of(name), site_digits, worth
        )
        if reason is not None:
            wrong.append((one, reason))
        if digits:
            readings[key_of(name, digits, game, denomination)] = one
    steps = _steps(meters, readings, worth, telling)
    for step in steps:
        step.bound = _bound(meters, step, steps)
    fallen = frozenset(step.name for step in steps if step.fell)
    evidence = _evidence(meters, steps) if steps else []
    went_on = bool(fallen) and all(
        key in meters.doubted and meters.went_on > meters.doubted[key][0] for key in fallen
    )
    verdicts = (*judge(steps, evidence, went_on=went_on), *_odd_elsewhere(meters, steps))
    if fallen and not went_on and not enough(steps) and not _explained(verdicts):
        often = max(meters.doubted.get(key, (0, 0))[1] for key in fallen)
        if often + 1 < SIGHTINGS:
            return Compared(readings, steps, (), tuple(wrong), fallen)
    return Compared(readings, steps, verdicts, tuple(wrong))


def _bound(meters: Meters, step: Step, steps: Iterable[Step]) -> int | None:
    """Return how far the meter has come of which one is a part, if the same answer says so."""
    whole = meters.whole_of(step.name)
    if whole is None:
        return None
    track = meters.tracks[step.name]
    if track.whole is None or track.breaks != meters.breaks:
        return None
    for other in steps:
        if other.name == whole and not (other.fell or other.may_have_gone_round):
            return meters.tracks[whole].total - track.whole + other.increase
    return None


def _odd_elsewhere(meters: Meters, steps: Iterable[Step]) -> Iterator[Verdict]:
    """Yield counts that go with a reading of the same meter that could not be right."""
    odd = [(named(key), track) for key, track in meters.tracks.items() if track.odd]
    for step in steps if odd else ():
        for meter, track in odd:
            width = 10 ** min(track.digits, step.digits)
            goes_on = step.after % width >= track.odd_count % width
            if meter == named(step.name) and goes_on and not (step.fell or step.jumped):
                yield Verdict("invalid", step, ("it goes with a count that cannot be right",))
                break


def _explained(verdicts: Iterable[Verdict]) -> bool:
    """Whether what the machine itself reported explains every fall."""
    return all(verdict.kind == "zeroed" for verdict in verdicts)


def follow(meters: Meters, compared: Compared, telling: Telling, *, door_open: bool) -> Outcome:
    """Take a reading; return what became of meters that fell or cannot be right.

    Args:
        meters: of the EGM.
        compared: the reading beside the one before.
        telling: of the observation.
        door_open: whether the logic door is known to be open now.
    """
    outcome = Outcome()
    meters.reads += 1
    for one, reason in compared.wrong:
        outcome.add("meter.invalid", {"meter": one.name, "game": one.game, "reason": reason,
                                      "after": count(one.name, one.value, one.digits)})  # fmt: skip
        meters.breaks += 1
    if compared.cleared:
        steps = compared.steps
        since = min((meters.tracks[step.name] for step in steps), key=lambda one: one.read).at
        meters.begin_epoch()
        telling.wish(RESET)
        resets.began(outcome, meters.epoch, compared.verdicts[0], steps, since, open_=door_open)
    else:
        _settle(meters, compared, outcome, door_open=door_open)
        if meters.doubted and standing(compared.steps) and enough(compared.steps):
            meters.went_on += 1
    if compared.verdicts and any(
        one.kind == "undecided" and one.may_be_reset for one in compared.verdicts
    ):
        # perhaps all began anew: what is not in this answer has nothing certain to be held against
        for key in meters.tracks.keys() - compared.readings.keys():
            del meters.tracks[key]
    _take(meters, compared, telling)
    if compared.deferred:
        telling.wish(FELL)
    return outcome


def _settle(meters: Meters, compared: Compared, outcome: Outcome, *, door_open: bool) -> None:
    judged = {one.step.name: one for one in compared.verdicts if one.step is not None}
    for step in compared.steps:
        if step.name not in judged and step.name not in compared.deferred:
            meters.breaks += meters.tracks[step.name].add(step.increase)
    if not judged:
        return
    for verdict in judged.values():
        _judged(meters, verdict, outcome)
    zeroed = [one for one in judged.values() if one.kind == "zeroed"]
    if zeroed:
        meters.breaks += 1
        steps = [one.step for one in zeroed if one.step is not None]
        since = meters.tracks[steps[0].name].at
        resets.zeroed(outcome, meters.epoch, steps, zeroed[0].evidence, since, open_=door_open)


def _judged(meters: Meters, verdict: Verdict, outcome: Outcome) -> None:
    step = verdict.step
    if step is None or verdict.kind == "zeroed":
        return
    track = meters.tracks[step.name]
    name, game = named(step.name)
    data = {
        "meter": name, "game": game, "before": count(name, step.before, step.digits),
        "after": count(name, step.after, step.digits), "evidence": list(verdict.evidence),
    }  # fmt: skip
    if verdict.kind == "invalid":
        data["reason"] = verdict.evidence[0] if not step.fell else verdict.evidence[-1]
        meters.breaks += 1
    elif verdict.kind == "rolledover":
        meters.breaks += track.add(step.increase)
        data |= {"epoch": meters.epoch, "increase": step.increase}
    else:
        data["epoch"] = meters.epoch
        meters.breaks += 1
        track.owed = step.before - step.after if verdict.kind == "regressed" else 0
    outcome.add(f"meter.{verdict.kind}", data, track.at)


def _take(meters: Meters, compared: Compared, telling: Telling) -> None:
    now = telling.kept()
    jumped = {one.step.name for one in compared.verdicts
              if one.step is not None and one.kind == "invalid" and not one.step.fell}  # fmt: skip
    heard, reads, tracks = meters.heard, meters.reads, meters.tracks
    for key, one in compared.readings.items():
        track = tracks.get(key)
        if key in compared.deferred:
            went_on, seen = meters.doubted.get(key, (meters.went_on, 0))
            meters.doubted[key] = (went_on, seen + 1)
            meters.breaks += 1
            continue
        meters.doubted.pop(key, None)
        if track is None:
            if len(tracks) < TRACKS_MAX:
                tracks[key] = Track(
                    count=one.value, digits=_digits(key), total=0, at=now, heard=heard, read=reads
                )
            continue
        if key in jumped and track.stays_odd(one.value, now, telling):
            continue  # the count before stays what the next one is held against
        track.count, track.at, track.heard, track.read = one.value, now, heard, reads
        if track.odd:
            track.odd, track.odd_at = 0, None
    breaks = meters.breaks
    for key in compared.readings:
        track = tracks.get(key)
        if track is None:
            continue
        whole = meters.whole_of(key)
        owed = whole is None or tracks[whole].owed
        track.whole = None if whole is None or owed else tracks[whole].total
        track.breaks = breaks


def _evidence(meters: Meters, steps: Iterable[Step]) -> list[str]:
    """Return what was heard since the oldest of the earlier readings."""
    floor = min(meters.tracks[step.name].heard for step in steps)
    return [words for words, number in meters.evidence.items() if number > floor]


def _steps(
    meters: Meters,
    readings: Mapping[str, MeterReading],
    worth: Decimal | None,
    telling: Telling,
) -> tuple[Step, ...]:
    """Return the counters that were read before, each in its two readings."""
    steps = []
    at, elapsed_s = None, 0.0
    for key, one in readings.items():
        track = meters.tracks.get(key)
        if track is None:
            continue
        if track.at is not at:  # most were read together
            at, elapsed_s = track.at, _elapsed_s(track.at, telling)
        unit = unit_of(one.name)
        steps.append(Step(key, track.count, one.value, track.digits, unit, elapsed_s, worth))
    return tuple(steps)


def _elapsed_s(at: Since, telling: Telling) -> float:
    if at.birthid != telling.egm.birthid and at.wall_ns > telling.observed.wall_ns:
        return ELAPSED_MAX_S
    return min(telling.seconds_since(at) or 0.0, ELAPSED_MAX_S)


def _digits(key: str) -> int:
    return int(key.partition("/")[2].partition("@")[0])
