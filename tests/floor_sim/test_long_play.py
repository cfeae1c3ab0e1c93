"""Long-run return and meter algebra, in short; ``make play`` plays ten million."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floor_sim.machine import play, service, tickets
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import GameSettings, MachineSettings, PotSettings
from floor_sim.machine.stretch import play_games
from floor_sim.machine.vouchers import REDEEMS
from floor_sim.profile_library import shipped_names
from floor_sim.tally import Tally
from tests.bench.long_play import machines, main, played


@pytest.mark.parametrize("name", machines(1))
def test_games_return_what_par_leaves_and_meters_add_up_at_every_moment(name):
    done = played(name, machines(1)[name], 60_000)
    assert done.broken == 0
    assert abs(done.sigmas) < 4


def test_the_long_run_of_every_shipped_game_is_printed_beside_its_par(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["long_play", "--games", "150000"])
    assert main() == 0
    rows = capsys.readouterr().out.splitlines()
    assert {*shipped_names()} <= {row.split()[0].rstrip(",") for row in rows}
    assert len([row for row in rows if row.endswith("add up")]) == len(rows) - 3


BUILT = MachineSettings(
    "1", 1, par_percent=Decimal(9), volatility="high", lockup_cents=20_000,
    ticket_limit_cents=9_000, ticket_redemption=True, handpay_to_credits=True,
    games=(GameSettings("One"), GameSettings("Two", volatility="poker", bets=(5, 25))),
    denominations=(0x01, 0x02), pots=(PotSettings(1, 5_000, 100, 100_000),),
    links=(PotSettings(2, 5_000, 100, 100_000),), progressive_group=1, progressive_levels=(2,),
)  # fmt: skip

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("bill"), st.sampled_from(BUILT.bills)),
        st.tuples(st.just("games"), st.integers(1, 300)),
        st.tuples(st.just("game"), st.sampled_from((5, 25, 40, 120))),
        st.tuples(st.just("ticket"), st.integers(1, 30_000)),
        st.tuples(st.just("reset"), st.booleans()),
        st.tuples(st.just("choose"), st.sampled_from((1, 2))),
        st.tuples(st.just("cash out"), st.just(0)),
        st.tuples(st.just("power"), st.just(0)),
        st.tuples(st.just("door"), st.just(0)),
    ),
    max_size=40,
)


def act(machine, word, number):
    cabinet = machine.cabinet
    if word == "bill":
        play.bill_in(machine, number, 1.0)
    elif word == "games":
        play_games(machine, 40 if number % 2 else 5, number, 1.0)
    elif word == "game":
        play.start_game(machine, number, 1.0)
    elif word == "ticket":
        if tickets.insert(machine, number, "cashable", 1.0):
            tickets.decide(machine, 0, number, cabinet.secrets.ticket, 1.0)
    elif word == "reset":
        cabinet.switches = replace(cabinet.switches, pays_to_credits=number)
        play.reset_handpay(machine, 1.0)
    elif word == "choose":
        play_game_of(machine, number)
    elif word == "cash out":
        play.cash_out(machine, 1.0)
    elif word == "power":
        service.power_on(machine, 1.0)
    else:
        service.open_door(machine, "slot", 1.0)
        service.close_door(machine, "slot", 1.0)


def play_game_of(machine, number):
    play.end_game(machine, 1.0)
    machine.cabinet.switches = replace(machine.cabinet.switches, game=number)


def wrong(machine):
    """Money in and won, less money out, played and left; and the meters of games and cells."""
    true = machine.cabinet.meters.true
    gone_in = sum(map(true, ("bills_accepted_credits", "ticket_in_credits", "coin_out")))
    gone_out = sum(map(true, ("coin_in", "ticket_out_credits", "hand_paid_cancelled_credits")))
    cells = machine.cabinet.meters.counts()
    apart = sum(count for name, count in cells.items() if name.startswith("coin_in@"))
    return {
        "credits": gone_in - gone_out - true("current_credits"),
        "games": true("games_played") - true("games_won") - true("games_lost"),
        "won": true("won_credits") - true("coin_out") - true("jackpot"),
        "by hand": true("hand_paid_credits") - true("jackpot")
        - true("hand_paid_cancelled_credits"),
        "cancelled": true("cancelled_credits") - true("ticket_out_credits")
        - true("hand_paid_cancelled_credits"),
        "drop": true("total_drop") - true("bills_accepted_credits") - true("ticket_in_credits"),
        "paid": true("coin_out") - true("machine_paid_paytable_win")
        - true("machine_paid_progressive_win"),
        "cells": true("coin_in") - apart,
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(acts=ACTS, seed=st.integers(0, 50))
def test_meter_algebra_holds_whatever_happens_in_whatever_order(acts, seed):
    machine = Machine(BUILT, Tally(), {}, seed=seed, wired=False)
    service.power_on(machine, 0.0)
    machine.cabinet.tickets = replace(machine.cabinet.tickets, states=REDEEMS)
    for word, number in acts:
        act(machine, word, number)
        assert not any(wrong(machine).values()), (word, number, wrong(machine))
        if word == "game":
            play.end_game(machine, 1.0)
            assert not any(wrong(machine).values()), wrong(machine)
