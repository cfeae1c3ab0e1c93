"""Meters in words and numbers: names and games from keys, units, readings as event data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from protocols.sas.tables import METERS_BY_NAME, Unit

_WORDS: Final[Mapping[Unit, str]] = {
    Unit.CREDITS: "credits",
    Unit.CENTS: "cents",
    Unit.COUNT: "count",
    Unit.CURRENCY: "currency",
    Unit.HUNDREDTHS_OF_PERCENT: "percent_hundredths",
}

_UNITS: Final[Mapping[str, str]] = {name: _WORDS[row.unit] for name, row in METERS_BY_NAME.items()}


def unit_of(name: str) -> str:
    """Return the unit of a meter as events have it; a meter outside the table is a count."""
    return _UNITS.get(name, "count")


def named(key: str) -> tuple[str, int]:
    """Return name and game of a meter from the key under which it is followed."""
    name, _, rest = key.partition("/")
    game = rest.partition("@")[2].partition("$")[0]
    return name, int(game or 0)


def count(name: str, value: int, digits: int) -> dict[str, object]:
    """Return one reading as event data."""
    return {"count": value, "unit": unit_of(name), "digits": digits}
