"""What is remembered of a machine goes where the machine goes, by its serial number."""

from __future__ import annotations

import pytest

from edge_config.register import Register
from edge_config.site import Site
from gateway.edge.egm import EgmWork
from gateway.edge.identifying import HELD_MAX, LISTENS_S, WAITS_S, Identifying
from gateway.edge.machines import Machines
from gateway.edge.recorder import Recorder
from gateway.edge.rules import handpay_rules
from gateway.edge.standing import Standing
from gateway.events.encode import Place
from gateway.events.envelope import decode
from gateway.events.moment import Moment
from gateway.meaning.engine import EgmFacts
from gateway.meaning.observation import LinkChange, Observation, Said, Unsupported
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter
from protocols.sas.machine import build_exception, build_reply
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import LongPollReply, MeterReading

SITE = {
    "site": {"id": "demo", "name": "Demo", "jurisdiction": "US-NV", "currency": "USD",
             "time_zone": "UTC"},
    "gateway": {"id": "edge1", "run_folder": "run"},
    "nats": {"password_env": "P"},
    "lines": [{"name": "L1", "port": "L1", "transport": "pty"}],
    "egms": [
        {"asset": f"1010{number}", "line": "L1", "address": number, "serial": f"S{number}",
         "location": f"01-01-0{number}", "denomination": worth}
        for number, worth in ((1, "0.01"), (2, "0.25"))
    ],
}  # fmt: skip


class Clock:
    """Both clocks, set by hand."""

    def __init__(self):
        self.now_s = 1000.0

    def monotonic(self):
        return self.now_s

    def wall_ns(self):
        return 1_790_000_000_000_000_000 + int(self.now_s * 1e9)

    def moment(self):
        return Moment(self.now_s, self.wall_ns())


class Bank:
    """Two places of a site with their machines, one outbox, and the state bucket."""

    def __init__(self, folder, clock=None, birth="b1", mode="host"):
        self.folder, self.clock, self.mode = folder, clock or Clock(), mode
        self.store = Store.open(folder / "outbox.db", synchronous="OFF")
        restored = self.store.restore()
        site = Site.model_validate(SITE)
        writer = InlineWriter(self.store, wall_ns=self.clock.wall_ns)
        recorder = Recorder(site, birth, restored, writer, self.clock, lambda *_: None)
        self.machines = Machines(restored.states, lambda name: handpay_rules(site, name))
        self.bucket = {}
        self.places = [
            self._work(site, egm, restored, recorder, birth) for egm in site.egms
        ]  # fmt: skip

    def _work(self, site, egm, restored, recorder, birth):
        place = Place("demo", "edge1", "US-NV", "L1", egm.address, "", "", egm.location, self.mode)
        standing = Standing(Register(site), egm, place, restored.keys)
        return EgmWork(
            egm, EgmFacts(asset=egm.asset, birthid=birth, denomination=egm.denomination), place,
            restored.states.get(standing.machine), recorder, self.clock, self._note, standing,
            self.machines,
        )  # fmt: skip

    def _note(self, asset, sequence, view):
        self.bucket[asset] = (view["location"], view["quarantined"])

    def again(self):
        """The process is killed and started again."""
        self.store.close()
        return Bank(self.folder, self.clock, "b2")

    def comes_up(self, number):
        work = self.places[number - 1]
        self.see(number, LinkChange(work.info.asset, "down", "up", "answers", self.clock.moment()))

    def goes_down(self, number):
        work = self.places[number - 1]
        self.see(number, LinkChange(work.info.asset, "up", "down", "silent", self.clock.moment()))

    def see(self, number, seen):
        self.clock.now_s += 0.2
        return self.places[number - 1].observe([seen])

    def answers(self, number, command, **values):
        return self._seen(
            number, long_poll(number, command), build_reply(number, command, **values)
        )

    def says(self, number, code):
        return self._seen(number, general_poll(number), build_exception(number, code))

    def _seen(self, number, poll, raw):
        reader = ReplyReader(poll)
        reply = reader.feed(raw) or reader.end()
        asked = self.clock.moment()
        self.clock.now_s += 0.02
        return self.see(
            number,
            Observation(f"1010{number}", "L1", number, reply, poll, asked, self.clock.moment()),
        )

    def serial(self, number, serial):
        return self.answers(number, 0x54, version="602", serial=serial)

    def reads(self, number, coin_in):
        return self.answers(
            number, 0x0F, cancelled_credits=0, coin_in=coin_in, coin_out=0, total_drop=0,
            jackpot=0, games_played=coin_in // 2,
        )  # fmt: skip

    def told(self, *names):
        reader = Reader(self.folder / "outbox.db")
        found = [decode(row.body) for row in reader.pending(0, 1000)]
        reader.close()
        return [one for one in found if not names or one.name in names]

    def totals(self, asset):
        return [
            (one.data["epoch"], one.data["meters"]["coin_in"]["total"], one.location)
            for one in self.told("meter.read") if one.asset == asset
        ]  # fmt: skip


