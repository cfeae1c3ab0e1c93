"""Stored events are sent again on request, by the process that owns the outbox."""

import asyncio
import json
from contextlib import suppress

import pytest

from gateway.bus.model import JetStreamModel, ModelLink, ModelStream
from gateway.bus.publisher import Publisher
from gateway.edge.replay_server import BATCH_ROWS, ReplayServer
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import Commit, Row

STREAM = "SLOT_SIGNIFICANT"
EVENTS = BATCH_ROWS + 40
STUCK_S = 0.3


def row(number):
    return Row(
        number, f"edge1.b0.{number}", "door.opened", "door", number,
        f"slot.v1.demo.edge1.door.opened.{number % 7}", str(number % 7), STREAM, number, b"{}",
    )  # fmt: skip


@pytest.fixture
async def running(tmp_path):
    """A gateway's outbox, publisher and replay socket, and a server that has taken everything."""
    server = JetStreamModel()
    server.add_stream(ModelStream(STREAM, ("slot.v1.*.*.door.>",)))
    writer = ThreadWriter(Store.open(tmp_path / "outbox.db", synchronous="OFF"))
    reader = Reader(tmp_path / "outbox.db")
    link = ModelLink(server)
    publisher = Publisher(link, reader, writer, streams=(STREAM,))
    rows = tuple(row(number) for number in range(1, EVENTS + 1))
    await writer.submit(Commit(rows))
    publisher.offer(rows)
    socket = tmp_path / "replay.sock"
    jobs = [publisher.run(), ReplayServer(socket, writer, publisher, STUCK_S).run()]
    tasks = [asyncio.create_task(job) for job in jobs]
    async with asyncio.timeout(60):
        await publisher.drained()
        while reader.counts().depth or not socket.exists():  # noqa: ASYNC110  no event says so
            await asyncio.sleep(0.02)
    server.link = link
    yield server, socket, reader, publisher
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    reader.close()
    await writer.close(5)


async def ask(socket, words):
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(words.encode() + b"\n")
    said = [json.loads(line) async for line in reader]
    writer.close()
    await writer.wait_closed()
    return said


async def test_events_come_again_under_fresh_message_ids_and_once(running):
    server, socket, _, publisher = running
    said = await ask(socket, f"3 {EVENTS}")
    assert said[-1] == {"events": EVENTS - 2, "done": True}
    async with asyncio.timeout(60):
        await publisher.drained()
    stored = server.streams[STREAM].messages
    ids = [message.headers["Nats-Msg-Id"] for message in stored]
    assert len(ids) == len(set(ids)) == 2 * EVENTS - 2
    assert {one for one in ids if "#" in one} == {
        f"edge1.b0.{number}#r1" for number in range(3, EVENTS + 1)
    }
    again = [message.headers["ce-id"] for message in stored[EVENTS:]]
    assert len(set(again)) == len(again) == EVENTS - 2


@pytest.mark.parametrize("words", ["", "1", "a b", "1 2 3"])
async def test_a_wrong_request_is_answered_with_an_error(running, words):
    _, socket, _, _ = running
    assert "error" in (await ask(socket, words))[0]


async def test_while_nats_is_away_the_answer_comes_at_once_and_nothing_was_done(running):
    server, socket, reader, _ = running
    server.link.cut()
    async with asyncio.timeout(60):
        said = await ask(socket, f"1 {EVENTS}")
    assert said == [
        {"error": "nothing was sent again: not connected: cut by the model; events wait in the "
                  "outbox. Ask again when NATS is back"}
    ]  # fmt: skip
    assert reader.counts().depth == 0


async def test_a_server_that_takes_nothing_is_told_instead_of_waited_for(running):
    server, socket, _, publisher = running
    stream = server.streams[STREAM]
    stream.max_msgs = len(stream.messages)
    async with asyncio.timeout(60):
        said = await ask(socket, f"1 {EVENTS}")
    assert said[-1]["error"].startswith("nothing was taken for 0.3 s (connected; SLOT_SIGNIFICANT")
    assert said[-1]["error"].endswith(
        f"{EVENTS} events up to {EVENTS} are pending again and go by themselves; ask again from "
        f"{EVENTS + 1}"
    )
    stream.max_msgs = 10 * EVENTS
    publisher.lanes.hurry(asyncio.get_running_loop().time())
    publisher.look_again()
    async with asyncio.timeout(60):
        await publisher.drained()
    assert len(stream.messages) == 2 * EVENTS
