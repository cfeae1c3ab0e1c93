"""Questions over NATS, answered from memory by a service that others can discover."""

import json

import pytest

from gateway.bus.asking import Asked
from gateway.bus.question import QuestionError, ask
from gateway.central.answers.memory import Memory
from gateway.central.answers.shell import answers
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

PLACE = Place("demo", "edge1", "US-NV", location="01-14-07", bank="07", line="L1", address=1)


def reading():
    fact = Fact("meter.read", "10101", CATALOGUE["meter.read"].example,
                Moment(0.0, 1_795_003_200 * 1_000_000_000))  # fmt: skip
    return encode(fact, PLACE, Stamp("edge1", "b1", 9, 9), "2026-11-18")


@pytest.fixture
async def floor(site, beside, until):
    """A site with one machine's state and meters, and the service beside it."""
    await site.make_streams()
    edge = (await site.client("edge")).jetstream()
    state = {"location": "01-14-07", "bank": "07", "zone": "main", "credits": 12}
    value = {"birthid": "b1", "sequence": 9, "state": state}
    await edge.publish("$KV.slot_state.demo.edge1.10101", json.dumps(value).encode())
    await edge.publish("$KV.slot_state.demo.edge1._", b'{"birthid":"b1","sequence":9}')
    event = reading()
    await edge.publish(event.subject, event.body)
    memory = Memory()
    asked = Asked(
        site.link("consumer"), "demo", "1.2.3", answers(memory, "demo", lambda: asked.ready),
        memory.take_state, memory.take_reading,
    )  # fmt: skip
    async with beside(asked.run()):
        await until(lambda: asked.ready)
        site.edge = edge
        site.memory = memory
        yield site


async def put(floor, question, words, user="integrator"):
    return await ask(floor.url, user, floor.password(user), "demo", question, words)


async def test_state_meters_and_ping_are_answered_to_whoever_may_ask(floor):
    for user in ("integrator", "console"):
        [machine] = (await put(floor, "state", "state of 14-07", user))["machines"]
        assert (machine["asset"], machine["credits"]) == ("10101", 12)
    [machine] = (await put(floor, "meters", "meters of bank 7"))["machines"]
    assert machine["meters"]["coin_in"]["count"] == 12345
    assert await put(floor, "ping", "") == {
        "site": "demo", "machines": 1, "ready": True, "notice": "observed, not official",
    }  # fmt: skip


async def test_what_changes_is_answered_as_it_is_now(floor, until):
    value = {"birthid": "b1", "sequence": 10, "state": {"location": "01-14-07", "credits": 99}}
    await floor.edge.publish("$KV.slot_state.demo.edge1.10101", json.dumps(value).encode())
    await until(lambda: floor.memory.state_of("10101")["machines"][0]["credits"] == 99)
    [machine] = (await put(floor, "state", "10101"))["machines"]
    assert machine["credits"] == 99


async def test_what_is_not_known_is_an_error_in_words(floor):
    with pytest.raises(QuestionError, match="no machine is known by '99-99'"):
        await put(floor, "state", "99-99")


async def test_others_discover_the_service(floor):
    client = await floor.client("integrator")
    told = json.loads((await client.request("$SRV.INFO.slot-floor", timeout=5)).data)
    assert {one["subject"] for one in told["endpoints"]} == {
        "ask.v1.demo.state", "ask.v1.demo.meters", "ask.v1.demo.ping",
    }  # fmt: skip
    assert client.refused == []


async def test_nobody_there_is_said(site):
    with pytest.raises(QuestionError, match="slotgw central answers"):
        await ask(site.url, "integrator", site.password("integrator"), "demo", "ping", "")
