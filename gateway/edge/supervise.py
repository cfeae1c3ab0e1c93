"""Jobs under one parent: a trouble that passes is waited out, a defect ends the process.

A job raises ``TransientError`` for what may pass (a port that is away, a server that is down): it
is started again after a pause that grows to a bound; the log says so once when it goes and once
when it is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

PAUSE_FIRST_S = 0.2
PAUSE_MAX_S = 5.0

log = logging.getLogger(__name__)


class TransientError(Exception):
    """Something outside is away and may come back; the text tells an operator what."""


class Backoff:
    """A pause that doubles to a bound; logs once when trouble starts and once when it ends."""

    def __init__(self, name: str, pause_max_s: float = PAUSE_MAX_S) -> None:
        self.name = name
        self.reason: str | None = None
        self._pause_max_s = pause_max_s
        self._pause_s = PAUSE_FIRST_S

    def trouble(self, reason: str) -> float:
        """Note that it went wrong; return how many seconds to wait."""
        if self.reason is None:
            log.warning("%s: %s; waiting for it", self.name, reason)
        self.reason = reason
        pause_s, self._pause_s = self._pause_s, min(self._pause_s * 2, self._pause_max_s)
        return pause_s

    def well(self) -> None:
        """Note that it works."""
        if self.reason is not None:
            log.warning("%s: back", self.name)
        self.reason = None
        self._pause_s = PAUSE_FIRST_S


async def supervised(
    name: str, job: Callable[[Backoff], Awaitable[None]], pause_max_s: float = PAUSE_MAX_S
) -> None:
    """Run ``job`` until it returns; start it again after a ``TransientError``.

    The job calls ``well`` on the back-off it is given once it works.
    """
    backoff = Backoff(name, pause_max_s)
    while True:
        try:
            return await job(backoff)
        except TransientError as error:
            await asyncio.sleep(backoff.trouble(str(error)))
