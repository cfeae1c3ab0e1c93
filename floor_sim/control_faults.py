"""The part of the control API that lists, adds and removes faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException
from pydantic import BaseModel

from edge_config.problems import Problem
from floor_sim.faults import FAULTS, Fault, Place
from floor_sim.faults.board import FaultError
from floor_sim.faults.table import listing
from floor_sim.floor import Floor

Given = Annotated[dict[str, Any], Body(examples=[{"kind": "drop", "line": "L1", "count": 1}])]


class FaultKindShown(BaseModel):
    """A kind of fault."""

    kind: str
    acts_on: Place
    does: str
    needs: tuple[str, ...]
    takes: tuple[str, ...]


class FaultAdded(BaseModel):
    """The number of a fault, by which it can be removed."""

    number: int


class FaultRemoved(BaseModel):
    """Whether there was such a fault."""

    done: bool


def kinds() -> list[FaultKindShown]:
    """Return the table of faults."""
    return [
        FaultKindShown(
            kind=kind, acts_on=row.place, does=row.does, needs=row.needs, takes=row.takes
        )
        for kind, row in FAULTS.items()
    ]


def add_faults(
    app: FastAPI, floor: Floor, clock: Callable[[], float], acted: Callable[[], None]
) -> None:
    """Add the paths below ``/faults`` and ``/lines/{name}/faults``."""

    def add(data: Mapping[str, Any]) -> FaultAdded:
        try:
            number = floor.faults.add(floor.faults.read(data), clock())
        except FaultError as error:
            raise HTTPException(422, [_told(problem) for problem in error.problems]) from None
        acted()
        return FaultAdded(number=number)

    @app.get("/faults/kinds")
    async def fault_kinds() -> list[FaultKindShown]:
        """List what can go wrong."""
        return kinds()

    @app.get("/faults")
    async def faults() -> dict[int, Fault]:
        """List the faults of the floor."""
        return floor.faults.active(clock())

    @app.post("/faults", description=f"Add a fault.\n\n{listing()}")
    async def add_fault(fault: Given) -> FaultAdded:
        return add(fault)

    @app.delete("/faults")
    async def clear_faults() -> FaultRemoved:
        """Remove every fault of the floor."""
        floor.faults.clear(clock())
        acted()
        return FaultRemoved(done=True)

    @app.delete("/faults/{number}")
    async def remove_fault(number: int) -> FaultRemoved:
        """Remove one fault."""
        done = floor.faults.remove(number, clock())
        acted()
        return FaultRemoved(done=done)

    _add_line_faults(app, floor, clock, add, acted)


def _add_line_faults(
    app: FastAPI,
    floor: Floor,
    clock: Callable[[], float],
    add: Callable[[Mapping[str, Any]], FaultAdded],
    acted: Callable[[], None],
) -> None:
    def known(name: str) -> str:
        if name not in floor.lines:
            raise HTTPException(404, f"there is no line {name!r}")
        return name

    @app.get("/lines/{name}/faults")
    async def line_faults(name: str) -> dict[int, Fault]:
        """List the faults of a line."""
        return floor.lines[known(name)].faults.active(clock())

    @app.post("/lines/{name}/faults")
    async def add_line_fault(name: str, fault: Given) -> FaultAdded:
        """Add a fault to a line; see POST /faults."""
        return add({**fault, "line": known(name)})

    @app.delete("/lines/{name}/faults")
    async def clear_line_faults(name: str) -> FaultRemoved:
        """Remove every fault of a line."""
        floor.faults.clear(clock(), known(name))
        acted()
        return FaultRemoved(done=True)

    @app.delete("/lines/{name}/faults/{number}")
    async def remove_line_fault(name: str, number: int) -> FaultRemoved:
        """Remove one fault of a line."""
        there = number in floor.lines[known(name)].faults.active(clock())
        done = there and floor.faults.remove(number, clock())
        acted()
        return FaultRemoved(done=done)


def _told(problem: Problem) -> dict[str, str]:
    return {
        "key": problem.key, "found": problem.found,
        "expected": problem.expected, "hint": problem.hint,
    }  # fmt: skip
