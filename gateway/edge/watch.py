"""Keeps the outbox's figures for people, without asking the file at every look."""

from __future__ import annotations

import asyncio

from gateway.edge.clock import Clock
from gateway.outbox.reader import Reader
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import Counts, ReadError
from gateway.status.model import OutboxStatus

LOOK_S = 0.5


class OutboxWatch:
    """Looks at the outbox twice a second."""

    def __init__(self, reader: Reader, writer: ThreadWriter, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._counts: Counts | None = None
        self._trouble = ""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Read the figures now."""
        try:
            self._counts, self._trouble = self._reader.counts(), ""
        except ReadError as error:
            self._trouble = f"cannot be read: {error}"

    def status(self) -> OutboxStatus:
        """The figures of the last look."""
        counts = self._counts
        state = self._writer.failure or self._trouble or self._writer.warning or "ok"
        commit_s = self._writer.last_commit_s
        if counts is None:
            return OutboxStatus(state=state)
        oldest_ns = counts.oldest_pending_ns
        age_s = None if oldest_ns is None else max(0.0, (self._clock.wall_ns() - oldest_ns) / 1e9)
        return OutboxStatus(
            state=state,
            depth=counts.depth,
            oldest_age_s=None if age_s is None else round(age_s, 1),
            acknowledged=counts.acknowledged,
            refused=counts.refused,
            last_sequence=counts.last_sequence,
            commit_ms=None if commit_s is None else round(commit_s * 1000, 1),
        )
