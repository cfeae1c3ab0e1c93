"""What a handpay asks for: tax form, second person, house limits, by amount and day of payment.

Three tables, because they are three different numbers. A limit holds on the day of payment, in the
casino's own calendar; so the last event of a handpay has the last word. Where a table has no row
for that day no figure is invented: the verdict says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from gateway.events.shapes import money_from_cents

Verdict = Literal["required", "notrequired", "notapplicable", "undecided", "nofigure"]
Choice = Literal["required", "notrequired", "undecided"]

CANCELLED: Final = "cancelledcredits"
"""Class of a handpay that pays out credits: no win, so nothing of a win's applies to it."""
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of a table.

    Attributes:
        amount_cents: an amount of this or more.
        begins: first day on which it holds, or None.
        ends: last day, or None.
        asks: who or what it asks for, in words.
    """

    amount_cents: int
    begins: date | None = None
    ends: date | None = None
    asks: str = ""

    def holds(self, day: date) -> bool:
        """Return whether it holds on ``day``."""
        return (self.begins is None or self.begins <= day) and (
            self.ends is None or day <= self.ends
        )


@dataclass(frozen=True, slots=True)
class LimitTable:
    """One table of a jurisdiction or a house.

    Attributes:
        rows: its limits.
        when_unknown: what holds for a handpay whose amount nobody knows.
        wins_only: it is about wins: cancelled credits never fall under it.
    """

    rows: tuple[Limit, ...] = ()
    when_unknown: Choice = "undecided"
    wins_only: bool = False

    def judge(self, amount_cents: int | None, kind: str, day: date) -> tuple[Verdict, list[Limit]]:
        """Return the verdict, and the limits that were reached or, if none was, the lowest.

        Args:
            amount_cents: the handpay's amount, or None while not known.
            kind: its class.
            day: of payment.
        """
        if not self.rows or (self.wins_only and kind == CANCELLED):
            return "notapplicable", []
        rows = sorted((row for row in self.rows if row.holds(day)), key=lambda r: r.amount_cents)
        if not rows:
            return "nofigure", []
        if amount_cents is None:
            return self.when_unknown, rows[:1]
        reached = [row for row in rows if row.amount_cents <= amount_cents]
        if not reached:
            return "notrequired", rows[:1]
        if self.wins_only and kind == UNKNOWN:
            return "undecided", reached  # nobody knows whether it is a win
        return "required", reached


def _utc_day(wall_ns: int) -> date:
    return date.fromordinal(719_163 + wall_ns // 86_400_000_000_000)


@dataclass(frozen=True, slots=True)
class HandpayRules:
    """The tables of one site.

    Attributes:
        tables: by name: ``w2g``, ``two_person``, ``house``.
        day_of: gives the day in the casino's calendar of a wall time, ns since 1970 UTC.
    """

    tables: Mapping[str, LimitTable] = field(default_factory=dict)
    day_of: Callable[[int], date] = _utc_day

    def told(
        self, amount_cents: int | None, kind: str, wall_ns: int, currency: str
    ) -> dict[str, object]:
        """Return the verdicts as event data; empty where the site has no table at all.

        Args:
            amount_cents: the handpay's amount, or None while not known.
            kind: its class.
            wall_ns: the moment; its day counts as the day of payment.
            currency: ISO 4217 code of the amounts.
        """
        if not self.tables:
            return {}
        day = self.day_of(wall_ns)
        data: dict[str, object] = {"day": day.isoformat()}
        for name, table in self.tables.items():
            verdict, rows = table.judge(amount_cents, kind, day)
            told: dict[str, object] = {"verdict": verdict}
            if rows:
                told["limit"] = money_from_cents(rows[-1].amount_cents, currency)
            asks = [row.asks for row in rows if row.asks and verdict == "required"]
            if asks:
                told["asks"] = asks
            data[name] = told
        return data


NO_RULES: Final = HandpayRules()
"""Of a site without any table."""
