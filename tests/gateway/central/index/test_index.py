"""What was seen on the floor is found again, by what a person knows of it."""

import hashlib
import importlib.util
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.central.index.packing import unpack
from gateway.central.index.search import WALK, Search, SearchError, search
from gateway.central.index.service import PRUNE_EVERY, Index
from gateway.cli.find import find
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

NOON_NS = 1_795_003_200 * 1_000_000_000
MINUTE_NS = 60 * 1_000_000_000
HOUR = 60 * MINUTE_NS


def envelope(number, name, asset="10101", location="01-01-01", code=None, at_ns=NOON_NS, **data):
    place = Place("demo", "edge1", "US-NV", location=location, line="L1", address=1)
    fact = Fact(name, asset, {**CATALOGUE[name].example, **data}, Moment(0.0, at_ns), sas_code=code)
    return decode(encode(fact, place, Stamp("edge1", "b1", number, number), "2026-11-18").body)


class Folder:
    """A folder of central, with an index in it."""

    def __init__(self, path, now_ns=lambda: NOON_NS, **days):
        self.path = path
        self.db = sqlite3.connect(path / "index.sqlite", isolation_level=None)
        self.service = Index(now_ns=now_ns, **days)
        self.db.executescript(self.service.schema[0])
        self.number = 0

    def tell(self, name, **what):
        self.number += 1
        event = envelope(self.number, name, **what)
        self.service.handle(event, self.db)
        return event

    def found(self, limit=1000, **wanted):
        return search(self.path / "index.sqlite", Search(**wanted), limit)

    def ids(self, **wanted):
        return [one["id"] for one in self.found(**wanted).events]


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path)
    yield made
    made.db.close()


@pytest.fixture
def told(folder):
    return {
        "door": folder.tell("door.opened", code=0x11),
        "belly": folder.tell("door.opened", code=0x1D, door="belly", at_ns=NOON_NS + MINUTE_NS),
        "other": folder.tell("door.opened", asset="10102", location="01-01-02", code=0x11),
        "moved": folder.tell("lamp.on", location="02-01-01", code=0x71, at_ns=NOON_NS + HOUR),
        "heart": folder.tell("gateway.heartbeat", asset=None, location=""),
    }


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, "door other heart belly moved"),
        ({"asset": "10101"}, "door belly moved"),
        ({"location": "01-01-01"}, "door belly"),
        ({"location": "02-01-01"}, "moved"),
        ({"code": 0x11}, "door other"),
        ({"code": 0x11, "asset": "10102"}, "other"),
        ({"code": 0x12}, ""),
        ({"type": "door"}, "door other belly"),
        ({"type": "lamp.on"}, "moved"),
        ({"type": "doo"}, ""),
        ({"from_ns": NOON_NS + 1}, "belly moved"),
        ({"to_ns": NOON_NS + HOUR}, "door other heart belly"),
        ({"asset": "10101", "location": "01-01-02"}, ""),
        ({"asset": "99999"}, ""),
        ({"location": "99-99-99"}, ""),
    ],
    ids=str,
)
def test_events_are_found_by_what_is_known_of_them_oldest_first(folder, told, wanted, names):
    ids = folder.ids(**wanted)
    assert sorted(ids) == sorted(told[name].id for name in names.split())
    times = [one["time"] for one in folder.found(**wanted).events]
    assert times == sorted(times)


def test_an_event_comes_out_as_it_went_in(folder):
    event = folder.tell("handpay.pending", code=0x51)
    [found] = folder.found(type="handpay").events
    assert decode(json.dumps(found).encode()) == event


def test_more_than_was_asked_for_is_said(folder, told):
    assert (len(folder.found(limit=2).events), folder.found(limit=2).more) == (2, True)
    assert folder.found(limit=5).more is False


def test_what_is_old_goes_and_games_go_sooner(tmp_path):
    now = [NOON_NS]
    made = Folder(tmp_path, lambda: now[0], keep_days=2, play_days=1)
    made.tell("door.opened", code=0x11)
    made.tell("game.ended", code=0x7F)
    now[0] += 36 * HOUR
    for _ in range(PRUNE_EVERY - 2):
        made.tell("lamp.on", code=0x71, at_ns=now[0])
    assert made.ids(type="game") == []
    assert len(made.ids(type="door")) == 1
    now[0] += 36 * HOUR
    for _ in range(PRUNE_EVERY):
        made.tell("lamp.on", code=0x71, at_ns=now[0])
    assert made.ids(type="door") == []
    made.db.close()


