"""The publisher against the model in virtual time, and against the real server too.

One seed is one run: what the network loses, delays and doubles is drawn from it.
"""

import asyncio
import logging
import random

import pytest

from gateway.bus.acceptance import DENIED_GRACE_S, SILENT_AFTER
from gateway.bus.answer import Ack
from gateway.bus.lanes import LANE_ROWS, WINDOW
from gateway.bus.model import Faults, JetStreamModel, ModelLink, ModelStream
from gateway.bus.publisher import ACK_TIMEOUT_S, SLOT_STREAMS, Publisher
from gateway.outbox.types import OutboxFullError, ReadError

SUBJECTS = {
    "SLOT_PLAY": "slot.v1.*.*.game.>",
    "SLOT_MONEY": "slot.v1.*.*.bill.>",
    "SLOT_SIGNIFICANT": "slot.v1.*.*.door.>",
}


class Watched(ModelLink):
    """The model's link, which sees to it that the window and the assets are kept."""

    def __init__(self, server, **options):
        super().__init__(server, **options)
        self.window = WINDOW
        self.most_in_flight = 0
        self.sent = []
        self._of_asset = {}

    async def send(self, subject, body, headers, answered):
        asset = subject.rpartition(".")[2]
        assert asset not in self._of_asset.values(), f"two events of {asset} under way"
        self.sent.append(headers["Nats-Msg-Id"])

        def told(answer):
            del self._of_asset[ticket]
            answered(answer)

        ticket = await super().send(subject, body, headers, told)
        self._of_asset[ticket] = asset
        self.most_in_flight = max(self.most_in_flight, len(self._of_asset))
        return ticket

    def forget(self, ticket):
        super().forget(ticket)
        self._of_asset.pop(ticket, None)


def model_with(*streams, **limits):
    server = JetStreamModel()
    for name in streams:
        server.add_stream(ModelStream(name, (SUBJECTS[name],), **limits))
    return server


def ids(server, stream):
    return [message.headers["ce-id"] for message in server.streams[stream].messages]


@pytest.fixture
def story(in_virtual_time, beside):
    """Run a publisher over the model's link while ``tell`` goes on beside it."""

    def run(link, outbox, tell, **options):
        async def main():
            publisher = Publisher(link, outbox, outbox, **options)
            async with beside(publisher.run()) as tasks:
                await tell(publisher)
                assert not any(task.done() for task in tasks)
            return publisher

        return in_virtual_time(main())

    return run


async def drained(publisher, wait_s=600.0):
    await asyncio.wait_for(publisher.drained(), wait_s)


def shaky(seed):
    """A network that loses one message in ten, one answer in ten, and delays the others."""
    chance = random.Random(seed)

    def fault(subject):
        return Faults(chance.random() > 0.1, chance.random() > 0.1, chance.uniform(0.001, 0.2))

    return fault


@pytest.mark.parametrize("seed", range(20))
def test_on_a_shaky_network_each_asset_is_stored_once_and_in_order(seed, story, outbox, row):
    server = model_with(*SUBJECTS, window_s=3600.0)
    link = Watched(server, faults=shaky(seed))
    chance = random.Random(seed + 1000)
    streams, assets = list(SUBJECTS), ["10101", "10102", "10103", None]
    rows = [row(n, chance.choice(assets), chance.choice(streams)) for n in range(1, 200)]
    box = outbox()

    async def tell(publisher):
        for one in rows:
            publisher.offer(box.add(one))
            if chance.random() < 0.05:
                link.cut()
                await asyncio.sleep(chance.uniform(0, 3))
                link.connect()
            await asyncio.sleep(chance.uniform(0, 0.3))
        await drained(publisher, 7200.0)

    publisher = story(link, box, tell)
    assert box.acknowledged == {one.sequence for one in rows}
    assert publisher.totals.resent > 0
    of_id = {one.id: one for one in rows}
    for stream in streams:
        stored = [of_id[event_id] for event_id in ids(server, stream)]
        assert sorted(one.sequence for one in stored) == [
            one.sequence for one in rows if one.stream == stream
        ]
        for asset in assets:
            sequences = [one.sequence for one in stored if one.asset == asset]
            assert sequences == sorted(sequences)


def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_id(story, outbox, row):
    server = model_with("SLOT_PLAY")
    answers = iter([Faults(answered=False)])
    link = Watched(server, faults=lambda subject: next(answers, Faults()))
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1)))
        began = asyncio.get_running_loop().time()
        await drained(publisher)
        assert asyncio.get_running_loop().time() - began == pytest.approx(ACK_TIMEOUT_S, abs=0.5)

    story(link, box, tell)
    assert link.sent == [row(1).id] * 2
    assert ids(server, "SLOT_PLAY") == [row(1).id]
    assert box.ended[1].duplicate


