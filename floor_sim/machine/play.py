"""Money and games: bills in, games, cash-outs, handpays. Meter algebra holds after each of them.

In credits, at every moment::

    bills accepted + tickets in + transfers to the EGM + coin out + wins keyed to credits
        = credits + coin in + tickets out + transfers to the host + hand-paid cancelled credits

A win that an attendant pays never touches the credits: it is on the jackpot meter alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.chance import draw
from floor_sim.games import DRAWS, Paytable, paytable
from floor_sim.machine import bonus, links, pots, progressives, tickets, transfers
from floor_sim.machine.cabinet import CANCELLED_CREDITS, NOT_PROGRESSIVE, TOP_WIN
from floor_sim.machine.choice import chosen, counted_apart, offers
from floor_sim.machine.handpay import (
    lock,
    may_go_to_credits,
    pay_on_credits,
    pending_handpay,
    reset_handpay,
)
from floor_sim.machine.meters import BILLS
from floor_sim.machine.vouchers import CASHABLE, PRINTS_RESTRICTED, RESTRICTED
from protocols.sas.tables.codes import BILL_MASK
from protocols.sas.tables.codes import BILLS as BILL_CODES

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.meters import Cell

__all__ = [
    "bill_in",
    "cash_out",
    "end_game",
    "jackpot",
    "may_go_to_credits",
    "pending_handpay",
    "reset_handpay",
    "start_game",
]

BILL_EXCEPTIONS: Final = {
    1: 0x47, 2: 0x4D, 5: 0x48, 10: 0x49, 20: 0x4A, 50: 0x4B, 100: 0x4C, 200: 0x50, 500: 0x4E,
}  # fmt: skip
"""Face value to exception, 4F for the rest; Montana DOJ, SAS implementation guide."""

ANY_BILL: Final = 0x4F
BILL_REJECTED, STACKER_FULL, STACKER_NEAR_FULL = 0x2B, 0x27, 0x2E
NEAR_FULL_PERCENT: Final = 90

USA: Final = 0x37
_CODE_OF_BILL: Final = {face: code for code, face in BILL_CODES.items()}
_BIT_OF_BILL: Final = {face: bit for bit, face in BILL_MASK.items()}

STOPS: Final = 22
"""Stops of a reel."""

GAME_STARTED, GAME_ENDED, REEL_STOPPED = 0x7E, 0x7F, 0x88
CASH_OUT_PRESSED: Final = 0x66
MULTI_DENOMINATION, MAXIMUM_BET = 0x40, 0x80


def takes(machine: Machine, face: int) -> bool:
    """Say whether the acceptor would take a bill of ``face`` now."""
    cabinet, settings = machine.cabinet, machine.settings
    return (
        face in settings.bills
        and face * 100 % settings.cents_per_credit == 0
        and cabinet.ready
        and cabinet.takes_bills
        and not cabinet.bonus.tournament
        and bool(cabinet.switches.bill_mask >> _BIT_OF_BILL[face] & 1)
        and cabinet.meters.true("bills_in_stacker") < settings.stacker_bills_max
    )


def bill_in(machine: Machine, face: int, now: float) -> bool:
    """Let a guest insert a bill of ``face`` currency units; say whether it was taken.

    A bill that is taken also shows that a jam is over.
    """
    cabinet, settings = machine.cabinet, machine.settings
    if not takes(machine, face):
        return False
    credits_in = face * 100 // settings.cents_per_credit
    meters = cabinet.meters
    with machine.happening(now) as happening:
        meters.add("current_credits", credits_in)
        meters.add("bills_accepted_credits", credits_in)
        meters.add("total_drop", credits_in)
        meters.add("bills_in_stacker_credits", credits_in)
        meters.add("bills_in_stacker", 1)
        meters.add("bills_total_value", face)
        meters.add(f"bills_{BILLS[face]}", 1)
        count = meters.shown(f"bills_{BILLS[face]}", 8)
        cabinet.last_bill = (USA, _CODE_OF_BILL[face], count)
        cabinet.jammed = cabinet.untested = False
        if cabinet.switches.bill_once:
            cabinet.takes_bills = False
        data = dict(zip(("country", "bill", "bill_count"), cabinet.last_bill, strict=True))
        happening.exception(BILL_EXCEPTIONS.get(face, ANY_BILL), data)
        _tell_stacker(machine, happening)
    return True


def _tell_stacker(machine: Machine, happening: Happening) -> None:
    bills, most = (
        machine.cabinet.meters.true("bills_in_stacker"),
        machine.settings.stacker_bills_max,
    )
    if bills == most:
        happening.exception(STACKER_FULL)
    elif bills == most * NEAR_FULL_PERCENT // 100:
        happening.exception(STACKER_NEAR_FULL)


def reject_bill(machine: Machine, now: float) -> bool:
    """Let the acceptor give a bill back that it does not like; say whether it was on."""
    if not machine.cabinet.takes_bills or not machine.cabinet.ready:
        return False
    with machine.happening(now) as happening:
        happening.exception(BILL_REJECTED)
    return True


def start_game(machine: Machine, bet: int, now: float) -> bool:
    """Start a game with a bet of ``bet`` credits of the chosen denomination.

    Says whether it could be started. Restricted credits go first, then non-restricted ones.
    """
    cabinet = machine.cabinet
    cell = chosen(machine)
    coins = bet * machine.settings.credits_per_coin(cell.denomination)
    tournament = bool(cabinet.bonus.tournament)
    if not cabinet.ready or cabinet.game is not None or coins <= 0:
        return False
    if now < machine.passing.held_until or not offers(machine, *cell):
        return False
    left = int(cabinet.bonus.tournament[1]) if tournament else cabinet.credits
    if coins > left:
        return False
    with machine.happening(now) as happening:
        cabinet.games += 1
        cabinet.untested = False
        cabinet.game = (cabinet.games, coins)
        if tournament:
            bonus.stake(machine, happening, coins)
        else:
            stake(machine, cell, bet, coins)
            _tell_game(machine, happening, GAME_STARTED, _wager(machine, cell, bet, coins))
    return True


def stake(machine: Machine, cell: Cell, bet: int, coins: int) -> None:
    """Take ``coins`` accounting credits off for one or more games with a bet of ``bet``."""
    cabinet = machine.cabinet
    meters = cabinet.meters
    _, restricted, free = transfers.parts(machine)
    from_restricted = min(restricted, coins)
    from_free = min(free, coins - from_restricted)
    meters.add("current_credits", -coins)
    meters.add("current_restricted_credits", -from_restricted)
    meters.add("restricted_played", from_restricted)
    meters.add("nonrestricted_played", from_free)
    if from_free:
        cabinet.transfers = replace(cabinet.transfers, nonrestricted=free - from_free)
    meters.add("coin_in", coins, counted_apart(machine))
    if machine.settings.wager_categories:
        bets = machine.settings.game(cell.game).bets
        if bet in bets:
            meters.count_wager(cell.game, bets.index(bet) + 1, coins)


def _wager(machine: Machine, cell: Cell, bet: int, coins: int) -> dict[str, object]:
    settings = machine.settings
    kind = cell.denomination
    kind |= MULTI_DENOMINATION if settings.denominations else 0
    kind |= MAXIMUM_BET if bet >= max(settings.game(cell.game).bets) else 0
    return {
        "wagered": min(coins, 9_999),
        "coin_in": machine.cabinet.meters.shown("coin_in", 8),
        "wager_type": kind,
        "progressive_group": settings.progressive_group,
    }


def end_game(machine: Machine, now: float) -> int | None:
    """End the game that is being played; return the win in credits, or None if there is none.

    What it wins was settled by the seed and the number of the game. A win of the lock-up amount or
    more is paid by hand.
    """
    cabinet, settings = machine.cabinet, machine.settings
    if cabinet.game is None:
        return None
    number, bet = cabinet.game
    table = table_of(machine)
    multiple = table.multiple(machine.luck.of(number, DRAWS))
    win = bet * multiple
    if cabinet.bonus.tournament:
        _end_tournament_game(machine, win, now)
        return win
    cell = counted_apart(machine)
    with machine.happening(now) as happening:
        cabinet.game = None
        count_games(machine, 1, int(win > 0), cell)
        by_hand = win > 0 and win * settings.cents_per_credit >= settings.lockup_cents
        if win and not by_hand:
            pay_on_credits(machine, win, "win", cell)
        _tell_reels(machine, happening, number)
        _tell_game(machine, happening, GAME_ENDED, {"win": min(win, 10**8 - 1)})
        if by_hand:
            lock(machine, happening, level_of(table, multiple), win, "win", cell)
        cents = bet * settings.cents_per_credit
        pot, level = pots.hit(machine, number, cents), links.hit(machine, number, cents)
        if pot is not None:
            by_hand |= pots.win(machine, happening, pot, cell)
        if level is not None:
            by_hand |= progressives.won_by_play(machine, happening, level, cell)
        if not by_hand:
            after_game(machine, happening)
    return win


def count_games(machine: Machine, games: int, won: int, cell: Cell | None) -> None:
    """Count games that were played, and how many of them won something."""
    meters = machine.cabinet.meters
    meters.add("games_played", games, cell)
    meters.add("games_since_power_reset", games)
    meters.add("games_since_slot_door_closed", games)
    meters.add("games_won", won, cell)
    meters.add("games_lost", games - won, cell)


def level_of(table: Paytable, multiple: int) -> int:
    """Return the level code of a win that is paid by hand."""
    return TOP_WIN if multiple == table.top else NOT_PROGRESSIVE


def after_game(machine: Machine, happening: Happening) -> None:
    """Pay out what is above the cash-out limit, or lock for the host that waited for the end."""
    cabinet, limit = machine.cabinet, machine.settings.cash_out_limit
    cashable = cabinet.credits - transfers.parts(machine)[1]
    if limit is not None and cashable > limit:
        cell = counted_apart(machine)
        lock(machine, happening, CANCELLED_CREDITS, cashable, "credits", cell)
    elif cabinet.transfers.lock_waits:
        transfers.lock(machine, happening, cabinet.transfers.lock_waits / 100)


def _end_tournament_game(machine: Machine, win: int, now: float) -> None:
    cabinet, cell = machine.cabinet, counted_apart(machine)
    with machine.happening(now) as happening:
        cabinet.game = None
        game, left, until = cabinet.bonus.tournament
        cabinet.bonus = replace(cabinet.bonus, tournament=(game, left + win, until))
        cabinet.meters.add("tournament_games_played", 1, cell)
        cabinet.meters.add("tournament_games_won", int(win > 0), cell)
        cabinet.meters.add("tournament_credits_won", win, cell)
        happening.note("tournament game", win=win)


def cash_out(machine: Machine, now: float) -> bool:
    """Let the guest press cash-out: a transfer to the host, a ticket, or a handpay.

    Restricted credits are only ever paid with a ticket of their own, where the host allows those.
    """
    cabinet = machine.cabinet
    if not cabinet.ready or cabinet.game is not None or not cabinet.credits:
        return False
    restricted = transfers.parts(machine)[1]
    cashable = cabinet.credits - restricted
    prints_restricted = bool(cabinet.tickets.states & PRINTS_RESTRICTED)
    if not cashable and not prints_restricted:
        return False
    with machine.happening(now) as happening:
        happening.exception(CASH_OUT_PRESSED)
        if cabinet.transfers.host_cash_out & transfers.ENABLED and machine.link_up:
            transfers.ask_host(machine, happening)
        elif cashable:
            tickets.cash_out(machine, happening, CASHABLE, cashable)
        else:
            tickets.cash_out(machine, happening, RESTRICTED, restricted)
    return True


def jackpot(machine: Machine, cents: int, now: float) -> bool:
    """Let the machine owe ``cents`` for a top win outside of a game; say whether it could."""
    amount, rest = divmod(cents, machine.settings.cents_per_credit)
    if rest or amount <= 0 or not machine.cabinet.ready:
        return False
    with machine.happening(now) as happening:
        lock(machine, happening, TOP_WIN, amount, "win", counted_apart(machine))
    return True


def _tell_game(machine: Machine, happening: Happening, code: int, data: dict[str, object]) -> None:
    if machine.settings.reports_games:
        happening.exception(code, data)
    else:
        happening.note("game", text="game started" if code == GAME_STARTED else "game ended")


def _tell_reels(machine: Machine, happening: Happening, number: int) -> None:
    """Say where each reel stopped, to hosts that hear events in real time."""
    for port in machine.ports:
        if port.real_time:
            for reel, stop in enumerate(reel_stops(machine, number), 1):
                happening.exception(REEL_STOPPED, {"reel": reel, "stop": stop}, only=port)


def reel_stops(machine: Machine, number: int) -> list[int]:
    """Return where the machine's reels stand after game ``number``."""
    chance = draw(machine.seed, machine.asset, "reels", number)
    return [chance.randrange(STOPS) for _ in range(machine.settings.reels)]


def table_of(machine: Machine) -> Paytable:
    """Return the paytable of the chosen game: it pays back what par and progressives leave."""
    game = machine.settings.game(chosen(machine).game)
    assert game.par_percent is not None, "a game has its own hold or the machine's"
    assert game.volatility is not None, "a game has its own volatility or the machine's"
    return paytable(game.par_percent, game.volatility, machine.settings.progressives_return)
