"""The writer of the real gateway: one thread, one transaction for whatever waits.

The event loop never touches the disk. While one transaction is being synced, everybody else's
commits gather for the next, so a hundred lines cost about as many syncs as one.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gateway.outbox.intake import BATCH_MARKS_MAX, Batch, Intake, Waiting
from gateway.outbox.marks import Keep
from gateway.outbox.store import Store
from gateway.outbox.types import (
    Commit,
    CommitError,
    DiskFullError,
    Mark,
    OutboxClosedError,
    OutboxFullError,
    Row,
    Unwritten,
)
from gateway.outbox.upkeep import LOGGER, Upkeep
from gateway.outbox.writer import (
    MARK_WAIT_S,
    RETRY_FIRST_S,
    RETRY_MAX_S,
    new_failure,
    settle,
    tell,
)

ERRANDS_MAX = 8
"""Replays waiting; further ones are refused with OutboxFullError."""

GRACE_S = 0.5
"""After the time-out of ``close``, a transaction under way may take this long to end."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A wish to have events sent again, and the future of who wishes it."""

    done: asyncio.Future[tuple[Row, ...]]
    first: int
    last: int
    limit: int


class ThreadWriter:
    """Commits in a thread of its own, in groups.

    Args:
        store: taken over; the thread uses it alone, and closes it at its end.
        keep: how long rows stay after their delivery ended.
        wall_ns: wall time, nanoseconds since the Unix epoch; called in the thread.
    """

    def __init__(
        self,
        store: Store,
        *,
        keep: Keep | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.last_commit_s: float | None = None
        self.last_sequence = store.last_sequence
        self._store = store
        self._wall_ns = wall_ns
        self._upkeep = Upkeep(store, keep or Keep(), time.monotonic())
        self._failure = new_failure()
        self._turn = threading.Condition()  # guards what follows
        self._intake = Intake(store.restore())
        self._batch = Batch((), ())  # taken out and not yet on disk
        self._made_room = False  # by the last attempt, which failed
        self._errands: deque[Errand] = deque()
        self._marks_due_s = 0.0
        self._awake_by_s = 0.0  # until then the thread sleeps if nobody wakes it
        self._linger_until_s = 0.0  # marks of what was just committed are likely until then
        self._close_by_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """See Writer."""
        return self._failure.words

    @property
    def warning(self) -> str | None:
        """See Writer."""
        return self._upkeep.warning.words

    def submit(self, commit: Commit) -> asyncio.Future[None]:
        """See Writer."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._turn:
            self._refuse_if_closed()
            self._intake.put(commit, done)
            self._turn.notify()
        return done

    def mark(self, marks: Iterable[Mark]) -> None:
        """See Writer."""
        with self._turn:
            self._refuse_if_closed()
            before = self._intake.marks
            self._intake.put_marks(marks, self.last_sequence)
            if before == 0:
                self._marks_due_s = time.monotonic() + MARK_WAIT_S
            full = self._intake.marks >= BATCH_MARKS_MAX
            if full or self._marks_due_s < self._awake_by_s:
                self._turn.notify()

    def replay(self, first: int, last: int, limit: int) -> asyncio.Future[tuple[Row, ...]]:
        """See Writer."""
        done: asyncio.Future[tuple[Row, ...]] = asyncio.get_running_loop().create_future()
        with self._turn:
            self._refuse_if_closed()
            if len(self._errands) >= ERRANDS_MAX:
                raise OutboxFullError(f"{ERRANDS_MAX} replays wait already")
            self._errands.append(Errand(done, first, last, limit))
            self._turn.notify()
        return done

    async def close(self, timeout_s: float) -> Unwritten:
        """See Writer."""
        with self._turn:
            self._close_by_s = time.monotonic() + timeout_s
            self._turn.notify()
        await asyncio.to_thread(self._thread.join, timeout_s + GRACE_S)
        with self._turn:
            reason = self.failure or "the disk does not answer"
            left = self._intake.left(self._batch, reason)
            gone = OutboxClosedError(f"the outbox was closed before this was on disk: {reason}")
            tell([*self._batch.waiting, *self._intake.drain()], gone)
            while self._errands:
                settle(self._errands.popleft().done, gone)
        return left

    def _run(self) -> None:
        """Live in the thread: the supervisor of everything below."""
        try:
            while self._turn_once():
                self._run_errand()
                self._upkeep.step(time.monotonic(), self._wall_ns())
        except BaseException as defect:  # noqa: BLE001 - whoever waits for a commit must be told
            LOGGER.exception("the outbox's writer ended by a defect")
            self._give_up(
                f"the outbox's writer ended by a defect ({defect!r}): restart the gateway"
            )
        finally:
            self._store.close()

    def _turn_once(self) -> bool:
        """Write one batch, if one is due; return False when it is time to end."""
        with self._turn:
            while (due_s := self._due_s()) > (now_s := time.monotonic()):
                self._awake_by_s = due_s
                self._turn.wait(due_s - now_s)
            self._awake_by_s = 0.0
            self._batch = batch = self._intake.batch()
            closing = self._close_by_s is not None
        if not (batch.waiting or batch.marks):
            return not closing
        pause_s = RETRY_FIRST_S
        while not self._write(batch):
            pause_s = RETRY_FIRST_S if self._made_room else pause_s
            if not self._made_room and not self._pause(pause_s):
                return False
            batch = self._batch
            pause_s = min(2 * pause_s, RETRY_MAX_S)
        return True

    def _due_s(self) -> float:
        """Return the monotonic moment at which there is something to do, as things stand."""
        if self._intake.commits or self._errands or self._close_by_s is not None:
            return 0.0
        if self._intake.marks >= BATCH_MARKS_MAX:
            return 0.0
        if self._intake.marks:
            return min(self._upkeep.due_s, self._marks_due_s)
        if time.monotonic() < self._linger_until_s:
            return min(self._upkeep.due_s, self._linger_until_s)
        return self._upkeep.due_s

    def _run_errand(self) -> None:
        """Do one thing that was asked for, if there is one."""
        with self._turn:
            errand = self._errands.popleft() if self._errands else None
        if errand is None:
            return
        result: tuple[Row, ...] | CommitError
        try:
            result = self._store.replay(errand.first, errand.last, errand.limit)
        except CommitError as error:
            result = error
        with suppress(RuntimeError):  # its event loop is closed: nobody waits any more
            errand.done.get_loop().call_soon_threadsafe(settle, errand.done, result)

    def _write(self, batch: Batch) -> bool:
        """Try to write a batch; return whether it is on disk."""
        began_s = time.monotonic()
        self._made_room = False
        try:
            self._store.apply(batch.commits, batch.marks, self._wall_ns())
        except CommitError as error:
            if isinstance(error, DiskFullError):
                self._relieve()
            if not self._made_room:
                self._failure.set(error.reason)
            return False
        self.last_commit_s = time.monotonic() - began_s
        self._failure.set(None)
        self.last_sequence = self._store.last_sequence
        with self._turn:
            self._batch = Batch((), ())
            self._linger_until_s = time.monotonic() + MARK_WAIT_S
        self._hand_over(batch.waiting, None)
        return True

    def _relieve(self) -> None:
        """The disk is full: store the outcomes that wait, and let go of what may be let go of."""
        with self._turn:
            self._batch, marks = self._intake.marks_only(self._batch)
        try:
            if marks:
                self._store.apply((), marks, self._wall_ns())
            marks = ()
            self._made_room = self._upkeep.relieve(self._wall_ns())
        except CommitError:
            with self._turn:
                self._intake.put_back(marks)

    def _pause(self, pause_s: float) -> bool:
        """Wait before the next attempt; return False if the time to close is over."""
        began_s = time.monotonic()
        with self._turn:
            while True:
                now_s = time.monotonic()
                until_s = began_s + pause_s
                if self._close_by_s is not None:
                    if now_s >= self._close_by_s:
                        return False
                    until_s = min(began_s + RETRY_FIRST_S, self._close_by_s)
                if now_s >= until_s:
                    return True
                self._turn.wait(until_s - now_s)

    def _give_up(self, reason: str) -> None:
        """End for good: whoever waits is told why, and whoever comes is refused."""
        self._failure.set(reason)
        with self._turn:
            self._close_by_s = time.monotonic()
            waiting = [*self._batch.waiting, *self._intake.drain()]
            self._batch = Batch((), ())
        self._hand_over(waiting, OutboxClosedError(reason))

    def _hand_over(self, waiting: Sequence[Waiting], error: Exception | None) -> None:
        """Tell those who wait from within their event loop; one that is closed waits no more."""
        if waiting:
            with suppress(RuntimeError):
                waiting[0].done.get_loop().call_soon_threadsafe(tell, waiting, error)

    def _refuse_if_closed(self) -> None:
        if self._close_by_s is not None:
            raise OutboxClosedError(self.failure or "the outbox is closed")
