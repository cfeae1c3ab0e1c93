"""The control API: see the floor and act on it, over HTTP on loopback.

For tests, demonstrations and people. ``/openapi.json`` describes it, ``/docs`` shows that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Path, Query

from floor_sim.control_faults import add_faults
from floor_sim.control_models import (
    Act,
    Acted,
    DoingShown,
    Done,
    LedgerTail,
    LineState,
    MachineState,
    Play,
    Pull,
    State,
    line_state,
    machine_state,
    state_in_slices,
)
from floor_sim.control_places import line_of, machine_of
from floor_sim.control_refusals import UNKNOWN, WRONG, RefusedError, add_refusals
from floor_sim.doings import DoingError, do
from floor_sim.doings_table import TABLE, example
from floor_sim.floor import Floor
from floor_sim.ledger_tail import RECORDS_MAX, Tail
from floor_sim.stands import stands

Clock = Callable[[], float]

_WHERE = "Asset number, or location where only one machine stands there."
Where = Annotated[str, Path(description=_WHERE, examples=["10101", "01-01-01"])]
LineName = Annotated[str, Path(description="Name of a line.", examples=["L1"])]


def build_app(
    floor: Floor, clock: Clock, acted: Callable[[], None], tail: Tail | None = None
) -> FastAPI:
    """Return the app.

    Args:
        floor: the floor.
        clock: tells the floor's time in seconds.
        acted: called after something was changed.
        tail: gives the newest records of the floor's ledger.
    """
    app = FastAPI(
        title="slotsim",
        description="A simulated floor of EGMs. Whoever asks stands on the floor: what is done "
        "here is done by hand, and the machines report it to their hosts.",
        version="1",
        responses=WRONG,
    )
    add_refusals(app)
    _add_floor(app, floor, clock, acted)
    _add_ledger(app, floor, tail or (lambda _after, _limit, _egm: []))
    _add_lines(app, floor, clock, acted)
    _add_machines(app, floor, clock, acted)
    add_faults(app, floor, clock, acted)
    return app


def _add_floor(app: FastAPI, floor: Floor, clock: Clock, acted: Callable[[], None]) -> None:
    @app.get("/state", tags=["floor"])
    async def state() -> State:
        """Say how the floor is: every line and every machine."""
        return await state_in_slices(floor, clock)

    @app.post("/play", tags=["floor"])
    async def play(wanted: Play) -> State:
        """Begin or stop play; when it stops, whatever waits for a person is ended at once."""
        floor.set_play(clock(), on=wanted.on)
        acted()
        return await state_in_slices(floor, clock)


def _add_ledger(app: FastAPI, floor: Floor, tail: Tail) -> None:
    @app.get("/ledger", tags=["floor"])
    async def ledger(
        after: Annotated[int, Query(ge=0, description="Only records behind this number.")] = 0,
        limit: Annotated[int, Query(ge=1, le=RECORDS_MAX, description="Records at most.")] = 50,
        egm: Annotated[str | None, Query(description="Only records of this machine.")] = None,
    ) -> LedgerTail:
        """Tell the newest records of the truth, as far as they are still at hand."""
        asset = None if egm is None else machine_of(floor, egm).asset
        return LedgerTail(last=floor.records, records=tuple(tail(after, limit, asset)))


def _add_lines(app: FastAPI, floor: Floor, clock: Clock, acted: Callable[[], None]) -> None:
    @app.get("/lines/{name}", tags=["lines"], responses=UNKNOWN)
    async def line(name: LineName) -> LineState:
        """Say how a line is."""
        return line_state(line_of(floor, name), clock())

    @app.post("/lines/{name}/pull", tags=["lines"], responses=UNKNOWN)
    async def pull(name: LineName, wanted: Pull) -> Done:
        """Pull a line's cable for a while; done is false where it is out already."""
        done = floor.pull_line(line_of(floor, name).name, wanted.seconds, clock())
        acted()
        return Done(done=done)


def _add_machines(app: FastAPI, floor: Floor, clock: Clock, acted: Callable[[], None]) -> None:
    rows = {egm.asset: egm for egm in floor.file.egms}

    @app.get("/doings", tags=["machines"])
    async def doings() -> list[DoingShown]:
        """List what can be done at a machine by hand."""
        return [
            DoingShown(words=name, takes=row.takes, example=example(name), does=row.does)
            for name, row in TABLE.items()
        ]

    @app.get("/machines/{place}", tags=["machines"], responses=UNKNOWN)
    async def machine(place: Where) -> MachineState:
        """Say how a machine is."""
        return machine_state(machine_of(floor, place), rows)

    @app.post("/machines/{place}/do", tags=["machines"], responses=UNKNOWN)
    async def do_at(place: Where, wanted: Act) -> Acted:
        """Do something at a machine; done is false where it is not in a state for that."""
        one = machine_of(floor, place)
        try:
            done = do(one, wanted.action, clock())
        except DoingError as error:
            raise RefusedError(422, str(error)) from None
        acted()
        return Acted(done=done, asset=one.asset, stands=stands(one))
