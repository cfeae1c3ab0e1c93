"""Many games in one go, for floors without a wire: nobody hears when each began and ended.

The games are the same as if they were played one by one: what each wins depends on the seed and
its number. Only the record is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from floor_sim.games import DRAWS
from floor_sim.machine import pots
from floor_sim.machine.choice import chosen, counted_apart, offers
from floor_sim.machine.handpay import lock, pay_on_credits
from floor_sim.machine.play import after_game, count_games, level_of, stake, table_of

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine


def play_games(machine: Machine, bet: int, most: int, now: float) -> int:
    """Play up to ``most`` games with a bet of ``bet`` credits of the chosen denomination.

    Stops before a game that the credits are too few for, and after one that is paid by hand, wins a
    progressive, or leaves more than the cash-out limit. Returns how many were played.
    """
    cabinet, settings = machine.cabinet, machine.settings
    cell, apart = chosen(machine), counted_apart(machine)
    coins = bet * settings.credits_per_coin(cell.denomination)
    held = now < machine.passing.held_until or not offers(machine, *cell)
    if not cabinet.ready or cabinet.game is not None or held or cabinet.bonus.tournament:
        return 0
    table, luck = table_of(machine), machine.luck
    lockup = -(-settings.lockup_cents // settings.cents_per_credit)
    limit = settings.cash_out_limit or cabinet.credits + most * coins * table.top
    left, played, won, paid = cabinet.credits, 0, 0, 0
    number = cabinet.games
    by_hand, multiple, pot = False, 0, None
    while played < most and coins <= left and left <= limit and not by_hand and pot is None:
        number += 1
        played += 1
        multiple = table.multiple(luck.of(number, DRAWS))
        left -= coins
        if multiple:
            won += 1
            by_hand = coins * multiple >= lockup
            if not by_hand:
                paid += coins * multiple
                left += coins * multiple
        if settings.pots:
            pot = pots.hit(machine, number, coins * settings.cents_per_credit)
    if not played:
        return 0
    with machine.happening(now) as happening:
        cabinet.games, cabinet.untested = number, False
        happening.note("games", games=played, wagered=played * coins, won=paid)
        if paid:
            pay_on_credits(machine, paid, "win", apart)
        stake(machine, cell, bet, played * coins)
        count_games(machine, played, won, apart)
        if by_hand:
            win = coins * multiple
            lock(machine, happening, level_of(table, multiple), win, "win", apart)
        if pot is not None:
            by_hand |= pots.win(machine, happening, pot, apart)
        if not by_hand:
            after_game(machine, happening)
    return played
