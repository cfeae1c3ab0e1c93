"""What each user of a real server may do, and what not: asked of the server, not of the table."""

import asyncio
import json

import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NoStreamResponseError

from gateway.bus.users import inbox_prefix, users

DOOR = "slot.v1.demo.edge1.door.opened.10101"
CARD = "slot.v1.demo.edge1.card.in.10101"
CALL = "floor.v1.demo.dispatch.callopened.c1"
POINTS = "floor.v1.demo.loyalty.pointscredited.p1"
TAKEN = "floor.v1.demo.inbound.accepted.sms"
SLIP = "sms.v1.demo.slip.filed.10101"
EXCLUSION = "crm.v1.demo.exclusion.set.p1"
PAID = "act.v1.demo.edge1.handpay.paid.10101"


@pytest.fixture
async def floor(site):
    """A server with its streams and one message on each subject above."""
    await site.make_streams()
    for user, subjects in {"edge": (DOOR, CARD), "consumer": (CALL, POINTS)}.items():
        js = (await site.client(user)).jetstream()
        for subject in subjects:
            await js.publish(subject, b"{}")
    return site


async def refused(client, request):
    """Whether the server denies a publish or subscription; any other outcome is an answer."""
    client.refused.clear()
    asked = asyncio.ensure_future(request)
    try:
        while not asked.done() and not client.refused:
            await asyncio.wait([asked], timeout=0.02)
    finally:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    return bool(client.refused)


async def heard_out(client):
    """Return when the server has answered all that was sent: nats-py's ping may overtake once."""
    await client.flush()
    await client.flush()


async def may_publish(client, subject, body=b""):
    client.refused.clear()
    await client.publish(subject, body)
    await heard_out(client)
    return not client.refused


async def may_hear(client, subject):
    client.refused.clear()
    subscription = await client.subscribe(subject)
    await heard_out(client)
    if client.refused:
        return False
    await subscription.unsubscribe()
    return True