def at_home(bank):
    """Both machines are at home and were read."""
    for number, coin_in in ((1, 1000), (2, 500)):
        bank.comes_up(number)
        bank.serial(number, f"S{number}")
        bank.reads(number, coin_in)
    return bank


@pytest.fixture
async def bank(tmp_path):
    return at_home(Bank(tmp_path))


@pytest.fixture
async def heard(tmp_path):
    """The same on a line on which another host polls."""
    return at_home(Bank(tmp_path, mode="listen"))


def both_down(bank):
    bank.goes_down(1)
    bank.goes_down(2)
    bank.clock.now_s += 30


async def test_the_totals_of_a_machine_go_on_where_it_was_found(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.serial(1, "S2")
    bank.reads(1, 540)
    assert bank.totals("10102") == [(1, 0, "01-01-02"), (1, 40, "01-01-01")]
    (moved,) = bank.told("egm.moved")
    assert moved.asset == "10102"
    assert (moved.data["location_before"], moved.data["location_after"]) == ("01-01-02", "01-01-01")
    assert (moved.data["followed"], moved.data["answers_for"]) == (True, "10101")
    assert bank.bucket["10102"] == ("01-01-01", False)
    assert bank.machines["10102"] is bank.places[0]
    assert "10101" not in bank.machines


async def test_meters_that_came_before_the_serial_number_are_nobodys(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.reads(1, 540)  # of 10102, and nobody knows yet
    done = bank.serial(1, "S2")
    assert bank.totals("10101") == [(1, 0, "01-01-01")]
    assert {(wish.what, wish.trigger) for wish, _ in done.wishes} >= {
        ("meters", "link_up"), ("full", "link_up"),
    }  # fmt: skip
    assert bank.told("meter.regressed", "meter.undecided", "meter.epochstarted") == []
    (moved,) = bank.told("egm.moved")
    assert moved.data["unsure_since"] < moved.time.isoformat()


async def test_where_a_machine_is_outlives_the_process(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.serial(1, "S2")
    later = bank.again()
    assert [work.machine for work in later.places] == ["10102", "unidentified-L1-2"]
    later.reads(1, 560)
    assert later.totals("10102")[-1] == (1, 60, "01-01-01")
    both_down(later)
    later.comes_up(2)
    later.serial(2, "S1")
    later.reads(2, 1030)
    assert later.totals("10101")[-1] == (1, 30, "01-01-02")


async def test_a_machine_that_comes_home_is_told_and_counts_on(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.serial(1, "S2")
    both_down(bank)
    bank.comes_up(2)
    bank.serial(2, "S2")
    bank.reads(2, 600)
    away, home = bank.told("egm.moved")
    assert (home.asset, home.data["location_before"], home.location) == (
        "10102", "01-01-01", "01-01-02",
    )  # fmt: skip
    assert bank.totals("10102")[-1] == (1, 100, "01-01-02")
    assert bank.places[0].machine == "unidentified-L1-1"
    bank.comes_up(1)
    bank.serial(1, "S1")
    bank.reads(1, 1001)
    assert bank.totals("10101")[-1] == (1, 1, "01-01-01")
    assert away.asset == "10102"


async def test_a_strangers_meters_touch_nobodys_totals(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.serial(1, "Z9")
    bank.reads(1, 7)
    assert bank.places[0].machine == "unregistered-L1-1"
    assert bank.bucket["10101"] == ("01-01-01", True)
    (read,) = [one for one in bank.told("meter.read") if one.asset == "unregistered-L1-1"]
    assert "denomination" not in read.data
    both_down(bank)
    bank.comes_up(1)
    bank.serial(1, "S1")
    bank.reads(1, 1010)
    assert bank.totals("10101")[-1] == (1, 10, "01-01-01")
    assert bank.bucket["10101"] == ("01-01-01", False)


async def test_what_people_say_of_a_machine_reaches_it_where_it_is(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.serial(1, "S2")
    bank.says(1, 0x51)
    work = bank.machines["10102"]
    work.observe([Said("10102", "amount", "ann", bank.clock.moment(), 50_000)])
    (known,) = bank.told("handpay.amountknown")
    assert (known.asset, known.location) == ("10102", "01-01-01")


async def test_a_machine_of_another_jurisdiction_has_its_rules_and_its_urgency(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(SITE["egms"][1], "jurisdiction", "US-LA")
    bank = Bank(tmp_path)
    for number in (1, 2):
        bank.comes_up(number)
        bank.serial(number, f"S{number}")
        bank.says(number, 0x51)
        asset = f"1010{number}"
        work = bank.machines[asset]
        work.observe([Said(asset, "amount", "ann", bank.clock.moment(), 150_000)])
        bank.goes_down(number)
    nevada, louisiana = (one.data["limits"] for one in bank.told("handpay.amountknown"))
    assert nevada["two_person"]["verdict"] == "required"
    assert louisiana["two_person"]["verdict"] == "notapplicable"
    assert [one.severity for one in bank.told("link.down")] == ["warning", "critical"]
    assert [one.jurisdiction for one in bank.told("link.down")] == ["US-NV", "US-LA"]


def up(at=100.0, before="down"):
    return LinkChange("10101", before, "up", "answers", Moment(at, 0))


def meters(at, game=0):
    reply = LongPollReply(1, 0x1A, {}, (MeterReading("coin_in", 5, 8, None, game),))
    return Observation("10101", "L1", 1, reply, b"", Moment(at, 0), Moment(at, 0))


def coin_in(bank, asset):
    """Return what was told of a machine's coin in: count, and whether who it is was unconfirmed."""
    return [
        (one.data["meters"]["coin_in"]["count"], one.data.get("unconfirmed", False))
        for one in bank.told("meter.read") if one.asset == asset
    ]  # fmt: skip


async def test_meters_that_are_only_heard_are_told_of_whoever_the_number_belongs_to(heard):
    both_down(heard)
    heard.comes_up(1)
    heard.reads(1, 530)
    heard.reads(1, 540)  # of 10102, which stands here now
    assert coin_in(heard, "10101") == [(1000, False)]
    heard.serial(1, "S2")
    assert coin_in(heard, "10101") == [(1000, False)]
    assert coin_in(heard, "10102") == [(500, False), (540, False)]  # the newest is enough
    moved, read = heard.told("egm.moved", "meter.read")[-2:]
    assert (moved.name, read.name) == ("egm.moved", "meter.read")
    assert heard.totals("10102")[-1] == (1, 40, "01-01-01")
    assert heard.told("meter.regressed", "meter.undecided", "meter.epochstarted") == []


async def test_meters_that_are_only_heard_say_at_last_that_nobody_said_who_it_is(heard):
    both_down(heard)
    heard.comes_up(1)
    heard.reads(1, 1010)
    heard.says(1, 0x11)
    assert coin_in(heard, "10101") == [(1000, False)]
    heard.clock.now_s += LISTENS_S
    heard.says(1, 0x12)
    heard.reads(1, 1020)
    heard.serial(1, "S1")
    heard.reads(1, 1030)
    assert coin_in(heard, "10101")[1:] == [(1010, True), (1020, True), (1030, False)]
    assert heard.totals("10101")[-1] == (1, 30, "01-01-01")
    read = heard.told("meter.read")[2]
    assert read.time < heard.told("door.opened")[0].time  # told late, and says when it was heard


@pytest.mark.parametrize("code", [0x7A, 0x70])
async def test_a_reading_that_was_held_is_not_told_after_what_may_have_reset_its_meters(
    heard, code
):
    both_down(heard)
    heard.comes_up(1)
    heard.reads(1, 1010)
    heard.says(1, code)
    heard.serial(1, "S1")
    assert coin_in(heard, "10101") == [(1000, False)]


async def test_where_nothing_ties_a_machine_to_a_number_what_is_heard_does_not_wait(
    tmp_path, monkeypatch
):
    monkeypatch.delitem(SITE["egms"][0], "serial")
    bank = Bank(tmp_path, mode="listen")
    bank.comes_up(1)
    bank.reads(1, 1000)
    assert coin_in(bank, "10101") == [(1000, False)]


async def test_a_polled_machine_that_never_says_who_it_is_is_told_as_unconfirmed(bank):
    both_down(bank)
    bank.comes_up(1)
    bank.reads(1, 1010)
    bank.clock.now_s += WAITS_S
    bank.reads(1, 1020)
    bank.goes_down(1)
    bank.comes_up(1)
    bank.see(1, Unsupported("10101", frozenset({0x54}), bank.clock.moment()))
    bank.reads(1, 1030)
    assert coin_in(bank, "10101")[1:] == [(1020, True), (1030, True)]


def test_so_many_readings_are_held_and_no_more():
    knows = Identifying()
    knows.waits(up(), registered=True, asks=False)
    for game in range(HELD_MAX + 3):
        assert knows.waits(meters(101.0, game), registered=True, asks=False)
    _, held = knows.known()
    assert [one.reply.meters[0].game for one in held] == [*range(3, HELD_MAX + 3)]
    assert knows.known() == ((), ())


def test_meters_wait_for_the_serial_number_only_so_long():
    knows = Identifying()
    assert not knows.waits(up(), registered=True)
    assert knows.waits(meters(101.0), registered=True)
    assert not knows.waits(meters(100.0 + WAITS_S), registered=True)


@pytest.mark.parametrize(
    ("seen", "registered"),
    [
        ((up(before="degraded"),), True),
        ((up(),), False),
        ((up(), Unsupported("10101", frozenset({0x54, 0x1F}), Moment(100.5, 0))), True),
    ],
)
def test_meters_do_not_wait_where_nobody_will_say_who_it_is(seen, registered):
    knows = Identifying()
    for one in (*seen, meters(101.0)):
        assert not knows.waits(one, registered=registered)
