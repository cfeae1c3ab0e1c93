"""Meters in words and numbers: names and games from keys, units, readings as event data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from protocols.sas.tables import METERS_BY_NAME, Kind, Unit

_WORDS: Final[Mapping[Unit, str]] = {
    Unit.CREDITS: "credits",
    Unit.CENTS: "cents",
    Unit.COUNT: "count",
    Unit.CURRENCY: "currency",
    Unit.HUNDREDTHS_OF_PERCENT: "percent_hundredths",
}

_UNITS: Final[Mapping[str, str]] = {name: _WORDS[row.unit] for name, row in METERS_BY_NAME.items()}

_STARTS_ANEW: Final = frozenset({"games_since_power_reset", "games_since_slot_door_closed"})
GAUGES: Final = frozenset(
    row.name for row in METERS_BY_NAME.values() if row.kind is Kind.GAUGE
) | _STARTS_ANEW  # fmt: skip
"""Names that may go down by right."""


def unit_of(name: str) -> str:
    """Return the unit of a meter as events have it; a meter outside the table is a count."""
    return _UNITS.get(name, "count")


@lru_cache(maxsize=4096)
def key_of(name: str, digits: int, game: int, denomination: int | None) -> str:
    """Return ``coin_in/8``, for a game ``coin_in/8@3``, for a denomination ``coin_in/8@0$01``."""
    key = f"{name}/{digits}"
    if denomination is not None:
        return f"{key}@{game}${denomination:02X}"
    return f"{key}@{game}" if game else key


def named(key: str) -> tuple[str, int]:
    """Return name and game of a meter from the key under which it is followed."""
    name, _, rest = key.partition("/")
    game = rest.partition("@")[2].partition("$")[0]
    return name, int(game or 0)


def count(name: str, value: int, digits: int) -> dict[str, object]:
    """Return one reading as event data."""
    return {"count": value, "unit": unit_of(name), "digits": digits}
