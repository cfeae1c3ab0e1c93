"""Meters in words and numbers: names and games from keys, units, readings as event data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.events.fact import JsonObject
from protocols.sas.tables import METERS_BY_NAME, Unit

_UNITS: Final[Mapping[Unit, str]] = {
    Unit.CREDITS: "credits",
    Unit.CENTS: "cents",
    Unit.COUNT: "count",
    Unit.CURRENCY: "currency",
    Unit.HUNDREDTHS_OF_PERCENT: "percent_hundredths",
}


def unit_of(name: str) -> str:
    """Return the unit of a meter as events have it; a meter outside the table is a count."""
    row = METERS_BY_NAME.get(name)
    return "count" if row is None else _UNITS[row.unit]


def named(key: str) -> tuple[str, int]:
    """Return name and game of a meter from the key under which it is followed."""
    name, _, rest = key.partition("/")
    game = rest.partition("@")[2].partition("$")[0]
    return name, int(game or 0)


def count(name: str, value: int, digits: int) -> JsonObject:
    """Return one reading as event data."""
    return {"count": value, "unit": unit_of(name), "digits": digits}
