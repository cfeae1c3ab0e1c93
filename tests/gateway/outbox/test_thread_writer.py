"""The writer's thread: groups, order, patience, and an end that says what was left."""

import asyncio
import logging
import subprocess
import threading

import pytest

from gateway.outbox.marks import Keep
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import (
    Acknowledged,
    Commit,
    OutboxClosedError,
    OutboxFullError,
    SequenceError,
    Unwritten,
)


class HeldDisk:
    """Holds the writer's thread before each commit until it is let go."""

    def __init__(self):
        self.reached = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.held = True

    def __call__(self, place):
        if place == "before_commit" and self.held:
            self.reached.release()
            assert self.go.acquire(timeout=60)

    async def wait_until_reached(self):
        assert await asyncio.to_thread(self.reached.acquire, timeout=60)

    def release(self):
        self.held = False
        self.go.release(100)


@pytest.fixture
def start(path):
    """Start a writer on a disk; all are closed at the end."""
    writers = []

    def start(at, **options):
        writers.append(ThreadWriter(Store.open(path, at=at), **options))
        return writers[-1]

    yield start
    for writer in writers:
        if isinstance(writer._store._at, HeldDisk):
            writer._store._at.release()
        else:
            writer._store._at = lambda place: None
        asyncio.run(writer.close(5))
        writer._thread.join(5)
        assert not writer._thread.is_alive()


@pytest.fixture
def reader(path):
    readers = []

    def read():
        readers.append(Reader(path))
        return readers[-1]

    yield read
    for reader in readers:
        reader.close()


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  another thread sets no event
            await asyncio.sleep(0.005)


async def test_a_future_is_done_when_its_events_are_on_disk(start, reader, author, disk):
    writer = start(disk)
    await writer.submit(author.commit(2))
    assert reader().counts().depth == 2
    assert writer.last_sequence == 2
    assert writer.last_commit_s > 0


async def test_whatever_waits_while_one_transaction_runs_goes_into_the_next(start, author):
    disk = HeldDisk()
    writer = start(disk)
    futures = [writer.submit(author.commit())]
    await disk.wait_until_reached()
    futures += [writer.submit(author.commit()) for _ in range(50)]
    disk.go.release()
    await disk.wait_until_reached()  # the second transaction, with all fifty
    assert futures[0].done() or await futures[0] is None
    assert not any(future.done() for future in futures[1:])
    disk.go.release()
    await asyncio.gather(*futures)
    assert not disk.reached.acquire(blocking=False)  # and there was no third
    assert writer.last_sequence == 51


async def test_a_failed_batch_is_tried_again_and_nothing_overtakes_it(
    start, reader, author, disk, caplog
):
    caplog.set_level(logging.INFO, "gateway.outbox")
    disk.failures = 3
    writer = start(disk)
    told = []
    futures = []
    for number in range(5):
        futures.append(writer.submit(author.commit()))
        futures[-1].add_done_callback(lambda _, number=number: told.append(number))
        if number == 0:
            await until(lambda: writer.failure)
            assert "the disk answered with an error" in writer.failure
    assert not any(future.done() for future in futures)
    await asyncio.gather(*futures)
    assert told == [0, 1, 2, 3, 4]
    assert writer.failure is None
    assert reader().verify().faults == ()
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


async def test_one_who_gives_up_waiting_changes_nothing_for_the_others(start, author):
    disk = HeldDisk()
    writer = start(disk)
    impatient, patient = writer.submit(author.commit()), writer.submit(author.commit())
    impatient.cancel()
    disk.release()
    await patient
    assert writer.last_sequence == 2


async def test_a_full_queue_refuses_and_the_number_stays_free(start, author, monkeypatch):
    monkeypatch.setattr("gateway.outbox.intake.QUEUE_COMMITS_MAX", 1)
    disk = HeldDisk()
    writer = start(disk)
    futures = [writer.submit(author.commit())]
    await disk.wait_until_reached()
    futures.append(writer.submit(author.commit()))
    refused = author.commit()
    with pytest.raises(OutboxFullError):
        writer.submit(refused)
    disk.release()
    await asyncio.gather(*futures)
    await writer.submit(refused)
    assert writer.last_sequence == 3


async def test_a_hole_is_refused_in_the_call(start, author, disk):
    writer = start(disk)
    author.row()
    with pytest.raises(SequenceError):
        writer.submit(author.commit())


async def test_marks_are_stored_with_the_next_commit(start, reader, author):
    disk = HeldDisk()
    writer = start(disk)
    first = writer.submit(author.commit())
    await disk.wait_until_reached()
    disk.go.release()
    await first
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1)])
    second = writer.submit(author.commit())
    await disk.wait_until_reached()
    disk.go.release()
    await second
    assert reader().counts().acknowledged == 1
    assert not disk.reached.acquire(blocking=False)


