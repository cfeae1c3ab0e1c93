"""What an acknowledgement is worth: looked at on each connection and now and then, in words."""

from __future__ import annotations

import asyncio
import logging

import nats.errors

from gateway.bus.firmly import firmly
from gateway.bus.link import NatsLink
from gateway.bus.preflight import Finding, Level, preflight

log = logging.getLogger(__name__)

EVERY_S = 300.0
"""Seconds between two looks at a server that stays connected: its settings may be changed."""
LOOK_S = 30.0
"""Seconds that one look may take."""


class DurabilityWatch:
    """Looks at the server's promises.

    Args:
        link: the gateway's connection.
        monitor_url: the server's monitoring port, or None if it is not given.
        every_s: seconds between two looks.

    Attributes:
        findings: of the last look, the sum first; empty before it.
    """

    def __init__(self, link: NatsLink, monitor_url: str | None, every_s: float = EVERY_S) -> None:
        self.findings: list[Finding] = []
        self._link = link
        self._monitor_url = monitor_url
        self._every_s = every_s
        self._changed = asyncio.Event()
        link.on_change(self._changed.set)

    @property
    def level(self) -> Level:
        """The sum of the last look."""
        return self.findings[0].level if self.findings else Level.UNKNOWN

    @property
    def words(self) -> str:
        """The sum in words for an operator; empty before the first look."""
        return self.findings[0].words if self.findings else ""

    async def run(self) -> None:
        """Look for ever: a job, ended by cancelling it."""
        await firmly(self._look())

    async def _look(self) -> None:
        while True:
            client = await self._link.ready()
            self._changed.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    self._take(await preflight(client, self._monitor_url))
            except (nats.errors.Error, OSError) as error:
                why = str(error).removeprefix("nats: ") or "no answer"
                words = f"unknown: the server does not say ({why})"
                self._take([Finding("durability", Level.UNKNOWN, words)])
            try:
                async with asyncio.timeout(self._every_s):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _take(self, findings: list[Finding]) -> None:
        before, self.findings = self.words, findings
        if self.words != before and (before or self.level is Level.WARN):
            log.warning("durability of NATS: %s", self.words)
