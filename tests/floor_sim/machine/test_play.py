"""Money and games: what the wire says, and the algebra that holds after whatever happens."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floor_sim.machine import (
    bonus,
    choice,
    coins,
    options,
    play,
    progressives,
    service,
    tickets,
    transfers,
)
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.meters import GAME_METERS, Cell
from floor_sim.machine.polls.handpays import HANDPAYS
from floor_sim.machine.polls.row import Asked
from floor_sim.machine.settings import GameSettings, MachineSettings
from floor_sim.machine.vouchers import PRINTS_RESTRICTED, REDEEMS

NO_HANDPAY = "011b" + "00" * 20


def test_a_bill_is_told_by_its_value(talk):
    for face in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        assert play.bill_in(talk.machine, face, talk.now)
    assert talk.drain() == ["47", "4d", "48", "49", "4a", "4b", "4c", "50", "4e"]


def test_a_game_is_told_at_its_start_and_its_end(talk):
    play.bill_in(talk.machine, 20, talk.now)
    assert play.start_game(talk.machine, 100, talk.now)
    assert not play.start_game(talk.machine, 100, talk.now)
    assert play.end_game(talk.machine, talk.now) is not None
    assert talk.drain() == ["4a", "7e", "7f"]


def test_a_machine_that_does_not_report_games_still_writes_them_down(conversation, settings):
    talk = conversation(replace(settings, reports_games=False))
    play.bill_in(talk.machine, 20, talk.now)
    play.start_game(talk.machine, 100, talk.now)
    play.end_game(talk.machine, talk.now)
    assert talk.told() == ["4A"]
    assert [r["text"] for r in talk.journal.records[1:]] == ["game started", "game ended"]


def test_a_cash_out_prints_a_ticket(talk):
    play.bill_in(talk.machine, 20, talk.now)
    assert play.cash_out(talk.machine, talk.now)
    assert talk.drain() == ["4a", "66", "3d"]
    assert talk.cabinet.credits == 0


def jackpot(talk):
    assert play.jackpot(talk.machine, 125_000, talk.now)


def test_a_handpay_is_announced_read_and_reset(talk, crc):
    jackpot(talk)
    assert not talk.cabinet.ready
    assert talk.says("81") == "51"
    assert talk.says("011b") == crc("011b" + "00400000125000" + "00" * 13)
    assert play.reset_handpay(talk.machine, talk.now)
    assert talk.says("81") == "52"
    assert talk.says("011b") == crc(NO_HANDPAY)
    assert talk.cabinet.ready
    assert talk.cabinet.meters.true("jackpot") == 125_000


def test_a_handpay_that_was_reset_before_anybody_read_it_can_still_be_read_once(talk, crc):
    jackpot(talk)
    play.reset_handpay(talk.machine, talk.now)
    assert talk.drain() == ["51", "52"]
    assert talk.says("011b") == crc("011b" + "00400000125000" + "00" * 13)
    talk.sync()
    assert talk.says("011b") == crc(NO_HANDPAY)


def test_an_answer_to_1b_that_was_not_acknowledged_has_not_been_read(talk):
    jackpot(talk)
    first = talk.says("011b")
    assert talk.machine.unread_handpay(talk.port) is not None
    assert talk.says("011b") == first
    talk.sync()
    assert talk.machine.unread_handpay(talk.port) is None


def test_handpays_are_read_one_after_the_other(talk):
    for cents in (125_000, 130_000):
        play.jackpot(talk.machine, cents, talk.now)
        play.reset_handpay(talk.machine, talk.now)
    amounts = []
    for _ in range(3):
        amounts.append(talk.says("011b")[8:18])
        talk.sync()
    assert amounts == ["0000125000", "0000130000", "0000000000"]


def test_51_comes_again_every_15_s_until_1b_was_read(talk):
    jackpot(talk)
    heard = []
    for _ in range(200):
        answer = talk.says("81")
        heard += [answer] if answer != "00" else []
        talk.sync()
    assert heard == ["51"] * 6  # 80 s: at 0, 15, 30, 45, 60 and 75
    talk.says("011b")
    for _ in range(100):
        talk.sync()
        assert talk.says("81") == "00"


def test_51_does_not_come_again_while_the_first_still_waits(talk):
    jackpot(talk)
    talk.wait(40)
    talk.sync()
    talk.says("82")
    assert talk.told() == ["51"]
    assert talk.says("81") == "51"


def test_a_handpay_outlives_a_power_cut(talk, crc):
    jackpot(talk)
    again = talk.reboot()
    assert again.drain() == ["51", "17"]
    assert again.cabinet.locked
    assert again.says("011b") == crc("011b" + "00400000125000" + "00" * 13)


def test_a_cash_out_above_the_ticket_limit_is_a_handpay_of_cancelled_credits(
    conversation, settings, crc
):
    talk = conversation(replace(settings, ticket_limit_cents=1_000))
    talk.sync()
    play.bill_in(talk.machine, 20, talk.now)
    play.cash_out(talk.machine, talk.now)
    assert talk.drain() == ["51", "4a", "66"]
    assert talk.says("011b") == crc("011b" + "00800000002000" + "00" * 13)
    assert talk.cabinet.credits == 2_000
    play.reset_handpay(talk.machine, talk.now)
    assert talk.cabinet.credits == 0
    assert talk.cabinet.meters.true("hand_paid_cancelled_credits") == 2_000


def test_a_host_can_reset_a_handpay_with_94_once(talk, crc):
    jackpot(talk)
    assert talk.says(crc("0194")) == crc("019400")
    assert talk.says(crc("0194")) == crc("019400")  # the same poll: the stored answer
    talk.sync()
    assert talk.says(crc("0194")) == crc("019402")
    assert talk.told().count("52") == 1


def test_a_win_of_the_lock_up_amount_is_paid_by_hand_and_never_touches_the_credits():
    machine = Machine(MachineSettings("1", 1, lockup_cents=10_000), MemoryJournal(), {})
    while not machine.cabinet.locked:
        if machine.cabinet.credits < 100:
            assert play.bill_in(machine, 100, 0.0)
        assert play.start_game(machine, 100, 0.0)
        before = machine.cabinet.credits
        win = play.end_game(machine, 0.0)
        if machine.cabinet.locked:
            assert win == 10_000
            assert machine.cabinet.credits == before
    assert not play.start_game(machine, 100, 0.0)


def test_a_game_that_a_power_cut_interrupts_is_ended_later_with_the_same_win(talk):
    twin = talk.reboot()
    for one in (talk, twin):
        play.bill_in(one.machine, 100, one.now)
        for _ in range(20):
            play.start_game(one.machine, 100, one.now)
            if one is twin:
                one.reboot()
            play.end_game(one.machine, one.now)
    again = twin.reboot()
    assert again.cabinet.meters.counts()["coin_out"] == talk.cabinet.meters.counts()["coin_out"]


ACTS = st.one_of(
    st.tuples(st.just("bill"), st.sampled_from(MachineSettings("1", 1).bills)),
    st.tuples(st.just("game"), st.integers(1, 500)),
    st.tuples(st.just("end"), st.just(0)),
    st.tuples(st.just("cash out"), st.just(0)),
    st.tuples(st.just("jackpot"), st.integers(1, 10**6)),
    st.tuples(st.just("reset"), st.just(0)),
    st.tuples(st.just("door"), st.booleans()),
    st.tuples(st.just("tilt"), st.booleans()),
    st.tuples(st.just("power"), st.just(0)),
    st.tuples(st.just("select"), st.integers(0, 3)),
    st.tuples(st.just("denomination"), st.sampled_from([0x04, 0x06])),
    st.tuples(st.just("ticket"), st.sampled_from([100, 500, 20_000])),
    st.tuples(st.just("redeem"), st.integers(0, 3)),
    st.tuples(st.just("bonus"), st.integers(1, 5_000)),
    st.tuples(st.just("progressive"), st.integers(1, 30_000)),
    st.tuples(
        st.just("transfer"),
        st.tuples(
            st.sampled_from([0x00, 0x10, 0x11, 0x20, 0x40, 0x80]),
            st.sampled_from([0, 100, 2_500]),
            st.sampled_from([0, 300]),
            st.sampled_from([0, 700]),
        ),
    ),
    st.tuples(st.just("to credits"), st.booleans()),
    st.tuples(st.just("coin"), st.booleans()),
    st.tuples(st.just("number"), st.booleans()),
    st.tuples(st.just("late"), st.just(0)),
    st.tuples(st.just("clear"), st.sampled_from([False, False, False, True])),
)


def act(machine, name, value):
    match name:
        case "bill":
            play.bill_in(machine, value, 0.0)
        case "game":
            play.start_game(machine, value, 0.0)
        case "end":
            play.end_game(machine, 0.0)
        case "cash out":
            play.cash_out(machine, 0.0)
        case "jackpot":
            play.jackpot(machine, value, 0.0)
        case "reset":
            play.reset_handpay(machine, 0.0)
        case "door":
            (service.open_door if value else service.close_door)(machine, "slot", 0.0)
        case "tilt":
            service.tilt(machine, "reel", 0.0) if value else service.clear_tilts(machine, 0.0)
        case "power":
            service.power_on(machine, 0.0)
        case _:
            rarer_act(machine, name, value)


def rarer_act(machine, name, value):
    RARER[name](machine, value)


def insert(machine, cents):
    machine.ports[0]._up = True
    tickets.insert(machine, cents, "cashable", 0.0)


def redeem(machine, code):
    if machine.cabinet.tickets.escrow:
        cents = machine.cabinet.tickets.escrow[1]
        tickets.decide(machine, code, cents, machine.cabinet.secrets.ticket, 0.0)


def hit(machine, cents):
    progressives.hear(machine, 1, {1: cents}, 0.0)
    progressives.hit(machine, 1, 0.0)


def reset_method(machine, method):
    asked = Asked(machine, machine.ports[0], 0xA8, {"method": int(method)}, None, 0.0)
    HANDPAYS[0xA8].function(asked)


RARER = {
    "select": lambda machine, game: choice.select_game(machine, game, 0.0),
    "denomination": lambda machine, code: choice.select_denomination(machine, code, 0.0),
    "ticket": insert,
    "redeem": redeem,
    "bonus": lambda machine, amount: bonus.pay_bonus(machine, amount, amount % 3, 0.0),
    "progressive": hit,
    "transfer": lambda machine, asked: move(machine, *asked),
    "to credits": reset_method,
    "coin": lambda machine, way: (coins.coin_in if way else coins.coins_out)(machine, 0.0),
    "number": lambda machine, own: tickets.give_number(machine, int(own), 12_345, 0.0),
    "late": lambda machine, _: machine.tick(1_000.0),
    "clear": lambda machine, sure: sure and options.ram_clear(machine, 0.0),
}


def move(machine, kind, cashable, restricted, free):
    made = machine.journal.next_n
    transfers.transfer(machine, {
        "transfer_code": 1, "transfer_type": kind, "cashable_cents": cashable,
        "restricted_cents": restricted, "nonrestricted_cents": free, "flags": 0, "asset": 1,
        "key": "00", "transaction_id": f"T{made}", "expiry": "00000000", "pool": 1,
    }, 0.0)  # fmt: skip
    with machine.happening(0.0) as happening:
        happening.note("told")
        transfers.was_read(machine)


FULL = {
    "games": (GameSettings("A", bets=(1, 5)), GameSettings("B", bets=(2,))),
    "denominations": (0x04, 0x06), "transfers": frozenset(
        {"in-house", "bonus", "debit", "ticket", "to host", "win to host"}),
    "ticket_redemption": True, "legacy_bonus": True, "progressive_group": 1,
    "progressive_levels": (1,), "handpay_to_credits": True, "hopper": True,
    "token_denomination": 0x06, "wager_categories": True,
}  # fmt: skip


def algebra_holds(machine, cents):
    count = machine.cabinet.meters.true
    playing = 1 if machine.cabinet.game else 0
    by_hand = count("hand_paid_credits") - count("hand_paid_cancelled_credits")
    put_in = (
        count("bills_accepted_credits") + count("ticket_in_credits")
        + count("coin_acceptor_credits") + count("electronic_to_egm_credits")
        + count("coin_out") + count("jackpot") - by_hand
    )  # fmt: skip
    taken = (
        count("coin_in") + count("ticket_out_credits") + count("hopper_paid_credits")
        + count("electronic_to_host_credits") + count("hand_paid_cancelled_credits")
    )  # fmt: skip
    assert put_in == count("current_credits") + taken
    assert min(transfers.parts(machine)) >= 0
    assert count("total_drop") == (
        count("bills_accepted_credits") + count("ticket_in_credits") + count("coins_to_drop")
    )
    assert count("cancelled_credits") == (
        count("ticket_out_credits") + count("hand_paid_cancelled_credits")
    )
    assert count("won_credits") == count("coin_out") + count("jackpot")
    paid = ("paytable_win", "progressive_win", "external_bonus")
    assert count("coin_out") == sum(count(f"machine_paid_{part}") for part in paid)
    assert count("jackpot") == sum(count(f"attendant_paid_{part}") for part in paid)
    assert count("games_played") == count("games_won") + count("games_lost")
    if not machine.cabinet.epoch:
        assert machine.cabinet.games == count("games_played") + playing
    assert count("bills_total_value") * 100 == count("bills_accepted_credits") * cents
    out = count("cashable_ticket_out_cents") + count("restricted_ticket_out_cents")
    assert out == count("ticket_out_credits") * cents
    if machine.settings.in_cells:
        cells = [Cell(game, code) for game in (0, 1, 2) for code in (0x04, 0x06)]
        for name in GAME_METERS:
            assert count(name) == count(name, cells), name


@settings(max_examples=60, deadline=None)
@given(
    acts=st.lists(ACTS, max_size=60),
    built=st.sampled_from(["plain", "full", "system"]),
    cents=st.sampled_from([1, 5, 25, 100]),
    seed=st.integers(0),
)
def test_money_in_is_money_out_and_credits_after_whatever_happens(acts, built, cents, seed):
    facts = MachineSettings(
        "1", 1, cents_per_credit=cents, lockup_cents=20_000, ticket_limit_cents=15_000,
        validation="system" if built == "system" else "standard",
        **({} if built == "plain" else FULL),
    )  # fmt: skip
    journal = MemoryJournal()
    states = {} if built == "plain" else {"tickets": {"states": REDEEMS | PRINTS_RESTRICTED}}
    machine = Machine(facts, journal, states, seed=seed)
    for name, value in acts:
        act(machine, name, value)
        algebra_holds(machine, cents)
        memory = {**states, **journal.memory("1")}
        assert Machine(facts, MemoryJournal(), memory).memory() == machine.memory()


@pytest.mark.parametrize("stop", range(0, 40, 7))
def test_a_machine_is_the_same_after_a_power_cut_at_any_record(stop):
    facts = MachineSettings("1", 1, lockup_cents=20_000)
    journal = MemoryJournal()
    machine = Machine(facts, journal, {})
    service.power_on(machine, 0.0)
    while len(journal.records) < stop:
        play.bill_in(machine, 20, 0.0)
        play.start_game(machine, 300, 0.0)
        play.end_game(machine, 0.0)
        play.reset_handpay(machine, 0.0)
    again = Machine(facts, MemoryJournal(), journal.memory("1"))
    assert again.memory() == machine.memory()