def test_a_purge_inside_the_window_is_believed_of_what_this_process_sent(story, outbox, row):
    server = model_with("SLOT_PLAY")
    answers = iter([Faults(answered=False)])
    link = Watched(server, faults=lambda subject: next(answers, Faults()))
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1)))
        await asyncio.sleep(1)
        server.streams["SLOT_PLAY"].purge()  # an operator's will: it had been stored
        await drained(publisher)

    story(link, box, tell)
    assert (box.ended[1].stream_seq, box.ended[1].duplicate) == (1, True)


def test_a_message_id_that_somebody_else_used_does_not_swallow_an_event(story, outbox, row):
    server = model_with("SLOT_PLAY")
    link = Watched(server)
    server.take(row(1).subject, b"other", {"Nats-Msg-Id": row(1).id, "ce-id": "other"}, 1000.0)
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1)))
        await drained(publisher)

    publisher = story(link, box, tell)
    assert link.sent == [row(1).id, f"{row(1).id}#r1"]
    assert ids(server, "SLOT_PLAY") == ["other", row(1).id]
    assert not box.ended[1].duplicate
    assert publisher.totals.renamed == 1


def test_what_was_pending_at_the_start_may_have_been_sent_before(story, outbox, row):
    server = model_with("SLOT_PLAY")
    link = Watched(server)
    server.take(row(1).subject, row(1).body, {"Nats-Msg-Id": row(1).id, "ce-id": row(1).id}, 1000.0)
    box = outbox([row(1), row(2)])
    story(link, box, drained, restored_to=2)
    assert ids(server, "SLOT_PLAY") == [row(1).id, row(2).id]
    assert box.ended[1].duplicate
    assert not box.ended[2].duplicate


class Lying(JetStreamModel):
    """A server whose acknowledgements are not sound for a while."""

    def __init__(self, *lies):
        super().__init__()
        self.add_stream(ModelStream("SLOT_PLAY", (SUBJECTS["SLOT_PLAY"],)))
        self.lies = list(lies)

    def take(self, subject, body, headers, now):
        return self.lies.pop(0) if self.lies else super().take(subject, body, headers, now)


@pytest.mark.parametrize(
    "lie",
    [Ack("SLOT_MONEY", 7), Ack("SLOT_PLAY", 0), Ack("SLOT_PLAY", 0, duplicate=True)],
    ids=["wrong stream", "no sequence", "duplicate without sequence"],
)
def test_an_acknowledgement_that_is_not_sound_does_not_count(lie, story, outbox, row):
    server = Lying(lie)
    box = outbox([row(1)])
    story(Watched(server), box, drained, restored_to=1)
    assert ids(server, "SLOT_PLAY") == [row(1).id]
    assert box.ended[1].stream_seq == 1


def test_a_server_that_calls_everything_a_duplicate_is_told_and_not_asked_without_end(
    story, outbox, row
):
    server = Lying(*[Ack("SLOT_PLAY", 1, duplicate=True)] * 10_000)
    link = Watched(server)
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1)))
        await asyncio.sleep(5)
        assert "calls every message a duplicate" in publisher.status().words

    story(link, box, tell)
    assert not box.acknowledged
    assert len(link.sent) < 60


def test_a_stream_that_has_gone_back_is_an_alarm(story, outbox, row, caplog):
    server = model_with("SLOT_PLAY")
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1), row(2, "10102")))
        await drained(publisher)
        server.add_stream(ModelStream("SLOT_PLAY", (SUBJECTS["SLOT_PLAY"],)))
        publisher.offer(box.add(row(3)))
        await drained(publisher)
        publisher.offer(box.add(row(4)))
        await drained(publisher)
        assert "SLOT_PLAY has gone back from message 2 to 1" in publisher.status().words

    story(Watched(server), box, tell)
    assert box.acknowledged == {1, 2, 3, 4}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_what_may_not_be_published_is_refused_after_a_while_and_delays_nobody(story, outbox, row):
    server = model_with("SLOT_PLAY")
    server.denied.append("slot.v1.*.*.*.*.10101")
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1), row(2, "10102"), row(3)))
        await asyncio.sleep(1)
        assert box.acknowledged == {2}
        await asyncio.sleep(DENIED_GRACE_S / 2)
        assert not box.refused
        await drained(publisher)

    story(Watched(server), box, tell)
    assert box.acknowledged == {2}
    assert set(box.refused) == {1, 3}
    assert "no permission to publish on slot.v1.demo.edge1.game.started.10101" in box.refused[1]


