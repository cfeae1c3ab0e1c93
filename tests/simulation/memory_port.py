"""The gateway's transport seam on the simulator's line in memory, in the loop's virtual time."""

from __future__ import annotations

import asyncio

from floor_sim.memory_line import MemoryLine
from gateway.edge.port import Heard
from protocols.sas.allowlist import allowed


class MemoryPort:
    """A port whose other end is a simulated line in this process.

    Everything that was ever written is kept in ``written`` with its time.
    """

    def __init__(self, line: MemoryLine, allow: str, name: str = "memory") -> None:
        self.name = name
        self.written: list[tuple[float, bytes]] = []
        self._line = line
        self._allow = allow

    def open(self) -> None:
        """It is always there; like a real port it forgets what came before it was opened."""
        self._line.host_read(asyncio.get_running_loop().time())

    def close(self) -> None:
        """Nothing is held."""

    def write(self, poll: bytes) -> None:
        assert allowed(poll, self._allow), poll.hex(" ")
        now = asyncio.get_running_loop().time()
        self.written.append((now, poll))
        self._line.host_write(poll, now, [True] + [False] * (len(poll) - 1))

    async def read(self, deadline: float) -> Heard | None:
        loop = asyncio.get_running_loop()
        while True:
            heard = b"".join(part for _, part in self._line.host_read(loop.time()))
            if heard:
                return Heard(heard)
            if loop.time() >= deadline:
                return None
            due = self._line.next_due()
            until = deadline if due is None else min(deadline, max(due, loop.time()))
            await asyncio.sleep(max(0.0, until - loop.time()))
