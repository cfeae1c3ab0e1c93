"""The certified host on the second port: what it polls, what it orders, what it writes."""

import csv
import io
import json
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_config.loader import ConfigError, parse_toml
from floor_sim.certified.books import Books
from floor_sim.certified.extracts import extracts
from floor_sim.certified.mistakes import MISTAKES, with_mistakes
from floor_sim.certified.session import ORDERS, CertifiedSession
from floor_sim.cli.main import main
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine import play
from floor_sim.machine.journal import MemoryJournal
from floor_sim.presets import preset
from floor_sim.virtual import VirtualOptions, run_virtual
from protocols.sas.crc import with_crc
from protocols.sas.machine import build_exception, build_reply
from protocols.sas.polls import SYNC, long_poll, parse_request

FRIDAY = datetime(2026, 11, 20, 3, 40, tzinfo=ZoneInfo("America/Los_Angeles"))
MACHINES = 12


class Run:
    """Fifty minutes from 03:40 on: the day ends at 04:00, the drop begins at 04:10."""

    def __init__(self, remote_reset_s=0):
        text = preset(MACHINES, certified=True).replace('starts = "05:00"', 'starts = "04:10"')
        crowd = (
            'occupancy_percent = 40\nvisit_minutes = 3\nbet = "0.40"'  # tickets, in fifty minutes
        )
        text = text.replace("occupancy_percent = 30", crowd)
        text += f"\n[certified]\nremote_reset_s = {remote_reset_s}\n"
        file = parse_toml(text, FloorFile, "floor.toml")
        self.journal = MemoryJournal()
        self.floor = Floor(file, self.journal, {}, wall_at_zero=FRIDAY)
        self.floor.start(0.0)
        self.now = 0.0

    def go(self, seconds):
        self.now += seconds
        while (due := self.floor.next_due()) is not None and due <= self.now:
            self.floor.run(due)
        return self

    @property
    def host(self):
        return self.floor.certified

    @property
    def books(self):
        return self.host.clerk.books

    def acked(self, code):
        return [r for r in self.journal.records
                if r["what"] == "acked" and r["port"] == 1 and r["code"] == code]  # fmt: skip

    def truth(self, code):
        return [r for r in self.journal.records if r["what"] == "exception" and r["code"] == code]


@pytest.fixture(scope="module")
def night():
    run = Run()
    run.go(600)
    machine = run.floor.machines["10001"]
    run.jackpot = play.jackpot(machine, 130_000, run.now)
    return run.go(2_400)


def test_the_slip_of_a_handpay_says_what_was_paid_and_when(night):
    assert night.jackpot
    mine = [row for row in night.books.slips if row.asset == "10001" and row.cents == 130_000]
    assert [(row.level, row.kind) for row in mine] == [(0x40, "jackpot")]
    assert mine[0].pending_at < mine[0].reset_at
    assert len(night.books.slips) == len(night.acked("52"))


def test_every_ticket_that_was_printed_and_taken_is_in_the_books(night):
    issued = Counter((row.asset, row.cents) for row in night.books.tickets if row.issued)
    told = {record["of"] for record in night.acked("3D")}
    true = Counter((r["egm"], r["cents"]) for r in night.truth("3D") if r["n"] in told)
    assert sum(issued.values()) > 3
    # two tickets of one machine within a second: poll 3D tells the last one, as in life
    assert issued == true
    taken = Counter((row.asset, row.cents) for row in night.books.tickets if not row.issued)
    assert sum(taken.values()) > 1
    good = Counter((r["egm"], r["cents"]) for r in night.truth("68") if int(r["status"], 16) < 3)
    assert not taken - good


def test_the_meters_of_the_gaming_day_are_those_of_its_end(night):
    assert {row.asset for row in night.books.meters} == set(night.floor.machines)
    assert {row.gaming_day for row in night.books.meters} == {"2026-11-19"}
    row = night.books.meters[5]
    true = night.floor.machines[row.asset].cabinet.meters
    assert set(row.meters) >= {"coin_in", "games_played", "ticket_out_credits"}
    assert all(row.meters[name] <= true.true(name) for name in ("coin_in", "total_drop"))


