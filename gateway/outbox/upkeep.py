"""What keeps the outbox small between batches, and what is said when something is wrong with it."""

from __future__ import annotations

import logging

from gateway.outbox.marks import Keep
from gateway.outbox.store import Store
from gateway.outbox.types import CommitError
from gateway.outbox.weight import PAGE_BYTES

LOGGER = logging.getLogger("gateway.outbox")

PRUNE_EVERY_S = 60.0
"""How often the store is asked for rows that have been kept long enough."""

PRUNE_ROWS = 64
"""Rows deleted in one transaction: commits wait behind it for some milliseconds."""

TRY_AGAIN_S = 5.0
"""Pause after upkeep failed."""

WAL_HELD_BYTES = 64 * 1024 * 1024
"""A write-ahead log held open beyond this by some reader is worth a warning."""


class Notice:
    """A state in words, logged once when it begins and once when it is over.

    Args:
        level: of the line that says that it began; the end is told at INFO.
        over: what is logged at the end.
    """

    def __init__(self, level: int, over: str) -> None:
        self.words: str | None = None
        self._level = level
        self._over = over

    def set(self, words: str | None) -> None:
        """Take the state as it is now; None when all is well."""
        if words is not None and self.words is None:
            LOGGER.log(self._level, "%s", words)
        elif words is None and self.words is not None:
            LOGGER.info("%s", self._over)
        self.words = words


class Upkeep:
    """Checkpoints and pruning, one short step at a time.

    Args:
        store: the store; used by the thread that writes to it.
        keep: how long rows stay after their delivery ended.
        now_s: monotonic moment, seconds.
    """

    def __init__(self, store: Store, keep: Keep, now_s: float) -> None:
        self.warning = Notice(logging.WARNING, "the outbox is looked after again")
        self.due_s = now_s
        """Monotonic moment from which on a step is due even if nothing was written."""
        self._store = store
        self._keep = keep
        self._not_before_s = now_s

    def step(self, now_s: float, now_ns: int) -> None:
        """Do what is due; a failure becomes the warning and is tried again later.

        Args:
            now_s: monotonic moment, seconds.
            now_ns: wall time, nanoseconds since the Unix epoch.
        """
        if now_s < self._not_before_s:
            return
        try:
            if self._store.checkpoint_due:
                self._store.checkpoint()
            if now_s >= self.due_s:
                pruned = self._store.prune(self._keep, now_ns, PRUNE_ROWS)
                self.due_s = now_s if pruned == PRUNE_ROWS else now_s + PRUNE_EVERY_S
        except CommitError as error:
            self.warning.set(f"cannot look after the outbox, events are safe: {error.reason}")
            self._not_before_s = now_s + TRY_AGAIN_S
            self.due_s = max(self.due_s, self._not_before_s)
            return
        held_bytes = self._store.wal_pages_held * PAGE_BYTES
        self.warning.set(
            f"some program has been reading {self._store.path} for long, so its write-ahead log "
            f"has grown by {held_bytes // 2**20} MiB: close that program"
            if held_bytes > WAL_HELD_BYTES
            else None
        )
