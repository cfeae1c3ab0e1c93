"""Which acknowledgements are believed, told by a server that is sound and by one that is not."""

import asyncio
import logging

import pytest

from gateway.bus.answer import Ack
from gateway.bus.model import Faults, JetStreamModel, ModelStream

GAMES = "slot.v1.*.*.game.>"


async def drained(publisher, wait_s=600.0):
    await asyncio.wait_for(publisher.drained(), wait_s)


def ids(server, stream):
    return [message.headers["ce-id"] for message in server.streams[stream].messages]


def test_a_purge_inside_the_window_is_believed_of_what_this_process_sent(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    answers = iter([Faults(answered=False)])
    link = watched(server, faults=lambda subject: next(answers, Faults()))
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1)))
        await asyncio.sleep(1)
        server.streams["SLOT_PLAY"].purge()  # an operator's will: it had been stored
        await drained(publisher)

    story(link, box, tell)
    assert (box.ended[1].stream_seq, box.ended[1].duplicate) == (1, True)


def test_a_message_id_that_somebody_else_used_does_not_swallow_an_event(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    link = watched(server)
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


def test_what_was_pending_at_the_start_may_have_been_sent_before(
    story, outbox, row, model_with, watched
):
    server = model_with("SLOT_PLAY")
    link = watched(server)
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
        self.add_stream(ModelStream("SLOT_PLAY", (GAMES,)))
        self.lies = list(lies)

    def take(self, subject, body, headers, now):
        return self.lies.pop(0) if self.lies else super().take(subject, body, headers, now)


@pytest.mark.parametrize(
    "lie",
    [Ack("SLOT_MONEY", 7), Ack("SLOT_PLAY", 0), Ack("SLOT_PLAY", 0, duplicate=True)],
    ids=["wrong stream", "no sequence", "duplicate without sequence"],
)
def test_an_acknowledgement_that_is_not_sound_does_not_count(lie, story, outbox, row, watched):
    server = Lying(lie)
    box = outbox([row(1)])
    story(watched(server), box, drained, restored_to=1)
    assert ids(server, "SLOT_PLAY") == [row(1).id]
    assert box.ended[1].stream_seq == 1


def test_a_server_that_calls_everything_a_duplicate_is_told_and_not_asked_without_end(
    story, outbox, row, watched
):
    server = Lying(*[Ack("SLOT_PLAY", 1, duplicate=True)] * 10_000)
    link = watched(server)
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1)))
        await asyncio.sleep(5)
        assert "calls every message a duplicate" in publisher.status().words

    story(link, box, tell)
    assert not box.acknowledged
    assert len(link.sent) < 60


def test_a_stream_that_has_gone_back_is_an_alarm(story, outbox, row, caplog, model_with, watched):
    server = model_with("SLOT_PLAY")
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1), row(2, "10102")))
        await drained(publisher)
        server.add_stream(ModelStream("SLOT_PLAY", (GAMES,)))
        publisher.offer(box.add(row(3)))
        await drained(publisher)
        publisher.offer(box.add(row(4)))
        await drained(publisher)
        assert "SLOT_PLAY has gone back from message 2 to 1" in publisher.status().words

    story(watched(server), box, tell)
    assert box.acknowledged == {1, 2, 3, 4}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


class Remembered:
    """What an outbox knows of the processes before."""

    def highest_acknowledged(self):
        return {"SLOT_PLAY": 900}

    def taken_as(self, stream, stream_seq, before):
        assert (stream, before) == ("SLOT_PLAY", 1001)
        return (101, 1000) if stream_seq == 1 else None


def test_a_stream_made_anew_while_the_gateway_was_away_is_an_alarm_with_its_remedy(
    story, outbox, row, caplog, model_with, watched
):
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1001)))
        await drained(publisher)
        assert "gone back from message 900 to 1" in publisher.status().words
        assert "slotgw outbox replay --from 101 --to 1000" in publisher.status().words

    story(watched(model_with("SLOT_PLAY")), box, tell, restored_to=1000, history=Remembered())
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_stream_that_goes_on_where_it_stood_is_no_alarm(
    story, outbox, row, caplog, model_with, watched
):
    server = model_with("SLOT_PLAY")
    for n in range(900):
        server.take(row(1).subject, b"", {"Nats-Msg-Id": f"old{n}", "ce-id": f"old{n}"}, 1000.0)
    box = outbox()

    async def tell(publisher):
        publisher.offer(box.add(row(1001)))
        await drained(publisher)

    story(watched(server), box, tell, restored_to=1000, history=Remembered())
    assert not caplog.records
