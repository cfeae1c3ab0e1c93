"""Paytables pay back what they say."""

from decimal import Decimal
from fractions import Fraction

import pytest

from floor_sim.chance import draw
from floor_sim.games import paytable


@pytest.mark.parametrize("par", ["1", "5.0", "9.5", "12.25", "50"])
def test_the_long_run_return_is_what_par_leaves(par):
    payback = paytable(Decimal(par)).payback
    assert abs(payback - (1 - Fraction(par) / 100)) < Fraction(1, 10**9)


def test_games_that_are_played_pay_back_about_that():
    table = paytable(Decimal(9))
    games = 40_000
    total = sum(table.multiple(draw(1, "10101", "game", n)) for n in range(games))
    # a game's standard deviation is about 5 bets, so that of the mean is 0.025
    assert total / games == pytest.approx(0.91, abs=0.075)


def test_chance_depends_on_the_seed_and_the_name_alone():
    assert draw(1, "a", 1).random() == draw(1, "a", 1).random()
    assert (
        len({draw(seed, who, n).random() for seed in (1, 2) for who in "ab" for n in (1, 2)}) == 8
    )
    assert draw(1, "a1", "1").random() != draw(1, "a", "11").random()
