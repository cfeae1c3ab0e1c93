"""Tells systemd that the loop still turns, and people when it turns slowly.

Where systemd watches (``Type=notify``, ``WatchdogSec``), a loop that hangs is not fed, and systemd
starts the gateway anew: outbox and mapped pages make that safe. Elsewhere only the lag is watched.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from gateway.status.spread import Spread

log = logging.getLogger(__name__)

LOOK_S = 0.5
LAG_S = 0.5
"""A loop that comes back so much later than asked is told once, until it is well for a minute."""
WELL_S = 60.0


class Watchdog:
    """Watches the event loop.

    Args:
        environment: ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``, as systemd gives them.

    Attributes:
        lag: by how much the loop came back later than asked.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.lag = Spread()
        self._address = environment.get("NOTIFY_SOCKET", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        self._feed_s = int(microseconds) / 2e6 if microseconds.isdigit() else None
        self._slow_until: float | None = None

    async def run(self) -> None:
        """Feed and look until cancelled."""
        loop = asyncio.get_running_loop()
        self._say("READY=1")
        look_s = min(LOOK_S, self._feed_s or LOOK_S)
        fed_at = loop.time()
        try:
            while True:
                asked = loop.time()
                await asyncio.sleep(look_s)
                now = loop.time()
                self.note(now, now - asked - look_s)
                if self._feed_s is not None and now - fed_at >= self._feed_s - look_s:
                    fed_at = now
                    self._say("WATCHDOG=1")
        finally:
            self._say("STOPPING=1")

    def note(self, now: float, lag_s: float) -> None:
        """Take one look at the loop."""
        self.lag.note(lag_s)
        if lag_s >= LAG_S:
            if self._slow_until is None:
                log.warning(
                    "the event loop came back %.1f s late: what keeps this computer?", lag_s
                )
            self._slow_until = now + WELL_S
        elif self._slow_until is not None and now >= self._slow_until:
            self._slow_until = None
            log.warning("the event loop keeps its time again")

    def _say(self, state: str) -> None:
        """Tell systemd; where nobody listens, or it is not there, nothing happens."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            sender.sendto(state.encode(), address)