STREAM_ADMIN = [
    "$JS.API.STREAM.CREATE.EVIL", "$JS.API.STREAM.UPDATE.SLOT_PLAY",
    "$JS.API.STREAM.DELETE.SLOT_PLAY", "$JS.API.STREAM.PURGE.SLOT_PLAY",
    "$JS.API.STREAM.MSG.DELETE.SLOT_PLAY", "$JS.API.STREAM.RESTORE.X",
    "$JS.API.STREAM.SNAPSHOT.SLOT_PLAY", "$SYS.REQ.SERVER.PING",
]  # fmt: skip
NOT_ALLOWED = {
    "admin": [DOOR, CALL, "$KV.slot_state.demo.edge1.10101", "dead.v1.demo.dispatch"],
    "edge": [
        *STREAM_ADMIN, CALL, "slot.v1.demo.edge2.door.opened.1",
        "slot.v1.other.edge1.door.opened.1",
        "$KV.slot_state.demo.edge2.10101", "$KV.floor_calls.demo.c1", "sms.v1.demo.card.x",
        "$KV.slot_gateway.demo.edge2",
        "$JS.API.DIRECT.GET.KV_slot_gateway.$KV.slot_gateway.demo.edge2",
        "$JS.API.CONSUMER.CREATE.SLOT_PLAY.x", "dead.v1.demo.dispatch", "dead.v1.demo.edge2",
        "$KV.slot_schemas.door.opened.v1", "ask.v1.demo.state", PAID,
    ],
    "consumer": [
        *STREAM_ADMIN, DOOR, "floor.v1.other.dispatch.x", "$KV.slot_state.demo.edge1.10101",
        "dead.v1.other.dispatch", "$KV.slot_schemas.door.opened.v1", "ask.v1.other.state",
        PAID, SLIP,
    ],
    "console": [
        *STREAM_ADMIN, DOOR, CALL, "$KV.slot_state.demo.edge1.10101", "$KV.floor_calls.demo.c1",
        "$JS.API.CONSUMER.CREATE.SLOT_CARD.x", "$JS.API.STREAM.MSG.GET.SLOT_CARD",
        "$JS.API.CONSUMER.MSG.NEXT.SLOT_MONEY.dispatch", "$JS.ACK.SLOT_MONEY.dispatch.1.1.1.1.1",
        PAID, SLIP, EXCLUSION,
    ],
    "integrator": [
        *STREAM_ADMIN, DOOR, CALL, CARD, "$KV.slot_state.demo.edge1.10101",
        "$KV.floor_calls.demo.c1",
        "$JS.API.STREAM.INFO.SLOT_CARD", "$JS.API.STREAM.MSG.GET.SLOT_CARD",
        "$JS.API.DIRECT.GET.SLOT_CARD", "$JS.API.CONSUMER.CREATE.SLOT_CARD",
        "$JS.API.CONSUMER.CREATE.SLOT_CARD.x", "$JS.API.CONSUMER.CREATE.SLOT_CARD.x.slot.v1.>",
        "$JS.API.CONSUMER.DURABLE.CREATE.SLOT_CARD.x", "$JS.API.CONSUMER.INFO.SLOT_CARD.x",
        "$JS.API.CONSUMER.MSG.NEXT.SLOT_CARD.loyalty", "$JS.API.CONSUMER.CREATE.DEAD.x",
        "$JS.API.CONSUMER.CREATE.FLOOR", "$JS.API.CONSUMER.CREATE.FLOOR.x",
        "$JS.API.CONSUMER.CREATE.FLOOR.x.floor.v1.demo.loyalty.>",
        "$JS.API.CONSUMER.MSG.NEXT.SLOT_MONEY.dispatch",
        "$JS.API.CONSUMER.DELETE.SLOT_MONEY.dispatch",
        "$JS.API.CONSUMER.CREATE.SLOT_MONEY.dispatch", "$JS.ACK.SLOT_MONEY.dispatch.1.1.1.1.1",
        "$JS.API.CONSUMER.DURABLE.CREATE.SLOT_MONEY.dispatch", "_INBOX_edge.x.1",
        "$KV.slot_schemas.door.opened.v1", "ask.v1.other.state", "_INBOX_consumer.x.1",
        PAID, SLIP, EXCLUSION,
    ],
    "sms": [
        *STREAM_ADMIN, DOOR, CALL, CARD, EXCLUSION, PAID, "sms.v1.other.slip.filed.10101",
        "$JS.API.CONSUMER.CREATE.SLOT_MONEY.x", "ask.v1.demo.state", "_INBOX_edge.x.1",
        "$KV.floor_calls.demo.c1", "dead.v1.demo.inbound", "floor.v1.demo.inbound.accepted.sms",
    ],
    "crm": [*STREAM_ADMIN, DOOR, CALL, SLIP, PAID, "crm.v1.other.exclusion.set.p1", POINTS],
    "staff": [
        *STREAM_ADMIN, DOOR, CALL, SLIP, EXCLUSION, "act.v1.other.edge1.handpay.paid.10101",
        "slot.v1.demo.edge1.handpay.paid.10101", "ask.v1.demo.state", "_INBOX_edge.x.1",
        "$KV.slot_state.demo.edge1.10101", "act.v1.demo",
    ],
}  # fmt: skip


@pytest.mark.parametrize("user", NOT_ALLOWED)
async def test_what_a_user_may_not_publish_is_denied_by_the_server(user, floor):
    client = await floor.client(user)
    let_through = [one for one in NOT_ALLOWED[user] if await may_publish(client, one)]
    assert let_through == []


