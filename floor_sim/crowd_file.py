"""Tables of a floor file that say how believable its people are: crowd, crew and drop."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from edge_config.table import Table, Token
from floor_sim.certified.mistakes import MISTAKES


def clock_time(value: object) -> time:
    """Return a local time from text such as ``05:00``.

    Raises:
        ValueError: it is none.
    """
    try:
        if isinstance(value, str) and len(value) == 5:
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError('a time in quotes such as "05:00"')


def _range(pair: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= pair[0] <= pair[1]:
        raise ValueError("the shortest and the longest time in seconds, such as [30.0, 45.0]")
    return pair


def _errors(names: tuple[str, ...]) -> tuple[str, ...]:
    if not {*names} <= MISTAKES.keys():
        raise ValueError(f"names of errors: {', '.join(MISTAKES)}")
    return names


ClockTime = Annotated[time, BeforeValidator(clock_time)]
Span = Annotated[tuple[float, float], Field(strict=False), AfterValidator(_range)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Crowd(Table):
    """``[crowd]``: guests who come by hour and weekday, instead of one after another."""

    occupancy_percent: float = Field(default=30, ge=0.1, le=40)
    """Share of the machines that is played, as the mean of a week; Saturday 21:00 has 2.6 times."""
    games_per_hour: int = Field(default=600, ge=60, le=1_200)
    """Games an hour of a guest who plays, median."""
    visit_minutes: float = Field(default=10, ge=1, le=600)
    """Minutes that a guest means to stay at a machine, median; one in twenty 7.5 times as long."""
    bet: Annotated[str, Field(pattern=r"^\d{1,4}\.\d\d$")] = "1.20"
    """Bet that guests have in mind, median, in quotes."""
    carded_share: float = Field(default=0.5, ge=0, le=1)
    """Share of guests with a card, 0 to 1."""
    card_left_share: float = Field(default=0.007, ge=0, le=1)
    """Share of carded visits after which the card stays in the reader."""
    credits_left_share: float = Field(default=0.005, ge=0, le=1)
    """Share of visits after which credits stay on the machine."""


class Crew(Table):
    """``[crew]``: how many people work on the floor; without it there is always somebody free."""

    attendants: int = Field(ge=1, le=1_000)
    """Attendants on shift: handpays, jams, lamps."""
    technicians: int = Field(ge=1, le=1_000)
    """Technicians on shift: tilts and doors."""
    walk_s: Span = (25.0, 120.0)
    """Seconds that it takes to walk to a machine."""


class Drop(Table):
    """``[drop]``: the team that takes the cashboxes, machine by machine and zone by zone."""

    starts: ClockTime = time(5, 0)
    """Local time at which the team begins, for example 05:00."""
    teams: int = Field(default=1, ge=1, le=100)
    """Teams that work at the same time."""
    machine_s: Span = (30.0, 45.0)
    """Seconds for one machine."""
    daily: Annotated[tuple[Token, ...], Field(strict=False)] = ()
    """Zones that are dropped every day; the others on ``days``."""
    days: Annotated[tuple[Weekday, ...], Field(strict=False, min_length=1)] = ("mon", "wed", "fri")
    """Weekdays of all other zones."""


class Certified(Table):
    """``[certified]``: the certified system that polls lines with ``transport = "certified"``."""

    poll_every_s: float = Field(default=1.0, ge=0.2, le=5)
    """Seconds between two general polls of a machine."""
    remote_reset_s: float = Field(default=0, ge=0, le=3_600)
    """Seconds after which it resets a handpay from afar (94); 0: an attendant keys it off."""
    folder: str = Field(default="sms", min_length=1, max_length=100)
    """Folder of its extracts, inside the run folder."""
    formats: Annotated[
        tuple[Literal["columns", "lines"], ...], Field(strict=False, min_length=1)
    ] = ("columns", "lines")
    """Shapes of its extracts."""
    errors: Annotated[
        tuple[str, ...], Field(strict=False, max_length=50), AfterValidator(_errors)
    ] = ()
    """Errors put into the extracts, such as ["slip missing"]; slotsim extracts lists them."""
