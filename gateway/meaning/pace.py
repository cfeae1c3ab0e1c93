"""How far a meter can come in some time: what a rollover, and a life since zero, is held to.

Limits are money where a meter counts credits, so that a machine of 5.00 a credit is not thought to
count as fast as one of 0.01. They are generous: nothing that a floor sees goes beyond them, and
where they leave two explanations the verdict is ``undecided``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from protocols.sas.tables import METERS_BY_NAME


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one kind of meter counts at most.

    Attributes:
        rate: steps a second; for credits in currency units.
        burst: steps that may come at once (a jackpot, a handful of bills); likewise.
        rate_least: steps a second, however much a credit is worth.
        burst_least: steps at once, likewise.
    """

    rate: int
    burst: int
    rate_least: int = 0
    burst_least: int = 0

    def limits(self, worth: Decimal) -> tuple[int, Decimal]:
        """Return the steps that may come at once, and a second, of ``worth`` each."""
        rate = max(self.rate / worth, Decimal(self.rate_least))
        return max(int(self.burst / worth), self.burst_least), rate


PLAYED: Final = Pace(rate=5, burst=50, rate_least=2, burst_least=10)
"""A game a second at 5.00, or two credits each."""
WON: Final = Pace(rate=5, burst=2_500, rate_least=2, burst_least=500)
"""Wins that the machine pays itself stay below the lock-up limit."""
INSERTED: Final = Pace(rate=2, burst=3_000, rate_least=2, burst_least=500)
"""Bills and tickets in."""
MOVED: Final = Pace(rate=2, burst=25_000, rate_least=2, burst_least=2_000)
"""Transfers, tickets out, cash-outs by hand."""
BY_HAND: Final = Pace(rate=5, burst=25_000, rate_least=2, burst_least=500)
"""Wins that an attendant pays."""

_OTHERS: Final[Mapping[str, Pace]] = {
    "cents":    Pace(rate=5_000, burst=2_500_000),
    "count":    Pace(rate=1, burst=10),
    "currency": Pace(rate=100, burst=5_000),
}  # fmt: skip
"""By unit, for meters that do not count credits."""

_CREDITS: Final[Mapping[str, Pace]] = {
    **dict.fromkeys(("coin_in", "restricted_played", "nonrestricted_played", "true_coin_in",
                     "wager_category_coin_in", "tournament_credits_wagered"), PLAYED),
    **dict.fromkeys(("coin_out", "machine_paid_paytable_win", "true_coin_out"), WON),
    **dict.fromkeys(("total_drop", "bills_accepted_credits", "ticket_in_credits",
                     "coin_acceptor_credits"), INSERTED),
    **dict.fromkeys(("jackpot", "won_credits", "hand_paid_credits", "attendant_paid_paytable_win",
                     "attendant_paid_progressive_win", "machine_paid_progressive_win",
                     "progressive_wins"), BY_HAND),
}  # fmt: skip

CREDIT_ASSUMED: Final = Decimal("0.01")
"""Worth of a credit where it is not known: the least gives the widest limits."""

PLAY_METERS: Final = frozenset({"coin_in", "games_played", "games_won", "games_lost"})
"""Meters that only play moves: nothing makes them jump."""

DAY_S: Final = 86_400

JUMP_FACTOR: Final = 10
"""A play meter that rose by more than so many times its reach cannot be right."""


def pace_of(name: str, unit: str) -> Pace:
    """Return the pace of a meter by its name and unit."""
    if unit == "credits":
        return _CREDITS.get(name, MOVED)
    return _OTHERS.get(unit, _OTHERS["count"])


@lru_cache(maxsize=1024)
def _limits(name: str, unit: str, worth: Decimal | None) -> tuple[int, Decimal]:
    return pace_of(name, unit).limits(step_worth(unit, worth))


@lru_cache(maxsize=1024)
def went_little(name: str, unit: str, worth: Decimal | None) -> tuple[int, int]:
    """Return steps that any time may bring, and those that no time up to a day can bring."""
    at_once, rate = _limits(name, unit, worth)
    return at_once * JUMP_FACTOR, at_once + int(DAY_S * rate) + 1


def reach(name: str, unit: str, worth: Decimal | None, elapsed_s: float) -> int:
    """Return the steps that ``elapsed_s`` may bring to a meter.

    Args:
        name: of the meter.
        unit: of it.
        worth: of one credit, or None if not known.
        elapsed_s: seconds.
    """
    at_once, rate = _limits(name, unit, worth)
    return at_once + int(Decimal(elapsed_s) * rate)


@lru_cache(maxsize=1024)
def too_narrow(name: str, unit: str, digits: int, worth: Decimal | None) -> bool:
    """Whether a meter may go round between two readings and look as if it had hardly moved."""
    return 2 * _limits(name, unit, worth)[0] > int(10**digits)


def step_worth(unit: str, worth: Decimal | None) -> Decimal:
    """Return what one step is worth: that of a credit, or 1 where steps are not credits."""
    if unit != "credits":
        return Decimal(1)
    return worth if worth is not None and worth > 0 else CREDIT_ASSUMED


assert METERS_BY_NAME.keys() >= _CREDITS.keys(), "a pace for a meter that no table has"
