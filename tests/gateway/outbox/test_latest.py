"""The newest events of an outbox that a gateway may be writing."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.lookup import Lookup
from gateway.events.moment import Moment
from gateway.outbox import latest as module
from gateway.outbox.latest import latest
from gateway.outbox.store import Store
from gateway.outbox.types import Commit, ReadError, Row

BEGAN = datetime(2026, 3, 14, 12, tzinfo=UTC)
NAMES = ("door.opened", "game.started", "door.closed", "meter.read")
PLACE = Place(site="demo", gateway="edge1", jurisdiction="US-NV")


def row(sequence):
    """One event a second; of two machines in turn, of four types in turn by pairs."""
    name, asset = NAMES[sequence // 2 % 4], f"1010{1 + sequence % 2}"
    wall_ns = int((BEGAN + timedelta(seconds=sequence)).timestamp()) * 10**9
    fact = Fact(name, asset, CATALOGUE[name].example, Moment(0.0, wall_ns))
    family = name.partition(".")[0]
    number = sum(NAMES[n // 2 % 4].startswith(family) for n in range(1, sequence + 1))
    one = encode(fact, PLACE, Stamp("edge1", "b1", sequence, number), "2026-03-14")
    return Row(one.sequence, one.id, one.type, one.family, one.familysequence, one.subject,
               one.asset, one.stream, one.time_ns, one.body)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("outbox") / "outbox.sqlite"
    store = Store.open(path, synchronous="OFF")
    store.apply([Commit(tuple(row(n) for n in range(1, 201)))], (), 0)
    store.close()
    return path


@pytest.fixture(autouse=True)
def short_steps(monkeypatch):
    monkeypatch.setattr(module, "STEP_ROWS", 7)


def numbers(found):
    return [event.sequence for event in found.events]


WANTED = [
    ("of all machines", {}),
    ("of one machine", {"asset": "10101"}),
    ("until a moment", {"before": BEGAN + timedelta(seconds=40)}),
    ("by type", {"kinds": ("door.opened", "meter.read")}),
]


@pytest.mark.parametrize("more", [one[1] for one in WANTED], ids=[one[0] for one in WANTED])
def test_the_newest_events_are_those_that_a_look_at_every_one_finds(path, more):
    wanted = Lookup(**{"kinds": ("door",), "after": BEGAN, "most": 4} | more)
    every = [decode(row(number).body) for number in range(200, 0, -1)]
    assert numbers(latest(path, wanted)) == [one.sequence for one in every if wanted.fits(one)][:4]


def test_a_stretch_of_time_is_looked_at_and_nothing_before_it(path):
    after = BEGAN + timedelta(seconds=190)
    found = latest(path, Lookup(("door", "meter"), after, most=100))
    assert numbers(found) == [200, 199, 198, 197, 196, 193, 192, 191, 190]
    assert found.reached == after


def test_a_search_that_takes_too_long_says_how_far_back_it_looked(path):
    seconds = iter([0.0, 1.0, 2.0])
    found = latest(path, Lookup(("bill",), BEGAN), lambda: next(seconds))
    assert found.events == ()
    assert "slotgw find" in found.why
    assert found.reached == BEGAN + timedelta(seconds=186)


def test_without_an_outbox_it_says_so(tmp_path):
    with pytest.raises(ReadError):
        latest(tmp_path / "outbox.sqlite", Lookup(("door",), BEGAN))
