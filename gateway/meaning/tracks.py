"""What is remembered of the meters of one EGM: a track for each counter, epochs, evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Final

from gateway.events.fact import JsonObject
from gateway.meaning.counts import count
from gateway.meaning.exceptions import OPTIONS_CHANGED
from gateway.meaning.since import Since, remembered
from gateway.meaning.telling import Telling
from gateway.meaning.widths import Widths

TOTAL_MAX: Final = 2**63 - 1
"""A running total stays there: no meter lives so long."""

SIGHTINGS: Final = 3
"""A count that cannot be right is taken as it is when it was read so often in a row; a fall that
an answer alone cannot explain is judged all the same when it was seen so often."""

APART_S: Final = 20.0
"""Seconds between two readings that count as two."""


WHOLES: Final[Mapping[str, str]] = {
    "restricted_played": "coin_in", "nonrestricted_played": "coin_in",
    "games_won": "games_played", "games_lost": "games_played",
    "bills_accepted_credits": "total_drop",
}  # fmt: skip
"""Meters that count a part of what another one counts."""


@lru_cache(maxsize=4096)
def whole_key(key: str) -> str | None:
    """Return the key of the meter of which one is a part, or None if it is none."""
    name, _, digits = key.partition("/")
    whole = WHOLES.get(name)
    return None if whole is None else f"{whole}/{digits}"


@remembered
class Track:
    """One counter as followed.

    Attributes:
        count: as last read.
        digits: its width.
        total: steps since it is followed in this epoch, across rollovers; never wraps.
        at: when it was last read.
        heard: number of the newest evidence at that time.
        read: number of the reading.
        owed: steps by which it went back and that it may only make good: not added to the total.
        odd: how often in a row it showed a count that cannot be right.
        odd_at: when that was counted last.
        odd_count: that count.
        whole: running total, at that reading, of the meter of which it is a part; or None.
        breaks: of the meters at that reading.
    """

    count: int
    digits: int
    total: int
    at: Since
    heard: int
    read: int = 0
    owed: int = 0
    odd: int = 0
    odd_at: Since | None = None
    odd_count: int = 0
    whole: int | None = None
    breaks: int = 0

    def stays_odd(self, value: int, now: Since, telling: Telling) -> bool:
        """Count a reading that cannot be right; say whether it is still not to be believed."""
        self.odd_count = value
        apart_s = telling.seconds_since(self.odd_at)
        if apart_s is None or apart_s >= APART_S:
            self.odd, self.odd_at = self.odd + 1, now
        return self.odd < SIGHTINGS

    def add(self, steps: int) -> bool:
        """Add steps to the total, those owed first; say whether it has just made them good."""
        if not steps:
            return False
        owed, beyond = self.owed, steps
        if owed:
            beyond = max(0, steps - owed)
            self.owed = max(0, owed - steps)
        self.total = min(TOTAL_MAX, self.total + beyond)
        return 0 < owed <= steps


@remembered
class Meters:
    """The meters of one EGM.

    Attributes:
        epoch: life of the meters between two RAM clears, from 1.
        breaks: how often something happened across which no difference may be taken.
        tracks: counters followed.
        evidence: what the machine reported that may explain a fall: words to number.
        heard: number of the newest evidence.
        gap: name of a gap whose later reading is still to come, or None.
        gap_at: when that gap ended.
        reads: readings taken.
        went_on: readings that showed that the machine had kept its memory.
        doubted: falls that an answer alone could not explain: key to ``went_on`` when it was first
            seen, and how often it was seen.
        widths: digits by poll and meter, and what was told of them.
        began: number of the newest evidence when this epoch began.
        priced: epoch in which the accounting denomination was last read.
        priced_heard: number of the newest evidence at that time.
    """

    epoch: int = 1
    breaks: int = 0
    tracks: dict[str, Track] = field(default_factory=dict)
    evidence: dict[str, int] = field(default_factory=dict)
    heard: int = 0
    gap: str | None = None
    gap_at: Since | None = None
    reads: int = 0
    went_on: int = 0
    doubted: dict[str, tuple[int, int]] = field(default_factory=dict)
    widths: Widths = field(default_factory=Widths)
    began: int = 0
    priced: int = 1
    priced_heard: int = 0

    def latest(self, name: str) -> Track | None:
        """Return the newest reading of a meter of the whole machine, of any width."""
        found = [
            track
            for key, track in self.tracks.items()
            if key.startswith(f"{name}/") and "@" not in key
        ]
        return max(found, key=lambda track: (track.read, track.digits), default=None)

    def machine(self) -> dict[str, JsonObject]:
        """Return the last reading of every meter of the whole machine, as event data."""
        return {
            key.partition("/")[0]: count(key.partition("/")[0], track.count, track.digits)
            for key, track in self.tracks.items()
            if "@" not in key
        }

    def whole_of(self, key: str) -> str | None:
        """Return the key of the meter of the machine of which one is a part, if it is followed."""
        whole = whole_key(key)
        return whole if whole in self.tracks else None

    def begin_epoch(self) -> None:
        """The meters begin a new life: nothing of the old one is compared with it."""
        self.epoch += 1
        self.began = self.heard
        self.tracks.clear()
        self.doubted.clear()


def heard(meters: Meters, evidence: str) -> None:
    """Remember what the machine reported, in case a meter falls."""
    meters.heard += 1
    meters.evidence[evidence] = meters.heard


def changed_machine(meters: Meters) -> None:
    """Another machine answers: its meters have nothing to do with the ones before."""
    meters.begin_epoch()
    meters.priced, meters.priced_heard = meters.epoch, meters.heard
    meters.evidence.clear()
    meters.widths = Widths()


def priced(meters: Meters) -> bool:
    """The accounting denomination was read; say whether this epoch began with it."""
    changed = meters.evidence.get(OPTIONS_CHANGED, 0)
    if changed > meters.priced_heard:
        with_it = meters.began >= changed
    else:
        with_it = meters.epoch != meters.priced
    meters.priced, meters.priced_heard = meters.epoch, meters.heard
    return with_it
