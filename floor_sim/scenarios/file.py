"""What a scenario is: its machines, and step by step what happens and what must be seen.

The text under each field is written for whoever fills in the file, and is what a report of
mistakes gives as a hint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from edge_config.problems import Mistake
from edge_config.table import Table, Token
from floor_sim.floor_file import Pace, Trouble
from floor_sim.machine.meters import MACHINE_METERS
from floor_sim.scenarios.file_checks import mistakes_in

HAPPENS: Final = ("does", "fault", "people")
"""Keys of which one makes a step something that happens."""
SEEN: Final = ("event", "told", "poll", "record", "account")
"""Keys of which one makes a step something that must be seen."""
NOWHERE: Final = "-"
"""``machine`` of an event that is about no machine."""

_HEX: Final = frozenset("0123456789ABCDEF")


def _words(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _hex(text: str) -> str:
    if len(text) != 2 or not _HEX.issuperset(text):
        raise ValueError('a code in hex and in quotes, such as "51"')
    return text


def _poll(text: str) -> str:
    if text not in {"general", "sync", "any"} and (len(text) != 2 or not _HEX.issuperset(text)):
        raise ValueError('general, sync, any, or a long poll in hex and in quotes, such as "1B"')
    return text


def _meters(meters: dict[str, int]) -> dict[str, int]:
    if not meters.keys() <= MACHINE_METERS or any(count < 0 for count in meters.values()):
        raise ValueError("names of meters that machines keep, such as coin_in, with counts")
    return meters


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    if not MACHINE_METERS.issuperset(names):
        raise ValueError("names of meters that machines keep, such as coin_in")
    return names


Words = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
    BeforeValidator(_words), Field(strict=False, min_length=1, max_length=20),
]  # fmt: skip
Keys = Annotated[tuple[Token, ...], Field(strict=False, min_length=1, max_length=64)]


class MachineInfo(Table):
    """``[machines.NAME]``: one machine of the scenario."""

    profile: Token = "penny_video"
    """Kind of machine; slotsim profile list has them."""
    line: Token | None = None
    """A line of its own: machines with the same word share it. Nothing: the scenario's line."""
    bank: Token | None = None
    """Bank that it stands in; a power cut may take a whole bank."""
    panel: Token | None = None
    """Electrical panel that feeds it; a power cut may take all machines of a panel."""
    second_host: bool = False
    """true: a second SAS port, which slotsim's own certified host polls."""
    host_lost: Literal["nothing", "tilt", "stop play"] = "nothing"
    """What the machine does while no host polls it: nothing, tilt or stop play."""
    card_reader: bool = False
    """true: it has a card reader."""
    meters: Annotated[dict[str, int], AfterValidator(_meters)] = Field(default_factory=dict)
    """Counts at the beginning, such as { coin_in = 99999900 }; all others are 0."""


class People(Table):
    """``[people]``: how people are who come to the scenario's machines."""

    pace: Pace = Pace()
    """How fast they are; a table headed [people.pace]."""
    troubles: Annotated[tuple[Trouble, ...], Field(strict=False, max_length=50)] = ()
    """What happens now and then; tables headed [[people.troubles]]."""


