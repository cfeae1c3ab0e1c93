"""What is pending, lane by lane; how full it is; whether it is what was written."""

import re
import sqlite3

import pytest

from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Acknowledged, Commit, Counts, ReadError, Refused


@pytest.fixture
def reader(store):
    reader = Reader(store.path)
    yield reader
    reader.close()


@pytest.fixture
def mixed(store, author):
    """Rows 1 to 6 on three streams, in turn."""
    streams = ("SLOT_PLAY", "SLOT_SIGNIFICANT", "SLOT_METERS") * 2
    rows = tuple(author.row(stream=stream) for stream in streams)
    store.apply([Commit(rows)], (), 0)
    return rows


def test_pending_rows_come_whole_and_in_sequence_order_over_all_streams(reader, mixed):
    assert reader.pending(0, 10) == list(mixed)


def test_pending_rows_are_read_page_by_page(reader, mixed):
    pages = [reader.pending(after, 4) for after in (0, 4, 6)]
    assert pages == [list(mixed[:4]), list(mixed[4:]), []]


def test_a_lane_is_read_past_one_that_is_stuck(reader, mixed):
    assert reader.pending(0, 10, stream="SLOT_METERS") == [mixed[2], mixed[5]]
    assert reader.pending(3, 10, stream="SLOT_METERS") == [mixed[5]]
    assert reader.pending(0, 10, stream="SLOT_CARD") == []


def test_a_row_without_an_asset_comes_back_without_one(reader, store, author):
    row = author.row("gateway", asset=None)
    store.apply([Commit((row,))], (), 0)
    assert reader.pending(0, 1) == [row]


def test_a_row_is_seen_as_soon_as_it_is_committed_and_gone_as_soon_as_it_ended(
    reader, store, author
):
    assert reader.pending(0, 10) == []
    store.apply([author.commit(2)], (), 0)
    assert [row.sequence for row in reader.pending(0, 10)] == [1, 2]
    store.apply((), [Acknowledged(1, "SLOT_SIGNIFICANT", 1)], 0)
    assert [row.sequence for row in reader.pending(0, 10)] == [2]


def test_the_counts_say_how_full_it_is(reader, store, mixed):
    store.apply((), [Acknowledged(1, "SLOT_PLAY", 1), Refused(4, "too large")], 0)
    assert reader.counts() == Counts(
        depth=4,
        depth_by_stream={"SLOT_METERS": 2, "SLOT_SIGNIFICANT": 2},
        oldest_pending_ns=mixed[1].time_ns,
        acknowledged=1,
        refused=1,
        last_sequence=6,
    )


def test_an_outbox_without_events_counts_nothing(reader):
    assert reader.counts() == Counts(0, {}, None, 0, 0, 0)


def test_reading_a_part_leaves_the_log_free_to_be_copied(reader, store, author, mixed):
    reader.pending(0, 1)
    store.apply([author.commit()], (), 0)
    store.checkpoint()
    assert store.wal_pages_held == 0


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE event SET body = x'00' WHERE sequence = 4", "event 4 .* was changed"),
        ("DELETE FROM event WHERE sequence = 4", "events 4 to 4 are missing"),
        ("DELETE FROM pending WHERE sequence = 4", "1 events are neither pending nor delivered"),
        ("DELETE FROM pending WHERE sequence = 4", "stream SLOT_PLAY: 2 .* pending, 1 found"),
    ],
)
def test_a_change_made_behind_our_back_is_found(reader, store, mixed, damage, fault):
    assert reader.verify().faults == ()
    store._connection.execute(damage)
    assert any(re.search(fault, one) for one in reader.verify().faults)


def test_a_reader_cannot_write(reader):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM event")


def test_a_missing_outbox_is_said_not_made(tmp_path):
    with pytest.raises(ReadError, match=r"missing\.db: it cannot be opened: check"):
        Reader(tmp_path / "missing.db")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_works_on_an_outbox_that_no_gateway_has_open(path, author):
    store = Store.open(path)
    store.apply([author.commit()], (), 0)
    store.close()
    lone = Reader(path)
    assert len(lone.pending(0, 10)) == 1
    lone.close()


def test_it_remembers_what_each_stream_has_acknowledged_and_what_that_was(reader, store, author):
    plays, money = author.commit(3, stream="SLOT_PLAY"), author.commit(2, stream="SLOT_MONEY")
    store.apply([plays, money], (), 0)
    assert reader.highest_acknowledged() == {}
    ended = (
        Acknowledged(1, "SLOT_PLAY", 70, duplicate=False),
        Acknowledged(2, "SLOT_PLAY", 72, duplicate=False),
        Acknowledged(4, "SLOT_MONEY", 9, duplicate=True),
        Refused(5, "too large"),
    )
    store.apply((), ended, 0)
    assert reader.highest_acknowledged() == {"SLOT_PLAY": 72, "SLOT_MONEY": 9}
    assert reader.taken_as("SLOT_PLAY", 1, before=3) == (1, 2)
    assert reader.taken_as("SLOT_PLAY", 71, before=3) == (2, 2)
    assert reader.taken_as("SLOT_PLAY", 73, before=3) is None
