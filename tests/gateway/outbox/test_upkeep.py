"""Between batches: checkpoints when due, pruning in steps, trouble told once."""

import logging

import pytest

from gateway.outbox import upkeep as upkeep_module
from gateway.outbox.marks import Keep
from gateway.outbox.reader import Reader
from gateway.outbox.types import Acknowledged
from gateway.outbox.upkeep import PRUNE_EVERY_S, TRY_AGAIN_S, Notice, Upkeep


@pytest.fixture
def upkeep(store):
    return Upkeep(store, Keep(0, 0), now_s=100.0)


@pytest.fixture
def five_acknowledged(store, author):
    store.apply([author.commit(5)], (), 0)
    store.apply((), [Acknowledged(one, "SLOT_SIGNIFICANT", one) for one in range(1, 6)], 0)


def rows(store):
    return store._connection.execute("SELECT count(*) FROM event").fetchone()[0]


def test_pruning_goes_step_by_step_and_then_rests(store, upkeep, five_acknowledged, monkeypatch):
    monkeypatch.setattr(upkeep_module, "PRUNE_ROWS", 2)
    left = []
    while upkeep.due_s <= 100.0:
        upkeep.step(100.0, 10)
        left.append(rows(store))
    assert left == [3, 1, 0]
    assert upkeep.due_s == 100.0 + PRUNE_EVERY_S


def test_nothing_is_done_before_it_is_due(store, upkeep, author, disk):
    upkeep.step(100.0, 10)
    disk.reached.clear()
    upkeep.step(100.0 + PRUNE_EVERY_S - 1, 10)
    assert disk.reached.total() == 0


def test_a_checkpoint_is_made_when_enough_was_written(store, upkeep, author, disk):
    store.apply([author.commit(120, body=b"x" * 60_000)], (), 0)
    upkeep.step(100.0, 0)
    assert disk.reached["before_checkpoint"] == 0
    store.apply([author.commit(120, body=b"x" * 60_000)], (), 0)
    upkeep.step(100.0, 0)
    upkeep.step(100.0, 0)
    assert disk.reached["before_checkpoint"] == 1


def test_trouble_is_told_once_tried_again_later_and_told_when_over(
    store, upkeep, five_acknowledged, disk, caplog
):
    caplog.set_level(logging.INFO, "gateway.outbox")
    disk.place, disk.failures = "before_prune_commit", 2
    moment_s = 100.0
    for _ in range(2):
        upkeep.step(moment_s, 10)
        assert "events are safe" in upkeep.warning.words
        assert upkeep.due_s == moment_s + TRY_AGAIN_S
        upkeep.step(moment_s + TRY_AGAIN_S - 0.1, 10)  # too early: not tried
        moment_s += TRY_AGAIN_S
    upkeep.step(moment_s, 10)
    assert upkeep.warning.words is None
    assert rows(store) == 0
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_program_that_reads_for_long_is_named_as_the_reason(
    store, upkeep, author, path, monkeypatch
):
    monkeypatch.setattr(upkeep_module, "WAL_HELD_BYTES", 4096)
    reader = Reader(path)
    with reader._snapshot():
        reader._connection.execute("SELECT count(*) FROM event").fetchone()
        store.apply([author.commit(300, body=b"x" * 60_000)], (), 0)
        upkeep.step(100.0, 0)
        assert "has been reading" in upkeep.warning.words
        assert "grown by 1" in upkeep.warning.words
    store.apply([author.commit(300, body=b"x" * 60_000)], (), 0)
    upkeep.step(101.0, 0)
    assert upkeep.warning.words is None
    reader.close()


def test_a_notice_logs_its_beginning_and_its_end_once(caplog):
    caplog.set_level(logging.INFO, "gateway.outbox")
    notice = Notice(logging.ERROR, "over")
    for words in (None, "bad", "bad", "worse", None, None):
        notice.set(words)
    assert [record.message for record in caplog.records] == ["bad", "over"]