def test_a_permission_that_comes_back_in_time_loses_nothing(story, outbox, row):
    server = model_with("SLOT_PLAY")
    server.denied.append("slot.v1.>")
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1), row(2)))
        await asyncio.sleep(DENIED_GRACE_S / 2)
        server.denied.clear()
        await drained(publisher)

    story(Watched(server), box, tell)
    assert box.acknowledged == {1, 2}


def test_what_is_too_large_is_refused_and_the_next_goes(story, outbox, row):
    server = model_with("SLOT_PLAY")
    server.max_payload = 100
    box = outbox([row(1, body=bytes(101)), row(2)])
    story(Watched(server), box, drained)
    assert box.acknowledged == {2}
    assert "101 bytes, it takes 100" in box.refused[1]


def test_a_stream_without_an_answer_is_left_alone_and_the_others_go_on(story, outbox, row):
    server = model_with("SLOT_PLAY", "SLOT_MONEY")
    deaf = {"on": True}

    def fault(subject):
        return Faults(arrives=not (deaf["on"] and ".game." in subject))

    link = Watched(server, faults=fault)
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(*(row(n + 1, str(n)) for n in range(20))))
        publisher.offer(box.add(row(21, "0", "SLOT_MONEY")))
        await asyncio.sleep(120)
        assert box.acknowledged == {21}
        assert len(link.sent) < 20 + SILENT_AFTER + 20
        deaf["on"] = False
        await drained(publisher)

    story(link, box, tell)
    assert box.acknowledged == set(range(1, 22))


def test_while_nats_is_away_memory_has_a_bound_and_afterwards_the_outbox_is_read_in_pages(
    story, outbox, row
):
    server = model_with("SLOT_PLAY")
    link = Watched(server, connected=False)
    box = outbox()
    most = 6 * LANE_ROWS

    async def tell(publisher):
        for n in range(1, most):
            publisher.offer(box.add(row(n, str(n % 50))))
        await asyncio.sleep(60)
        assert publisher.waiting <= LANE_ROWS
        assert link.sent == []
        assert publisher.status().words.endswith("events wait in the outbox")
        link.connect()
        await drained(publisher)

    story(link, box, tell)
    assert box.acknowledged == set(range(1, most))
    assert box.reads < 30
    numbers = [int(event_id.rpartition(".")[2]) for event_id in ids(server, "SLOT_PLAY")]
    for asset in range(50):
        of_asset = [number for number in numbers if number % 50 == asset]
        assert of_asset == sorted(of_asset)


def test_the_window_is_used_and_not_exceeded(story, outbox, row):
    server = model_with("SLOT_PLAY")
    link = Watched(server, faults=lambda subject: Faults(delay_s=0.1))
    box = outbox([row(n, str(n)) for n in range(1, 1001)])
    story(link, box, drained)
    assert link.most_in_flight == WINDOW


def test_an_outbox_that_takes_no_outcomes_stops_nothing_and_gets_them_later(story, outbox, row):
    server = model_with("SLOT_PLAY")
    box = outbox()

    async def tell(publisher):
        await drained(publisher)
        box.fails = OutboxFullError("65536 marks wait for the disk")
        publisher.offer(box.add(row(1), row(2)))
        await asyncio.sleep(10)
        assert ids(server, "SLOT_PLAY") == [row(1).id, row(2).id]
        assert publisher.outbox_trouble == "65536 marks wait for the disk"
        box.fails = None
        await drained(publisher)

    story(Watched(server), box, tell)
    assert box.acknowledged == {1, 2}


def test_an_outbox_that_cannot_be_read_is_read_when_it_can(story, outbox, row, caplog):
    server = model_with("SLOT_PLAY")
    box = outbox([row(1)])
    box.fails = ReadError("disk I/O error")

    async def tell(publisher):
        await asyncio.sleep(30)
        box.fails = None
        await drained(publisher)

    publisher = story(Watched(server), box, tell)
    assert box.acknowledged == {1}
    assert publisher.outbox_trouble == ""
    assert len([record for record in caplog.records if "disk I/O error" in record.message]) == 1


