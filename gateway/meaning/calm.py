"""A calm reading, taken at a glance: every counter of it simply went on.

Nearly all readings are calm: no counter fell, none rose beyond what any time may bring, and none is
so narrow that it may have gone round within a day. The rules of ``gateway.meaning.judge`` have
nothing to say of them. All else is left to ``gateway.meaning.meters``, which comes to the same for
a calm reading: a test takes what it draws both ways.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from gateway.events.fact import JsonObject
from gateway.events.value import value
from gateway.meaning.counts import GAUGES, key_of, unit_of
from gateway.meaning.pace import went_little
from gateway.meaning.telling import Telling
from gateway.meaning.tracks import Meters, Track, whole_key
from gateway.meaning.widths import SAYS_ITS_SIZE, place_of, wide_enough
from protocols.sas.replies import LongPollReply

COLUMNS_MAX: Final = 4096
"""Meters of one kind of machine that are kept ready."""

NEVER: Final = -1
"""A rise for a meter that always needs a second look."""


@value
class Column:
    """What is the same of one meter at every reading.

    Attributes:
        key: under which it is followed; None if it may go down by right.
        unit: as events have it.
        whole: key of the meter of which it is a part, or None.
        rise_most: steps that it may have come without a second look.
        place: where its width is remembered, if the answer says it; else None.
    """

    key: str | None
    unit: str
    whole: str | None
    rise_most: int
    place: str | None


class Columns(dict[tuple[str, int, int], Column]):
    """Columns by name, digits and game; each is made when it is first asked for.

    Args:
        command: of the poll that is answered.
        denomination: denomination code of the answers, None for those of the whole machine.
        site_digits: digits of the machine's meters as the site file has them, or None.
        worth: of one credit, or None if not known.
    """

    def __init__(
        self,
        command: int,
        denomination: int | None,
        site_digits: int | None,
        worth: Decimal | None,
    ) -> None:
        super().__init__()
        self._command = command
        self._denomination = denomination
        self._site_digits = site_digits
        self._worth = worth

    def __missing__(self, place: tuple[str, int, int]) -> Column:
        if len(self) >= COLUMNS_MAX:
            self.clear()
        column = self[place] = self._made(*place)
        return column

    def _made(self, name: str, digits: int, game: int) -> Column:
        unit, worth = unit_of(name), self._worth
        if name in GAUGES:
            return Column(None, unit, None, NEVER, None)
        key = key_of(name, digits, game, self._denomination)
        width, (at_once, in_a_day) = 10**digits, went_little(name, unit, worth)
        if not wide_enough(name, unit, digits, self._site_digits, worth):
            rise_most = NEVER
        else:
            rise_most = min(at_once, width - 1) if in_a_day <= width else 0
        sized = self._command in SAYS_ITS_SIZE
        place = place_of(self._command, name, game) if sized else None
        return Column(key, unit, whole_key(key), rise_most, place)


@lru_cache(maxsize=64)
def columns(
    command: int, denomination: int | None, site_digits: int | None, worth: Decimal | None
) -> Columns:
    """Return the columns of one answer of machines that are alike; see ``Columns``."""
    return Columns(command, denomination, site_digits, worth)


_Rise = tuple[Track, int, int, dict[str, object]]
"""A track, its new count, the steps from the old one, and the event data that gets its total."""


def taken(
    meters: Meters, reply: LongPollReply, worth: Decimal | None, telling: Telling
) -> tuple[dict[str, JsonObject], dict[str, Track]] | None:
    """Take a reading if it is calm.

    Args:
        meters: of the EGM.
        reply: the reading.
        worth: of one credit, or None if not known.
        telling: of the observation.

    Returns:
        Each meter as event data, and the tracks of those that are followed, by name; or None, and
        nothing was taken: somebody has to look at it twice.
    """
    tracks = meters.tracks
    if meters.doubted or meters.widths.odd:
        return None
    for track in tracks.values():
        if track.odd or track.owed:
            return None
    known = columns(reply.command, reply.denomination, telling.egm.meter_digits, worth)
    told: dict[str, JsonObject] = {}
    followed: dict[str, Track] = {}
    rises: list[_Rise] = []
    parts: list[tuple[Track, str]] = []
    for name, count, digits, _, game in reply.meters:
        column = known[name, digits, game]
        shown: dict[str, object] = {"count": count, "unit": column.unit, "digits": digits}
        told[name] = shown
        if column.key is None:
            continue
        found = tracks.get(column.key)
        if found is None:
            return None
        steps = count - found.count
        if not 0 <= steps <= column.rise_most:
            return None
        if column.place is not None and meters.widths.sent.get(column.place) != digits:
            return None
        followed[name] = found
        rises.append((found, count, steps, shown))
        if column.whole is not None:
            parts.append((found, column.whole))
    _follow(meters, rises, parts, telling)
    return told, followed


def _follow(
    meters: Meters,
    rises: list[_Rise],
    parts: list[tuple[Track, str]],
    telling: Telling,
) -> None:
    meters.reads += 1
    now, heard, reads, breaks = telling.kept(), meters.heard, meters.reads, meters.breaks
    for track, count, steps, shown in rises:
        if steps:
            track.add(steps)
        track.count, track.at, track.heard = count, now, heard
        track.read, track.breaks = reads, breaks
        shown["total"] = track.total
    for track, key in parts:
        whole = meters.tracks.get(key)
        track.whole = None if whole is None or whole.owed else whole.total
