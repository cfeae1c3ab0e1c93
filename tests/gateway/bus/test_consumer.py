"""A consumer on a real server: each event once, whatever comes how often and whoever is killed."""

import asyncio
import base64
import json
import sqlite3
import sys
from contextlib import closing

import pytest
from nats.js.api import ConsumerConfig
from nats.js.errors import KeyNotFoundError

from gateway.bus import durable as durable_module
from gateway.bus.consumer import Consumer, ConsumerError
from gateway.bus.durable import Source
from gateway.bus.link import NatsLink
from gateway.bus.outgoing import bucket_delete, bucket_put
from tests.gateway.bus.doors import DOORS, SCHEMA, door, keep


class Desk:
    """A site with its streams, somebody who publishes, and consumers on one file."""

    def __init__(self, site, edge, admin, folder):
        self.site = site
        self.edge = edge.jetstream()
        self.admin = admin.jetstream()
        self.database = folder / "consumer.sqlite"

    async def publish(self, *events, msg_id=None):
        for event in events:
            headers = {"Nats-Msg-Id": msg_id or event.id}
            await self.edge.publish(event.subject, event.body, headers=headers)

    def consumer(self, handle=keep, **options):
        options = {"sources": [DOORS], "schema": SCHEMA, "database": self.database} | options
        return Consumer(
            self.site.link("consumer"), service="test", site="demo", handle=handle, **options
        )

    def events(self):
        with closing(sqlite3.connect(self.database)) as database:
            return [row[0] for row in database.execute("SELECT event FROM door ORDER BY n")]

    async def stored(self, stream):
        state = (await self.admin.stream_info(stream)).state
        numbers = range(max(state.first_seq, 1), state.last_seq + 1)
        return [await self.admin.get_msg(stream, number) for number in numbers]


@pytest.fixture
async def desk(site, tmp_path):
    await site.make_streams()
    return Desk(site, await site.client("edge"), await site.client("admin"), tmp_path)


async def test_each_event_is_handled_in_order_and_told_to_the_floor(desk, beside, until):
    events = [door(n) for n in range(1, 151)]
    await desk.publish(*events[:100])
    consumer = desk.consumer()
    async with beside(consumer.run()):
        await until(lambda: consumer.status().handled == 100)
        await desk.publish(*events[100:])
        await until(lambda: consumer.status().handled == 150 and not consumer.status().outgoing)
        assert consumer.status().words == "reading"
        assert consumer.status().lag == {"SLOT_SIGNIFICANT": 0}
    assert desk.events() == [event.id for event in events]
    told = await desk.stored("FLOOR")
    assert [json.loads(message.data)["causedby"] for message in told] == desk.events()
    assert told[0].headers["Nats-Msg-Id"] == "test.edge1.b1.1.0"


async def test_an_event_under_another_message_id_is_handled_once(desk, beside, until):
    await desk.publish(door(1))
    await desk.publish(door(1), msg_id="edge1.b1.1#r1")
    await desk.publish(door(2))
    consumer = desk.consumer()
    async with beside(consumer.run()):
        await until(lambda: consumer.status().handled == 2)
        assert consumer.status().duplicates == 1
    assert desk.events() == ["edge1.b1.1", "edge1.b1.2"]


async def test_what_was_not_acknowledged_comes_again_and_is_handled_once(
    desk, beside, until, monkeypatch
):
    monkeypatch.setattr(durable_module, "ACK_WAIT_S", 0.2)
    consumer = desk.consumer()
    async with beside(consumer.run()):
        client = await consumer._link.ready()
        await until(lambda: consumer.status().lag)
        publish, client.publish = client.publish, _without_acks(client.publish)
        await desk.publish(door(1))
        await until(lambda: consumer.status().duplicates >= 1)
        client.publish = publish
        await desk.publish(door(2))
        await until(lambda: consumer.status().handled == 2)
    assert desk.events() == ["edge1.b1.1", "edge1.b1.2"]