DEAF_TO = {
    "admin": [">", "slot.v1.>", "_INBOX.>", "_INBOX_edge.>"],
    "edge": [
        ">", "slot.v1.>", "floor.v1.>", "_INBOX.>", "_INBOX_consumer.>", "$KV.>", "sms.v1.>",
        "crm.v1.>", "act.v1.>", "act.v1.demo.edge2.>",
    ],
    "consumer": [">", "_INBOX_edge.>", "$JS.API.>", "act.v1.>", "sms.v1.>"],
    "console": [">", "_INBOX_edge.>", CARD, POINTS, TAKEN, SLIP, PAID],
    "integrator": [
        ">", "dead.v1.>", CARD, "ask.v1.demo.>", "$SRV.>",
        "slot.v1.*.*.session.>", POINTS, "_INBOX_console.>", "$KV.>", TAKEN, SLIP, EXCLUSION, PAID,
    ],
    "sms": [">", "slot.v1.>", "floor.v1.>", "_INBOX.>", "_INBOX_crm.>", SLIP, "$KV.>"],
    "crm": [">", "slot.v1.>", "floor.v1.>", "_INBOX_sms.>", EXCLUSION],
    "staff": [">", "slot.v1.>", "floor.v1.>", "_INBOX_edge.>", "act.v1.>", "$KV.>"],
}  # fmt: skip


@pytest.mark.parametrize("user", DEAF_TO)
async def test_what_a_user_may_not_hear_is_denied_by_the_server(user, floor):
    client = await floor.client(user)
    assert [one for one in DEAF_TO[user] if await may_hear(client, one)] == []


async def test_nobody_connects_without_a_name(floor):
    once = {"allow_reconnect": False, "max_reconnect_attempts": 1, "error_cb": _quiet}
    for who in ({}, {"user": "edge"}, {"user": "edge", "password": "guess"}):
        client = Client()
        with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
            await client.connect(floor.url, **once, **who)
        await client.close()


async def _quiet(error):
    pass


async def test_the_edge_publishes_its_own_events_and_states_and_no_more(floor):
    client = await floor.client("edge")
    js = client.jetstream()
    assert (await js.publish(DOOR, b"{}")).stream == "SLOT_SIGNIFICANT"
    assert (await js.publish("$KV.slot_state.demo.edge1.10101", b"{}")).seq == 1
    assert (await js.stream_info("SLOT_PLAY")).config.name == "SLOT_PLAY"
    assert client.refused == []


async def test_an_integrator_hears_everything_but_cards_sessions_and_points(floor):
    client = await floor.client("integrator")
    heard = []

    async def hear(message):
        heard.append(message.subject)

    await client.subscribe("slot.v1.>", cb=hear)
    await client.subscribe("floor.v1.>", cb=hear)
    await heard_out(client)
    edge = (await floor.client("edge")).jetstream()
    consumer = (await floor.client("consumer")).jetstream()
    for js, subject in (
        (edge, CARD), (consumer, POINTS), (edge, "slot.v1.demo.edge1.session.opened.10101"),
        (edge, DOOR), (consumer, CALL),
    ):  # fmt: skip
        await js.publish(subject, b"{}")
    await heard_out(client)
    assert sorted(heard) == sorted([DOOR, CALL])
    assert client.refused == []


PULLS = [
    {},
    {"durable": "mine"},
    {"stream": "SLOT_SIGNIFICANT"},
]


@pytest.mark.parametrize("options", PULLS, ids=str)
async def test_an_integrator_pulls_events_with_the_plain_client(options, floor):
    client = await floor.client("integrator")
    subscription = await client.jetstream().pull_subscribe("slot.v1.*.*.door.>", **options)
    [message] = await subscription.fetch(1, timeout=5)
    await message.ack()
    await heard_out(client)
    assert message.subject == DOOR
    assert client.refused == []


@pytest.mark.parametrize("options", [{}, {"ordered_consumer": True}, {"durable": "mine"}], ids=str)
async def test_an_integrator_subscribes_to_a_stream_with_the_plain_client(options, floor):
    client = await floor.client("integrator")
    subscription = await client.jetstream().subscribe("slot.v1.*.*.door.>", **options)
    message = await subscription.next_msg(timeout=5)
    assert message.subject == DOOR
    await subscription.unsubscribe()
    await heard_out(client)
    assert client.refused == []


