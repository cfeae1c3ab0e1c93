"""What a jurisdiction asks: limits of handpays by date, and how urgent events are there.

``jurisdictions/US.toml`` holds for every jurisdiction whose name begins with ``US-``, and
``jurisdictions/US-NV.toml`` for that one; the ``[rules]`` of a site file go before both. A table of
limits replaces the one above it as a whole.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from edge_config.loader import load_toml
from edge_config.table import DecimalText, Table

FOLDER: Final = Path(__file__).parent / "jurisdictions"

LIMITS: Final = ("w2g", "two_person", "house")
"""The three tables of limits."""


def _day(value: object) -> date | None:
    if value is None or (isinstance(value, date) and type(value) is date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('a day in quotes such as "2026-01-01"') from None


Day = Annotated[date, BeforeValidator(_day)]
Choice = Literal["required", "notrequired", "undecided"]


class Limit(Table):
    """One row of a table of limits."""

    begins: Day | None = None
    """First day of payment on which it holds, for example "2026-01-01"; left out: ever since."""
    ends: Day | None = None
    """Last day on which it holds; left out: until further notice."""
    amount: Annotated[DecimalText, Field(gt=0, le=1_000_000_000)]
    """A handpay of this or more, in quotes, in the site's currency, for example "1200.00"."""
    asks: str = Field(default="", max_length=64)
    """Who or what it asks for, for example supervisor; for people."""


class EventRule(Table):
    """How urgent one kind of event is in a jurisdiction, or in this house."""

    event: str = Field(pattern=r"^[a-z]+\.[a-z]+$")
    """Event type, for example door.opened."""
    kind: str = Field(default="", max_length=32)
    """Which door, tilt, part ... as the event's data has it; left out: all of them."""
    severity: Literal["info", "notice", "warning", "critical"] | None = None
    """How urgent it is; left out: as the catalogue says."""
    eventclass: str | None = Field(default=None, pattern=r"^[a-z]{1,32}$")
    """Its class, for example significant; left out: as the catalogue says."""
    route: Annotated[tuple[str, ...], Field(strict=False, max_length=8)] | None = None
    """Who is told, for example ["surveillance", "technician"]; left out: as the catalogue says."""


class Jurisdiction(Table):
    """``[rules]`` of a site file, or a file of this folder."""

    w2g: Annotated[tuple[Limit, ...], Field(strict=False, max_length=100)] = ()
    """Tax form for a single win, by the day of payment; tables headed [[rules.w2g]]."""
    w2g_unknown: Choice | None = None
    """What holds where the amount is unknown: required, notrequired or undecided."""
    two_person: Annotated[tuple[Limit, ...], Field(strict=False, max_length=100)] = ()
    """A second person has to witness the payment; tables headed [[rules.two_person]]."""
    two_person_unknown: Choice | None = None
    """What holds where the amount is unknown: required, notrequired or undecided."""
    house: Annotated[tuple[Limit, ...], Field(strict=False, max_length=100)] = ()
    """Limits of the house, such as a supervisor's; tables headed [[rules.house]]."""
    house_unknown: Choice | None = None
    """What holds where the amount is unknown: required, notrequired or undecided."""
    events: Annotated[tuple[EventRule, ...], Field(strict=False, max_length=1_000)] = ()
    """Events that are more or less urgent here; tables headed [[rules.events]]."""


def settled(name: str, of_site: Jurisdiction) -> Jurisdiction:
    """Return what holds at a site in the jurisdiction ``name``: its own rules, then the files'.

    Raises:
        ConfigError: a file of this program is wrong.
    """
    rules = of_site
    parts = name.split("-")
    for length in range(len(parts), 0, -1):
        path = FOLDER / f"{'-'.join(parts[:length])}.toml"
        if path.exists():
            rules = _over(rules, load_toml(path, Jurisdiction))
    return rules


def _over(upper: Jurisdiction, lower: Jurisdiction) -> Jurisdiction:
    changes: dict[str, object] = {"events": (*lower.events, *upper.events)}
    for table in LIMITS:
        changes[table] = getattr(upper, table) or getattr(lower, table)
        unknown = f"{table}_unknown"
        changes[unknown] = getattr(upper, unknown) or getattr(lower, unknown)
    return upper.model_copy(update=changes)


def without_figure(rules: Jurisdiction, today: date) -> tuple[str, ...]:
    """Return the tables that have rows, but none for the year of ``today``: somebody must look."""
    return tuple(
        table
        for table in LIMITS
        if getattr(rules, table) and not any(_holds(row, today) for row in getattr(rules, table))
    )


def _holds(limit: Limit, day: date) -> bool:
    return (limit.begins is None or limit.begins <= day) and (
        limit.ends is None or day <= limit.ends
    )
