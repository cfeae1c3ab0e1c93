"""Money and games: bills in, games, cash-outs, handpays. Meter algebra holds after each of them.

In credits, at every moment::

    bills accepted + tickets in + coin out
        = credits + coin in + tickets out + hand-paid cancelled credits

A win that an attendant pays never touches the credits: it is on the jackpot meter alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from floor_sim.chance import draw
from floor_sim.games import Paytable, paytable
from floor_sim.machine.cabinet import CANCELLED_CREDITS, NOT_PROGRESSIVE, TOP_WIN, Handpay
from floor_sim.machine.meters import BILLS
from protocols.sas.tables.codes import BILLS as BILL_CODES

if TYPE_CHECKING:
    from floor_sim.machine.machine import Happening, Machine

BILL_EXCEPTIONS: Final = {
    1: 0x47, 2: 0x4D, 5: 0x48, 10: 0x49, 20: 0x4A, 50: 0x4B, 100: 0x4C, 200: 0x50, 500: 0x4E,
}  # fmt: skip
"""Face value to exception; Montana DOJ, SAS implementation guide."""

USA: Final = 0x37
_CODE_OF_BILL: Final = {face: code for code, face in BILL_CODES.items()}

GAME_STARTED, GAME_ENDED = 0x7E, 0x7F
TICKET_PRINTED = 0x3D
HANDPAY_PENDING, HANDPAY_RESET = 0x51, 0x52
CASH_OUT_PRESSED = 0x66

_tables: dict[str, Paytable] = {}


def bill_in(machine: Machine, face: int, now: float) -> bool:
    """Let a guest insert a bill of ``face`` currency units; say whether it was taken.

    A bill that is taken also shows that a jam is over.
    """
    cabinet, settings = machine.cabinet, machine.settings
    credits_in, rest = divmod(face * 100, settings.cents_per_credit)
    if face not in settings.bills or rest or not (cabinet.ready and cabinet.takes_bills):
        return False
    meters = cabinet.meters
    with machine.happening(now) as happening:
        meters.add("current_credits", credits_in)
        meters.add("bills_accepted_credits", credits_in)
        meters.add("total_drop", credits_in)
        meters.add("bills_in_stacker_credits", credits_in)
        meters.add("bills_in_stacker", 1)
        meters.add("bills_total_value", face)
        meters.add(f"bills_{BILLS[face]}", 1)
        count = meters.shown(f"bills_{BILLS[face]}")
        cabinet.last_bill = (USA, _CODE_OF_BILL[face], count)
        cabinet.jammed = cabinet.untested = False
        happening.exception(BILL_EXCEPTIONS[face])
    return True


def start_game(machine: Machine, bet: int, now: float) -> bool:
    """Start a game with a bet of ``bet`` credits; say whether it could be started."""
    cabinet = machine.cabinet
    if not cabinet.ready or cabinet.game is not None or not 0 < bet <= cabinet.credits:
        return False
    with machine.happening(now) as happening:
        cabinet.games += 1
        cabinet.untested = False
        cabinet.game = (cabinet.games, bet)
        cabinet.meters.add("current_credits", -bet)
        cabinet.meters.add("coin_in", bet)
        _tell_game(machine, happening, GAME_STARTED, "game started")
    return True


def end_game(machine: Machine, now: float) -> int | None:
    """End the game that is being played; return the win in credits, or None if there is none.

    What it wins was settled by the seed and the number of the game. A win of the lock-up amount or
    more is paid by hand.
    """
    cabinet, settings = machine.cabinet, machine.settings
    if cabinet.game is None:
        return None
    number, bet = cabinet.game
    table = _table(machine)
    multiple = table.multiple(draw(machine.seed, machine.asset, "game", number))
    win = bet * multiple
    cents = win * settings.cents_per_credit
    meters = cabinet.meters
    with machine.happening(now) as happening:
        cabinet.game = None
        meters.add("games_played", 1)
        meters.add("games_since_power_reset", 1)
        meters.add("games_since_slot_door_closed", 1)
        meters.add("games_won" if win else "games_lost", 1)
        by_hand = win > 0 and cents >= settings.lockup_cents
        if win and not by_hand:
            meters.add("current_credits", win)
            meters.add("coin_out", win)
            meters.add("won_credits", win)
            meters.add("machine_paid_paytable_win", win)
        _tell_game(machine, happening, GAME_ENDED, "game ended")
        if by_hand:
            level = TOP_WIN if multiple == table.top else NOT_PROGRESSIVE
            _lock(machine, happening, level, win)
    return win


def cash_out(machine: Machine, now: float) -> bool:
    """Let the guest press cash-out: a ticket, or a handpay above the ticket limit."""
    cabinet, settings = machine.cabinet, machine.settings
    if not cabinet.ready or cabinet.game is not None or not cabinet.credits:
        return False
    amount = cabinet.credits
    cents = amount * settings.cents_per_credit
    with machine.happening(now) as happening:
        happening.exception(CASH_OUT_PRESSED)
        if cents > settings.ticket_limit_cents:
            _lock(machine, happening, CANCELLED_CREDITS, amount)
            return True
        meters = cabinet.meters
        meters.add("current_credits", -amount)
        meters.add("ticket_out_credits", amount)
        meters.add("cancelled_credits", amount)
        meters.add("cashable_ticket_out_cents", cents)
        meters.add("cashable_ticket_out_count", 1)
        cabinet.last_ticket = (cabinet.last_ticket[0] + 1, cents)
        happening.exception(TICKET_PRINTED, cents=cents)
    return True


def jackpot(machine: Machine, cents: int, now: float) -> bool:
    """Let the machine owe ``cents`` for a top win outside of a game; say whether it could."""
    amount, rest = divmod(cents, machine.settings.cents_per_credit)
    if rest or amount <= 0 or not machine.cabinet.ready:
        return False
    with machine.happening(now) as happening:
        _lock(machine, happening, TOP_WIN, amount)
    return True


def reset_handpay(machine: Machine, now: float, by: str = "attendant") -> bool:
    """Key off the oldest handpay that is pending; say whether there was one."""
    meters = machine.cabinet.meters
    pay = next((pay for pay in machine.cabinet.handpays if not pay.reset), None)
    if pay is None:
        return False
    with machine.happening(now) as happening:
        pay.reset = True
        meters.add("hand_paid_credits", pay.credits)
        if pay.level == CANCELLED_CREDITS:
            meters.add("current_credits", -pay.credits)
            meters.add("hand_paid_cancelled_credits", pay.credits)
            meters.add("cancelled_credits", pay.credits)
        else:
            meters.add("jackpot", pay.credits)
            meters.add("won_credits", pay.credits)
            meters.add("attendant_paid_paytable_win", pay.credits)
        happening.exception(HANDPAY_RESET, of=pay.n, by=by)
        machine.forget_handpays()
    return True


def _lock(machine: Machine, happening: Happening, level: int, amount: int) -> None:
    cents = amount * machine.settings.cents_per_credit
    n = happening.exception(HANDPAY_PENDING, cents=cents, level=f"{level:02X}")
    machine.cabinet.handpays.append(Handpay(n, level, cents, amount))
    machine.handpay_told(happening.now)
    machine.forget_handpays()


def _tell_game(machine: Machine, happening: Happening, code: int, words: str) -> None:
    if machine.settings.reports_games:
        happening.exception(code)
    else:
        happening.note("game", text=words)


def _table(machine: Machine) -> Paytable:
    par = machine.settings.par_percent
    key = str(par)
    if key not in _tables:
        _tables[key] = paytable(par)
    return _tables[key]
