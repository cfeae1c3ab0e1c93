"""A host that may send control polls: the certified system, on the other SAS port of each machine.

It polls the machines of one line in turn, reads handpays and meters, resets handpays from afar,
and now and then shuts a machine down and starts it again. What it heard is kept, to be compared
with what the ledger says it was told.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from protocols.sas.polls import long_poll

TURN_S = 0.05
RESET_AFTER_S = 3.0
SHUT_EVERY = 300
"""Rounds from one shutdown to the next."""


class CertifiedHost:
    """The host of one line in memory."""

    def __init__(self, line, assets):
        self.heard = defaultdict(list)
        self.orders = 0
        self._line = line
        self._assets = assets  # by address
        self._resets = {}

    async def run(self):
        """Poll until cancelled."""
        rounds = 0
        while True:
            rounds += 1
            for address, asset in self._assets.items():
                await self._visit(address, asset)
                if rounds % SHUT_EVERY == 10 * address:
                    await self._order(address, 0x01)
                    await self._order(address, 0x02)

    async def _visit(self, address, asset):
        loop = asyncio.get_running_loop()
        answer = await self._ask(bytes([0x80 | address])) or await self._ask(
            bytes([0x80 | address])
        )
        if answer not in {b"", b"\x00"}:
            self.heard[asset].append(f"{answer[0]:02X}")
        if answer == b"\x51":
            await self._ask(bytes([address, 0x1B]))
            self._resets[address] = loop.time() + RESET_AFTER_S
        if self._resets.get(address, loop.time() + 1) <= loop.time():
            del self._resets[address]
            await self._order(address, 0x94)

    async def _order(self, address, command):
        self.orders += bool(await self._ask(long_poll(address, command)))

    async def _ask(self, poll):
        """Send a poll; return what comes until it is time for the next."""
        loop = asyncio.get_running_loop()
        until = loop.time() + TURN_S
        self._line.host_read(loop.time())
        self._line.host_write(poll, loop.time())
        answer = b""
        while loop.time() < until:
            due = self._line.next_due()
            wait = until if due is None else min(until, max(due, loop.time()))
            await asyncio.sleep(wait - loop.time())
            answer += b"".join(part for _, part in self._line.host_read(loop.time()))
        return answer
