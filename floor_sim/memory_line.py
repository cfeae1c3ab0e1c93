"""The host's end of a line in memory: for tests, and for simulations on a clock that jumps.

The line is the same as behind a pty; only the carrier is missing. A driver moves time forward from
one ``next_due`` to the next, so that a night on the floor takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from floor_sim.line import Line


class MemoryLine:
    """The end of ``line`` that a host holds."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._sent: list[tuple[float, bytes]] = []

    def host_write(self, data: bytes, now: float, wakeup: Sequence[bool] | None = None) -> None:
        """Send bytes to the machines; what was due before ``now`` has gone out already."""
        self._collect(now)
        self.line.host_write(data, now, wakeup)

    def next_due(self) -> float | None:
        """Return when bytes are due or waiting, or None while nothing is to come."""
        if self._sent:
            return self._sent[0][0]
        return self.line.next_due()

    def host_read(self, now: float) -> list[tuple[float, bytes]]:
        """Return what has come by ``now``: moment and bytes, oldest first."""
        self._collect(now)
        sent, self._sent = self._sent, []
        return sent

    def exchange(self, data: bytes, now: float, wait_s: float = 0.05) -> bytes:
        """Send a poll and return whatever comes within ``wait_s``."""
        self.host_read(now)
        self.host_write(data, now)
        answer = b""
        while (due := self.next_due()) is not None and due <= now + wait_s:
            answer += b"".join(part for _, part in self.host_read(due))
        return answer

    def _collect(self, now: float) -> None:
        while (due := self.line.next_due()) is not None and due <= now:
            self._sent += self.line.take(due)
