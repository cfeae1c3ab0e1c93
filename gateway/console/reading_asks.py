"""Asks the gateway to bring planned readings forward, at the pace that it allows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.commissioning.target import Target
from gateway.console.requests import ask

EVERY: Final = timedelta(seconds=10.5)
"""Pause between two readings: the gateway takes one in ten seconds."""

AGAIN: Final = timedelta(seconds=2)
"""Pause after a reading that was refused."""

_PACE: Final = "just now"


class ReadingAsks:
    """Asks for readings of one machine.

    Args:
        request: the gateway's request socket, or None where there is none within reach.
        target: the machine.

    Attributes:
        trouble: why nothing is read, in words; empty where all is well.
    """

    def __init__(self, request: Path | None, target: Target) -> None:
        self.trouble = ""
        self._request, self._target = request, target
        self._next: datetime | None = None
        if target.mode == "listen":
            self.trouble = "This line only listens: readings come when the certified host asks."
        elif request is None:
            self.trouble = "Readings can be asked for on the gateway's own computer only."

    def due(self, wants: str, now: datetime) -> bool:
        """Say whether to ask for ``wants`` now."""
        possible = self._request is not None and self._target.mode == "host"
        return bool(wants) and possible and (self._next is None or now >= self._next)

    async def ask(self, wants: str, now: datetime) -> None:
        """Ask for ``wants``."""
        if self._request is None:
            return
        self._next = now + EVERY
        asked = {"do": "read", "asset": self._target.asset, "what": wants}
        error = (await ask(self._request, asked)).error
        if error:
            self._next = now + AGAIN
        self.trouble = "" if _PACE in error else error
