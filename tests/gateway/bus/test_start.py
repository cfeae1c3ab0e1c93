"""A reader that starts from the last known state misses nothing and gets nothing twice."""

import asyncio
import json
import os
import random

import pytest

from gateway.bus import state as state_module
from gateway.bus.publisher import Publisher
from gateway.bus.start import Horizon, Included, KnownState, StartError, StateStart
from gateway.bus.state import StateKeeper
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.outbox.types import Row

STARTS = int(os.environ.get("SLOTGW_TEST_STARTS", "30"))
ASSETS = [f"101{n:02}" for n in range(20)]
TYPES = ("door.opened", "bill.accepted", "game.selected", "lamp.on")
STREAMS = ("SLOT_SIGNIFICANT", "SLOT_MONEY", "SLOT_PLAY")
PLACE = Place(site="demo", gateway="edge1", jurisdiction="US-NV")


def event_row(sequence, family_sequences, birth, name, asset):
    family = name.partition(".")[0]
    number = family_sequences[family] = family_sequences.get(family, 0) + 1
    now = Moment(0.0, 1_790_000_000_000_000_000 + sequence)
    fact = Fact(name, asset, CATALOGUE[name].example, now)
    event = encode(fact, PLACE, Stamp("edge1", birth, sequence, number), "2026-01-01")
    return Row(
        event.sequence, event.id, event.type, event.family, event.familysequence, event.subject,
        event.asset, event.stream, event.time_ns, event.body,
    )  # fmt: skip


class Gateway:
    """Publishes events and states as the daemon does; its truth is a list of sequences an EGM."""

    def __init__(self, link, outbox):
        self.truth = {asset: [] for asset in ASSETS}
        self.sequence = 0
        self.births = 0
        self._link, self._outbox = link, outbox
        self._families = {}
        self._jobs = []
        self._chance = random.Random(7)

    def begin(self):
        """Start, or start again after a kill: what was noted and not written is lost."""
        for job in self._jobs:
            job.cancel()
        self.births += 1
        self.birth = f"b{self._chance.randrange(10**6)}"  # ids have no order
        self.publisher = Publisher(self._link, self._outbox, self._outbox, self.sequence)
        self.keeper = StateKeeper(
            self._link, self.publisher.settled_to, site="demo", gateway="edge1",
            birthid=self.birth, sequence=lambda: self.sequence, heights=self.publisher.heights,
        )  # fmt: skip
        for asset in ASSETS:
            self._note(asset, self.sequence)
        self._jobs = [
            asyncio.ensure_future(job) for job in (self.publisher.run(), self.keeper.run())
        ]

    def _note(self, asset, sequence):
        self.keeper.note(asset, sequence, {"told": len(self.truth[asset])})

    def tell(self, many):
        rows = []
        for _ in range(many):
            self.sequence += 1
            asset, name = self._chance.choice(ASSETS), self._chance.choice(TYPES)
            rows.append(event_row(self.sequence, self._families, self.birth, name, asset))
            self.truth[asset].append(self.sequence)
            self._note(asset, self.sequence)
        self.publisher.offer(self._outbox.add(*rows))

    def end(self):
        for job in self._jobs:
            job.cancel()


@pytest.fixture
def quickly(monkeypatch):
    """States are written a hundred times as often, so that the moments differ."""
    monkeypatch.setattr(state_module, "EVERY_S", 0.01)
    monkeypatch.setattr(state_module, "HORIZON_EVERY_S", 0.03)
    monkeypatch.setattr(state_module, "WRITES_PER_S", 400)


async def start_once(client, truth):
    """Start, read until everything told when it began has come, and return what was wrong."""
    reader = StateStart(client, "demo", STREAMS)
    async with asyncio.timeout(60):
        states = await reader.begin()
    due = {asset: list(told) for asset, told in truth.items()}
    included = {one.asset: set(truth[one.asset][: one.state["told"]]) for one in states}
    waits = {n for asset, told in due.items() for n in told} - set().union(*included.values())
    came, wrong, events = [], [], reader.events()
    async with asyncio.timeout(60):
        while waits:
            event = await anext(events)
            came.append(event.sequence)
            waits.discard(event.sequence)
            if event.sequence in included.get(event.asset, ()):
                wrong.append(f"{event.sequence} is in the state already")
    await events.aclose()
    if len(set(came)) != len(came):
        wrong.append("an event came twice")
    return wrong, len(came)


