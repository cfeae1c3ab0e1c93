"""Which EGMs are listed, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from gateway.console.filter import matcher
from gateway.console.floor import RANK, WELL
from gateway.console.link_history import told_lately, worst_of
from gateway.status.model import EgmStatus, LinkWord

FILTER_CHARACTERS_MAX = 100
"""Characters of a filter; more is not taken from the keyboard."""

_NOBODY_KNOWS = 8
"""Where a link of which nothing is known stands among those with marks of 0 to 7: last."""

_FIRST = datetime.min.replace(tzinfo=UTC)
_DIGITS = re.compile(r"(\d+)")


class Order(StrEnum):
    """Orders of the floor table, in words."""

    LOCATION = "by location"
    WORST = "worst first"
    LINK = "worst link first"


@dataclass(frozen=True, slots=True)
class View:
    """What of the floor is listed.

    Attributes:
        order: by location; or worst first, and of equals the one that waits longest first; or by
            the worst minute that a link had lately.
        faults_only: only EGMs that somebody may have to go to.
        text: words that must all be found, ``!word`` must not; ``bank:7`` looks at the bank alone.
    """

    order: Order = Order.LOCATION
    faults_only: bool = False
    text: str = ""

    @property
    def by_place(self) -> bool:
        """Whether all EGMs are listed as they stand: that changes only when one comes or moves."""
        return self == View()

    def with_next_order(self) -> View:
        """Return the view in the other order."""
        orders = list(Order)
        return replace(self, order=orders[(orders.index(self.order) + 1) % len(orders)])

    def rows(
        self, egms: Iterable[EgmStatus], lately: Callable[[EgmStatus], str] = told_lately
    ) -> list[EgmStatus]:
        """Return the EGMs that are listed, in order; ``lately`` gives a link's last minutes."""
        if self.faults_only:
            egms = (egm for egm in egms if egm.state not in WELL)
        if self.text.strip():
            egms = filter(matcher(self.text), egms)
        if self.order is Order.LINK:
            return sorted(egms, key=lambda egm: _by_link(egm, lately(egm)))
        return sorted(egms, key=by_location if self.order is Order.LOCATION else _by_worst)

    def words(self) -> str:
        """Say what is left out and in which order the rest is, ``by location, faults only``."""
        parts: list[str] = [self.order]
        if self.faults_only:
            parts.append("faults only")
        if self.text.strip():
            parts.append(f"/{self.text.strip()}")
        return ", ".join(parts)


@lru_cache(maxsize=16_384)
def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what orders A-2 before A-10."""
    parts = _DIGITS.split(text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def by_location(egm: EgmStatus) -> tuple[object, ...]:
    """Order EGMs as they stand on the floor."""
    return (natural(egm.location), natural(egm.asset))


def _by_worst(egm: EgmStatus) -> tuple[object, ...]:
    return (RANK[egm.state], egm.since or _FIRST, *by_location(egm))


def _by_link(egm: EgmStatus, marks: str) -> tuple[object, ...]:
    worst = 0 if egm.link is LinkWord.DOWN else worst_of(marks)
    known = [int(one) for one in marks if one.isdecimal()]
    mean = sum(known) / len(known) if known else _NOBODY_KNOWS
    return (_NOBODY_KNOWS if worst is None else worst, mean, *by_location(egm))
