"""How many digits a meter has: as sent, as the site file knows it, and when that contradicts."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import Final

from gateway.meaning.pace import too_narrow
from gateway.meaning.since import remembered
from protocols.sas.replies import MeterReading

SIGHTINGS: Final = 3
"""Another width is believed when it was sent so often in a row."""

PLACES_MAX: Final = 1024
"""Meters of one EGM whose widths are remembered."""

SAYS_ITS_SIZE: Final = frozenset({0x6F, 0xAF})
"""Polls in whose answers each meter has a size of its own; elsewhere the table fixes it."""
_OF_THE_SITE: Final = frozenset({"credits", "count"})
"""Units of the meters that ``meter_digits`` of the site file is about."""


@remembered
class Widths:
    """Widths of one EGM's meters.

    Attributes:
        sent: digits by poll, meter and game, as sent.
        odd: how often in a row another width was sent.
        narrow: meters told to be too narrow to be followed.
    """

    sent: dict[str, int] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)
    narrow: list[str] = field(default_factory=list)


def wide_enough(
    name: str, unit: str, digits: int, site_digits: int | None, worth: Decimal | None
) -> bool:
    """Whether a meter is as wide as the site file has it, and not too narrow to be followed.

    Where it is, and its poll fixes its width, ``wrong_width`` has nothing to say.
    """
    if site_digits is not None and unit in _OF_THE_SITE and digits > site_digits:
        return False
    return not too_narrow(name, unit, digits, worth)


def wrong_width(
    widths: Widths,
    command: int,
    one: MeterReading,
    unit: str,
    site_digits: int | None,
    worth: Decimal | None,
) -> tuple[int, str | None]:
    """Return the digits with which a reading is to be followed, and what is wrong with it.

    Args:
        widths: what is known; learns from the reading.
        command: the poll that was answered.
        one: the reading.
        unit: of the meter.
        site_digits: digits after which the machine's meters go over, as the site file says.
        worth: of one credit, or None if not known yet.

    Returns:
        0 digits: it is not followed. The reason is None where nothing is new.
    """
    digits = one.digits
    if site_digits is not None and unit in _OF_THE_SITE and digits > site_digits:
        if one.value >= 10**site_digits:
            return 0, f"it shows {one.value}, and the site file gives it {site_digits} digits"
        digits = site_digits
    reason = _other_size(widths, command, one) if command in SAYS_ITS_SIZE else None
    if reason is not None:
        place = place_of(command, one.name, one.game)
        if place in widths.odd:
            return 0, reason
        return digits, f"{reason}: taken as it is"
    if too_narrow(one.name, unit, digits, worth):
        known = worth is not None or unit != "credits"
        return 0, _too_few(widths, f"{one.name}/{digits}", worth) if known else None
    return digits, None


def _too_few(widths: Widths, name: str, worth: Decimal | None) -> str | None:
    """Return what is to be told of a meter that is too narrow, or None if it was told before."""
    if name in widths.narrow or len(widths.narrow) >= PLACES_MAX:
        return None
    widths.narrow.append(name)
    digits = name.partition("/")[2]
    return f"{digits} digits are too few to be followed at {worth} a credit"


def _other_size(widths: Widths, command: int, one: MeterReading) -> str | None:
    place = place_of(command, one.name, one.game)
    known = widths.sent.get(place)
    if known == one.digits:
        widths.odd.pop(place, None)
        return None
    if known is None:
        if len(widths.sent) < PLACES_MAX:
            widths.sent[place] = one.digits
        return None
    widths.odd[place] = widths.odd.get(place, 0) + 1
    if widths.odd[place] >= SIGHTINGS:
        del widths.odd[place]
        widths.sent[place] = one.digits
    return f"width changed from {known} to {one.digits} digits"


def place_of(command: int, name: str, game: int) -> str:
    """Return under which name the width of a meter in the answer to a poll is remembered."""
    return f"{command:02X}/{name}@{game}"
