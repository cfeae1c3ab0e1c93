"""Progressives that machines share: won by play, paid as a handpay, begun again for all."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floor_sim.games import paytable
from floor_sim.ledger import LEDGER, Ledger
from floor_sim.machine import options, play, progressives, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.links import UNITS, Link
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PotSettings
from floor_sim.machine.stretch import play_games

SMALL = PotSettings(level=1, start_cents=5_000, increment=50, cycle_cents=40_000)
LARGE = PotSettings(level=2, start_cents=150_000, increment=100, cycle_cents=2_000_000)
USUAL = MachineSettings(
    "10101", 1, par_percent=Decimal("9.5"), volatility="low", progressive_group=4,
    progressive_levels=(1, 2), links=(SMALL, LARGE), stacker_bills_max=10**6, reports_games=False,
)  # fmt: skip


def bank(journal, *built, seed=3, wired=True, memories=None):
    """Machines of one link, each with money on it."""
    link, machines = Link(), []
    for number, how in enumerate(built or (USUAL,) * 3, 1):
        asset = f"1010{number}"
        mine = replace(how, asset=asset, address=number)
        memory = (memories or {}).get(asset, {})
        machine = Machine(mine, journal, memory, seed=seed, wired=wired)
        link.join(machine)
        machines.append(machine)
    return link, machines


def played(machine, games, bet=200):
    """Play on until so many games are over; attendants pay at once."""
    if not machine.live:
        service.power_on(machine, 0.0)
    until = machine.cabinet.games + games
    while (left := until - machine.cabinet.games) > 0:
        while play.reset_handpay(machine, 2.0):
            pass
        if machine.cabinet.credits < bet:
            play.bill_in(machine, 100, 2.0)
        elif machine.wired:
            play.start_game(machine, bet, 2.0)
            play.end_game(machine, 2.0)
        else:
            play_games(machine, bet, left, 2.0)


def hits(journal):
    return [
        record
        for record in journal.records
        if record["what"] == "exception" and record["code"] == "56"
    ]


def test_a_game_of_the_seed_wins_the_level_and_the_pool_begins_again_for_all():
    journal = MemoryJournal()
    link, (first, second, third) = bank(journal, seed=3)
    for machine in (second, third):
        played(machine, 40)
    while not hits(journal):
        before = link.held_units(SMALL)
        played(first, 1)
    (win,) = hits(journal)
    assert (win["egm"], win["level"], win["group"]) == ("10101", 1, 4)
    assert win["cents"] == (before + 200 * SMALL.increment) // UNITS
    assert link.held_units(SMALL) < SMALL.start_cents * UNITS + UNITS
    told = [record for record in journal.records if record["what"] == "link reset"]
    assert [record["egm"] for record in told] == ["10102", "10103"]
    assert {(record["won_by"], record["group"], record["level"]) for record in told} == {
        ("10101", 4, 1)
    }
    assert first.cabinet.games == 381  # by this seed, whatever the others play


def test_a_large_level_is_a_handpay_with_its_group_and_level_on_51_and_1b():
    journal = MemoryJournal()
    link, (first, _) = bank(journal, USUAL, USUAL)
    service.power_on(first, 0.0)
    pool = link.held_units(LARGE) // UNITS
    assert progressives.hit(first, 2, 1.0)
    codes = journal.codes("10101")
    assert codes[-2:] == ["56", "51"]
    pending = next(record for record in journal.records if record.get("code") == "51")
    assert (pending["cents"], pending["level"]) == (pool, "02")
    pay = first.unread_handpay(first.ports[0])
    assert (pay.group, pay.level, pay.cents) == (4, 2, 150_000)
    play.reset_handpay(first, 2.0)
    true = first.cabinet.meters.true
    assert true("attendant_paid_progressive_win") == true("jackpot") == 150_000


@settings(max_examples=10, deadline=None)
@given(
    turns=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 200)), min_size=3, max_size=8),
    seed=st.integers(0, 40),
    wired=st.booleans(),
)
def test_what_all_have_put_in_is_paid_or_in_the_pool(turns, seed, wired):
    journal = MemoryJournal()
    worth = replace(USUAL, cents_per_credit=5, denomination_code=0x02, bets=(40,))
    link, machines = bank(journal, USUAL, worth, USUAL, seed=seed, wired=wired)
    for which, games in turns:
        played(machines[which], games)
    for terms in (SMALL, LARGE):
        paid = [win["cents"] for win in hits(journal) if win["level"] == terms.level]
        fed = sum(
            machine.cabinet.meters.true("coin_in") * machine.settings.cents_per_credit
            for machine in machines
        ) * Fraction(terms.increment, 10_000)
        held = Fraction(link.held_units(terms), UNITS)
        assert sum(paid) + held == (len(paid) + 1) * terms.start_cents + fed


@pytest.mark.parametrize("seed", range(3))
def test_games_in_one_go_win_the_levels_that_they_win_one_by_one(seed):
    one, other = MemoryJournal(), MemoryJournal()
    _, (slow, _) = bank(one, USUAL, USUAL, seed=seed)
    _, (quick, _) = bank(other, USUAL, USUAL, seed=seed, wired=False)
    for machine in (slow, quick):
        played(machine, 600)
    facts = [[(win["level"], win["cents"]) for win in hits(journal)] for journal in (one, other)]
    assert facts[0] == facts[1]
    assert slow.cabinet.meters.counts() == quick.cabinet.meters.counts()


def test_what_a_machine_has_put_in_outlives_its_meters():
    link, (first, second) = bank(MemoryJournal(), USUAL, USUAL, seed=1)
    for machine in (first, second):
        played(machine, 50)
        while machine.cabinet.credits or machine.cabinet.locked:
            play.reset_handpay(machine, 2.0)
            play.cash_out(machine, 2.0)
    held = link.held_units(LARGE)
    assert options.ram_clear(first, 3.0)
    assert link.held_units(LARGE) == held
    assert options.change_options(second, 3.0, denomination_code=0x02)
    assert link.held_units(LARGE) == held
    played(second, 10, bet=40)
    assert link.held_units(LARGE) == held + 10 * 40 * 5 * LARGE.increment


def test_own_pots_outlive_another_denomination():
    pot = replace(SMALL, start_cents=50_000, cycle_cents=50_000_000)
    machine = Machine(replace(USUAL, links=(), pots=(pot,)), MemoryJournal(), {}, seed=1)
    played(machine, 50)
    while machine.cabinet.credits:
        play.cash_out(machine, 2.0)
    assert options.change_options(machine, 3.0, denomination_code=0x02)
    assert machine.cabinet.progressives.pots == ((0, 50 * 200 * pot.increment),)


def test_the_ledger_has_win_and_pool_in_one_piece_and_a_new_start_goes_on_with_both(tmp_path):
    ledger = Ledger(tmp_path, lambda now: datetime.fromtimestamp(now, UTC))
    link, machines = bank(ledger, seed=6)
    for machine in machines:
        played(machine, 9)
    assert progressives.hit(machines[1], 1, 3.0)
    played(machines[2], 7)
    held = [link.held_units(terms) for terms in (SMALL, LARGE)]
    lines = [json.loads(line) for line in (tmp_path / LEDGER).read_text().splitlines()]
    (win,) = (
        place for place, line in enumerate(lines)
        if (line.get("egm"), line["what"], line.get("code")) == ("10102", "exception", "56")
    )  # fmt: skip
    piece = lines[win : win + 4]
    told = [(line["what"], line["egm"]) for line in piece]
    assert told == [("exception", "10102"), ("exception", "10102")] + [
        ("link reset", asset) for asset in ("10101", "10103")
    ]
    assert [line.get("more", False) for line in piece] == [True, True, True, False]
    assert all("progressives" in line["state"] for line in piece[1:])
    again, _ = bank(
        MemoryJournal(), seed=6, memories=Ledger(tmp_path, ledger._wall).recovered.machines
    )
    assert [again.held_units(terms) for terms in (SMALL, LARGE)] == held


def test_a_host_that_runs_the_link_says_what_a_win_is_worth(crc):
    journal = MemoryJournal()
    _, (machine,) = bank(journal, replace(USUAL, link_by_host=True), seed=3)
    progressives.hear(machine, 4, {1: 7_777, 2: 200_000}, 1.0)
    while not hits(journal):
        played(machine, 1)
    assert hits(journal)[0]["cents"] == 7_777
    silent = MemoryJournal()
    _, (machine,) = bank(silent, replace(USUAL, link_by_host=True), seed=3)
    while not hits(silent):
        played(machine, 1)
    assert hits(silent)[0]["cents"] == SMALL.start_cents


def test_a_machine_whose_pool_the_floor_keeps_misses_no_broadcast():
    journal = MemoryJournal()
    _, (machine,) = bank(journal, USUAL)
    service.power_on(machine, 0.0)
    progressives.hear(machine, 4, {1: 99_999}, 1.0)
    progressives.tick(machine, 60.0)
    assert "53" not in journal.codes("10101")
    assert progressives.hit(machine, 1, 61.0)
    assert hits(journal)[0]["cents"] == SMALL.start_cents


def test_par_holds_paytable_and_link_together():
    machine = Machine(USUAL, MemoryJournal(), {})
    table, built = play.table_of(machine), machine.settings
    assert table.payback + built.progressives_return == paytable(USUAL.par_percent).payback
    shares = (Fraction(1, 8), Fraction(3, 40), Fraction(1, 200), Fraction(1, 100))
    assert built.progressives_return == sum(shares)
