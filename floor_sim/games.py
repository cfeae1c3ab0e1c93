"""Paytables: what a game pays back in the long run is exactly 100 % less its par.

A paytable is numbers out of 10**12: so many draws of that many win so many bets. The shares are
rounded to whole draws, and the smallest win, one bet, takes what rounding left over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final, Literal, get_args

DRAWS: Final = 10**12
"""Draws that a paytable is out of."""

Volatility = Literal["even", "low", "medium", "high", "poker"]
"""How wins are spread."""

VOLATILITIES: Final[tuple[Volatility, ...]] = get_args(Volatility)

_SHARES: Final[dict[Volatility, tuple[tuple[int, int], ...]]] = {
    # multiple of the bet, and its share of all that is paid back, in per mille
    "even": ((1, 180), (2, 240), (5, 240), (10, 150), (25, 150), (100, 40)),
    "low": ((1, 240), (2, 250), (5, 190), (10, 130), (25, 90), (50, 50), (100, 30), (250, 20)),
    "medium": (
        (1, 150), (2, 160), (5, 163), (10, 140), (25, 120), (50, 90), (100, 65),
        (250, 37), (500, 30), (1_000, 22), (2_500, 15), (5_000, 8),
    ),
    "high": (
        (1, 60), (3, 100), (8, 164), (20, 165), (50, 150), (100, 125), (250, 71),
        (500, 60), (1_000, 49), (2_500, 30), (5_000, 17), (10_000, 9),
    ),
    "poker": (
        (1, 216), (2, 260), (3, 224), (4, 45), (6, 66), (9, 104), (25, 59), (50, 6), (800, 20),
    ),
}  # fmt: skip
"""``even`` has no win above 100 bets; tails of the others thin out with a power of about 1.2."""


@dataclass(frozen=True, slots=True)
class Paytable:
    """A game's wins.

    Attributes:
        multiples: what is won, in bets, ascending.
        below: for each, the number below which a draw of ``DRAWS`` wins it; ascending.
    """

    multiples: tuple[int, ...]
    below: tuple[int, ...]

    def multiple(self, number: int) -> int:
        """Return the win in bets of a draw, 0 to ``DRAWS - 1``; 0 for none."""
        place = bisect_right(self.below, number)
        return self.multiples[place] if place < len(self.multiples) else 0

    @property
    def rows(self) -> Iterable[tuple[int, int]]:
        """Multiple and number of draws of each win."""
        return zip(
            self.multiples,
            (high - low for low, high in zip((0, *self.below), self.below, strict=False)),
            strict=True,
        )

    @property
    def payback(self) -> Fraction:
        """Long-run return of one bet."""
        return Fraction(sum(multiple * draws for multiple, draws in self.rows), DRAWS)

    @property
    def hit_frequency(self) -> Fraction:
        """Share of games that win something."""
        return Fraction(self.below[-1], DRAWS)

    @property
    def top(self) -> int:
        """The highest multiple."""
        return self.multiples[-1]


@cache
def paytable(
    par_percent: Decimal,
    volatility: Volatility = "even",
    elsewhere: Fraction = Fraction(0),
) -> Paytable:
    """Return a paytable with this theoretical hold.

    Args:
        par_percent: what is held in the long run, 0 to 100 per cent, to four decimals.
        volatility: how wins are spread.
        elsewhere: what a bet returns elsewhere, such as by a progressive; the table pays the rest.
    """
    payback = 1 - Fraction(par_percent) / 100 - elsewhere
    exact = payback * DRAWS
    assert payback > 0 and exact.denominator == 1, "no whole number of draws pays this"  # noqa: PT018
    shares = _SHARES[volatility]
    draws = [
        round(payback * Fraction(share, 1_000) / multiple * DRAWS) for multiple, share in shares
    ]
    paid = sum(number * multiple for number, (multiple, _) in zip(draws, shares, strict=True))
    draws[0] += int(exact) - paid
    assert min(draws) > 0 and sum(draws) <= DRAWS, "the wins alone are more than all games"  # noqa: PT018
    below = tuple(sum(draws[: place + 1]) for place in range(len(draws)))
    return Paytable(tuple(multiple for multiple, _ in shares), below)
