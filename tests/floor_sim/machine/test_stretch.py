"""Games played in one go are the same games, and own progressives keep to their share."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from floor_sim.games import paytable
from floor_sim.machine import play, pots, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import GameSettings, MachineSettings, PotSettings
from floor_sim.machine.stretch import play_games

POT = PotSettings(level=1, start_cents=5_000, increment=50, cycle_cents=1_000_000)
USUAL = MachineSettings("10101", 1, par_percent=Decimal("9.5"), volatility="medium")
KINDS = {
    "one game": USUAL,
    "low lock-up": replace(USUAL, lockup_cents=1_000),
    "a pot": replace(USUAL, pots=(POT,)),
    "a large pot": replace(USUAL, lockup_cents=4_000, pots=(POT,)),
    "several games": replace(
        USUAL, games=(GameSettings("One"), GameSettings("Two", volatility="poker")),
        denominations=(0x01, 0x02),
    ),
    "cash-out limit": replace(USUAL, cash_out_limit=9_000),
}  # fmt: skip


def machine_of(settings, bills=5):
    machine = Machine(settings, MemoryJournal(), {}, seed=3)
    service.power_on(machine, 0.0)
    for _ in range(bills):
        play.bill_in(machine, 100, 1.0)
    return machine


def one_by_one(machine, bet, most):
    played = 0
    while played < most and play.start_game(machine, bet, 2.0):
        play.end_game(machine, 2.0)
        played += 1
    return played


def meters(machine):
    return machine.cabinet.meters.counts()


@pytest.mark.parametrize("kind", KINDS)
def test_games_in_one_go_are_the_games_one_by_one(kind):
    slow, quick = machine_of(KINDS[kind]), machine_of(KINDS[kind])
    for _ in range(4):
        played = play_games(quick, 80, 150, 2.0).games
        assert one_by_one(slow, 80, played) == played
        assert meters(quick) == meters(slow)
        assert quick.cabinet.locked is slow.cabinet.locked
        for machine in (slow, quick):
            while play.reset_handpay(machine, 3.0):
                pass
            play.bill_in(machine, 100, 3.0)


def test_a_stretch_ends_when_the_credits_are_too_few():
    machine = machine_of(USUAL, bills=1)
    while play_games(machine, 300, 1_000, 2.0).games:
        play.reset_handpay(machine, 3.0)
    assert machine.cabinet.credits < 300


def test_a_stretch_is_not_played_on_an_open_machine():
    machine = machine_of(USUAL)
    service.open_door(machine, "slot", 1.0)
    assert play_games(machine, 40, 10, 2.0).games == 0


def test_a_pot_pays_its_start_and_its_share_of_every_bet_and_not_a_cent_more():
    settings = replace(USUAL, pots=(POT,), lockup_cents=10**9)
    machine = machine_of(settings, bills=0)
    for _ in range(60):
        play.bill_in(machine, 100, 3.0)
        play_games(machine, 300, 300, 2.0)
    meters = machine.cabinet.meters
    hits = machine.journal.codes("10101").count("54")
    assert hits > 1
    grown = Fraction(meters.true("coin_in") * POT.increment, 10_000)
    paid = meters.true("machine_paid_progressive_win")
    held = Fraction(pots.held_units(machine, 0), pots.UNITS)
    assert paid + held == (hits + 1) * POT.start_cents + grown


def test_par_holds_paytable_and_pots_together():
    settings = replace(USUAL, pots=(POT,))
    table = play.table_of(machine_of(settings))
    assert table.payback + settings.progressives_return == paytable(USUAL.par_percent).payback