def test_cards_and_sessions_are_not_in_the_index():
    assert not [name for name in Index.reads if name.startswith(("card.", "session."))]
    assert {"door.opened", "game.ended", "meter.read", "handpay.pending"} <= set(Index.reads)


def test_there_being_no_index_is_said(tmp_path):
    with pytest.raises(SearchError, match="slotgw central index"):
        search(tmp_path / "index.sqlite", Search())


@pytest.fixture
def command(folder):
    def run(*arguments):
        return CliRunner().invoke(
            find, ["--data", str(folder.path), "--from", "2026-01-01", *arguments]
        )

    return run


def test_an_export_says_that_it_is_not_official_its_range_its_rows_and_their_hash(command, told):
    done = command("--type", "door", "--to", "2027-01-01", "--csv")
    assert done.exit_code == 0
    head, body = done.stdout.split("time,", 1)
    body = "time," + body
    assert head.startswith("# observed, not official\n# from 2026-01-01T00:00:00+00:00 to 2027")
    assert "filters: type=door" in head
    assert f"# rows 3; sha256 {hashlib.sha256(body.encode()).hexdigest()}" in head
    assert body.count("\n") == 4

    made = json.loads(command("--type", "door", "--to", "2027-01-01", "--json").stdout)
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in made["events"]]
    assert made["sha256"] == hashlib.sha256("".join(f"{x}\n" for x in lines).encode()).hexdigest()
    assert (made["notice"], made["rows"], made["complete"]) == ("observed, not official", 3, True)


def test_people_get_lines_with_place_and_words(command, told):
    done = command("--code", "1D", "--to", "2027-01-01")
    assert "01-01-01" in done.stdout
    assert "belly door opened" in done.stdout
    assert "observed, not official" in done.stdout


@pytest.mark.parametrize("wrong", [["--code", "100"], ["--code", "xyz"], ["--json", "--csv"]])
def test_wrong_usage_is_status_2(command, wrong):
    assert command(*wrong).exit_code == 2


def load_floor():
    path = Path(__file__).parent / "floor_of_a_month.py"
    spec = importlib.util.spec_from_file_location("floor_of_a_month", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month of two machines: the rows of a machine are those of any floor."""
    path = tmp_path_factory.mktemp("month") / "index.sqlite"
    return path, load_floor().fill(path, 2)


WALKS = [
    ("event_by_asset", "asset = 1 AND type = 1", " AND code = 1 AND location = 1"),
    ("event_by_type", "type = 1", " AND code = 1"),
]


@pytest.mark.parametrize(("index", "keys", "more"), WALKS, ids=lambda text: text[:14])
def test_a_walk_reads_an_index_only_and_sorts_nothing(month, index, keys, more):
    path, events = month
    assert events > 100_000
    sql = WALK.format(index=index, keys=keys, more=more)
    with closing(sqlite3.connect(path)) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", (0, 9))]
    assert len(plan) == 1
    assert plan[0].startswith(f"SEARCH event USING COVERING INDEX {index}")


def test_a_rare_code_in_a_month_is_found_without_a_walk_through_the_month(month):
    began = time.process_time()
    found = search(month[0], Search(code=0x51))
    assert {one["type"] for one in found.events} == {"slot.handpay.pending.v1"}
    assert time.process_time() - began < 0.5


def test_a_row_is_small(month):
    path, _ = month
    with closing(sqlite3.connect(path)) as db:
        sizes = dict(db.execute("SELECT text, avg(length(body)) FROM event JOIN name"
                                " ON id = type GROUP BY type"))  # fmt: skip
        one = db.execute("SELECT body FROM event LIMIT 1").fetchone()[0]
    assert unpack(one)["authority"] == "observed"
    assert sizes["game.ended"] < 450
    assert sizes["meter.read"] < 600
