"""The control API: see the floor and act on it, over HTTP on loopback.

For tests, demonstrations and people. ``/docs`` shows it, ``/openapi.json`` describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from floor_sim.control_faults import add_faults
from floor_sim.doings import DoingError, do
from floor_sim.faults import Fault
from floor_sim.floor import Floor
from floor_sim.line import Line
from floor_sim.machine.machine import Machine


class PortState(BaseModel):
    """One SAS port of a machine."""

    model_config = ConfigDict(frozen=True)
    line: str
    address: int
    link_up: bool
    queued: int
    """Exceptions that wait for the host of this port."""


class MachineState(BaseModel):
    """One machine."""

    model_config = ConfigDict(frozen=True)
    asset: str
    line: str
    address: int
    link_up: bool
    queued: int
    """Exceptions that wait for a host."""
    ports: tuple[PortState, ...]
    """The first SAS port, and the second if there is one."""
    hosts_lost: tuple[int, ...]
    """Ports (0, 1) without the host that they need, so that nobody can play."""
    credits: int
    coin_in: int
    games_played: int
    doors_open: tuple[str, ...]
    tilts: tuple[str, ...]
    live: bool
    """It has power."""
    handpay_cents: int
    """What an attendant has to pay, all told."""
    jammed: bool
    lamp: bool
    card: bool
    playing: bool
    """A game is being played."""


class LineState(BaseModel):
    """One line."""

    model_config = ConfigDict(frozen=True)
    name: str
    polls: int
    answers: int
    bad: int
    """Bytes and messages that were no poll: from a wrong host, or spoiled."""
    overtaken: int
    chirps: int
    pulled: bool
    gone: bool
    """The host's port is not there."""
    faults: dict[int, Fault]


class State(BaseModel):
    """The floor."""

    model_config = ConfigDict(frozen=True)
    play: bool
    queued: int
    """Exceptions that no host has acknowledged."""
    unacknowledged: int
    """Answers of any kind that await their ACK."""
    pending: int
    """What people still have to do: jobs, games, cards to take out, cables to put back."""
    seed: int
    lines: tuple[LineState, ...]
    machines: tuple[MachineState, ...]


class Play(BaseModel):
    """Whether people play."""

    on: bool


class Pull(BaseModel):
    """For how long a cable is pulled."""

    seconds: float = Field(gt=0, le=3600)


class Act(BaseModel):
    """What is done at a machine, in words: "door open slot", "bill 20", "jackpot 1250.00"."""

    action: str = Field(min_length=1, max_length=100)


class Done(BaseModel):
    """Whether it could be done as the machine stood."""

    done: bool


def build_app(floor: Floor, clock: Callable[[], float], acted: Callable[[], None]) -> FastAPI:
    """Return the app.

    Args:
        floor: the floor.
        clock: tells the floor's time in seconds.
        acted: called after something was changed.
    """
    app = FastAPI(title="slotsim", description="A simulated floor of EGMs.")
    _add_floor(app, floor, clock, acted)
    _add_lines(app, floor, clock, acted)
    add_faults(app, floor, clock, acted)
    return app


def _add_floor(
    app: FastAPI, floor: Floor, clock: Callable[[], float], acted: Callable[[], None]
) -> None:
    @app.get("/state")
    async def state() -> State:
        """Say how the floor is."""
        return state_of(floor, clock())

    @app.post("/play")
    async def play(wanted: Play) -> State:
        """Begin or stop play; when it stops, whatever waits for a person is ended at once."""
        floor.set_play(clock(), on=wanted.on)
        acted()
        return state_of(floor, clock())


def _add_lines(
    app: FastAPI, floor: Floor, clock: Callable[[], float], acted: Callable[[], None]
) -> None:
    @app.post("/lines/{name}/pull")
    async def pull(name: str, wanted: Pull) -> Done:
        """Pull a line's cable for a while."""
        done = floor.pull_line(_line_of(floor, name).name, wanted.seconds, clock())
        acted()
        return Done(done=done)

    @app.post("/machines/{asset}/do")
    async def do_at(asset: str, wanted: Act) -> Done:
        """Do something at a machine."""
        if asset not in floor.machines:
            raise HTTPException(404, f"there is no machine {asset!r}")
        try:
            done = do(floor.machines[asset], wanted.action, clock())
        except DoingError as error:
            raise HTTPException(422, str(error)) from None
        acted()
        return Done(done=done)


def _line_of(floor: Floor, name: str) -> Line:
    if name not in floor.lines:
        raise HTTPException(404, f"there is no line {name!r}")
    return floor.lines[name]


def state_of(floor: Floor, now: float) -> State:
    """Return how the floor is."""
    return State(
        play=floor.playing,
        queued=floor.queued,
        unacknowledged=floor.unacknowledged,
        pending=floor.pending,
        seed=floor.seed,
        lines=tuple(_line(line, now) for line in floor.lines.values()),
        machines=tuple(_machine(machine) for machine in floor.machines.values()),
    )


def _line(line: Line, now: float) -> LineState:
    counts = line.counts
    return LineState(
        name=line.name,
        polls=counts.polls,
        answers=counts.answers,
        bad=counts.bad,
        overtaken=counts.overtaken,
        chirps=counts.chirps,
        pulled=line.faults.pulled(now),
        gone=line.faults.gone(now),
        faults=line.faults.active(now),
    )


def _ports(machine: Machine) -> Iterator[PortState]:
    second = machine.settings.second
    lines = (machine.settings.line, second.line if second else "")
    for port, line in zip(machine.ports, lines, strict=False):
        yield PortState(
            line=line, address=port.address, link_up=port.link_up, queued=len(port.queue)
        )


def _machine(machine: Machine) -> MachineState:
    cabinet = machine.cabinet
    return MachineState(
        asset=machine.asset,
        line=machine.settings.line,
        address=machine.settings.address,
        link_up=machine.link_up,
        queued=machine.queued,
        ports=tuple(_ports(machine)),
        hosts_lost=tuple(cabinet.hosts_lost),
        credits=cabinet.credits,
        coin_in=cabinet.meters.true("coin_in"),
        games_played=cabinet.meters.true("games_played"),
        doors_open=tuple(sorted(cabinet.doors)),
        tilts=tuple(f"{code:02X}" for code in sorted(cabinet.tilts)),
        live=machine.live,
        handpay_cents=sum(pay.cents for pay in cabinet.handpays if not pay.reset),
        jammed=cabinet.jammed,
        lamp=cabinet.lamp,
        card=cabinet.card is not None,
        playing=cabinet.game is not None,
    )
