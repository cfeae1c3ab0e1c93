"""A disk that fills: what is let go of, in which order, and what is said of it."""

import asyncio
import errno
import itertools
import os
from types import SimpleNamespace

import pytest

from gateway.outbox.marks import Keep
from gateway.outbox.reader import Reader
from gateway.outbox.shed import GAP_TYPE
from gateway.outbox.space import MIB, Limits, measure
from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import (
    Acknowledged,
    Commit,
    DiskFullError,
    Loss,
    OutboxClosedError,
    Refused,
)
from gateway.outbox.upkeep import Upkeep
from gateway.outbox.writer import InlineWriter

PLAY = {"family": "game", "stream": "SLOT_PLAY"}
KEEP = Keep(1e6, 1e6)


class Disk:
    """A file system with as much room as the test says."""

    def __init__(self, free_bytes):
        self.free_bytes = free_bytes

    def __call__(self, folder):
        assert folder.is_dir()
        return SimpleNamespace(f_bavail=self.free_bytes // 4096, f_frsize=4096)


@pytest.fixture
def space():
    return Disk(1000 * MIB)


@pytest.fixture
def tight(path, space):
    """A store whose reserve is 1 MiB, and which is tight below 4."""
    store = Store.open(path, limits=Limits(reserve_bytes=MIB, statvfs=space))
    yield store
    store.close()


@pytest.fixture
def reader(tight):
    reader = Reader(tight.path)
    yield reader
    reader.close()


def test_the_room_is_what_the_disk_gives_and_what_the_file_has_unused(tight, author, space):
    tight.apply([author.commit(100, body=b"x" * 4000)], (), 0)
    before = tight.measure()
    tight.apply((), [Acknowledged(one, "SLOT_SIGNIFICANT", one) for one in range(1, 101)], 0)
    tight.prune(Keep(0, 0), 10, 100)
    after = tight.measure()
    assert after.free_bytes - before.free_bytes > 300_000
    assert after.used_bytes < before.used_bytes / 5


@pytest.mark.parametrize(
    ("free", "level"), [(MIB - 4096, "full"), (MIB, "tight"), (4 * MIB, "ample")]
)
def test_what_room_means(tight, space, free, level):
    space.free_bytes = free
    room = measure(tight._connection, tight.path, Limits(None, MIB, space))
    assert room.level == level


def test_a_greatest_size_counts_like_the_disk(tight, space):
    limits = Limits(2 * MIB, MIB, space)
    assert measure(tight._connection, tight.path, limits).level == "tight"


def test_down_to_the_reserve_events_are_taken_and_not_beyond(tight, author, space):
    space.free_bytes = MIB
    tight.measure()
    tight.apply([author.commit(2)], (), 0)
    space.free_bytes = MIB - 4096
    tight.measure()
    commit = author.commit()
    with pytest.raises(DiskFullError, match="events may not take: free space there"):
        tight.apply([commit], (), 0)
    tight.apply([Commit(polls={"L1": 3})], [Acknowledged(1, "SLOT_SIGNIFICANT", 1)], 0)
    space.free_bytes = 9 * MIB
    tight.apply([commit], (), 0)
    assert (tight.last_sequence, tight.restore().pending) == (3, 2)


def test_shed_play_leaves_its_place_in_the_chain_and_a_loss_for_each_machine(tight, reader, author):
    rows = [author.row(**PLAY), author.row(), author.row(**PLAY, asset="10102"), author.row(**PLAY)]
    tight.apply([Commit(tuple(rows)), author.commit(1, **PLAY)], (), 0)
    assert tight.shed("SLOT_PLAY", 3, 99) == 3
    verified = reader.verify(
        {1: reader._connection.execute("SELECT chain FROM stub").fetchone()[0]}
    )
    assert (verified.faults, verified.rows, verified.shed) == ((), 2, 3)
    assert [row.sequence for row in reader.pending(0, 9)] == [2, 5]
    assert reader.losses().losses == (
        Loss("shed", "10101", 2, 1, 4, rows[0].time_ns, rows[3].time_ns),
        Loss("shed", "10102", 1, 3, 3, rows[2].time_ns, rows[2].time_ns),
    )
    counts = reader.counts()
    assert (counts.depth, counts.shed, counts.last_sequence) == (2, 3, 5)


def test_a_loss_is_forgotten_with_the_commit_that_tells_it_and_not_those_that_came_after(
    tight, reader, author
):
    tight.apply([author.commit(3, **PLAY)], (), 0)
    tight.shed("SLOT_PLAY", 1, 0)
    to = reader.losses().to
    tight.shed("SLOT_PLAY", 1, 0)
    tight.apply([Commit((author.row("link"),), told_to=to)], (), 0)
    assert [(loss.first, loss.rows) for loss in reader.losses().losses] == [(2, 1)]


def test_refused_events_are_losses_but_not_the_telling_of_one(tight, reader, author):
    gap = author.row("link")
    gap = type(gap)(**{name: getattr(gap, name) for name in gap.__slots__} | {"type": GAP_TYPE})
    tight.apply([Commit((gap, author.row()))], (), 0)
    tight.apply((), [Refused(1, "no"), Refused(2, "no")], 0)
    assert [(loss.cause, loss.first) for loss in reader.losses().losses] == [("refused", 2)]


def test_acknowledged_events_go_before_play_and_play_before_nothing(tight, reader, author, space):
    tight.apply([author.commit(3), author.commit(2, **PLAY)], (), 0)
    tight.apply((), [Acknowledged(1, "SLOT_SIGNIFICANT", 1), Refused(2, "too large")], 0)
    upkeep = Upkeep(tight, KEEP, now_s=0.0)
    space.free_bytes = MIB
    left, said = [], []
    for _ in range(3):
        upkeep.step(100.0, 10)
        left.append([row[0] for row in tight._connection.execute("SELECT sequence FROM event")])
        said.append(upkeep.warning.words)
    assert left == [[2, 3, 4, 5], [2, 3], [2, 3]]
    assert [words.split(": ")[1].split(";")[0] for words in said] == [
        "acknowledged events are let go before their time",
        "play is shed, the oldest first",
        "there is nothing left to let go of",
    ]
    space.free_bytes = 100 * MIB
    upkeep.step(106.0, 10)
    assert upkeep.warning.words is None
    assert reader.verify().faults == ()


def test_old_stubs_become_an_anchor(tight, reader, author):
    tight.apply([author.commit(4, **PLAY)], (), 0)
    tight.shed("SLOT_PLAY", 3, 5)
    assert tight.prune(Keep(0, 0), 5, 10) == 0
    assert tight.prune(Keep(0, 0), 6, 10) == 3
    verified = reader.verify()
    assert (verified.faults, verified.pruned, verified.shed, verified.rows) == ((), 3, 0, 1)
    store_head = tight._head
    tight._load()
    assert tight._head == store_head == reader.head()[1]


def test_the_head_is_that_of_a_stub_if_it_is_the_newest(tight, reader, author):
    tight.apply([author.commit(2, **PLAY)], (), 0)
    head = reader.head()
    tight.shed("SLOT_PLAY", 2, 0)
    assert reader.head() == head
    tight._load()
    tight.apply([author.commit()], (), 0)
    assert reader.verify().faults == ()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_an_error_of_a_full_disk_is_told_as_one(store, author, disk, error):
    disk.failures, disk.error = 1, OSError(error, os.strerror(error))
    with pytest.raises(DiskFullError, match="the disk is full, or the file at its size limit"):
        store.apply([author.commit()], (), 0)


async def test_a_file_at_its_greatest_size_sheds_play_and_takes_money(path, author):
    """SQLite itself says that it is full: max_page_count, and no other judge of the room."""
    store = Store.open(path, limits=Limits(2 * MIB, reserve_bytes=0))
    writer = InlineWriter(store, wall_ns=itertools.count().__next__)
    for _ in range(30):
        await writer.submit(author.commit(20, body=b"p" * 2500, **PLAY))
    for _ in range(20):
        await writer.submit(author.commit(20, body=b"m" * 2500, family="bill", stream="SLOT_MONEY"))
    assert writer.failure is None
    reader = Reader(path)
    counts, verified = reader.counts(), reader.verify()
    assert counts.depth_by_stream["SLOT_MONEY"] == 400
    assert counts.shed + counts.depth_by_stream.get("SLOT_PLAY", 0) == 600
    assert counts.shed > 0
    assert verified.faults == ()
    stuck = writer.submit(author.commit(400, body=b"m" * 2500, stream="SLOT_MONEY"))
    assert not stuck.done()
    assert "the disk is full" in writer.failure
    assert path.stat().st_size <= 2 * MIB
    # the server takes what waits: outcomes have room, acknowledged events make room
    writer.mark([Acknowledged(row.sequence, row.stream, 1) for row in reader.pending(0, 1000)])
    reader.close()
    await asyncio.wait_for(stuck, 10)
    assert writer.failure is None
    await writer.close(1)


async def test_the_thread_makes_room_in_the_same_way(path, author):
    store = Store.open(path, limits=Limits(2 * MIB, reserve_bytes=0))
    writer = ThreadWriter(store)
    rows = [author.commit(20, body=b"p" * 2500, **PLAY) for _ in range(60)]
    for commit in rows:
        await asyncio.wait_for(writer.submit(commit), 10)
    stuck = writer.submit(author.commit(700, body=b"m" * 2500, stream="SLOT_MONEY"))
    while writer.failure is None:  # noqa: ASYNC110  the thread sets no event
        await asyncio.sleep(0.01)
    reader = Reader(path)
    assert reader.counts().shed == 1200  # all play was given up for it
    reader.close()
    left = await writer.close(0.2)
    assert left.rows == 700
    with pytest.raises(OutboxClosedError):
        await stuck


async def test_events_are_sent_again_under_a_fresh_message_id(path, author):
    writer = ThreadWriter(Store.open(path))
    await writer.submit(author.commit(4))
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 1), Refused(2, "no"),
                 Acknowledged(4, "SLOT_SIGNIFICANT", 2)])  # fmt: skip
    rows = ()
    while len(rows) < 2:  # until the marks are on disk
        rows += await writer.replay(1, 3, 10)
    assert [row.message_id for row in rows] == ["gw1.01J0.1#r1", "gw1.01J0.2#r1"]
    assert [row.id for row in rows] == ["gw1.01J0.1", "gw1.01J0.2"]
    reader = Reader(path)
    assert [(row.sequence, row.replays) for row in reader.pending(0, 9)] == [(1, 1), (2, 1), (3, 0)]
    counts = reader.counts()
    assert (counts.depth, counts.acknowledged, counts.refused) == (3, 1, 0)
    writer.mark([Acknowledged(1, "SLOT_SIGNIFICANT", 7)])
    rows = ()
    while not rows:
        rows = await writer.replay(1, 1, 10)
    assert rows[0].message_id == "gw1.01J0.1#r2"
    assert reader.verify().faults == ()
    reader.close()
    assert await writer.replay(900, 950, 10) == ()
    await writer.close(5)