async def test_marks_take_a_transaction_of_their_own_after_a_while(start, reader, author, disk):
    writer = start(disk)
    await writer.submit(author.commit(3))
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1)])
    writer.mark([Acknowledged(2, "SLOT_SIGNIFICANT", 2)])
    counts = reader().counts
    await until(lambda: counts().acknowledged == 2)
    assert counts().depth == 1


async def test_rows_kept_long_enough_are_pruned_without_being_asked(start, reader, author, disk):
    writer = start(disk)
    await writer.submit(author.commit(3))
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1)])
    assert await writer.close(5) == Unwritten()
    writer = start(disk, keep=Keep(0, 0))
    verify = reader().verify
    await until(lambda: verify().pruned == 1)
    assert (verify().rows, verify().faults) == (2, ())


async def test_close_writes_what_waits_and_lets_the_next_gateway_in(start, author, disk, path):
    writer = start(disk)
    futures = [writer.submit(author.commit()) for _ in range(20)]
    assert await writer.close(5) == Unwritten()
    assert all(future.done() for future in futures)
    store = Store.open(path)
    assert store.last_sequence == 20
    store.close()


async def test_close_tries_a_failing_disk_once_more(start, author, disk):
    disk.failures = 4
    writer = start(disk)
    future = writer.submit(author.commit())
    await until(lambda: disk.failures == 1)
    assert await writer.close(5) == Unwritten()
    await future


async def test_close_says_what_was_left_and_those_who_wait_are_told(start, author, disk):
    disk.failures = 10**6
    writer = start(disk)
    futures = [writer.submit(author.commit(2))]
    await until(lambda: writer.failure)
    futures.append(writer.submit(author.commit(3)))
    left = await writer.close(0.1)
    assert (left.commits, left.rows) == (2, 5)
    assert "Input/output error" in left.reason
    for future in futures:
        with pytest.raises(OutboxClosedError, match="Input/output error"):
            await future


async def test_close_does_not_wait_for_a_disk_that_never_answers(start, author):
    disk = HeldDisk()
    writer = start(disk)
    future = writer.submit(author.commit())
    await disk.wait_until_reached()
    left = await writer.close(0.05)
    assert (left.commits, left.rows, left.reason) == (1, 1, "the disk does not answer")
    with pytest.raises(OutboxClosedError):
        await future


async def test_a_closed_writer_takes_nothing(start, author, disk):
    writer = start(disk)
    await writer.close(1)
    with pytest.raises(OutboxClosedError):
        writer.submit(author.commit())
    with pytest.raises(OutboxClosedError):
        writer.mark([])


async def test_a_defect_in_the_thread_is_told_to_all_who_wait_and_to_all_who_come(
    start, author, disk, caplog
):
    disk.failures, disk.error = 1, ZeroDivisionError("a defect")
    writer = start(disk)
    with pytest.raises(OutboxClosedError, match=r"ended by a defect .*restart the gateway"):
        await writer.submit(author.commit())
    assert "a defect" in writer.failure
    with pytest.raises(OutboxClosedError, match="a defect"):
        writer.submit(author.commit())
    await until(lambda: not writer._thread.is_alive())
    assert "Traceback" in caplog.text


async def test_states_of_a_batch_are_stored_as_the_last_commit_left_them(start, author, path):
    disk = HeldDisk()
    writer = start(disk)
    futures = [writer.submit(author.commit())]
    await disk.wait_until_reached()
    futures += [
        writer.submit(Commit(states={"10101": b"%d" % number}, polls={"L1": number}))
        for number in range(10)
    ]
    disk.release()
    await asyncio.gather(*futures)
    await writer.close(5)
    store = Store.open(path)
    restored = store.restore()
    store.close()
    assert (restored.states, restored.polls) == ({"10101": b"9"}, {"L1": 9})


def test_a_real_full_disk_holds_everything_back_and_loses_nothing(path, committer):
    """No file may grow beyond 300 KB until the writer says that it cannot commit."""
    command, environment = committer
    done = subprocess.run(
        [*command, str(path), "--fsize-bytes", "300000", "--limit", "400", "--bytes", "2000"],
        capture_output=True,
        env=environment,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert b"outbox" in done.stderr
    assert sorted(int(line) for line in done.stdout.split()) == list(range(1, 401))
    store = Store.open(path)
    reader = Reader(path)
    assert reader.verify().faults == ()
    assert store.last_sequence == 400
    reader.close()
    store.close()
