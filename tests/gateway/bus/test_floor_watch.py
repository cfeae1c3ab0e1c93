"""The whole floor for consoles, on a real server, as the user ``console``."""

import asyncio
import json
from datetime import UTC, datetime

import nats
import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from gateway.bus import visit
from gateway.bus.floor_watch import Earlier, FloorAway, FloorThere, StateChanged, Told, watch_floor
from gateway.bus.followers import Follower, look_at_followers
from gateway.bus.latest import latest
from gateway.bus.users import inbox_prefix
from gateway.bus.visit import LostError, Visitor
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.lookup import Lookup
from gateway.events.moment import Moment

WAIT_S = 90


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(visit, "PAUSE_FIRST_S", 0.05)
    monkeypatch.setattr(visit, "PAUSE_LONGEST_S", 0.1)


class Gateway:
    """What a gateway writes: events and the values of the bucket, as the user ``edge``."""

    def __init__(self, client):
        self._client = client
        self._sequence = 0

    async def tell(self, name, asset="10101"):
        self._sequence += 1
        place = Place(site="demo", gateway="edge1", jurisdiction="US-NV", line="L1", address=1)
        now = Moment(0.0, 1_790_000_000_000_000_000 + self._sequence)
        fact = Fact(name, asset, CATALOGUE[name].example, now)
        event = encode(fact, place, Stamp("edge1", "b1", self._sequence, 1), "2026-01-01")
        await self._publish(event.subject, event.body)
        return self._sequence

    async def value(self, sequence, state, asset="10101"):
        value = {"birthid": "b1", "sequence": sequence, "state": state}
        await self._publish(f"$KV.slot_state.demo.edge1.{asset}", json.dumps(value).encode())

    async def horizon(self, sequence, streams):
        value = {"birthid": "b1", "sequence": sequence, "streams": streams}
        await self._publish("$KV.slot_state.demo.edge1._", json.dumps(value).encode())

    async def _publish(self, subject, body):
        answer = await self._client.request(subject, body, timeout=WAIT_S)
        assert b'"error"' not in answer.data, answer.data


@pytest.fixture
async def gateway(site):
    await site.make_streams()
    client = await nats.connect(
        site.url, user="edge", password=site.password("edge"), inbox_prefix=inbox_prefix("edge")
    )
    yield Gateway(client)
    await client.close()


class Watch:
    """A watch whose news are asked for one by one."""

    def __init__(self, site, **options):
        self._news = watch_floor(site.url, "console", site.password("console"), **options)

    async def next(self):
        return await asyncio.wait_for(anext(self._news), WAIT_S)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self._news.aclose()


async def test_the_states_come_first_then_what_was_told_before_then_what_is_told(site, gateway):
    await gateway.tell("gateway.born", None)
    included = await gateway.tell("door.opened")
    await gateway.value(included, {"state": "door open"})
    await gateway.horizon(included, {"SLOT_SIGNIFICANT": 1, "SLOT_LINK": 1})
    after = await gateway.tell("door.closed")
    async with Watch(site) as watch:
        there = await watch.next()
        assert isinstance(there, FloorThere)
        assert (there.site, [one.state for one in there.states]) == (
            "demo", [{"state": "door open"}],
        )  # fmt: skip
        assert [event.name for event in there.gateways] == ["gateway.born"]
        before = await watch.next()
        assert isinstance(before, Earlier)
        assert [event.name for event in before.events] == ["door.opened", "door.closed"]
        told = await watch.next()
        assert isinstance(told, Told)
        assert told.event.sequence == after, "what the state includes is not told again"
        await gateway.value(after, {"state": "idle"})
        changed = await watch.next()
        assert isinstance(changed, StateChanged)
        assert (changed.state.sequence, changed.state.state) == (after, {"state": "idle"})


async def test_a_server_that_restarts_is_told_away_and_then_all_anew(site, gateway):
    await gateway.value(await gateway.tell("door.opened"), {"state": "door open"})
    async with Watch(site) as watch:
        assert isinstance(await watch.next(), FloorThere)
        assert isinstance(await watch.next(), Earlier)
        await site.server.stop()
        reasons = []
        while not isinstance(news := await watch.next(), FloorAway):
            pass
        reasons.append(news.reason)
        await site.server.start()
        while isinstance(news := await watch.next(), FloorAway):
            reasons.append(news.reason)
        assert reasons[0] == "NATS closed the connection"
        assert isinstance(news, FloorThere)
        assert len(news.states) == 1


async def test_why_nothing_is_seen_is_said_in_words(site, gateway):
    async with Watch(site) as watch:
        assert "no gateway has told of an EGM yet" in (await watch.next()).reason
    await gateway.value(1, {})
    client = await site.client("admin")
    await client.jetstream().delete_key_value("slot_state")
    async with Watch(site) as watch:
        assert "no bucket slot_state yet" in (await watch.next()).reason


async def test_the_newest_events_of_a_machine_are_looked_up_by_kind(site, gateway):
    for name in ("door.opened", "bill.accepted", "door.closed", "gateway.heartbeat"):
        await gateway.tell(name, None if name.startswith("gateway") else "10101")
    await gateway.tell("door.opened", "10102")
    who = Visitor(site.url, "console", site.password("console"), "the streams", "")
    after = datetime(2026, 1, 1, tzinfo=UTC)
    found = await latest(who, "demo", Lookup(("door", "bill.accepted"), after, asset="10101"))
    assert [one.name for one in found.events] == ["door.closed", "bill.accepted", "door.opened"]
    found = await latest(who, "demo", Lookup(("door",), after, most=1))
    assert [one.asset for one in found.events] == ["10102"]
    await site.server.stop()
    with pytest.raises(LostError, match="nothing answers"):
        await latest(who, "demo", Lookup(("door",), after))


async def test_how_services_keep_up_is_seen_and_what_they_could_not_take(site, gateway):
    consumer = await site.client("consumer")
    js = consumer.jetstream()
    config = ConsumerConfig(durable_name="dispatch", ack_policy=AckPolicy.EXPLICIT)
    await js.add_consumer("SLOT_SIGNIFICANT", config)
    await gateway.tell("door.opened")
    await js.publish("dead.v1.demo.dispatch", b"{}")
    who = Visitor(site.url, "console", site.password("console"), "the streams", "")
    found = {one.name: one for one in await look_at_followers(who, "demo")}
    assert found["dispatch"] == Follower(
        "dispatch", ("SLOT_SIGNIFICANT",), 1, 0, 0, reading=False, dead=1
    )
    assert found["loyalty"].streams == ()