class Step(Table):
    """``[[steps]]``: something that happens (does, fault, people), or that must be seen.

    What must be seen is looked for from the moment of what happened last above it.
    """

    does: Words | None = None
    """What a person does at the machine, as with slotsim do: "door open slot"; or a list of it."""
    fault: dict[str, Any] | None = None
    """What goes wrong: a table such as { kind = "pull", seconds = 8.0 }; slotsim faults has them.
    Line, asset and address are the machine's where the fault takes one."""
    people: Literal["come", "go"] | None = None
    """Whether people come to play at the scenario's machines, or go."""

    event: str | None = Field(default=None, min_length=3, max_length=64)
    """Name of an event in the stream, such as door.opened."""
    told: Annotated[str, AfterValidator(_hex)] | None = None
    """Exception code in hex that the machine has handed over: its host acknowledged it."""
    poll: Annotated[str, AfterValidator(_poll)] | None = None
    """What the host sends the machine: general, sync, any, or a long poll in hex such as "1B"."""
    record: str | None = Field(default=None, min_length=1, max_length=40)
    """A record of the ledger by its "what", such as "lost"."""
    account: Literal["host", "events"] | None = None
    """host: every exception was handed over and none lost. events: and each of them stands in the
    event stream, once and in order."""

    name: Token | None = None
    """Name of the step, for others that refer to it, as in data = { by = "$seen.NAME.id" }."""
    why: str = Field(default="", max_length=200)
    """What the step is about, for people."""
    machine: Token | None = None
    """Name of the machine. Nothing: the only one. "-": an event that is about no machine."""
    machines: Keys | None = None
    """Machines at which it happens one after the other."""
    port: Literal[1, 2] = 1
    """SAS port at which it is looked: told, poll, account."""

    after_s: float = Field(default=0.3, ge=0, le=3_600)
    """Seconds that people wait before it; --faster makes them shorter."""
    exactly_s: float | None = Field(default=None, ge=0, le=3_600)
    """Instead of after_s: seconds that the protocol counts, which nothing makes shorter."""
    at_once: bool = False
    """true: it does not wait until what must be seen above it was seen."""
    repeat: int = Field(default=1, ge=1, le=1_000)
    """How often all of it is done."""
    every_s: float = Field(default=0.3, ge=0, le=60)
    """Seconds from one doing to the next; --faster makes them shorter."""
    if_possible: bool = False
    """true: what cannot be done is left out; else the scenario is BLOCKED by it."""

    times: int = Field(default=1, ge=1, le=10_000)
    """How often it must be seen: no more and no less."""
    at_least: int | None = Field(default=None, ge=1, le=10_000)
    """Instead of times: how often at the least."""
    never: bool = False
    """true: it must not be seen, at any time of the scenario, but for what steps above want."""
    within_s: float = Field(default=20.0, gt=0, le=3_600)
    """Seconds from the end of what happened last, by which it must be seen. Where it must never be
    seen, the scenario goes on for so long if it is given."""
    data: dict[str, Any] = Field(default_factory=dict)
    """What the event's data, or the record, must hold: a part of it is enough. A number may be
    { at_least = 2, at_most = 9 }; "$asset.a", "$bank.b", "$panel.p" and
    "$seen.NAME.id" stand for values."""
    true_meters: Annotated[tuple[str, ...], Field(strict=False), AfterValidator(_names)] = ()
    """Meters whose counts in the event must be those that the machine shows."""
    lost_too: bool = False
    """account: true: exceptions may have been lost, such as by a RAM clear."""

    @property
    def happens(self) -> bool:
        """It is something that happens, and not something that must be seen."""
        return any(getattr(self, key) is not None for key in HAPPENS)

    @property
    def kind(self) -> str:
        """The key that says what the step is."""
        return next(key for key in (*HAPPENS, *SEEN) if getattr(self, key) is not None)


class ScenarioFile(Table):
    """A whole scenario file."""

    title: str = Field(min_length=1, max_length=120)
    """What it shows, in one line."""
    about: str = Field(min_length=1, max_length=1_000)
    """Why it matters on a floor."""
    tags: Annotated[tuple[Token, ...], Field(strict=False, max_length=10)] = ()
    """Words by which it is found, such as ["doors"]."""
    first_asset: int = Field(ge=1, le=99_999_000)
    """Asset number of its first machine; the others follow. No two scenarios of a run share one."""
    begins: datetime | None = None
    """Local time on the wall at its beginning, such as 2025-12-31T23:59:40; only on a clock that
    can be set (--virtual)."""
    time_zone: str = "America/Los_Angeles"
    """Time zone of the casino."""
    machines: Annotated[dict[Token, MachineInfo], Field(min_length=1, max_length=64)]
    """Its machines; tables headed [machines.NAME]."""
    people: People | None = None
    """Who comes to play; a table headed [people]."""
    steps: Annotated[tuple[Step, ...], Field(strict=False, min_length=1, max_length=200)]
    """What happens and what must be seen, in order; tables headed [[steps]]."""

    @classmethod
    def cross_check(cls, data: Mapping[str, object]) -> Iterable[Mistake]:
        """Return what is wrong between steps and machines."""
        return mistakes_in(data)

    @property
    def wants_events(self) -> bool:
        """It cannot be judged without an event stream."""
        return any(step.event is not None or step.account == "events" for step in self.steps)
