"""A start checks the outbox's file for a bounded time; the rest is checked beside the polling."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from types import SimpleNamespace

import pytest

from gateway.edge.clock import RealClock
from gateway.edge.ledger import Ledger
from gateway.outbox import structure
from gateway.outbox.files import suspicion
from gateway.outbox.store import Store
from gateway.outbox.structure import StructureCheck
from gateway.outbox.types import Commit, CommitError

PAGE = 4096


@pytest.fixture
def path(tmp_path, author):
    """An outbox with many events."""
    path = tmp_path / "outbox.db"
    store = Store.open(path, synchronous="OFF")
    store.apply([Commit(tuple(author.row() for _ in range(400)), {"10101": b"{}"})], (), 0)
    store.close()
    return path


def spoil(path, table, *, last=False):
    """Let the first or last page of a table be none."""
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
    content = bytearray(path.read_bytes())
    at = (root - 1) * PAGE
    if content[at] == 5:  # an interior page: one of its children
        child = at + int.from_bytes(content[at + 12 : at + 14], "big")
        child = at + 8 if last else child
        at = (int.from_bytes(content[child : child + 4], "big") - 1) * PAGE
    content[at : at + 8] = b"\x77" * 8
    path.write_bytes(content)


def test_a_file_that_is_quickly_read_is_checked_at_the_start_as_a_whole(path):
    store = Store.open(path)
    assert (store.checked, store.loss) == (True, None)
    store.close()
    spoil(path, "event")
    store = Store.open(path)
    assert store.loss is not None
    store.close()


def test_a_start_does_not_wait_for_a_large_file(path, monkeypatch):
    monkeypatch.setattr(structure, "START_S", 0)
    spoil(path, "event")
    store = Store.open(path)
    assert (store.checked, store.loss) == (False, None)
    assert store.restore().states == {"10101": b"{}"}
    store.close()


def test_a_newest_event_that_cannot_be_read_is_found_at_the_start(path, monkeypatch):
    monkeypatch.setattr(structure, "START_S", 0)
    spoil(path, "event", last=True)
    store = Store.open(path)
    assert store.loss is not None
    store.close()


def test_a_commit_that_finds_the_file_damaged_has_it_checked_at_the_next_start(
    path, monkeypatch, author
):
    monkeypatch.setattr(structure, "START_S", 0)
    store = Store.open(path)
    spoil(path, "event", last=True)
    store._connection.execute("PRAGMA shrink_memory")  # nothing of it is in memory any more
    author.sequence = 400
    with pytest.raises(CommitError, match="it is damaged: restart the gateway"):
        store.apply([Commit((author.row(),))], (), 0)
    assert suspicion(path).exists()
    store.close()
    store = Store.open(path)
    assert store.loss is not None
    store.close()


@pytest.mark.parametrize("table", ["state", "fact", "counter", "anchor"])
def test_what_a_start_depends_on_is_always_checked(path, monkeypatch, table):
    monkeypatch.setattr(structure, "START_S", 0)
    spoil(path, table)
    store = Store.open(path)
    assert store.loss is not None
    store.close()


def test_a_check_that_takes_too_long_is_cut_short_and_nothing_else_with_it(path, monkeypatch):
    """The whole check is held up until it is interrupted, as a slow disk would hold it up."""
    monkeypatch.setattr(structure, "START_S", 0.01)
    held = threading.Event()
    connection = sqlite3.connect(path, check_same_thread=False)

    class Slow:
        """The connection; its first statement takes longer than there is time."""

        def execute(self, sql):
            if sql == "PRAGMA quick_check(3)":
                sql = (
                    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
                    "SELECT count(*) FROM n"
                )
            return connection.execute(sql)

        def interrupt(self):
            held.set()
            connection.interrupt()

    with closing(connection):
        assert structure.check_at_start(Slow(), path) == ("", False)
    assert held.is_set()


async def test_the_rest_is_checked_beside_the_polling_and_a_sound_file_is_not_told(path):
    assert await StructureCheck(path).run() == ""
    assert not suspicion(path).exists()


async def test_damage_found_while_in_use_is_told_once_and_set_aside_at_the_next_start(
    path, monkeypatch, caplog
):
    monkeypatch.setattr(structure, "START_S", 0)
    spoil(path, "event")
    told = []
    recorder = SimpleNamespace(record=told.extend)
    await Ledger(recorder, None, None, RealClock()).check(StructureCheck(path))
    [fact] = told
    assert fact.type == "gateway.storeloss"
    assert fact.data["reason"].startswith("damaged, and still in use: ")
    assert "Restart the gateway when that suits you" in caplog.text
    assert suspicion(path).exists()
    store = Store.open(path)  # in full this time, however long it takes
    assert store.loss is not None
    assert (store.loss.set_aside.with_name(store.loss.set_aside.name + ".suspect")).exists()
    store.close()
    assert not suspicion(path).exists()


async def test_a_check_ends_with_the_gateway(path, monkeypatch):
    began, threads = asyncio.Event(), threading.active_count()
    loop = asyncio.get_running_loop()

    def forever(connection, table=""):
        del table
        loop.call_soon_threadsafe(began.set)
        connection.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        ).fetchone()
        return ""

    monkeypatch.setattr(structure, "_findings", forever)
    task = asyncio.create_task(StructureCheck(path).run())
    await began.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert threading.active_count() == threads
