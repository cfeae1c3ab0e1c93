"""What was submitted and is not yet on disk: checked, bounded, first in, first out.

Used under the writer's lock; knows no thread, no clock and no disk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from gateway.events.value import value
from gateway.outbox.sequences import Sequences
from gateway.outbox.types import (
    Commit,
    Mark,
    OutboxFullError,
    Restored,
    SequenceError,
    Unwritten,
)

QUEUE_COMMITS_MAX = 4096
"""Commits waiting; further ones are refused with OutboxFullError. A line waits for its commit
before it polls on, so there is about one for each line."""

QUEUE_BYTES_MAX = 64 * 1024 * 1024
"""Bytes of bodies and states waiting; beyond that commits are refused with OutboxFullError."""

QUEUE_MARKS_MAX = 65_536
"""Marks waiting; further ones are refused with OutboxFullError and their rows stay pending."""

BATCH_COMMITS_MAX = 512
"""Commits in one transaction; the rest waits for the next."""

BATCH_BYTES_MAX = 8 * 1024 * 1024
"""Bytes in one transaction, unless one commit alone has more."""

BATCH_MARKS_MAX = 512
"""Marks in one transaction, so that they hold up the commits beside them by a few ms at most."""


@value
class Waiting:
    """One commit and the future of whoever waits for it."""

    commit: Commit
    done: asyncio.Future[None]
    size_bytes: int


@value
class Batch:
    """What goes into one transaction, and stays together however often it has to be tried."""

    waiting: tuple[Waiting, ...]
    marks: tuple[Mark, ...]

    @property
    def commits(self) -> tuple[Commit, ...]:
        """The commits, in the order in which they were submitted."""
        return tuple(one.commit for one in self.waiting)


class Intake:
    """The queue before the disk.

    Args:
        restored: what the store holds; what is submitted has to continue it.
    """

    def __init__(self, restored: Restored) -> None:
        self._sequences = Sequences(restored.last_sequence, restored.family_sequences)
        self._waiting: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._marks: deque[Mark] = deque()

    @property
    def commits(self) -> int:
        """Number of commits waiting."""
        return len(self._waiting)

    @property
    def marks(self) -> int:
        """Number of marks waiting."""
        return len(self._marks)

    def put(self, commit: Commit, done: asyncio.Future[None]) -> None:
        """Take a commit.

        Raises:
            SequenceError: its rows do not continue what was taken before.
            OutboxFullError: too much is waiting; nothing was taken, its numbers are still free.
        """
        sequences = self._sequences.advanced(commit.rows)
        size_bytes = sum(len(row.body) for row in commit.rows)
        size_bytes += sum(len(body) for body in commit.states.values())
        if (
            len(self._waiting) >= QUEUE_COMMITS_MAX
            or self._waiting_bytes + size_bytes > QUEUE_BYTES_MAX
        ):
            raise OutboxFullError(
                f"{len(self._waiting)} commits with {self._waiting_bytes} bytes wait for the disk; "
                f"at most {QUEUE_COMMITS_MAX} with {QUEUE_BYTES_MAX} may"
            )
        self._sequences = sequences
        self._waiting.append(Waiting(commit, done, size_bytes))
        self._waiting_bytes += size_bytes

    def put_marks(self, marks: Iterable[Mark], last_committed: int) -> None:
        """Take marks of committed rows.

        Raises:
            SequenceError: a row that is not committed cannot have been delivered.
            OutboxFullError: too many are waiting; none was taken.
        """
        offered = list(marks)
        for mark in offered:
            if not 0 < mark.sequence <= last_committed:
                raise SequenceError(f"{mark} is about an event that is not committed")
        if len(self._marks) + len(offered) > QUEUE_MARKS_MAX:
            raise OutboxFullError(
                f"{len(self._marks)} marks wait for the disk; at most {QUEUE_MARKS_MAX} may"
            )
        self._marks.extend(offered)

    def batch(self) -> Batch:
        """Take out what goes into the next transaction; empty if nothing waits."""
        taken: list[Waiting] = []
        taken_bytes = 0
        while self._waiting and len(taken) < BATCH_COMMITS_MAX:
            size_bytes = self._waiting[0].size_bytes
            if taken and taken_bytes + size_bytes > BATCH_BYTES_MAX:
                break
            taken.append(self._waiting.popleft())
            taken_bytes += size_bytes
        self._waiting_bytes -= taken_bytes
        marks = [self._marks.popleft() for _ in range(min(len(self._marks), BATCH_MARKS_MAX))]
        return Batch(tuple(taken), tuple(marks))

    def marks_only(self, batch: Batch) -> tuple[Batch, tuple[Mark, ...]]:
        """Take the marks out of a batch that has no room, and out of the queue: they still have.

        Returns the batch without its marks, and marks for one transaction.
        """
        if batch.marks:
            return Batch(batch.waiting, ()), batch.marks
        marks = [self._marks.popleft() for _ in range(min(len(self._marks), BATCH_MARKS_MAX))]
        return batch, tuple(marks)

    def put_back(self, marks: Iterable[Mark]) -> None:
        """Take marks back that are not on disk after all."""
        self._marks.extendleft(reversed(tuple(marks)))

    def drain(self) -> list[Waiting]:
        """Take out all commits that wait, for good; marks are dropped."""
        drained = list(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._marks.clear()
        return drained

    def left(self, batch: Batch, reason: str) -> Unwritten:
        """Say what is not on disk: ``batch``, which was taken out, and all that waits."""
        waiting = [*batch.waiting, *self._waiting]
        marks = len(batch.marks) + len(self._marks)
        rows = sum(len(one.commit.rows) for one in waiting)
        return Unwritten(len(waiting), rows, marks, reason if waiting or marks else "")
