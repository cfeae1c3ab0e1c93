"""Sound files open, damaged ones are set aside, other people's are left alone."""

import os
import sqlite3
import stat

import pytest
from sqlite_utils import Database, Migrations

from gateway.outbox import database
from gateway.outbox.store import Store
from gateway.outbox.types import Commit, OpenError, OutboxLockedError, StoreLoss

STAMP_NS = 1_790_000_000 * 10**9
ASIDE = "outbox.db.broken-20260921T141320Z"


@pytest.fixture
def filled(path, author):
    """The path of an outbox with 200 rows, closed."""
    store = Store.open(path)
    store.apply([author.commit(200)], (), 0)
    store.close()
    return path


def damage(path, offset, data):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_a_new_outbox_is_durable_and_readable_by_its_owner_only(store):
    settings = {
        name: store._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "application_id")
    }
    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "wal_autocheckpoint": 0,
        "application_id": database.APPLICATION_ID,
    }
    for ending in ("", "-wal", "-shm", ".lock"):
        file = store.path.with_name(store.path.name + ending)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, ending


def test_a_second_gateway_on_the_same_outbox_is_refused_at_once(store):
    with pytest.raises(OutboxLockedError, match=f"process {os.getpid()}"):
        Store.open(store.path)
    store.apply((), (), 0)  # the first one is not disturbed


@pytest.mark.parametrize("content", [b"not a database at all" * 400, b"SQLite format 3\0 but no"])
def test_a_file_that_is_no_database_is_set_aside_and_told(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    store = Store.open(path, now_ns=STAMP_NS)
    assert store.loss == StoreLoss(path.with_name(ASIDE), store.loss.reason, None, None)
    assert "not a database" in store.loss.reason
    assert store.loss.set_aside.read_bytes() == content
    assert store.restore().last_sequence == 0
    store.close()
    again = Store.open(path)
    assert again.loss is None
    again.close()


def test_a_torn_page_is_found_at_the_start_and_what_can_be_read_is_told(filled):
    page = filled.read_bytes().index(b"gw1.01J0.100") // 4096
    damage(filled, 4096 * page, b"\xff" * 4096)
    store = Store.open(filled, now_ns=STAMP_NS)
    assert store.loss.set_aside.name == ASIDE
    assert store.loss.last_sequence == 200
    assert store.loss.pending == 200
    assert store.loss.salvaged + store.loss.lost == store.last_sequence == 200
    assert 0 < store.loss.lost < 20
    store.close()


def test_a_file_cut_short_is_set_aside(filled):
    os.truncate(filled, filled.stat().st_size // 2)
    store = Store.open(filled, now_ns=STAMP_NS)
    assert store.loss.set_aside.name == ASIDE
    store.close()


def test_some_other_programs_database_is_left_alone(path):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(OpenError, match="some other program: move it away"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_newer_gateways_outbox_is_left_alone(filled):
    connection = sqlite3.connect(filled)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(OpenError, match="version 99, written by a newer gateway"):
        Store.open(filled)
    with pytest.raises(OpenError, match="version 99"):  # and the lock was let go
        Store.open(filled)


@pytest.mark.parametrize("recorded", [False, True])
def test_an_outbox_whose_making_was_cut_short_is_made_all_the_same(path, recorded):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    if recorded:  # the first thing that is made: the table of the steps that ran
        Migrations("outbox").ensure_migrations_table(Database(connection))
    connection.close()
    store = Store.open(path)
    assert store.loss is None
    assert store.restore().last_sequence == 0
    store.close()


def test_a_folder_nobody_may_write_to_says_what_to_check(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OpenError, match=r"cannot open .*Check that the folder exists"):
        Store.open(tmp_path / "file" / "outbox.db")


def test_an_outbox_left_by_a_killed_process_is_read_from_its_log(path, author, tmp_path):
    store = Store.open(path)
    store.apply([Commit((author.row(),), {"10101": b"s"}, {"L1": 3})], (), 0)
    left = tmp_path / "left.db"
    for ending in ("", "-wal"):  # what a killed process leaves: nothing was checkpointed
        left.with_name(left.name + ending).write_bytes(
            path.with_name(path.name + ending).read_bytes()
        )
    store.close()
    found = Store.open(left)
    restored = found.restore()
    found.close()
    assert (restored.last_sequence, restored.states, restored.polls) == (
        1,
        {"10101": b"s"},
        {"L1": 3},
    )
