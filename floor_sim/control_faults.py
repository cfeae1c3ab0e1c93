"""The part of the control API that lists, adds and removes faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import Body, FastAPI, Path
from pydantic import BaseModel

from edge_config.problems import Problem
from floor_sim.control_places import line_of
from floor_sim.control_refusals import UNKNOWN, Mistake, RefusedError
from floor_sim.faults import FAULTS, Fault, Place
from floor_sim.faults.board import FaultError
from floor_sim.faults.table import listing
from floor_sim.floor import Floor

EXAMPLES: Final = [
    {"kind": "drop", "line": "L1", "count": 1},
    {"kind": "delay", "line": "L1", "delay_s": 0.5, "probability": 0.1, "seconds": 60},
    {"kind": "power_cut", "asset": "10101", "seconds": 30},
]

Given = Annotated[dict[str, Any], Body(examples=EXAMPLES)]
"""A fault as it was said; it is read by the floor, which tells every mistake at once."""

LineName = Annotated[str, Path(description="Name of a line.", examples=["L1"])]
Number = Annotated[int, Path(ge=1, description="Number of a fault.", examples=[1])]

_SAID_AS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Fault"}, "examples": {
                    one["kind"]: {"value": one} for one in EXAMPLES
                },
            }
        },
    }
}  # fmt: skip
"""How a fault is described to whoever calls: by its model, though the floor reads it."""


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
            raise RefusedError(422, mistakes=[_told(one) for one in error.problems]) from None
        acted()
        return FaultAdded(number=number)

    @app.get("/faults/kinds", tags=["faults"])
    async def fault_kinds() -> list[FaultKindShown]:
        """List what can go wrong."""
        return kinds()

    @app.get("/faults", tags=["faults"])
    async def faults() -> dict[int, Fault]:
        """List the faults of the floor."""
        return floor.faults.active(clock())

    @app.post(
        "/faults", tags=["faults"], openapi_extra=_SAID_AS,
        description=f"Add a fault.\n\n{listing()}",
    )  # fmt: skip
    async def add_fault(fault: Given) -> FaultAdded:
        return add(fault)

    @app.delete("/faults", tags=["faults"])
    async def clear_faults() -> FaultRemoved:
        """Remove every fault of the floor."""
        floor.faults.clear(clock())
        acted()
        return FaultRemoved(done=True)

    @app.delete("/faults/{number}", tags=["faults"])
    async def remove_fault(number: Number) -> FaultRemoved:
        """Remove one fault; done is false where it is over, or there never was one."""
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
    @app.get("/lines/{name}/faults", tags=["faults"], responses=UNKNOWN)
    async def line_faults(name: LineName) -> dict[int, Fault]:
        """List the faults of a line."""
        return line_of(floor, name).faults.active(clock())

    @app.post("/lines/{name}/faults", tags=["faults"], responses=UNKNOWN, openapi_extra=_SAID_AS)
    async def add_line_fault(name: LineName, fault: Given) -> FaultAdded:
        """Add a fault to a line; see POST /faults."""
        return add({**fault, "line": line_of(floor, name).name})

    @app.delete("/lines/{name}/faults", tags=["faults"], responses=UNKNOWN)
    async def clear_line_faults(name: LineName) -> FaultRemoved:
        """Remove every fault of a line."""
        floor.faults.clear(clock(), line_of(floor, name).name)
        acted()
        return FaultRemoved(done=True)

    @app.delete("/lines/{name}/faults/{number}", tags=["faults"], responses=UNKNOWN)
    async def remove_line_fault(name: LineName, number: Number) -> FaultRemoved:
        """Remove one fault of a line."""
        there = number in line_of(floor, name).faults.active(clock())
        done = there and floor.faults.remove(number, clock())
        acted()
        return FaultRemoved(done=done)


def _told(problem: Problem) -> Mistake:
    found = "nothing" if problem.found == "NoneType None" else problem.found
    return Mistake(key=problem.key, found=found, expected=problem.expected, hint=problem.hint)
