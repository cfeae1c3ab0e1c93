"""A floor in virtual time: people act, a plain host polls, and what it hears is what happened."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

import edge_config
from edge_config.loader import load_toml
from floor_sim.doings import DoingError, do
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.settings import MachineSettings
from floor_sim.memory_line import MemoryLine

DEMO = Path(edge_config.__file__).parent / "floors" / "demo_floor.toml"
TURN_S = 0.05
"""A host asks the next machine of a line after so long: each of four is asked every 200 ms."""


class Reader:
    def __init__(self):
        self.seen = []

    def insert(self, guest):
        self.seen.append(guest)

    def remove(self):
        self.seen.append("OUT")


class World:
    """The demonstration's floor, and a host on each of its lines."""

    def __init__(self, journal=None, now=0.0, seed=None, playing=True):
        file = load_toml(DEMO, FloorFile)
        self.journal = journal or MemoryJournal()
        memories = {egm.asset: self.journal.memory(egm.asset) for egm in file.egms}
        self.readers = {egm.asset: Reader() for egm in file.egms}
        self.floor = Floor(file, self.journal, memories, now=now, seed=seed, readers=self.readers)
        self.now = now
        self.ends = {name: MemoryLine(line) for name, line in self.floor.lines.items()}
        self.assets = {(egm.line, egm.address): egm.asset for egm in file.egms}
        self.heard = defaultdict(list)
        self.unanswered = {}
        self.turn = Counter()
        self.floor.start(now, playing=playing)

    def people(self, until):
        while (due := self.floor.next_due()) is not None and due <= until:
            self.floor.run(due)

    def poll(self):
        """Ask one machine of each line; one that was silent is asked once more."""
        for name, end in self.ends.items():
            again = self.unanswered.pop(name, None)
            if again is None:
                self.turn[name] = self.turn[name] % 4 + 1
            address = again or self.turn[name]
            answer = end.exchange(bytes([0x80 | address]), self.now, wait_s=0.03)
            if not answer and again is None:
                self.unanswered[name] = address
            elif answer not in {b"", b"\x00"}:
                self.heard[self.assets[name, address]].append(f"{answer[0]:02X}")

    def go(self, seconds, *, polling=True):
        end = self.now + seconds
        while self.now < end:
            self.now += TURN_S
            self.people(self.now)
            if polling:
                self.poll()

    def told(self):
        """What a host should have heard: exceptions in the order of their hand-over."""
        told = defaultdict(list)
        for record in self.journal.records:
            if record["what"] == "acked" and record.get("whole", True):
                told[record["egm"]].append(record["code"])
        return told

    def settle(self):
        self.floor.set_play(self.now, on=False)
        self.go(5)


@pytest.fixture(scope="module")
def lively():
    """Two minutes of the demonstration's floor, then the end of play."""
    world = World()
    world.go(120)
    world.settle()
    return world


def test_a_host_hears_what_happened_and_nothing_else(lively):
    assert lively.heard == lively.told()
    happened = Counter(r["code"] for r in lively.journal.records if r["what"] == "exception")
    heard = Counter(code for codes in lively.heard.values() for code in codes)
    lost = Counter(r["code"] for r in lively.journal.records if r["what"] == "lost")
    assert happened == heard + lost


def test_no_queue_overflows_at_the_pace_of_the_demonstration(lively):
    assert "70" not in {r.get("code") for r in lively.journal.records}
    waiting = [len(r["state"]["port0"]["queue"]) for r in lively.journal.records
               if "port0" in r.get("state", {})]  # fmt: skip
    assert max(waiting) <= 12


def test_a_lively_floor_has_everything_that_people_have_to_see_to(lively):
    codes = {code for codes in lively.heard.values() for code in codes}
    assert codes >= {"17", "11", "12", "19", "1A", "1B", "1C", "28", "40", "51", "52", "66", "3D",
                     "71", "72", "7E", "7F"}  # fmt: skip


def test_the_first_fifteen_seconds_show_every_kind_of_thing():
    world = World()
    world.go(15)
    codes = {code for codes in world.heard.values() for code in codes}
    assert codes >= {"11", "12", "1B", "28", "40", "51", "52", "71", "72", "7E", "7F"}
    assert any("OUT" in reader.seen for reader in world.readers.values())


def test_when_play_ends_the_floor_becomes_quiet(lively):
    assert lively.floor.pending == 0
    assert lively.floor.queued == 0
    for machine in lively.floor.machines.values():
        cabinet = machine.cabinet
        left = (cabinet.doors, cabinet.tilts, cabinet.jammed, cabinet.lamp, cabinet.locked,
                cabinet.cashbox_out, cabinet.game, cabinet.card)  # fmt: skip
        assert not any(left)
    before = len(lively.journal.records)
    lively.go(20)
    assert len(lively.journal.records) == before


def test_after_every_tilt_somebody_shows_on_the_wire_that_the_machine_works(lively):
    tilts = {"40", "20", "28"}
    shows = {"7E", "47", "48", "49", "4A", "4B", "4C"}
    for codes in lively.heard.values():
        for place, code in enumerate(codes):
            assert code not in tilts or shows & set(codes[place + 1 :])
    assert tilts <= {code for codes in lively.heard.values() for code in codes}