async def test_starts_at_random_moments_have_no_hole_and_no_double(
    make_site, outbox, quickly, beside, until
):
    """With SLOTGW_TEST_STARTS=1000 as often as that; the figure is for people who wait."""
    site = await make_site(sync_always=False)  # it is about numbers, not about power cuts
    await site.make_streams()
    link, chance = site.link(), random.Random(3)
    gateway = Gateway(link, outbox())
    client = await site.client("integrator")
    found, tails, going = [], [], True

    async def live():
        turns = 0
        while going:
            gateway.tell(chance.randrange(1, 4))
            turns += 1
            if turns % 40 == 0:
                gateway.begin()
            await asyncio.sleep(0.004 + chance.random() * 0.01)

    async with beside(link.run()):
        await until(lambda: link.connected)
        gateway.begin()
        alive = asyncio.ensure_future(live())
        try:
            while len(tails) < STARTS or gateway.births <= 2:
                await asyncio.sleep(chance.random() * 0.005)
                wrong, came = await start_once(client, gateway.truth)
                found += wrong
                tails.append(came)
        finally:
            going = False
            await alive
            gateway.end()
    assert found == []
    assert max(tails) > 0
    assert sum(tails[-10:]) < 10 * gateway.sequence / 2, "it began far into the streams"
    print(f"{len(tails)} starts, {gateway.sequence} events, {gateway.births} births, "
          f"{sum(tails) / len(tails):.0f} events read a start")  # fmt: skip


def seen(sequence, asset="10101", birth="b2", gateway="edge1"):
    row = event_row(sequence, {}, birth, "door.opened", asset)
    event = decode(row.body)
    return event.model_copy(update={"source": f"/demo/{gateway}/L1/1"})


@pytest.fixture
def included():
    horizon = Horizon("b2", 50, {}, 1_000)
    value = KnownState("edge1", "10101", "b2", 60, {}, 2_000)
    return Included({"edge1": horizon}, [value])


NEW = [
    ("of the same start, later than the value", 61, "10101", "b2", 1_500, False, True),
    ("of the same start, in the value", 60, "10101", "b2", 9_000, False, False),
    ("of an EGM whose state did not change, up to the horizon", 50, "10102", "b2", 9_000, False,
     False),
    ("of an EGM whose state did not change, after the horizon", 51, "10102", "b2", 900, False,
     True),
    ("of an older start, stored before the value", 40, "10101", "b1", 900, False, False),
    ("of an older start, sent again since by a person", 40, "10101", "b1", 9_000, True, False),
    ("of a newer start that lost its outbox and numbers from 1", 3, "10101", "b3", 9_000, False,
     True),
    ("of a newer start that numbers on", 99, "10101", "b3", 9_000, False, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sequence", "asset", "birth", "stored_ns", "replayed", "new"),
    [row[1:] for row in NEW],
    ids=[row[0] for row in NEW],
)
def test_an_event(included, sequence, asset, birth, stored_ns, replayed, new):
    event = seen(sequence, asset, birth)
    assert included.is_new(event, stored_ns, replayed=replayed) is new
    assert not included.is_new(event, stored_ns, replayed=replayed), "never twice"


def test_a_gateway_without_values_is_read_from_its_first_event(included):
    assert included.is_new(seen(1, gateway="edge2"), 100, replayed=False)


async def test_a_gateway_that_has_not_written_a_state_yet_is_read_from_the_beginning(site, outbox):
    await site.make_streams()
    edge = (await site.client("edge")).jetstream()
    row = event_row(1, {}, "b1", "door.opened", "10101")
    await edge.publish(row.subject, row.body)
    reader = StateStart(await site.client("integrator"), "demo", ["SLOT_SIGNIFICANT"])
    assert await reader.begin() == ()
    events = reader.events()
    assert (await anext(events)).id == row.id
    await events.aclose()


async def test_a_stream_that_is_gone_is_said_and_not_waited_for(site):
    reader = StateStart(await site.client("consumer"), "demo", ["SLOT_SIGNIFICANT"])
    with pytest.raises(StartError, match="cannot be read"):
        await reader.begin()
    await site.make_streams()
    await reader.begin()
    await (await site.client("admin")).jetstream().delete_stream("SLOT_SIGNIFICANT")
    with pytest.raises(StartError, match=r"SLOT_SIGNIFICANT.*begin again"):
        await anext(reader.events())


async def test_a_horizon_beyond_a_stream_that_was_made_anew_begins_at_its_first_message(site):
    await site.make_streams()
    edge = (await site.client("edge")).jetstream()
    horizon = {"birthid": "b1", "sequence": 9, "streams": {"SLOT_SIGNIFICANT": 500}}
    await edge.publish("$KV.slot_state.demo.edge1._", json.dumps(horizon).encode())
    row = event_row(10, {}, "b1", "door.opened", "10101")
    await edge.publish(row.subject, row.body)
    reader = StateStart(await site.client("integrator"), "demo", ["SLOT_SIGNIFICANT"])
    await reader.begin()
    events = reader.events()
    assert (await anext(events)).sequence == 10
    await events.aclose()