async def test_an_integrator_reads_calls_from_the_derived_stream_and_nothing_personal(floor):
    client = await floor.client("integrator")
    js = client.jetstream()
    subscription = await js.pull_subscribe("floor.v1.demo.dispatch.>", stream="FLOOR")
    assert [one.subject for one in await subscription.fetch(5, timeout=2)] == [CALL]
    assert await refused(client, js.pull_subscribe(POINTS, stream="FLOOR"))
    assert await refused(client, js.pull_subscribe("floor.v1.>", stream="FLOOR"))
    # a name for the calls, a filter for the points: the server compares the two
    request = {
        "stream_name": "FLOOR",
        "config": {"name": "x", "filter_subject": POINTS, "ack_policy": "none"},
    }
    subject = "$JS.API.CONSUMER.CREATE.FLOOR.x.floor.v1.demo.dispatch.>"
    answer = await client.request(subject, json.dumps(request).encode(), timeout=5)
    assert "error" in json.loads(answer.data)


async def test_an_integrator_cannot_plant_messages_by_a_push_consumer(floor):
    integrator = await floor.client("integrator")
    js = integrator.jetstream()
    targets = {
        "a": "slot.v1.demo.edge1.bill.accepted.10101",
        "b": "$JS.API.STREAM.PURGE.SLOT_SIGNIFICANT",
        "c": CALL,
    }
    for name, target in targets.items():
        await js._jsm.add_consumer(
            "SLOT_SIGNIFICANT",
            ConsumerConfig(name=name, deliver_subject=target, ack_policy=AckPolicy.NONE),
        )
    edge = (await floor.client("edge")).jetstream()
    for _ in range(20):
        await edge.publish(DOOR, b"{}")
    admin = (await floor.client("admin")).jetstream()
    counts = {
        stream: (await admin.stream_info(stream)).state.messages
        for stream in ("SLOT_SIGNIFICANT", "SLOT_MONEY", "FLOOR")
    }
    assert counts == {"SLOT_SIGNIFICANT": 21, "SLOT_MONEY": 0, "FLOOR": 2}


@pytest.mark.parametrize("user", ["console", "integrator"])
async def test_calls_and_states_are_read_by_who_only_reads(user, floor):
    consumer = (await floor.client("consumer")).jetstream()
    await consumer.publish("$KV.floor_calls.demo.c1", b"call")
    edge = (await floor.client("edge")).jetstream()
    await edge.publish("$KV.slot_state.demo.edge1.10101", b"state")
    client = await floor.client(user)
    calls = await client.jetstream().key_value("floor_calls")
    watcher = await calls.watch("demo.>")
    entry = await watcher.updates(timeout=5)
    if entry is None:  # "that was all" may come before the first key
        entry = await watcher.updates(timeout=5)
    assert (entry.key, entry.value) == ("demo.c1", b"call")
    await watcher.stop()
    states = await client.jetstream().key_value("slot_state")
    assert (await states.get("demo.edge1.10101")).value == b"state"
    await heard_out(client)
    assert client.refused == []


async def test_a_consumer_reads_cards_and_answers_on_the_floor(floor):
    client = await floor.client("consumer")
    js = client.jetstream()
    subscription = await js.pull_subscribe(CARD, durable="loyalty")
    [message] = await subscription.fetch(1, timeout=5)
    await message.ack_sync(timeout=5)
    assert (await js.publish("dead.v1.demo.loyalty", b"{}")).stream == "DEAD"
    assert client.refused == []


async def test_the_admin_makes_streams_but_has_no_events_of_its_own(floor):
    client = await floor.client("admin")
    js = client.jetstream(timeout=1)
    assert (await js.stream_info("SLOT_CARD")).state.messages == 1
    with pytest.raises((NoStreamResponseError, nats.errors.TimeoutError)):
        await js.publish(DOOR, b"{}")
    assert client.refused


def test_every_user_hears_answers_on_its_own_inbox_only():
    for user in users("demo", ["edge1"]):
        inboxes = [one for one in user.subscribe if "INBOX" in one]
        assert inboxes == [f"{inbox_prefix(user.name)}.>"]


@pytest.mark.parametrize("name", ["", "a.b", "a b", "*", ">", "a" * 65])
def test_a_name_that_cannot_be_part_of_a_subject_is_refused(name):
    with pytest.raises(ValueError, match="cannot be part of a subject"):
        users("demo", [name])