def _without_acks(publish):
    async def publish_others(subject, *args, **options):
        if not subject.startswith("$JS.ACK"):
            await publish(subject, *args, **options)

    return publish_others


async def test_a_stop_and_a_start_go_on_where_it_stood(desk, beside, until):
    first = desk.consumer()
    async with beside(first.run()):
        await desk.publish(door(1))
        await until(lambda: first.status().handled == 1)
    await desk.publish(door(2))
    second = desk.consumer()
    async with beside(second.run()):
        await until(lambda: second.status().handled == 2)
        assert second.status().duplicates <= 1  # an acknowledgement may not have left any more
    assert desk.events() == ["edge1.b1.1", "edge1.b1.2"]


async def test_a_server_that_is_killed_delays_and_doubles_nothing(desk, beside, until, caplog):
    consumer = desk.consumer()
    events = [door(n) for n in range(1, 91)]
    async with beside(consumer.run()):
        for n in range(3):
            await desk.publish(*events[30 * n : 30 * n + 30])
            await until(lambda n=n: consumer.status().handled >= 30 * n + 10)
            await desk.site.server.kill()
            await until(lambda: not consumer.status().connected)
            assert "not connected" in consumer.status().words
            await desk.site.server.start()
        await until(lambda: consumer.status().handled == 90 and not consumer.status().outgoing)
    assert sorted(desk.events()) == sorted(event.id for event in events)
    told = [json.loads(message.data)["causedby"] for message in await desk.stored("FLOOR")]
    assert sorted(told) == sorted(desk.events())


async def test_a_message_that_is_no_event_goes_to_the_dead_letters_and_delays_nobody(
    desk, beside, until
):
    await desk.edge.publish(door(1).subject, b"\xff no event")
    await desk.publish(door(2))
    consumer = desk.consumer()
    async with beside(consumer.run()):
        await until(lambda: consumer.status().handled == 1 and not consumer.status().outgoing)
        assert consumer.status().dead == 1
    [message] = await desk.stored("DEAD")
    assert message.subject == "dead.v1.demo.test"
    letter = json.loads(message.data)
    assert base64.b64decode(letter["message_base64"]) == b"\xff no event"
    assert letter["subject"] == door(1).subject
    assert letter["streamsequence"] == 1
    assert "envelope" in letter["reason"]
    info = await desk.admin.consumer_info("SLOT_SIGNIFICANT", "test")
    assert info.num_ack_pending == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConsumerError("no such machine"), "no such machine"),
        (KeyError("lane"), "defect: KeyError: 'lane'"),
        (sqlite3.IntegrityError("UNIQUE failed"), "defect: IntegrityError: UNIQUE failed"),
    ],
    ids=["refused", "defect", "table"],
)
async def test_an_event_that_cannot_be_handled_leaves_no_trace_but_its_letter(
    error, reason, desk, beside, until
):
    def fails(envelope, database):
        keep(envelope, database)
        if envelope.sequence == 2:
            raise error
        return []

    await desk.publish(door(1), door(2), door(3))
    consumer = desk.consumer(fails)
    async with beside(consumer.run()):
        await until(lambda: consumer.status().handled == 2 and not consumer.status().outgoing)
    assert desk.events() == ["edge1.b1.1", "edge1.b1.3"]
    [message] = await desk.stored("DEAD")
    letter = json.loads(message.data)
    assert (letter["event"], letter["reason"]) == ("edge1.b1.2", reason)


async def test_a_database_that_takes_nothing_is_waited_for(desk, beside, until, caplog):
    consumer = desk.consumer()
    consumer.store.connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(desk.database, isolation_level=None)
    async with beside(consumer.run()):
        await until(lambda: consumer.status().lag)
        other.execute("BEGIN IMMEDIATE")
        await desk.publish(door(1))
        await until(lambda: "database is locked" in consumer.status().words)
        assert consumer.status().handled == 0
        other.execute("ROLLBACK")
        other.close()
        await until(lambda: consumer.status().handled == 1)
        assert consumer.status().words == "reading"
    assert desk.events() == ["edge1.b1.1"]
    assert len([one for one in caplog.records if "locked" in one.message]) == 1


