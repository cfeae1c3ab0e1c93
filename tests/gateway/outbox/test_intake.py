"""The queue before the disk: in order, within its bounds, and untouched by what it refuses."""

import asyncio
import dataclasses

import pytest

from gateway.outbox import intake as intake_module
from gateway.outbox.intake import Intake
from gateway.outbox.types import (
    Acknowledged,
    Commit,
    OutboxFullError,
    Restored,
    SequenceError,
    Unwritten,
)


@pytest.fixture
def intake():
    return Intake(Restored(0, {}, {}, {}, {}, 0))


@pytest.fixture
async def done():
    return asyncio.get_running_loop().create_future()


async def test_what_comes_first_goes_first_and_together(intake, author, done):
    commits = [author.commit() for _ in range(3)]
    for commit in commits:
        intake.put(commit, done)
    assert intake.batch().commits == tuple(commits)
    assert intake.batch().commits == ()


async def test_a_hole_is_refused_before_anything_is_queued(intake, author, done):
    author.row()
    with pytest.raises(SequenceError):
        intake.put(author.commit(), done)
    assert intake.commits == 0


async def test_beyond_the_number_of_commits_nothing_is_taken(intake, author, done, monkeypatch):
    monkeypatch.setattr(intake_module, "QUEUE_COMMITS_MAX", 2)
    for _ in range(2):
        intake.put(author.commit(), done)
    refused = author.commit()
    with pytest.raises(OutboxFullError, match=r"2 commits with .* at most 2 "):
        intake.put(refused, done)
    intake.batch()
    intake.put(refused, done)  # its number was still free


async def test_beyond_the_number_of_bytes_nothing_is_taken(intake, author, done, monkeypatch):
    monkeypatch.setattr(intake_module, "QUEUE_BYTES_MAX", 100)
    intake.put(author.commit(body=b"x" * 60), done)
    with pytest.raises(OutboxFullError):
        intake.put(Commit(states={"10101": b"x" * 41}), done)
    intake.put(Commit(states={"10101": b"x" * 40}), done)
    intake.batch()
    intake.put(Commit(states={"10101": b"x" * 100}), done)


async def test_a_batch_is_bounded_but_a_commit_is_never_split(intake, author, done, monkeypatch):
    monkeypatch.setattr(intake_module, "BATCH_BYTES_MAX", 100)
    monkeypatch.setattr(intake_module, "BATCH_COMMITS_MAX", 3)
    sizes = [150, 40, 40, 40, 1, 1, 1, 1]
    for size in sizes:
        intake.put(author.commit(body=b"x" * size), done)
    batches = [[len(one.rows[0].body) for one in intake.batch().commits] for _ in range(4)]
    assert batches == [[150], [40, 40], [40, 1, 1], [1, 1]]


async def test_marks_ride_along_in_order_and_within_a_bound(intake, monkeypatch):
    monkeypatch.setattr(intake_module, "BATCH_MARKS_MAX", 2)
    marks = [Acknowledged(number, "SLOT_METERS", number) for number in (1, 2, 3)]
    intake.put_marks(marks, last_committed=3)
    assert [intake.batch().marks, intake.batch().marks] == [tuple(marks[:2]), tuple(marks[2:])]


@pytest.mark.parametrize("sequence", [0, 4])
async def test_an_event_that_is_not_on_disk_cannot_have_been_delivered(intake, sequence):
    with pytest.raises(SequenceError, match="not committed"):
        intake.put_marks([Acknowledged(sequence, "SLOT_METERS", 1)], last_committed=3)


async def test_beyond_the_number_of_marks_none_is_taken(intake, monkeypatch):
    monkeypatch.setattr(intake_module, "QUEUE_MARKS_MAX", 2)
    mark = Acknowledged(1, "SLOT_METERS", 1)
    with pytest.raises(OutboxFullError, match="0 marks"):
        intake.put_marks([mark] * 3, last_committed=3)
    assert intake.marks == 0


async def test_what_is_left_counts_the_batch_under_way_and_the_queue(intake, author, done):
    intake.put(author.commit(2), done)
    batch = intake.batch()
    intake.put(author.commit(3), done)
    intake.put_marks([Acknowledged(1, "SLOT_METERS", 1)], last_committed=2)
    assert intake.left(batch, "disk full") == Unwritten(2, 5, 1, "disk full")
    assert [len(one.commit.rows) for one in intake.drain()] == [3]
    assert intake.left(dataclasses.replace(batch, waiting=()), "disk full") == Unwritten()
