"""The publisher against the model in virtual time.

One seed is one run: what the network loses, delays and doubles is drawn from it.
"""

import asyncio
import random

import pytest

from gateway.bus.acceptance import DENIED_GRACE_S, SILENT_AFTER
from gateway.bus.lanes import WINDOW, Lanes
from gateway.bus.model import Faults
from gateway.bus.publisher import ACK_TIMEOUT_S, GATEWAY_STREAMS, Publisher
from gateway.outbox.types import OutboxFullError, ReadError


def ids(server, stream):
    return [message.headers["ce-id"] for message in server.streams[stream].messages]


async def drained(publisher, wait_s=600.0):
    await asyncio.wait_for(publisher.drained(), wait_s)


def shaky(seed):
    """A network that loses one message in ten, one answer in ten, and delays the others."""
    chance = random.Random(seed)

    def fault(subject):
        return Faults(chance.random() > 0.1, chance.random() > 0.1, chance.uniform(0.001, 0.2))

    return fault


@pytest.mark.parametrize("seed", range(20))
def test_on_a_shaky_network_each_asset_is_stored_once_and_in_order(
    seed, story, outbox, row, model_with, watched, subjects
):
    server = model_with(*subjects, window_s=3600.0)
    link = watched(server, faults=shaky(seed))
    chance = random.Random(seed + 1000)
    streams, assets = list(subjects), ["10101", "10102", "10103", None]
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


def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_id(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    answers = iter([Faults(answered=False)])
    link = watched(server, faults=lambda subject: next(answers, Faults()))
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


def test_what_may_not_be_published_is_refused_after_a_while_and_delays_nobody(
    story, outbox, row, model_with, watched
):
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

    story(watched(server), box, tell)
    assert box.acknowledged == {2}
    assert set(box.refused) == {1, 3}
    assert "no permission to publish on slot.v1.demo.edge1.game.started.10101" in box.refused[1]


def test_a_permission_that_comes_back_in_time_loses_nothing(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    server.denied.append("slot.v1.>")
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1), row(2)))
        await asyncio.sleep(DENIED_GRACE_S / 2)
        server.denied.clear()
        await drained(publisher)

    story(watched(server), box, tell)
    assert box.acknowledged == {1, 2}


def test_what_is_too_large_is_refused_and_the_next_goes(story, outbox, row, model_with, watched):
    server = model_with("SLOT_PLAY")
    server.max_payload = 100
    box = outbox([row(1, body=bytes(101)), row(2)])
    story(watched(server), box, drained)
    assert box.acknowledged == {2}
    assert "101 bytes, it takes 100" in box.refused[1]


def test_a_stream_without_an_answer_is_left_alone_and_the_others_go_on(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY", "SLOT_MONEY")
    deaf = {"on": True}

    def fault(subject):
        return Faults(arrives=not (deaf["on"] and ".game." in subject))

    link = watched(server, faults=fault)
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
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    link = watched(server, connected=False)
    box = outbox()
    lanes = Lanes(GATEWAY_STREAMS, lane_rows=1024)
    most = 6 * 1024

    async def tell(publisher):
        for n in range(1, most):
            publisher.offer(box.add(row(n, str(n % 50))))
        await asyncio.sleep(60)
        assert publisher.waiting <= 1024
        assert link.sent == []
        assert publisher.status().words.endswith("events wait in the outbox")
        link.connect()
        await drained(publisher)

    story(link, box, tell, lanes=lanes)
    assert box.acknowledged == set(range(1, most))
    assert box.reads < 30
    numbers = [int(event_id.rpartition(".")[2]) for event_id in ids(server, "SLOT_PLAY")]
    for asset in range(50):
        of_asset = [number for number in numbers if number % 50 == asset]
        assert of_asset == sorted(of_asset)


def test_the_window_is_used_and_not_exceeded(story, outbox, row, model_with, watched):
    server = model_with("SLOT_PLAY")
    link = watched(server, faults=lambda subject: Faults(delay_s=0.1))
    box = outbox([row(n, str(n)) for n in range(1, 1001)])
    story(link, box, drained)
    assert link.most_in_flight == WINDOW


def test_an_outbox_that_takes_no_outcomes_stops_nothing_and_gets_them_later(
    story, outbox, row, model_with, watched
):
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

    story(watched(server), box, tell)
    assert box.acknowledged == {1, 2}


def test_an_outbox_that_cannot_be_read_is_read_when_it_can(
    story, outbox, row, caplog, model_with, watched
):
    server = model_with("SLOT_PLAY")
    box = outbox([row(1)])
    box.fails = ReadError("disk I/O error")

    async def tell(publisher):
        await asyncio.sleep(30)
        box.fails = None
        await drained(publisher)

    publisher = story(watched(server), box, tell)
    assert box.acknowledged == {1}
    assert publisher.outbox_trouble == ""
    assert len([record for record in caplog.records if "disk I/O error" in record.message]) == 1


def test_a_publisher_that_is_started_again_sends_what_was_under_way_again(
    in_virtual_time, outbox, row, beside, model_with, watched
):
    server = model_with("SLOT_PLAY")
    link = watched(server, faults=lambda subject: Faults(delay_s=1.0))
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


def test_settled_to_says_what_is_in_its_stream_and_what_is_not(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    link = watched(server, faults=lambda subject: Faults(delay_s=1.0))
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


def test_the_gateway_publishes_to_every_stream_of_events_and_its_dead_letters():
    assert len(GATEWAY_STREAMS) == 7
    assert "DEAD" in GATEWAY_STREAMS
    assert "FLOOR" not in GATEWAY_STREAMS