def test_the_count_is_what_was_in_the_cashbox(night):
    drops = [row for row in night.books.drops if any(row.counted.values())]
    assert len(night.books.drops) >= MACHINES - 4
    assert drops
    assert all(row.metered == row.counted for row in night.books.drops)
    assert sum(row.counted[20] for row in drops) > 0


def test_a_rating_has_what_was_played_between_card_in_and_card_out(night):
    ratings = night.books.ratings
    assert len(ratings) > 1
    assert all(row.began < row.ended and row.account.isdigit() for row in ratings)
    assert sum(row.games for row in ratings) > 50
    assert all(row.theo_cents <= row.coin_in_cents for row in ratings)


def test_no_guests_label_and_no_validation_number_is_in_an_extract(night):
    files = {**extracts(night.books, "columns"), **extracts(night.books, "lines")}
    text = "".join(files.values())
    assert "guest" not in text
    numbers = {str(m.cabinet.secrets.ticket) for m in night.floor.machines.values()} - {"0"}
    assert numbers
    assert not any(number in text for number in numbers)


def test_only_orders_of_the_list_go_out(night):
    ordered = Counter()
    for session in night.host.sessions.values():
        ordered.update(session.orders)
    assert ordered.keys() <= ORDERS.keys()
    assert ordered[0x7B] >= MACHINES
    assert ordered[0x94] == 0


def test_a_handpay_may_be_reset_from_afar():
    run = Run(remote_reset_s=5).go(30)
    machine = run.floor.machines["10003"]
    play.jackpot(machine, 150_000, run.now)
    run.go(30)
    assert not machine.cabinet.locked
    reset = run.truth("52")
    assert [record["by"] for record in reset] == ["host"]


def test_two_extracts_of_different_shape_tell_the_same_money(night):
    columns, lines = extracts(night.books, "columns"), extracts(night.books, "lines")
    rows = list(csv.DictReader(io.StringIO(columns["tickets.csv"])))
    first = sum(int(row["amount"].replace(".", "")) for row in rows)
    second = sum(
        int(row["CENTS"])
        for name, text in lines.items() if name.startswith("SLTTKT")
        for row in csv.DictReader(io.StringIO(text), delimiter=";")
    )  # fmt: skip
    assert first == second > 0
    meters = list(csv.DictReader(io.StringIO(columns["meters.csv"])))
    long = list(csv.DictReader(io.StringIO(lines["SLTMTR_20261119.TXT"]), delimiter=";"))
    one = next(row for row in meters if int(row["coin_in"]))
    other = next(row for row in long
                 if row["MACH"] == "00" + one["asset"] and row["MTR"] == "TURNOVER")  # fmt: skip
    worth = int(one["denomination"].replace(".", ""))
    assert int(one["coin_in"]) * worth == int(other["VALUE"])


@pytest.mark.parametrize("name", MISTAKES)
def test_an_error_that_is_put_in_is_told_and_is_the_only_difference(night, name):
    books = night.books
    if name == "meters stale":  # needs a day before
        old = [row for row in books.meters if row.meters.get("coin_in")]
        older = [type(row)("2026-11-18", row.asset, row.at, row.cents_per_credit, {"coin_in": 1})
                 for row in old]  # fmt: skip
        books = Books([*older, *old], *(getattr(books, key) for key in list(Books.__slots__)[1:]))
    changed, told = with_mistakes(books, [name], 3)
    table = MISTAKES[name].table
    assert [(one.name, one.table) for one in told] == [(name, table)]
    for other in Books.__slots__:
        if other != table:
            assert getattr(changed, other) == getattr(books, other)
    before, after = getattr(books, table), getattr(changed, table)
    assert before != after
    assert len([row for row in after if row not in before]) <= 1
    assert abs(len(after) - len(before)) <= 1


