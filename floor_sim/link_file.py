"""``[[links]]`` of a floor file: progressives that machines share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from edge_config.problems import Mistake, shown
from edge_config.table import Table
from edge_config.wiring_checks import rows_of
from floor_sim.abilities import Pot, pot_mistakes
from floor_sim.machine.settings import PotSettings


class Link(Table):
    """``[[links]]``: the levels that the machines of one progressive group share."""

    group: int = Field(ge=1, le=255)
    """Progressive group: machines whose abilities name it are linked."""
    controller: Literal["floor", "host"] = "floor"
    """Who keeps the pool: a controller of the floor, or a host that broadcasts it (80, 86)."""
    levels: Annotated[tuple[Pot, ...], Field(strict=False, min_length=1, max_length=32)]
    """Its levels, each with start, increment_percent and cycle; tables headed [[links.levels]]."""

    def terms(self, levels: tuple[int, ...]) -> tuple[PotSettings, ...]:
        """Return the terms of these of its levels."""
        return tuple(row.settings() for row in self.levels if row.level in levels)


def link_mistakes(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield links of one group, levels twice, and terms that no paytable can be made for."""
    groups: dict[object, str] = {}
    for index, row in rows_of(data, "links"):
        group, place = row.get("group"), f"links[{index}]"
        if isinstance(group, int) and (other := groups.setdefault(group, place)) != place:
            found, hint = f"{shown(group)} again", f"it is also that of {other}"
            yield Mistake(("links", index, "group"), found, "a group of its own", hint)
        yield from _levels(row, index)


def _levels(row: Mapping[str, object], index: int) -> Iterator[Mistake]:
    levels = row.get("levels")
    seen: list[object] = []
    for place, level in enumerate(levels if isinstance(levels, list) else ()):
        number = level.get("level", 1) if isinstance(level, Mapping) else None
        if number in seen:
            key = ("links", index, "levels", place, "level")
            yield Mistake(key, f"{shown(number)} again", "a level of its own", "1 to 32")
        seen.append(number)
    yield from pot_mistakes(levels, ("links", index, "levels"))
