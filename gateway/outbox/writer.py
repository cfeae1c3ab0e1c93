"""The way to disk: what every writer promises, and the one that commits within the call.

Whoever submits waits for the future; once it is done, events, states and poll numbers are on
disk together. Commits reach the disk in the order in which they were submitted. A batch that the
disk does not take is tried again as it stands, ever more rarely, and nothing overtakes it; the
futures stay pending and ``failure`` says why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from gateway.outbox.intake import Batch, Intake, Waiting
from gateway.outbox.marks import Keep
from gateway.outbox.store import Store
from gateway.outbox.types import (
    Commit,
    CommitError,
    DiskFullError,
    Mark,
    OutboxClosedError,
    Row,
    Unwritten,
)
from gateway.outbox.upkeep import Notice, Upkeep

MARK_WAIT_S = 0.1
"""Marks wait this long for a commit to share a transaction with, then take one of their own."""

T = TypeVar("T")

RETRY_FIRST_S = 0.05
RETRY_MAX_S = 5.0
"""Pauses between attempts at a batch that failed: the first, doubled each time up to the last."""


class Writer(Protocol):
    """The commit seam."""

    @property
    def failure(self) -> str | None:
        """Why nothing can be committed now, in words for an operator; None if all is well."""

    @property
    def warning(self) -> str | None:
        """What is wrong although commits go through, in words for an operator; or None."""

    @property
    def last_commit_s(self) -> float | None:
        """Seconds that the last transaction took; None before the first."""

    @property
    def last_sequence(self) -> int:
        """The newest sequence known to be on disk."""

    def submit(self, commit: Commit) -> asyncio.Future[None]:
        """Queue a commit; the future is done when it is on disk. Never blocks.

        Raises:
            SequenceError: its rows do not continue what was submitted before: a defect.
            OutboxFullError: too much is waiting; nothing was taken, so the same sequences are to
                be submitted next.
            OutboxClosedError: the writer is closed.
        """

    def mark(self, marks: Iterable[Mark]) -> None:
        """Queue how deliveries ended. Never blocks; stored with the next commit, or soon.

        A mark that is lost (the process ends before it is stored) costs a second delivery.

        Raises:
            SequenceError: about an event that is not committed: a defect.
            OutboxFullError: too many are waiting; none was taken.
            OutboxClosedError: the writer is closed.
        """

    def replay(self, first: int, last: int, limit: int) -> asyncio.Future[tuple[Row, ...]]:
        """Make stored rows pending again whose delivery has ended; the future gives them.

        Args:
            first: lowest sequence.
            last: highest sequence.
            limit: rows at most; the lowest sequences first.

        Raises:
            OutboxFullError: too many such wishes wait.
            OutboxClosedError: the writer is closed.
        """

    async def close(self, timeout_s: float) -> Unwritten:
        """Write what waits, then close the store; say what could not be written in time.

        Futures of what is left fail with OutboxClosedError.
        """


def new_failure() -> Notice:
    """Return the notice that tells of a failure once, and of its end once."""
    return Notice(logging.ERROR, "the outbox takes events again; nothing was lost on the way")


def tell(waiting: Sequence[Waiting], error: Exception | None) -> None:
    """Let those who wait know, in their event loop; whoever gave up waiting is passed over."""
    for one in waiting:
        if one.done.done():
            continue
        if error is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(error)
            one.done.exception()  # nobody may be waiting any more; that is no news


def settle(done: asyncio.Future[T], result: T | Exception) -> None:
    """Let one who waits know, in the event loop, unless they gave up waiting."""
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
        done.exception()
    else:
        done.set_result(result)


class InlineWriter:
    """Commits within the call: for virtual time, where a thread would run away from the clock.

    Args:
        store: taken over; closed by ``close``.
        wall_ns: wall time, nanoseconds since the Unix epoch.
        keep: how long rows stay after their delivery ended.
    """

    def __init__(
        self, store: Store, *, wall_ns: Callable[[], int], keep: Keep | None = None
    ) -> None:
        self.last_commit_s: float | None = None
        self._store = store
        self._wall_ns = wall_ns
        self._keep = keep or Keep()
        self._intake = Intake(store.restore())
        self._upkeep: Upkeep | None = None
        self._failure = new_failure()
        self._batch = Batch((), ())  # taken out and not yet on disk
        self._pause_s = RETRY_FIRST_S
        self._timer: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._closed = False

    @property
    def failure(self) -> str | None:
        """See Writer."""
        return self._failure.words

    @property
    def warning(self) -> str | None:
        """See Writer."""
        return self._upkeep.warning.words if self._upkeep else None

    @property
    def last_sequence(self) -> int:
        """See Writer."""
        return self._store.last_sequence

    def submit(self, commit: Commit) -> asyncio.Future[None]:
        """See Writer; the future is done on return unless the disk fails."""
        self._refuse_if_closed()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._intake.put(commit, done)
        if self._failure.words is None:
            self._flush(loop)
        return done

    def mark(self, marks: Iterable[Mark]) -> None:
        """See Writer."""
        self._refuse_if_closed()
        self._intake.put_marks(marks, self._store.last_sequence)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(MARK_WAIT_S, self._flush, loop)

    def replay(self, first: int, last: int, limit: int) -> asyncio.Future[tuple[Row, ...]]:
        """See Writer."""
        self._refuse_if_closed()
        done: asyncio.Future[tuple[Row, ...]] = asyncio.get_running_loop().create_future()
        try:
            done.set_result(self._store.replay(first, last, limit))
        except CommitError as error:
            settle(done, error)
        return done

    async def close(self, timeout_s: float) -> Unwritten:
        """See Writer; the time-out runs on the event loop's clock."""
        if self._closed:
            return Unwritten()
        self._closed = True
        self._empty.clear()
        self._flush(asyncio.get_running_loop())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), timeout_s)
        self._stop_timer()
        left = self._intake.left(self._batch, self.failure or "")
        gone = OutboxClosedError(f"the outbox was closed before this was on disk: {left.reason}")
        tell([*self._batch.waiting, *self._intake.drain()], gone)
        self._store.close()
        return left

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write everything that waits, or plan the next attempt."""
        self._stop_timer()
        while (
            self._batch.waiting or self._batch.marks or self._intake.commits or self._intake.marks
        ):
            if not (self._batch.waiting or self._batch.marks):
                self._batch = self._intake.batch()
            began_s = loop.time()
            try:
                self._store.apply(self._batch.commits, self._batch.marks, self._wall_ns())
            except CommitError as error:
                if isinstance(error, DiskFullError) and self._relieve(loop):
                    continue
                self._failure.set(error.reason)
                self._timer = loop.call_later(self._pause_s, self._flush, loop)
                self._pause_s = min(2 * self._pause_s, RETRY_MAX_S)
                return
            self.last_commit_s = loop.time() - began_s
            self._pause_s = RETRY_FIRST_S
            self._failure.set(None)
            written, self._batch = self._batch, Batch((), ())
            tell(written.waiting, None)
        self._failure.set(None)  # what failed may have been marks, which relief has stored
        self._pause_s = RETRY_FIRST_S
        self._empty.set()
        self._upkeep = self._upkeep or Upkeep(self._store, self._keep, loop.time())
        self._upkeep.step(loop.time(), self._wall_ns())

    def _relieve(self, loop: asyncio.AbstractEventLoop) -> bool:
        """The disk is full: store the outcomes that wait, let go of what may be let go of."""
        self._upkeep = self._upkeep or Upkeep(self._store, self._keep, loop.time())
        self._batch, marks = self._intake.marks_only(self._batch)
        try:
            if marks:
                self._store.apply((), marks, self._wall_ns())
            marks = ()
            return self._upkeep.relieve(self._wall_ns())
        except CommitError:
            self._intake.put_back(marks)
            return False

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise OutboxClosedError("the outbox is closed")
