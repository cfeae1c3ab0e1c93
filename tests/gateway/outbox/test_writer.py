"""The writer that commits within the call: at once, in order, and patient with a bad disk."""

import asyncio
import logging

import pytest

from gateway.outbox import writer as writer_module
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import (
    Acknowledged,
    Commit,
    OutboxClosedError,
    OutboxFullError,
    SequenceError,
    Unwritten,
)
from gateway.outbox.writer import InlineWriter


@pytest.fixture
async def writer(path, disk):
    writer = InlineWriter(Store.open(path, at=disk), wall_ns=lambda: 0)
    yield writer
    disk.failures = 0
    await writer.close(5)


@pytest.fixture
async def reader(writer, path):
    reader = Reader(path)
    yield reader
    reader.close()


async def test_a_commit_is_on_disk_when_submit_returns(writer, reader, author):
    future = writer.submit(author.commit(2))
    assert future.done()
    assert reader.counts().depth == 2
    assert writer.last_sequence == 2


async def test_a_failed_batch_is_tried_again_and_nothing_overtakes_it(
    writer, reader, author, disk, caplog
):
    caplog.set_level(logging.INFO, "gateway.outbox")
    disk.failures = 2
    first = writer.submit(author.commit())
    assert "Input/output error" in writer.failure
    second = writer.submit(Commit(author.commit().rows, {"10101": b"second"}))
    assert disk.reached["before_commit"] == 1  # a bad disk is not hurried by those who come
    assert not first.done()
    assert not second.done()
    assert reader.counts().depth == 0
    told = []
    first.add_done_callback(lambda _: told.append(1))
    second.add_done_callback(lambda _: told.append(2))
    await second
    await first
    assert told == [1, 2]
    assert writer.failure is None
    assert reader.verify().last_sequence == 2
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


async def test_marks_wait_for_the_next_commit(writer, reader, author):
    await writer.submit(author.commit())
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1)])
    assert reader.counts().acknowledged == 0
    await writer.submit(author.commit())
    assert reader.counts().acknowledged == 1


async def test_marks_take_a_transaction_of_their_own_after_a_while(writer, reader, author):
    await writer.submit(author.commit())
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1)])
    async with asyncio.timeout(60):
        while reader.counts().acknowledged == 0:  # noqa: ASYNC110  the disk sets no event
            await asyncio.sleep(writer_module.MARK_WAIT_S / 4)
    assert reader.counts().depth == 0


async def test_a_full_queue_refuses_and_the_number_stays_free(writer, author, disk, monkeypatch):
    monkeypatch.setattr("gateway.outbox.intake.QUEUE_COMMITS_MAX", 1)
    disk.failures = 10**6
    writer.submit(author.commit())  # taken out for the attempt that failed
    writer.submit(author.commit())
    refused = author.commit()
    with pytest.raises(OutboxFullError):
        writer.submit(refused)
    disk.failures = 0
    with pytest.raises(SequenceError):
        writer.submit(author.commit())  # the number after it is not yet due


async def test_close_writes_what_waits(writer, author, path, disk):
    disk.failures = 1
    future = writer.submit(author.commit())
    assert await writer.close(5) == Unwritten()
    assert future.done()
    store = Store.open(path)
    assert store.last_sequence == 1
    store.close()


async def test_close_says_what_was_left_and_those_who_wait_are_told(writer, author, disk):
    await writer.submit(author.commit())
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1)])
    disk.failures = 10**6
    futures = [writer.submit(author.commit(2)), writer.submit(author.commit(3))]
    left = await writer.close(0.1)
    assert (left.commits, left.rows, left.marks) == (2, 5, 1)
    assert "Input/output error" in left.reason
    for future in futures:
        with pytest.raises(OutboxClosedError, match="before this was on disk"):
            await future


async def test_a_closed_writer_takes_nothing(writer, author):
    await writer.close(1)
    with pytest.raises(OutboxClosedError):
        writer.submit(author.commit())
    with pytest.raises(OutboxClosedError):
        writer.mark([])
    assert await writer.close(1) == Unwritten()