def test_a_publisher_that_is_started_again_sends_what_was_under_way_again(
    in_virtual_time, outbox, row, beside
):
    server = model_with("SLOT_PLAY")
    link = Watched(server, faults=lambda subject: Faults(delay_s=1.0))
    box = outbox()

    async def main():
        publisher = Publisher(link, box, box)
        async with beside(publisher.run()):
            publisher.offer(box.add(row(1), row(2)))
            await asyncio.sleep(0.5)
            assert publisher.in_flight == 1
        assert publisher.in_flight == 0
        async with beside(publisher.run()):
            await drained(publisher)

    in_virtual_time(main())
    assert ids(server, "SLOT_PLAY") == [row(1).id, row(2).id]
    assert box.ended[1].duplicate


def test_settled_to_says_what_is_in_its_stream_and_what_is_not(story, outbox, row):
    server = model_with("SLOT_PLAY")
    link = Watched(server, faults=lambda subject: Faults(delay_s=1.0))
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1), row(2, "10102"), row(3)))
        await asyncio.sleep(1.5)
        assert publisher.settled_to("10101", 1)
        assert publisher.settled_to("10102", 2)
        assert not publisher.settled_to("10101", 3)
        await drained(publisher)
        assert publisher.settled_to("10101", 3)

    story(link, box, tell)
    assert box.acknowledged == {1, 2, 3}


def test_the_gateway_publishes_to_every_stream_of_events():
    assert len(SLOT_STREAMS) == 6
    assert "FLOOR" not in SLOT_STREAMS


# model and server


async def test_a_stream_that_is_missing_is_waited_for_and_told_once(
    bus, outbox, row, beside, until, caplog
):
    await bus.create("SLOT_MONEY", SUBJECTS["SLOT_MONEY"])
    box = outbox()
    publisher = Publisher(bus.link, box, box)
    async with beside(publisher.run()):
        publisher.offer(box.add(row(1), row(2, "10102"), row(3, stream="SLOT_MONEY")))
        await until(lambda: box.acknowledged == {3})
        await until(lambda: publisher.lanes.lanes["SLOT_PLAY"].shut_s >= 0.5)
        assert "SLOT_PLAY waits (no stream takes" in publisher.status().words
        await bus.create("SLOT_PLAY", SUBJECTS["SLOT_PLAY"])
        await until(lambda: box.acknowledged == {1, 2, 3})
        assert publisher.status().words == "connected"
    assert len([one for one in caplog.records if "does not take events" in one.message]) == 1
    assert await bus.subjects("SLOT_PLAY") == [row(1).subject, row(2, "10102").subject]


class LosesAnswers:
    """Any link, with the answer to every third message lost."""

    def __init__(self, link):
        self._link = link
        self._count = 0

    def __getattr__(self, name):
        return getattr(self._link, name)

    async def send(self, subject, body, headers, answered):
        self._count += 1
        if self._count % 3 == 0:
            return await self._link.send(subject, body, headers, lambda answer: None)
        return await self._link.send(subject, body, headers, answered)


async def test_lost_answers_cost_a_repeat_and_nothing_else(bus, outbox, row, beside, until):
    await bus.create("SLOT_PLAY", SUBJECTS["SLOT_PLAY"])
    rows = [row(n, str(n % 7)) for n in range(1, 61)]
    box = outbox(rows)
    publisher = Publisher(LosesAnswers(bus.link), box, box, ack_timeout_s=0.05)
    async with beside(publisher.run()):
        await until(lambda: box.acknowledged == set(range(1, 61)))
    assert sorted(await bus.ids("SLOT_PLAY")) == sorted(one.id for one in rows)
    assert publisher.totals.duplicates > 0


async def test_a_server_killed_again_and_again_has_everything_once_and_in_order(
    bus, outbox, row, beside, until
):
    streams = ("SLOT_PLAY", "SLOT_MONEY")
    for stream in streams:
        await bus.create(stream, SUBJECTS[stream])
    rows = [row(n, f"a{n % 5}", streams[n % 2]) for n in range(1, 1501)]
    box = outbox()
    publisher = Publisher(bus.link, box, box, ack_timeout_s=1.0)
    async with beside(publisher.run()):
        for kill_at in (100, 600, 1100):
            have = len(box.rows)
            publisher.offer(box.add(*rows[have : have + 500]))
            await until(lambda at=kill_at: len(box.acknowledged) >= at)
            await bus.restart()
        await until(lambda: len(box.acknowledged) == len(rows))
    for n, stream in enumerate(streams):
        numbers = [int(event_id.rpartition(".")[2]) for event_id in await bus.ids(stream)]
        assert sorted(numbers) == [number for number in range(1, 1501) if number % 2 == n]
        for asset in range(5):
            of_asset = [number for number in numbers if number % 5 == asset]
            assert of_asset == sorted(of_asset)
