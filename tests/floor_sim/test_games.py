"""Paytables pay back what they say."""

from decimal import Decimal
from fractions import Fraction

import pytest

from floor_sim.chance import Numbers, draw
from floor_sim.games import DRAWS, VOLATILITIES, paytable


@pytest.mark.parametrize("volatility", VOLATILITIES)
@pytest.mark.parametrize("par", ["1", "5.0", "9.5", "12.25", "50"])
def test_the_long_run_return_is_exactly_what_par_leaves(par, volatility):
    assert paytable(Decimal(par), volatility).payback == 1 - Fraction(par) / 100


def test_what_a_progressive_returns_is_not_paid_twice():
    table = paytable(Decimal("9.5"), "medium", Fraction(1, 80))
    assert table.payback + Fraction(1, 80) == 1 - Fraction("0.095")


def test_a_return_that_no_whole_draws_pay_is_refused():
    with pytest.raises(AssertionError, match="no whole number of draws"):
        paytable(Decimal(9), "even", Fraction(1, 7))


def test_each_draw_wins_what_its_row_says():
    table = paytable(Decimal(9), "poker")
    low = 0
    for multiple, draws in table.rows:
        assert table.multiple(low) == table.multiple(low + draws - 1) == multiple
        low += draws
    assert table.multiple(low) == table.multiple(DRAWS - 1) == 0


def test_games_that_are_played_pay_back_about_that():
    table, luck = paytable(Decimal(9)), Numbers(1, "10101", "game")
    games = 40_000
    total = sum(table.multiple(luck.of(n, DRAWS)) for n in range(games))
    # a game's standard deviation is about 3 bets, so that of the mean is 0.015
    assert total / games == pytest.approx(0.91, abs=0.06)


def test_chance_depends_on_the_seed_and_the_name_alone():
    assert draw(1, "a", 1).random() == draw(1, "a", 1).random()
    assert (
        len({draw(seed, who, n).random() for seed in (1, 2) for who in "ab" for n in (1, 2)}) == 8
    )
    assert draw(1, "a1", "1").random() != draw(1, "a", "11").random()


def test_numbers_depend_on_the_seed_the_name_and_the_count_alone():
    one = Numbers(1, "a", "game")
    assert one.of(2, DRAWS) == (one.of(1, DRAWS), one.of(2, DRAWS))[1]
    drawn = {Numbers(seed, who).of(n, DRAWS) for seed in (1, 2) for who in "ab" for n in (1, 12)}
    assert len(drawn) == 8
    assert Numbers(1, "a1").of(1, DRAWS) != Numbers(1, "a").of(11, DRAWS)
