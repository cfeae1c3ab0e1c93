"""What keeps the outbox small between batches, and what is said when something is wrong with it."""

from __future__ import annotations

import logging
from dataclasses import replace

from gateway.outbox.marks import Keep
from gateway.outbox.space import MIB, SHED_FIRST, Room
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

SHED_ROWS = 256
"""Rows shed in one transaction when there is no room."""

MEASURE_EVERY_S = 5.0
"""How often the room is measured at least, if anything is done at all."""

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
    """Checkpoints, pruning, and room: one short step at a time.

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
        self._pressed = replace(keep, acknowledged_s=0.0)
        self._not_before_s = now_s
        self._prune_due_s = now_s
        self._measure_due_s = now_s
        self._gave_up = ""

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
            if now_s >= self._prune_due_s:
                pruned = self._store.prune(self._keep, now_ns, PRUNE_ROWS)
                self._prune_due_s = now_s if pruned == PRUNE_ROWS else now_s + PRUNE_EVERY_S
            self.due_s = self._prune_due_s
            self._make_room(now_s, now_ns)
        except CommitError as error:
            self.warning.set(f"cannot look after the outbox, events are safe: {error.reason}")
            self._not_before_s = now_s + TRY_AGAIN_S
            self.due_s = max(self.due_s, self._not_before_s)
            return
        self.warning.set(self._held_words() or self._gave_up or None)

    def relieve(self, now_ns: int) -> bool:
        """Let go of what may be let go of, once; return whether anything was.

        First events that a stream has acknowledged, before their time; then play, oldest first.

        Args:
            now_ns: wall time, nanoseconds since the Unix epoch.

        Raises:
            CommitError: the disk did not take it; nothing was let go.
        """
        if self._store.checkpoint_due:
            self._store.checkpoint()
        if self._store.prune(self._pressed, now_ns, PRUNE_ROWS):
            self._say("acknowledged events are let go before their time")
            return True
        if self._store.shed(SHED_FIRST, SHED_ROWS, now_ns):
            self._say("play is shed, the oldest first")
            return True
        self._say("there is nothing left to let go of")
        return False

    def _make_room(self, now_s: float, now_ns: int) -> None:
        """Measure the room when it is due; while it is tight, let go of something."""
        room = self._store.room
        if now_s >= self._measure_due_s or room.level != "ample":
            room = self._store.measure()
            self._measure_due_s = now_s + MEASURE_EVERY_S
        if room.level == "ample":
            self._gave_up = ""
        elif self.relieve(now_ns):
            self.due_s = now_s
        else:
            self.due_s = min(self.due_s, self._measure_due_s)

    def _say(self, what: str) -> None:
        room: Room = self._store.room
        self._gave_up = (
            f"the disk is nearly full, room for {room.free_bytes // MIB} MiB of events: {what}; "
            "free space there"
        )

    def _held_words(self) -> str:
        held_bytes = self._store.wal_pages_held * PAGE_BYTES
        if held_bytes <= WAL_HELD_BYTES:
            return ""
        return (
            f"some program has been reading {self._store.path} for long, so its write-ahead log "
            f"has grown by {held_bytes // MIB} MiB: close that program"
        )
