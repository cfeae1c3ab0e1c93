"""Many games in one go, for floors without a wire: nobody hears when each began and ended.

The games are the same as if they were played one by one: what each wins depends on the seed and
its number. Only the record is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from floor_sim.games import DRAWS
from floor_sim.machine import links, pots, progressives
from floor_sim.machine.choice import chosen, counted_apart, offers
from floor_sim.machine.handpay import lock, pay_on_credits
from floor_sim.machine.play import after_game, count_games, level_of, stake, table_of

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine


SHOW: Final = 25
"""Win, in bets, from which on a machine makes a show of it, or plays a bonus round."""


@dataclass(slots=True)
class Stretch:
    """What some games have come to.

    Attributes:
        games: how many were played.
        won: how many of them won something.
        rounds: how many won so much that the machine made a show of it.
        paid: credits that the machine paid.
        multiple: win of the last game, in bets.
        by_hand: the last game is paid by an attendant.
        pot: place of the machine's own progressive that it won, or None.
        level: place of the level of its link that it won, or None.
    """

    games: int = 0
    won: int = 0
    rounds: int = 0
    paid: int = 0
    multiple: int = 0
    by_hand: bool = False
    pot: int | None = None
    level: int | None = None


def play_games(machine: Machine, bet: int, most: int, now: float) -> Stretch:
    """Play up to ``most`` games with a bet of ``bet`` credits of the chosen denomination.

    Stops before a game that the credits are too few for, and after one that is paid by hand, wins a
    progressive, or leaves more than the cash-out limit.
    """
    cabinet = machine.cabinet
    cell = chosen(machine)
    held = now < machine.passing.held_until or not offers(machine, *cell)
    if not cabinet.ready or cabinet.game is not None or held or cabinet.bonus.tournament:
        return Stretch()
    coins = bet * machine.settings.credits_per_coin(cell.denomination)
    stretch = _games(machine, coins, most)
    if not stretch.games:
        return stretch
    apart, table = counted_apart(machine), table_of(machine)
    with machine.happening(now) as happening:
        cabinet.games += stretch.games
        cabinet.untested = False
        wagered = stretch.games * coins
        happening.note("games", games=stretch.games, wagered=wagered, won=stretch.paid)
        if stretch.paid:
            pay_on_credits(machine, stretch.paid, "win", apart)
        stake(machine, cell, bet, wagered)
        count_games(machine, stretch.games, stretch.won, apart)
        by_hand = stretch.by_hand
        if by_hand:
            win, level = coins * stretch.multiple, level_of(table, stretch.multiple)
            lock(machine, happening, level, win, "win", apart)
        if stretch.pot is not None:
            by_hand |= pots.win(machine, happening, stretch.pot, apart)
        if stretch.level is not None:
            by_hand |= progressives.won_by_play(machine, happening, stretch.level, apart)
        if not by_hand:
            after_game(machine, happening)
    return stretch


def _games(machine: Machine, coins: int, most: int) -> Stretch:
    """Play games of ``coins`` accounting credits each, as far as nothing but credits changes."""
    settings, luck = machine.settings, machine.luck
    multiple_of, cents = table_of(machine).multiple, coins * settings.cents_per_credit
    has_pots, linked = bool(settings.pots), bool(settings.links)
    lockup = -(-settings.lockup_cents // settings.cents_per_credit)
    left, number = machine.cabinet.credits, machine.cabinet.games
    limit = settings.cash_out_limit
    now = Stretch()
    while now.games < most and coins <= left and not now.by_hand:
        number += 1
        now.games += 1
        now.multiple = multiple_of(luck.of(number, DRAWS))
        left -= coins
        if now.multiple:
            now.won += 1
            now.rounds += now.multiple >= SHOW
            win = coins * now.multiple
            now.by_hand = win >= lockup
            if not now.by_hand:
                now.paid += win
                left += win
        if has_pots:
            now.pot = pots.hit(machine, number, cents)
        if linked:
            now.level = links.hit(machine, number, cents)
        if now.pot is not None or now.level is not None or (limit is not None and left > limit):
            break
    return now
