"""Meters held against one another: what must hold between two full readings of one epoch.

Steps are compared, not counts: a machine that disagreed with itself before we came is not told for
ever. A rule that does not hold is looked at once more before it is told: meters of an answer that
was put together in the middle of a game may disagree for a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.meaning.counts import count
from gateway.meaning.meters import Outcome
from gateway.meaning.result import ReadWish
from gateway.meaning.since import remembered
from gateway.meaning.telling import Telling
from gateway.meaning.tracks import Meters, Track
from protocols.sas.replies import MeterReading

AGAIN: Final = (ReadWish("full", "algebra"),)

CREDITS: Final = "current_credits"
COINS: Final = ("coin_acceptor_credits", "hopper_paid_credits")
"""Meters of coins, which are not read together with the rest: while they move, the rule for
credits is not held against anybody."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold.

    Attributes:
        name: short, for the memory.
        words: for people.
        left: meters that are added up on the left.
        right: and on the right.
        needed: meters without which the rule says nothing; others count as unmoved.
        seldom: that of them which the fewest answers have.
        slack: by how many steps the sides may differ: a game that is under way.
        at_most: the left may be less than the right.
        excuse: a meter whose own steps may be missing on the left, or empty.
    """

    name: str
    words: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    needed: frozenset[str]
    seldom: str
    slack: int = 0
    at_most: bool = False
    excuse: str = ""


_IN: Final = ("bills_accepted_credits", "ticket_in_credits", "electronic_to_egm_credits")
_OUT: Final = ("ticket_out_credits", "electronic_to_host_credits", "hand_paid_cancelled_credits")
_PROMOTIONAL: Final = ("restricted_played", "nonrestricted_played")

RULES: Final = (
    Rule("games", "games played = games won + games lost",
         ("games_played",), ("games_won", "games_lost"),
         frozenset({"games_played", "games_won", "games_lost"}), "games_lost", slack=1),
    Rule("credits", "bills + tickets in + transfers in + coin out = "
         "credits + coin in + tickets out + transfers out + hand-paid cancelled credits",
         (*_IN, "coin_out"), (CREDITS, "coin_in", *_OUT),
         frozenset({CREDITS, "coin_in", "coin_out", "bills_accepted_credits",
                    "hand_paid_cancelled_credits"}), CREDITS, excuse="jackpot"),
    Rule("promotional", "restricted + non-restricted play <= coin in",
         _PROMOTIONAL, ("coin_in",), frozenset({*_PROMOTIONAL, "coin_in"}), _PROMOTIONAL[0],
         at_most=True),
)  # fmt: skip
"""What must hold at every full reading."""


@remembered
class Base:
    """The reading from which a rule's steps are counted.

    Attributes:
        epoch: of the meters.
        breaks: of the meters.
        counts: as read, by name.
        totals: running totals; of a gauge the gauge.
        coins: running totals of the meters of coins, added up.
        doubted: the rule did not hold at the last reading.
    """

    epoch: int
    breaks: int
    counts: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    coins: int = 0
    doubted: bool = False


def held(
    bases: dict[str, Base],
    meters: Meters,
    readings: Mapping[str, MeterReading],
    tracks: Mapping[str, Track],
    outcome: Outcome,
    telling: Telling,
) -> None:
    """Hold a reading that was followed against every rule it has the meters for.

    Args:
        bases: the readings before, by rule; changed.
        meters: of the EGM.
        readings: of the whole machine, by name of the meter.
        tracks: of those that are followed, by name.
        outcome: takes what is to be told.
        telling: of the observation.
    """
    for rule in RULES:
        if rule.seldom not in readings or not rule.needed <= readings.keys():
            continue
        names = {*rule.left, *rule.right, rule.excuse} & readings.keys()
        now = _base(meters, {name: readings[name] for name in names}, tracks)
        if now is None:
            continue
        before = bases.get(rule.name)
        bases[rule.name] = now
        if before is None or not _comparable(before, now):
            continue
        left, right = _moved(rule.left, before, now), _moved(rule.right, before, now)
        if _agree(rule, left, right, _moved((rule.excuse,), before, now)):
            if rule.slack and left != right:  # else one step at a time would never be seen
                before.doubted = False
                bases[rule.name] = before
            continue
        if not before.doubted:
            before.doubted = True
            bases[rule.name] = before
            telling.wish(AGAIN)
            continue
        outcome.add("meter.algebrabroken", _told(rule, left, right, before, now, readings))


def _base(
    meters: Meters, readings: Mapping[str, MeterReading], tracks: Mapping[str, Track]
) -> Base | None:
    """Return a reading as a base, or None if one of its counters was not taken."""
    base = Base(epoch=meters.epoch, breaks=meters.breaks)
    for name, one in readings.items():
        base.counts[name] = one.value
        if name == CREDITS:
            base.totals[name] = one.value
            continue
        track = tracks.get(name)
        if track is None or track.read != meters.reads or track.owed:
            return None
        base.totals[name] = track.total
    coins = [meters.latest(name) for name in COINS]
    base.coins = sum(track.total for track in coins if isinstance(track, Track))
    return base


def _comparable(before: Base, now: Base) -> bool:
    same = (before.epoch, before.breaks, before.coins) == (now.epoch, now.breaks, now.coins)
    return same and before.totals.keys() == now.totals.keys()


def _moved(names: tuple[str, ...], before: Base, now: Base) -> int:
    return sum(now.totals[name] - before.totals[name] for name in names if name in now.totals)


def _agree(rule: Rule, left: int, right: int, excused: int) -> bool:
    if rule.at_most:
        return left <= right
    return abs(left - right) <= rule.slack or (excused > 0 and right - left == excused)


def _told(
    rule: Rule, left: int, right: int, before: Base, now: Base, readings: Mapping[str, MeterReading]
) -> dict[str, object]:
    names = sorted(now.counts)
    return {
        "rule": rule.words, "left": left, "right": right,
        "before": {name: count(name, before.counts[name], readings[name].digits)
                   for name in names},
        "parts": {name: count(name, now.counts[name], readings[name].digits) for name in names},
    }  # fmt: skip
