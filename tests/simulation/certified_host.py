"""The certified host on the other SAS port, on the loop of a simulation: the simulator's own.

It sends control polls, reads handpays and resets them from afar. What it heard is kept, to be
compared with what the ledger says it was told.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from floor_sim.certified.session import CertifiedSession
from protocols.sas.replies import ExceptionReply

TURN_S = 0.05
RESET_AFTER_S = 3.0
ZERO = datetime(2026, 1, 2, tzinfo=UTC)


class CertifiedHost:
    """The host of one line in memory."""

    def __init__(self, line, assets):
        self.heard = defaultdict(list)
        self.session = CertifiedSession(
            assets, self._told, lambda now: ZERO + timedelta(seconds=now), RESET_AFTER_S
        )
        self._line = line

    @property
    def orders(self):
        """Control polls sent."""
        return sum(self.session.orders.values())

    async def run(self):
        """Poll until cancelled: each machine in its turn, at most five times a second."""
        loop = asyncio.get_running_loop()
        turn_s = max(TURN_S, 0.2 / len(self.session.machines))
        while True:
            began = loop.time()
            self._line.host_read(began)
            poll = self.session.next_poll(began)
            self._line.host_write(poll, began)
            answer = b""
            while (now := loop.time()) < began + turn_s:
                due = self._line.next_due()
                wait = began + turn_s if due is None else min(began + turn_s, max(due, now))
                await asyncio.sleep(wait - now)
                answer += b"".join(part for _, part in self._line.host_read(loop.time()))
            self.session.heard(answer, loop.time())

    def _told(self, seen, reply, now):
        del now
        if isinstance(reply, ExceptionReply):
            self.heard[seen.asset].append(f"{reply.code:02X}")
