"""The gateway's transport seam on the simulator's line in memory, in the loop's virtual time."""

from __future__ import annotations

import asyncio

from floor_sim.memory_line import MemoryLine
from gateway.edge.port import Heard, Taker
from protocols.sas.allowlist import allowed


class MemoryPort:
    """A port whose other end is a simulated line in this process.

    Everything that was ever written is kept in ``written`` with its time, what came in ``heard``.
    """

    def __init__(self, line: MemoryLine, allow: str, name: str = "memory") -> None:
        self.name = name
        self.written: list[tuple[float, bytes]] = []
        self.heard: list[tuple[float, bytes]] = []
        self._line = line
        self._allow = allow
        self._taker: Taker | None = None
        self._kept = b""
        self._timer: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """It is always there; like a real port it forgets what came before it was opened."""
        self._line.host_read(asyncio.get_running_loop().time())
        self._kept = b""

    def close(self) -> None:
        """Nothing is held."""

    def write(self, poll: bytes) -> None:
        assert allowed(poll, self._allow), poll.hex(" ")
        now = asyncio.get_running_loop().time()
        self.written.append((now, poll))
        self._line.host_write(poll, now, [True] + [False] * (len(poll) - 1))
        self._look_when_due()

    async def read(self, deadline: float) -> Heard | None:
        loop = asyncio.get_running_loop()
        while True:
            self._listen()
            if self._kept:
                heard, self._kept = Heard(self._kept), b""
                return heard
            if loop.time() >= deadline:
                return None
            due = self._line.next_due()
            until = deadline if due is None else min(deadline, max(due, loop.time()))
            # less than the clock's resolution would be waited for without moving it, for ever
            await asyncio.sleep(max(1e-8, until - loop.time()))

    def offer_to(self, taker: Taker | None) -> bool:
        self._listen()
        self._taker = None if self._kept else taker
        self._look_when_due()
        return not self._kept

    def _listen(self) -> None:
        now = asyncio.get_running_loop().time()
        came = self._line.host_read(now)
        self.heard += came
        self._kept += b"".join(part for _, part in came)

    def _look(self) -> None:
        """Something is due: offer it, as a real port does when it comes."""
        kept = self._kept
        self._listen()
        if self._kept != kept and self._taker is not None:
            heard, self._kept = self._kept, b""
            if kept or not self._taker(heard, False):  # noqa: FBT003
                self._kept = heard + self._kept
        self._look_when_due()

    def _look_when_due(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due, loop = self._line.next_due(), asyncio.get_running_loop()
        if self._taker is not None and due is not None:
            self._timer = loop.call_at(max(due, loop.time()), self._look)