def test_the_command_writes_both_shapes_and_what_it_put_in(tmp_path):
    floor, out = tmp_path / "floor.toml", tmp_path / "sms"
    floor.write_text(preset(8, certified=True))
    done = CliRunner().invoke(
        main, ["extracts", str(floor), "--out", str(out), "--hours", "0.4", "--begins",
               "2026-11-20T03:45", "--error", "ticket missing"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (out / "columns" / "meters.csv").read_text().count("\n") == 9
    assert (out / "lines" / "SLTMTR_20261119.TXT").exists()
    assert [one["name"] for one in json.loads((out / "injected.json").read_text())] == [
        "ticket missing"
    ]
    assert CliRunner().invoke(main, ["extracts", "--list-errors"]).output.count("\n") == 17


def test_an_error_that_nobody_knows_is_told_with_those_that_are():
    text = preset(8, certified=True) + '\n[certified]\nerrors = ["slip lost"]\n'
    with pytest.raises(ConfigError, match="slip missing"):
        parse_toml(text, FloorFile, "floor.toml")


class Machine:
    """A machine at the other end of a session, in words."""

    def __init__(self, *addresses, **options):
        self.told = []
        self.session = CertifiedSession(
            {address: f"E{address}" for address in addresses},
            lambda seen, reply, _now: self.told.append((seen.asset, type(reply).__name__)),
            lambda _now: FRIDAY, **options,
        )  # fmt: skip
        self.now = 0.0

    def hears(self, answer=b""):
        self.now += 0.1
        poll = self.session.next_poll(self.now)
        self.session.heard(answer(poll) if callable(answer) else answer, self.now)
        return poll


def test_a_poll_without_an_answer_is_sent_once_more_before_anything_else():
    talk = Machine(1, 2)
    assert talk.hears() == SYNC
    for _ in range(60):
        talk.hears(lambda poll: b"\x00" if len(poll) == 1 else b"")
    asked = [talk.hears(lambda poll: b"\x00" if len(poll) == 1 else b"") for _ in range(40)]
    longs = [poll for poll in asked if len(poll) > 1]
    assert longs == []  # all wishes have been given up by now
    first = talk.hears()
    assert talk.hears() == first
    assert talk.hears() != first


def test_a_lone_machine_is_told_by_80_that_its_answer_arrived():
    talk = Machine(5)
    polls = [talk.hears(lambda poll: build_exception(5, 0x11) if len(poll) == 1 else b"")
             for _ in range(3)]  # fmt: skip
    assert polls[:3] == [SYNC, b"\x85", SYNC]


def test_a_ticket_in_the_acceptor_is_taken_for_its_own_amount():
    talk = Machine(1)
    said = {0x70: build_reply(1, 0x70, status=0, amount_cents=500, validation_number=77)}

    def answer(poll):
        if len(poll) == 1:
            return b"\x67" if talk.now < 1 else b"\x00"
        return said.get(poll[1], b"\x01")

    polls = [talk.hears(answer) for _ in range(60)]
    taken = long_poll(1, 0x71, transfer_code=0, amount_cents=500, parsing_code=0,
                      validation_number=77)  # fmt: skip
    assert taken in polls


def test_a_host_from_outside_leaves_the_certified_lines_alone(tmp_path):
    file = parse_toml(preset(8, certified=True), FloorFile, "floor.toml")
    options = VirtualOptions(tmp_path / "run", 30.0, begins=FRIDAY)
    done = run_virtual(file, options)
    assert done.polls > 100
    assert (tmp_path / "run" / "sms" / "columns" / "tickets.csv").exists()
    floor = Floor(file, MemoryJournal(), {})
    assert [line.name for line in floor.host_lines] == ["L001"]


SAID = st.one_of(
    st.binary(max_size=30),
    st.sampled_from([b"", b"\x00", b"\x51", b"\x3d", b"\x67", b"\x1b", b"\x3f", b"\x17", b"\x57"]),
)


@settings(max_examples=100, deadline=None)
@given(said=st.lists(st.tuples(SAID, st.booleans()), max_size=60), addresses=st.integers(1, 3))
def test_whatever_machines_say_the_host_polls_on_by_the_rules(said, addresses):
    talk = Machine(*range(1, addresses + 1), remote_reset_s=1.0)
    before, alike = b"", 0
    for data, sealed in said:

        def answer(poll, data=data, sealed=sealed):
            return with_crc(poll[:2] + data) if sealed and len(poll) > 1 else data

        poll = talk.hears(answer)
        request = parse_request(poll)
        assert request.kind in {"general", "long", "sync"}
        assert request.kind != "long" or request.command in {
            *ORDERS, 0x0F, 0x1B, 0x1E, 0x2F, 0x3D, 0x4D, 0x57, 0x70, 0xA0,
        }  # fmt: skip
        alike = alike + 1 if poll == before else 1
        assert alike <= 2  # asked again once, and never a third time
        before = poll
