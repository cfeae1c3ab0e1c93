"""Guests of the crowd: what they bring, leave behind, come back for; and who works on the floor."""

from datetime import UTC, datetime

import pytest

from edge_config.loader import parse_toml
from floor_sim.chance import draw
from floor_sim.crowd_file import Crowd
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine import play, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.people.chairs import PLAYED_OUT_BETS
from floor_sim.people.crews import Crews
from floor_sim.people.crowd import MOVES_SHARE, TICKET_MOVES_SHARE
from floor_sim.people.guest import Guest, buy_in, new_guest

FLOOR = """
[floor]
name = "f"
seed = 1
run_folder = "r"

[crowd]
occupancy_percent = 0.1
{crowd}

[crew]
attendants = 1
technicians = 1
walk_s = [10.0, 20.0]

[[lines]]
name = "L1"
port = "lines/L1"

[[egms]]
asset = "1"
line = "L1"
address = 1
profile = "{profile}"

[[egms]]
asset = "2"
line = "L1"
address = 2
profile = "{profile}"
"""


FRUGAL = {"bet_cents": 30, "stay_s": 60.0}
"""A guest who cannot lose a twenty in the time."""


class Room:
    """A floor of two machines to which nobody comes but whom a test sends."""

    def __init__(self, crowd="", profile="penny_video"):
        text = FLOOR.format(crowd=crowd, profile=profile)
        self.journal = MemoryJournal()
        self.floor = Floor(
            parse_toml(text, FloorFile, "floor.toml"), self.journal, {},
            wall_at_zero=datetime(2026, 11, 17, 12, tzinfo=UTC), wired=False, tickets_by_hand=True,
        )  # fmt: skip
        self.floor.start(0.0)
        self.now = 0.0
        self.machine = self.floor.machines["1"]
        self.chair = self.floor.crowd.chairs["1"]

    def send(self, **given):
        usual = {"number": 1, "name": None, "chance": draw(1, "test"), "bet_cents": 80,
                 "cash_cents": 4_000, "cycle_s": 5.0, "stay_s": 300.0, "chases": 0}  # fmt: skip
        guest = Guest(**{**usual, **given})
        self.floor.crowd.seated += 1
        self.chair.sit(guest, self.now)
        return guest

    def go(self, seconds):
        self.now += seconds
        while (due := self.floor.next_due()) is not None and due <= self.now:
            self.floor.run(due)

    def until_gone(self):
        while self.chair.guest is not None:
            assert self.now < 3_600, "a guest who never goes"
            self.go(5)

    def told(self, what, **facts):
        return [
            r for r in self.journal.records
            if r["what"] == what and r.get("egm") == "1"
            and all(r.get(key) == value for key, value in facts.items())
        ]  # fmt: skip


def test_a_guest_plays_cashes_out_and_goes_with_the_ticket():
    room = Room()
    guest = room.send(**FRUGAL)
    room.until_gone()
    assert room.told("games")
    assert room.machine.cabinet.credits == 0
    printed = room.told("exception", code="3D")
    assert guest.ticket_cents == printed[-1]["cents"] > 0


def test_a_guest_whose_time_is_over_plays_out_what_is_not_worth_a_ticket():
    left, much = [], []
    for seed in range(8):
        for bet_cents, ends in ((200, left), (30, much)):
            room = Room()
            room.send(bet_cents=bet_cents, cash_cents=2_000, stay_s=1.0, chance=draw(seed, "end"))
            room.until_gone()
            out = room.machine.cabinet.meters.true("ticket_out_credits")
            ends.append((out, bool(room.told("games"))))
    assert all(played for _, played in left)
    assert all(out == 0 or out >= 200 * PLAYED_OUT_BETS or out < 200 for out, _ in left)
    assert {out for out, _ in much} == {2_000}


@pytest.mark.parametrize(
    ("ticket_cents", "share"), [(0, MOVES_SHARE), (5_000, TICKET_MOVES_SHARE)]
)  # fmt: skip
def test_guests_move_on_to_another_machine_more_often_with_a_ticket(ticket_cents, share):
    room = Room()
    moved = 0
    for number in range(600):
        guest = Guest(number, None, draw(number, "moves"), 40, 50_000, 5.0, 60.0, ticket_cents)
        before = room.floor.crowd._gone_home
        room.floor.crowd.gone(guest, room.machine, 0.0)
        moved += room.floor.crowd._gone_home == before
    assert moved / 600 == pytest.approx(share, abs=0.06)


def test_a_ticket_is_put_in_before_money():
    room = Room()
    guest = room.send(ticket_cents=2_500, cash_cents=0)
    room.go(60)
    assert guest.ticket_cents == 0
    assert [record["status"] for record in room.told("exception", code="68")] == ["00"]
    assert room.machine.cabinet.meters.true("bills_accepted_credits") == 0


def test_where_no_ticket_is_taken_the_cashier_changes_it():
    room = Room(profile="sulks_after_nack")
    room.send(ticket_cents=2_500, cash_cents=0)
    room.go(60)
    assert not room.told("exception", code="67")
    assert room.machine.cabinet.meters.true("bills_accepted_credits") == 2_000


def test_a_card_that_is_left_behind_is_found():
    room = Room(crowd="card_left_share = 1.0")
    room.send(name="guest 7", **FRUGAL)
    room.until_gone()
    inside = [record["inside"] for record in room.told("card")]
    while inside == [True] and room.now < 4_000:
        room.go(60)
        inside = [record["inside"] for record in room.told("card")]
    assert inside == [True, False]
    assert room.told("card")[1]["t"] - room.told("exception", code="66")[0]["t"] > 180


