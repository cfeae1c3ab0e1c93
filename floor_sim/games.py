"""Paytables: what a game pays back in the long run is 100 % less its par, to a billionth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random

_SHAPE = (  # win in bets, and how often beside the others
    (1, 60),
    (2, 40),
    (5, 16),
    (10, 5),
    (25, 2),
    (100, 1),
)
"""A game that pays a little often and a hundred bets now and then."""

_DRAWS = 10**12


@dataclass(frozen=True, slots=True)
class Paytable:
    """A game's wins.

    Attributes:
        rows: multiple of the bet, and the number below which a draw of ``10**12`` wins it;
            ascending.
    """

    rows: tuple[tuple[int, int], ...]

    def multiple(self, chance: Random) -> int:
        """Play one game; return the win in bets, 0 for none."""
        number = chance.randrange(_DRAWS)
        for multiple, below in self.rows:
            if number < below:
                return multiple
        return 0

    @property
    def payback(self) -> Fraction:
        """Long-run return of one bet."""
        total, last = Fraction(0), 0
        for multiple, below in self.rows:
            total += Fraction(multiple * (below - last), _DRAWS)
            last = below
        return total

    @property
    def top(self) -> int:
        """The highest multiple."""
        return max(multiple for multiple, _ in self.rows)


def paytable(par_percent: Decimal) -> Paytable:
    """Return a paytable with this theoretical hold, 0 to 100 per cent."""
    payback = 1 - Fraction(par_percent) / 100
    scale = payback / sum(multiple * weight for multiple, weight in _SHAPE)
    rows: list[tuple[int, int]] = []
    below = 0
    for multiple, weight in _SHAPE:
        below += round(scale * weight * _DRAWS)
        rows.append((multiple, below))
    assert below <= _DRAWS, "the wins alone are more than all games"
    return Paytable(tuple(rows))
