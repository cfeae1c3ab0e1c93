"""What the control API tells of a floor: its machines, its lines, what people do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from floor_sim.faults import Fault
from floor_sim.floor import Floor
from floor_sim.floor_file import EgmInfo
from floor_sim.line import Line
from floor_sim.machine.machine import Machine
from floor_sim.stands import stands


class Told(BaseModel):
    """Something that is told of a floor, and does not change afterwards."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class PortState(Told):
    """One SAS port of a machine."""

    line: str
    address: int
    link_up: bool
    queued: int
    """Exceptions that wait for the host of this port."""


class MachineState(Told):
    """One machine."""

    asset: str = Field(examples=["10101"])
    location: str = Field(examples=["01-01-01"])
    """Where it stands; empty where the floor file does not say."""
    bank: str | None
    zone: str | None
    profile: str
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
    """Credits on the machine, in accounting credits."""
    cents_per_credit: int
    """What a credit is worth."""
    coin_in: int
    """Credits played since the meters began."""
    games_played: int
    doors_open: tuple[str, ...]
    tilts: tuple[str, ...]
    """Codes of the tilts that nobody has mended, in hex."""
    live: bool
    """It has power."""
    handpay_cents: int
    """What an attendant has to pay, all told."""
    jammed: bool
    lamp: bool
    card: bool
    """A card is in the reader; never which."""
    playing: bool
    """A game is being played."""
    stands: tuple[str, ...] = Field(examples=[["handpay 1,250.00", "slot door open"]])
    """How it stands, in words; nothing where it waits for a guest."""


class LineState(Told):
    """One line."""

    name: str
    polls: int
    answers: int
    bad: int
    """Bytes and messages that were no poll: from a wrong host, or spoiled."""
    overtaken: int
    """Answers that a host did not wait for."""
    chirps: int
    pulled: bool
    """Its cable is out."""
    gone: bool
    """The host's port is not there."""
    faults: dict[int, Fault]
    """What goes wrong on it, by number."""


class State(Told):
    """The floor."""

    name: str
    play: bool
    """People play."""
    queued: int
    """Exceptions that no host has acknowledged."""
    unacknowledged: int
    """Answers of any kind that await their ACK."""
    pending: int
    """What people still have to do: jobs, games, cards to take out, cables to put back."""
    seed: int
    faults: int
    """How many faults there are now, anywhere."""
    records: int
    """Records in the ledger."""
    lines: tuple[LineState, ...]
    machines: tuple[MachineState, ...]


class Play(BaseModel):
    """Whether people play."""

    model_config = ConfigDict(extra="forbid")
    on: bool = Field(examples=[True])


class Pull(BaseModel):
    """For how long a cable is pulled."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)
    seconds: float = Field(gt=0, le=3600, examples=[30])
    """Seconds until somebody puts it back."""


class Act(BaseModel):
    """What is done at a machine."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)
    action: str = Field(
        min_length=1, max_length=100, examples=["door open slot", "bill 20", "jackpot 1250.00"]
    )
    """In words; GET /doings lists them."""


class Done(Told):
    """Whether it could be done as things stood."""

    done: bool


class Acted(Told):
    """Whether something could be done at a machine as it stood."""

    done: bool
    asset: str
    """The machine at which it was done; it may have been named by its location."""
    stands: tuple[str, ...]
    """How the machine stands now, in words; see ``MachineState``."""


class DoingShown(Told):
    """Something that can be done at a machine."""

    words: str = Field(examples=["door open"])
    takes: str = Field(examples=["slot, drop, card cage, cashbox, belly"])
    """What stands behind the words; empty for nothing."""
    example: str = Field(examples=["door open slot"])
    does: str = Field(examples=["opens a door"])


class LedgerTail(Told):
    """The newest records of the truth."""

    last: int
    """Number of the last record that was written."""
    records: tuple[dict[str, Any], ...] = Field(
        examples=[[{"n": 7, "t": "2026-11-21T12:00:00.000Z", "what": "exception", "egm": "10101",
                    "code": "11"}]]
    )  # fmt: skip
    """Oldest first: number, moment, what, and what belongs to it."""


SLICE: Final = 50
"""Machines that are told of in one go; then lines get their turn, for no machine may be late."""


def state_of(floor: Floor, now: float) -> State:
    """Return how the floor is."""
    rows = {egm.asset: egm for egm in floor.file.egms}
    return _state(floor, now, tuple(machine_state(one, rows) for one in floor.machines.values()))


async def state_in_slices(floor: Floor, clock: Callable[[], float]) -> State:
    """Return how the floor is, without holding up its lines: the counts are of the last moment."""
    rows = {egm.asset: egm for egm in floor.file.egms}
    machines: list[MachineState] = []
    for one in floor.machines.values():
        machines.append(machine_state(one, rows))
        if len(machines) % SLICE == 0:
            await asyncio.sleep(0)
    return _state(floor, clock(), tuple(machines))


def _state(floor: Floor, now: float, machines: tuple[MachineState, ...]) -> State:
    return State(
        name=floor.file.floor.name,
        play=floor.playing,
        queued=floor.queued,
        unacknowledged=floor.unacknowledged,
        pending=floor.pending,
        seed=floor.seed,
        faults=len(floor.faults.active(now)),
        records=floor.records,
        lines=tuple(line_state(line, now) for line in floor.lines.values()),
        machines=machines,
    )


def line_state(line: Line, now: float) -> LineState:
    """Return how a line is."""
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


def machine_state(machine: Machine, rows: Mapping[str, EgmInfo]) -> MachineState:
    """Return how a machine is; ``rows`` are those of the floor file, by asset."""
    cabinet, row = machine.cabinet, rows[machine.asset]
    return MachineState(
        asset=machine.asset,
        location=row.location,
        bank=row.bank,
        zone=row.zone,
        profile=row.profile,
        line=machine.settings.line,
        address=machine.settings.address,
        link_up=machine.link_up,
        queued=machine.queued,
        ports=tuple(_ports(machine)),
        hosts_lost=tuple(cabinet.hosts_lost),
        credits=cabinet.credits,
        cents_per_credit=machine.settings.cents_per_credit,
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
        stands=stands(machine),
    )


def _ports(machine: Machine) -> Iterator[PortState]:
    second = machine.settings.second
    lines = (machine.settings.line, second.line if second else "")
    for port, line in zip(machine.ports, lines, strict=False):
        yield PortState(
            line=line, address=port.address, link_up=port.link_up, queued=len(port.queue)
        )
