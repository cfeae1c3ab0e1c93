"""How many points a unit of carded coin in earns, as an operator's file says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from edge_config.problems import Mistake
from edge_config.table import DecimalText, Table

DEFAULT_POINTS_PER_UNIT = Decimal(1)
"""Points for 1.00 of coin in where no file says otherwise."""


class PointsRule(Table):
    """``[[rules]]``: what coin in of one currency earns."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    """ISO 4217 code of the money that is played, for example USD."""
    points_per_unit: Annotated[DecimalText, Field(ge=0, le=1_000_000)]
    """Points for one unit (1.00) of coin in, in quotes, for example "1" or "0.2"."""


class PointsRules(Table):
    """A whole points file."""

    rules: Annotated[tuple[PointsRule, ...], Field(strict=False, min_length=1, max_length=200)]
    """One table headed [[rules]] for each currency."""

    @classmethod
    def cross_check(cls, data: Mapping[str, object]) -> Iterable[Mistake]:
        """Return currencies that have more than one rule."""
        rows = data.get("rules")
        seen: set[str] = set()
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            currency = row.get("currency") if isinstance(row, dict) else None
            if not isinstance(currency, str):
                continue  # the model reports it
            if currency in seen:
                where = ("rules", index, "currency")
                yield Mistake(where, currency, "one rule a currency", "take one of them away")
            seen.add(currency)

    def rate(self, currency: str) -> Decimal | None:
        """Return points for one unit of ``currency``, or None where no rule names it."""
        return next((r.points_per_unit for r in self.rules if r.currency == currency), None)


def default_rules(currency: str) -> PointsRules:
    """Return the rules of a site without a points file: 1 point for 1.00 of ``currency``."""
    row = PointsRule(currency=currency, points_per_unit=DEFAULT_POINTS_PER_UNIT)
    return PointsRules(rules=(row,))
