"""Coins: put in by guests, kept in the hopper, dropped when it is full, paid out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from floor_sim.machine.play import CASH_OUT_PRESSED
from protocols.sas.tables.denominations import DENOMINATIONS

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine

HOPPER_COINS_MAX: Final = 1_000
HOPPER_LOW_COINS: Final = 50
HOPPER_EMPTY, HOPPER_FULL, HOPPER_LOW = 0x23, 0x80, 0x81


def worth(machine: Machine) -> int:
    """Return the credits that one coin is worth; 0 on a machine without a coin mechanism."""
    settings = machine.settings
    if not settings.hopper or not settings.token_denomination:
        return 0
    return int(DENOMINATIONS[settings.token_denomination] * 100) // settings.cents_per_credit


def coin_in(machine: Machine, now: float) -> bool:
    """Let a guest insert a coin; say whether it was taken."""
    cabinet, credits_in = machine.cabinet, worth(machine)
    if not cabinet.ready or not credits_in:
        return False
    meters = cabinet.meters
    with machine.happening(now) as happening:
        meters.add("current_credits", credits_in)
        meters.add("coin_acceptor_credits", credits_in)
        meters.add("true_coin_in", 1)
        if meters.true("hopper_level") < HOPPER_COINS_MAX:
            meters.add("hopper_level", 1)
            if meters.true("hopper_level") == HOPPER_COINS_MAX:
                happening.exception(HOPPER_FULL)
        else:
            meters.add("coins_to_drop", credits_in)
            meters.add("total_drop", credits_in)
        happening.note("coin", credits=credits_in)
    return True


def coins_out(machine: Machine, now: float) -> bool:
    """Let the hopper pay the credits; an empty hopper tilts with what it could not pay."""
    cabinet, each = machine.cabinet, worth(machine)
    if not cabinet.ready or cabinet.game is not None or not each or cabinet.credits < each:
        return False
    meters = cabinet.meters
    level = meters.true("hopper_level")
    wanted = cabinet.credits // each
    coins = min(wanted, level)
    with machine.happening(now) as happening:
        happening.exception(CASH_OUT_PRESSED)
        meters.add("current_credits", -coins * each)
        meters.add("hopper_paid_credits", coins * each)
        meters.add("true_coin_out", coins)
        meters.add("hopper_level", -coins)
        left = level - coins
        if level > HOPPER_LOW_COINS >= left:
            happening.exception(HOPPER_LOW)
        if coins < wanted:
            cabinet.tilts.add(HOPPER_EMPTY)
            happening.exception(HOPPER_EMPTY)
    return True