def test_credits_that_are_left_behind_are_cashed_out_by_somebody_else():
    room = Room(crowd="credits_left_share = 1.0")
    room.send(**FRUGAL)
    room.until_gone()
    assert room.machine.cabinet.credits > 0
    room.go(2_000)
    assert room.machine.cabinet.credits == 0


def test_a_guest_without_money_goes_and_some_fetch_more_first():
    ended = []
    for seed in range(12):
        room = Room()
        guest = room.send(cash_cents=500, bet_cents=300, stay_s=900.0, chases=2,
                          chance=draw(seed, "loser"))  # fmt: skip
        room.until_gone()
        bills = room.machine.cabinet.meters.true("bills_accepted_credits")
        ended.append((guest.chases < 2, guest.bet_cents > 300, bills > 500))
    assert {(False, False, False), (True, True, True)} <= set(ended)


def test_a_guest_chooses_among_the_games_of_a_machine():
    chosen = set()
    for number in range(6):
        room = Room(profile="poker_multi")
        room.send(chance=draw(number, "chooser"))
        room.go(30)
        switches = room.machine.cabinet.switches
        chosen.add((switches.game, switches.denomination))
    assert len({game for game, _ in chosen}) > 1


def test_a_guest_gives_up_a_machine_that_nobody_can_play():
    room = Room()
    room.floor.staff.leave(room.machine, 0.0)  # nobody comes
    room.send()
    service.tilt(room.machine, "general", 0.0)
    room.go(250)
    assert room.chair.guest is not None
    room.go(150)
    assert room.chair.guest is None


def test_a_handpay_ends_and_the_guest_waits_for_it():
    room = Room()
    room.send()
    room.go(60)
    play.jackpot(room.machine, 150_000, room.now)
    room.go(400)
    assert not room.machine.cabinet.locked


def test_bills_are_twenties_but_for_large_bets():
    guest = new_guest(1, draw(1, "guest", 1), Crowd(), 100)
    guest.cash_cents, guest.bet_cents = 30_000, 80
    assert buy_in(guest, (1, 5, 10, 20, 50, 100)) == 20
    guest.bet_cents = 500
    assert buy_in(guest, (1, 5, 10, 20, 50, 100)) == 100
    guest.cash_cents = 700
    assert buy_in(guest, (1, 5, 10, 20, 50, 100)) == 5
    guest.cash_cents = 50
    assert buy_in(guest, (1, 5, 10, 20, 50, 100)) is None


def test_who_has_fed_two_twenties_here_feeds_a_hundred_next():
    guest = new_guest(1, draw(1, "guest", 1), Crowd(), 100)
    guest.cash_cents, guest.bet_cents = 30_000, 80
    bills = (1, 5, 10, 20, 50, 100)
    assert [buy_in(guest, bills, fed) for fed in range(4)] == [20, 20, 100, 100]
    guest.cash_cents = 9_500
    assert buy_in(guest, bills, 3) == 20


def test_who_means_to_stay_longer_brings_more_money():
    guests = [new_guest(n, draw(1, "guest", n), Crowd(), 100) for n in range(4_000)]
    mean = {
        long: sum(guest.cash_cents / guest.bet_cents for guest in some) / len(some)
        for long in (False, True)
        if (some := [guest for guest in guests if (guest.stay_s > 1_800) is long])
    }
    assert mean[True] > 1.5 * mean[False]


def test_guests_are_as_the_file_says():
    crowd = Crowd(carded_share=0.25, games_per_hour=480)
    guests = [new_guest(n, draw(1, "guest", n), crowd, 100) for n in range(2_000)]
    assert sum(guest.name is not None for guest in guests) / 2_000 == pytest.approx(0.25, abs=0.03)
    cycles = sorted(guest.cycle_s for guest in guests)
    assert 3_600 / (cycles[1_000] + 0.5) == pytest.approx(480, rel=0.03)
    stays = sorted(guest.stay_s for guest in guests)
    assert stays[1_000] == pytest.approx(600, rel=0.1)
    assert stays[1_900] == pytest.approx(4_500, rel=0.25)


def test_one_technician_mends_one_machine_after_the_other():
    room = Room()
    for asset in ("1", "2"):
        service.tilt(room.floor.machines[asset], "general", 0.0)
    assert room.floor.staff.crews.waited == 1
    opened = []
    for _ in range(40):
        room.go(30)
        opened = [r["t"] for r in room.journal.records if r.get("code") == "11"]
    assert len(opened) == 2
    assert opened[1] - opened[0] > 40
    assert not any(m.cabinet.tilts or m.cabinet.doors for m in room.floor.machines.values())


def test_a_job_that_is_not_needed_any_more_gives_its_turn_away():
    begun = []
    crews = Crews({"attendant": 1})
    for name in "abc":
        crews.call("attendant", name, lambda now, name=name: begun.append((name, now)), 1.0)
    assert begun == [("a", 1.0)]
    crews.over("b", 2.0)  # never began
    crews.over("a", 3.0)
    assert begun == [("a", 1.0), ("c", 3.0)]
    crews.call("attendant", "c", lambda now: begun.append(("c again", now)), 4.0)
    assert begun[-1] == ("c again", 4.0)
    crews.over("c", 5.0)
    crews.call("attendant", "d", lambda now: begun.append(("d", now)), 6.0)
    assert begun[-1] == ("d", 6.0)
    assert (crews.waited, crews.longest) == (2, 2)