async def test_a_consumer_that_starts_before_its_stream_waits_for_it(site, beside, until, tmp_path):
    desk = Desk(site, await site.client("edge"), await site.client("admin"), tmp_path)
    consumer = desk.consumer()
    async with beside(consumer.run()):
        await until(lambda: "stream not found" in consumer.status().words)
        await site.make_streams()
        await desk.publish(door(1))
        await until(lambda: consumer.status().handled == 1)
    assert desk.events() == ["edge1.b1.1"]


async def test_a_durable_that_has_gone_past_the_file_is_made_anew(desk, beside, until):
    first = desk.consumer()
    async with beside(first.run()):
        await desk.publish(door(1), door(2))
        await until(lambda: first.status().handled == 2)
        floor = 0
        while floor < 2:
            info = await desk.admin.consumer_info("SLOT_SIGNIFICANT", "test")
            floor = info.ack_floor.stream_seq
    desk.database.unlink()  # the disk was lost; the server's bookmark was not
    second = desk.consumer()
    async with beside(second.run()):
        await until(lambda: second.status().handled == 2)
    assert desk.events() == ["edge1.b1.1", "edge1.b1.2"]


async def test_a_durable_that_somebody_deletes_is_made_again_without_a_hole(desk, beside, until):
    consumer = desk.consumer()
    async with beside(consumer.run()):
        await desk.publish(door(1))
        await until(lambda: consumer.status().handled == 1)
        await desk.admin.delete_consumer("SLOT_SIGNIFICANT", "test")
        await desk.publish(door(2))
        await until(lambda: consumer.status().handled == 2)
    assert desk.events() == ["edge1.b1.1", "edge1.b1.2"]


async def test_a_stream_made_anew_is_read_from_its_beginning(desk, beside, until):
    first = desk.consumer()
    async with beside(first.run()):
        await desk.publish(door(1), door(2), door(3))
        await until(lambda: first.status().handled == 3)
    await desk.admin.delete_stream("SLOT_SIGNIFICANT")
    await desk.site.make_streams()
    await desk.publish(door(3), door(4))
    second = desk.consumer()
    async with beside(second.run()):
        await until(lambda: second.status().handled == 4)
    assert desk.events() == [f"edge1.b1.{n}" for n in range(1, 5)]


async def test_other_subjects_are_heard_from_now_on(desk, beside, until):
    first = desk.consumer(sources=[Source("SLOT_SIGNIFICANT", ("slot.v1.demo.*.tilt.>",))])
    async with beside(first.run()):
        await until(lambda: first.status().lag)
    await desk.publish(door(1))
    second = desk.consumer()
    async with beside(second.run()):
        await until(lambda: second.status().handled == 1)
    assert desk.events() == ["edge1.b1.1"]


async def test_a_bucket_is_written_and_cleared_in_order(desk, beside, until):
    def board(envelope, database):
        key, at = f"demo.{envelope.asset}", 1_790_000_000_000_000_000
        if envelope.sequence % 2:
            return [bucket_put("floor_calls", key, b"open", id=f"put.{envelope.id}", time_ns=at)]
        return [bucket_delete("floor_calls", key, id=f"del.{envelope.id}", time_ns=at)]

    consumer = desk.consumer(board, buckets=["floor_calls"])
    bucket = await (await desk.site.client("console")).jetstream().key_value("floor_calls")
    async with beside(consumer.run()):
        await desk.publish(door(1, "a"), door(2, "a"), door(3, "b"))
        await until(lambda: consumer.status().handled == 3 and not consumer.status().outgoing)
        with pytest.raises(KeyNotFoundError):
            await bucket.get("demo.a")
        assert (await bucket.get("demo.b")).value == b"open"


