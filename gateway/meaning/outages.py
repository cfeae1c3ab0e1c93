"""Machines of one bank, panel or line that lost their power together: one outage, told once.

A machine tells that it lost power when it has it again (18, then 17), each in its own time; so the
reports of an outage are collected until no more come, and then told as the group that they fill
best, of equal ones the widest. The machines' own events stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from gateway.events.encode import time_text
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.meaning.since import Remembered, Since

Scope = Literal["panel", "bank", "line"]
SCOPES: Final[tuple[Scope, ...]] = ("panel", "bank", "line")
"""From the widest that explains most to the one that explains least."""

TELLS: Final = frozenset({"power.lost", "power.applied"})
"""Events by which a machine tells that its power was away."""

LEAST: Final = 2
"""Machines of which one can say "together"."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """How a site groups its machines.

    Attributes:
        places: names of the groups of each machine, by scope; a missing one is in no such group.
        share: share of a group, above 0 to 1, that must have lost power.
        window_s: seconds between the first and the last report of one outage.
        calm_s: seconds without a further report after which an outage is told.
    """

    places: Mapping[str, Mapping[Scope, str]]
    share: float = 0.6
    window_s: float = 60.0
    calm_s: float = 15.0

    def members(self, scope: Scope, name: str) -> frozenset[str]:
        """Return the machines of a group."""
        return frozenset(
            asset for asset, groups in self.places.items() if groups.get(scope) == name
        )


class Lost(Remembered):
    """One machine that told of lost power.

    Attributes:
        at: when it was heard.
        after: since when its queue had been empty, or None if not known.
    """

    at: Since
    after: Since | None = None


class Outages(Remembered):
    """Machines that told of lost power and are in no outage that was told, by asset number."""

    lost: dict[str, Lost] = Field(default_factory=dict)


def taken(outages: Outages, facts: Iterable[Fact], birthid: str) -> bool:
    """Take what machines tell; return whether something is new.

    Power that is applied tells of power that was lost only where the machine was heard before: a
    floor that is switched on in the morning is no outage.
    """
    new = False
    for fact in facts:
        heard = fact.type == "power.lost" or fact.occurred_after is not None
        tells = fact.type in TELLS and heard
        if tells and fact.asset is not None and fact.asset not in outages.lost:
            after = fact.occurred_after
            outages.lost[fact.asset] = Lost(
                at=Since.of(fact.observed, birthid),
                after=None if after is None else Since.of(after, birthid),
            )
            new = True
    return new


def due(outages: Outages, grouping: Grouping, now: Moment, birthid: str) -> list[Fact]:
    """Return the outages that are to be told now; forget reports that belong to none.

    Args:
        outages: what was collected; changed in place.
        grouping: of the site.
        now: the moment.
        birthid: this start of the gateway.
    """
    if not outages.lost:
        return []
    ages = {asset: one.at.seconds_to(now, birthid) for asset, one in outages.lost.items()}
    oldest = max(ages.values())
    if min(ages.values()) < grouping.calm_s and oldest < grouping.window_s:
        return []
    together = {asset for asset, age in ages.items() if oldest - age <= grouping.window_s}
    facts: list[Fact] = []
    left = set(together)
    while (best := _best(grouping, left)) is not None:
        scope, name, members = best
        out = sorted(members & left)
        facts.append(_outage(outages, scope, name, out, len(members), now, birthid))
        left -= members
    for asset in together:
        del outages.lost[asset]
    return facts


def _best(grouping: Grouping, left: set[str]) -> tuple[Scope, str, frozenset[str]] | None:
    """Return the group of which the largest share is out, of equal ones the widest; or None."""
    found: list[tuple[float, int, str, Scope, frozenset[str]]] = []
    for width, scope in enumerate(SCOPES):
        names = {grouping.places.get(asset, {}).get(scope) for asset in left}
        for name in names - {None}:
            assert name is not None, "taken out"
            members = grouping.members(scope, name)
            out = len(members & left)
            if out >= max(LEAST, grouping.share * len(members)):
                found.append((-out / len(members), width, name, scope, members))
    if not found:
        return None
    _, _, name, scope, members = min(found)
    return scope, name, members


def _outage(
    outages: Outages,
    scope: Scope,
    name: str,
    out: list[str],
    members: int,
    now: Moment,
    birthid: str,
) -> Fact:
    lost = [outages.lost[asset] for asset in out]
    first = min(lost, key=lambda one: one.at.wall_ns)
    after = [one.after for one in lost if one.after is not None]
    known = len(after) == len(lost) and all(one.birthid == birthid for one in after)
    began = min(after, key=lambda one: one.wall_ns).moment() if known else None
    data: dict[str, object] = {
        "scope": scope, "name": name, "assets": out, "machines": members,
        "began": time_text(first.at.wall_ns),
    }  # fmt: skip
    return Fact(
        "power.outage", None, data, now, occurred_after=began, occurred_before=first.at.moment()
    )