def test_money_and_meters_agree_on_the_whole_floor(lively):
    for machine in lively.floor.machines.values():
        count = machine.cabinet.meters.true
        assert count("games_played") > 5
        assert count("bills_accepted_credits") + count("coin_out") == (
            count("current_credits") + count("coin_in") + count("ticket_out_credits")
            + count("hand_paid_cancelled_credits")
        )  # fmt: skip


def test_cards_go_in_and_out_and_no_record_has_a_number(lively):
    for asset, reader in lively.readers.items():
        told = [r for r in lively.journal.records if r["what"] == "card" and r["egm"] == asset]
        assert [r["guest"] if r["inside"] else "OUT" for r in told] == reader.seen
        assert reader.seen[1::2] == ["OUT"] * (len(reader.seen) // 2)
    assert sum(len(reader.seen) for reader in lively.readers.values()) > 40


def test_one_seed_is_one_floor():
    def story(seed):
        world = World(seed=seed)
        world.go(20)
        return world.journal.records

    assert story(5) == story(5)
    assert story(5) != story(6)


def test_without_a_host_nobody_sits_down():
    world = World()
    world.go(30, polling=False)
    assert {r["code"] for r in world.journal.records if r["what"] == "exception"} == {"17"}
    assert all(not reader.seen for reader in world.readers.values())


def test_when_the_host_goes_away_guests_leave_the_machines_alone_until_it_is_back():
    world = World()
    world.go(20)
    world.go(60, polling=False)
    world.go(10)
    world.settle()
    assert [r for r in world.journal.records if r["what"] == "lost"] == []
    for asset, codes in world.told().items():
        heard = world.heard[asset]
        assert len(heard) - len(codes) in {0, 1}  # the answer that the host went away with
        rest = iter(heard)
        assert all(code in rest for code in codes)


def test_a_power_cut_of_the_floor_loses_nothing_and_people_go_on_with_what_is_open():
    first = World()
    first.go(20)
    assert do(first.floor.machines["10101"], "door open drop", first.now)
    second = World(journal=first.journal, now=first.now + 3)
    second.go(20)
    second.settle()
    assert second.floor.pending == 0
    happened = Counter(r["code"] for r in first.journal.records if r["what"] == "exception")
    acked = Counter(r["code"] for r in first.journal.records if r["what"] == "acked")
    assert happened == acked
    heard = Counter(code for codes in second.heard.values() for code in codes)
    assert heard["18"] == 24
    assert heard["14"] >= 1


def test_a_line_that_is_pulled_for_some_seconds_loses_nothing():
    world = World()
    world.go(8)
    assert world.floor.pull_line("L1", 7.0, world.now)
    assert not world.floor.pull_line("L1", 7.0, world.now)
    world.go(20)
    world.settle()
    pulled = [(r["line"], r["pulled"]) for r in world.journal.records if r["what"] == "line"]
    assert pulled[:2] == [("L1", True), ("L1", False)]
    assert [r for r in world.journal.records if r["what"] == "lost"] == []
    assert world.heard == world.told()


@pytest.mark.parametrize(
    "words", ["dance", "door open window", "tilt", "bill twenty", "exception 100", "jam now", ""]
)
def test_words_that_name_nothing_say_what_there_is(words):
    world = World()
    with pytest.raises(DoingError):
        do(world.floor.machines["10101"], words, world.now)


def test_a_person_can_do_things_by_hand():
    world = World()
    machine = world.floor.machines["10103"]
    for words in ("bill 100", "game start 40", "game end", "jackpot 1250.00", "handpay reset",
                  "tilt reel", "mend", "card in 7", "card out", "exception 3C", "power cycle",
                  "lamp on", "busy 2"):  # fmt: skip
        assert do(machine, words, world.now), words
    codes = world.journal.codes("10103")
    assert codes == ["17", "4C", "7E", "7F", "51", "52", "40", "3C", "18", "17", "71"]


def test_the_settings_of_a_machine_come_from_its_profile():
    file = load_toml(DEMO, FloorFile)
    settings = file.machine(file.egms[-1])
    assert isinstance(settings, MachineSettings)
    assert (settings.asset, settings.address, settings.cents_per_credit) == ("10604", 4, 100)
    assert settings.denomination_code == 0x06


def test_where_nobody_is_whatever_was_done_by_hand_stays_until_people_come():
    world = World(playing=False)
    machine = world.floor.machines["10101"]
    for words in ("bill 20", "card in 7", "game start 40", "door open slot"):
        assert do(machine, words, world.now)
    world.go(60)
    assert machine.cabinet.doors == {"slot"}
    assert machine.cabinet.game is not None
    assert machine.cabinet.card == "guest 7"
    world.settle()
    assert not any((machine.cabinet.doors, machine.cabinet.game, machine.cabinet.card))
    assert world.heard == world.told()