async def test_what_was_derived_before_a_stop_is_told_after_the_start(desk, beside, until):
    await desk.admin.delete_stream("FLOOR")
    first = desk.consumer()
    async with beside(first.run()):
        await desk.publish(door(1))
        await until(lambda: first.status().handled == 1)
        assert first.status().outgoing == 1
    await desk.site.make_streams()
    second = desk.consumer()
    async with beside(second.run()):
        await until(lambda: second.status().outgoing == 0)
    assert [one.headers["ce-id"] for one in await desk.stored("FLOOR")] == ["test.edge1.b1.1.0"]


CHILD = """
import asyncio, pathlib, runpy, sys
story, url, password, database = sys.argv[1:]
asyncio.run(runpy.run_path(story)["consume"](url, password, pathlib.Path(database)))
"""


async def consume(url, password, database):
    """The consumer of the kill test, in a process of its own."""
    link = NatsLink(url, user="consumer", password=password, inbox_prefix="_INBOX_consumer")
    await Consumer(
        link, service="test", site="demo", sources=[DOORS], schema=SCHEMA, handle=keep,
        database=database,
    ).run()  # fmt: skip


async def test_a_consumer_that_is_killed_loses_and_invents_nothing(desk, until):
    events = [door(n) for n in range(1, 601)]
    handled = "SELECT count(*) FROM door"
    waiting = "SELECT count(*) FROM outgoing WHERE ended_ns IS NULL"
    for n in range(4):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, __file__, desk.site.url, desk.site.password("consumer"),
            str(desk.database),
        )  # fmt: skip
        try:
            await desk.publish(*events[150 * n : 150 * n + 150])
            enough = 600 if n == 3 else 150 * n + 20
            await until(lambda most=enough: look(desk.database, handled) >= most)
            await until(lambda n=n: n < 3 or not look(desk.database, waiting))
        finally:
            child.kill()
            await child.wait()
    assert sorted(desk.events()) == sorted(event.id for event in events)
    told = [json.loads(message.data)["causedby"] for message in await desk.stored("FLOOR")]
    assert sorted(told) == sorted(desk.events())


def look(path, question):
    """Ask a consumer's file from outside; 0 while there is nothing in it."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as database:
        try:
            return database.execute(question).fetchone()[0]
        except sqlite3.OperationalError:
            return 0


async def test_it_stops_cleanly_while_there_is_nothing_to_do(desk, beside, until):
    consumer = desk.consumer()
    loop = asyncio.get_running_loop()
    async with beside(consumer.run()) as tasks:
        await until(lambda: consumer.status().lag)
        began = loop.time()
    assert loop.time() - began < 10
    assert tasks[0].cancelled()
    with pytest.raises(sqlite3.ProgrammingError):
        consumer.store.connection.execute("SELECT 1")


async def test_a_durable_of_the_wrong_kind_is_said_in_words(desk, beside, until):
    await desk.admin.add_consumer(
        "SLOT_SIGNIFICANT",
        ConsumerConfig(
            durable_name="test", deliver_subject="_INBOX_consumer.x", ack_policy="explicit",
            filter_subject=DOORS.subjects[0],
        ),
    )  # fmt: skip
    consumer = desk.consumer()
    async with beside(consumer.run()):
        await until(lambda: "SLOT_SIGNIFICANT: " in consumer.status().words)
        await desk.admin.delete_consumer("SLOT_SIGNIFICANT", "test")
        await desk.publish(door(1))
        await until(lambda: consumer.status().handled == 1)
    assert desk.events() == ["edge1.b1.1"]


async def test_an_event_that_never_comes_is_told_and_so_is_its_coming(desk, beside, until, caplog):
    consumer = desk.consumer(hole_grace_s=0.2)
    async with beside(consumer.run()):
        await desk.publish(door(1), door(2), door(4))
        await until(lambda: consumer.status().holes)
        assert "1 events are missing, first door 3 of edge1" in consumer.status().words
        await desk.publish(door(3))
        await until(lambda: not consumer.status().holes)
        await until(lambda: "nothing is missing" in caplog.text)
    told = [record.getMessage() for record in caplog.records if "door 3" in record.getMessage()]
    assert len(told) == 1
