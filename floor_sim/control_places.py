"""Machines and lines as whoever calls the control API names them."""

from __future__ import annotations

from collections.abc import Iterable

from floor_sim.control_refusals import RefusedError
from floor_sim.floor import Floor
from floor_sim.line import Line
from floor_sim.machine.machine import Machine

NAMES_MAX = 8
"""Names that a refusal lists."""


def line_of(floor: Floor, name: str) -> Line:
    """Return the line called ``name``.

    Raises:
        RefusedError: there is none.
    """
    if name not in floor.lines:
        raise RefusedError(404, f"there is no line {name!r}; there are {_some(floor.lines)}")
    return floor.lines[name]


def machine_of(floor: Floor, place: str) -> Machine:
    """Return the machine with this asset number, or at this location.

    Raises:
        RefusedError: there is none, or there are several.
    """
    if place in floor.machines:
        return floor.machines[place]
    there = [egm.asset for egm in floor.file.egms if place and egm.location == place]
    if len(there) == 1:
        return floor.machines[there[0]]
    if there:
        raise RefusedError(404, f"{place!r} is where {_some(there)} stand; name one of them")
    raise RefusedError(404, f"there is no machine {place!r}, by asset number or location")


def _some(names: Iterable[str]) -> str:
    every = [*names]
    more = f" and {len(every) - NAMES_MAX} more" if len(every) > NAMES_MAX else ""
    return ", ".join(every[:NAMES_MAX]) + more
