"""Jobs under one parent: a trouble that passes is waited out, a defect ends the process.

A job raises ``TransientError`` for what may pass (a port that is away, a server that is down): it
is started again after a pause that grows to a bound. The log says so once when something goes and
once when it is back; what goes together is told together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

PAUSE_FIRST_S = 0.2
PAUSE_MAX_S = 5.0
TOGETHER_S = 0.3  # what goes or comes back within this is told in one line
NAMES_MAX = 4

log = logging.getLogger(__name__)


class TransientError(Exception):
    """Something outside is away and may come back; the text tells an operator what."""


class Herald:
    """Tells who went and who is back, for one kind of thing.

    Args:
        kind: what they are ("line", "card reader").
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._gone: dict[str, str] = {}
        self._back: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def gone(self, name: str, reason: str) -> None:
        """``name`` is away, for ``reason``."""
        self._gone[name] = reason
        self._soon()

    def back(self, name: str) -> None:
        """``name`` works again; if its going was not told yet, neither is this."""
        if self._gone.pop(name, None) is None:
            self._back.append(name)
            self._soon()

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TOGETHER_S, self._tell)

    def _tell(self) -> None:
        self._timer = None
        if self._gone:
            reason = next(iter(self._gone.values()))
            log.warning("%s: %s; waiting", self._names(list(self._gone)), reason)
            self._gone.clear()
        if self._back:
            log.warning("%s: back", self._names(self._back))
            self._back.clear()

    def _names(self, names: list[str]) -> str:
        more = len(names) - NAMES_MAX
        shown = ", ".join(names[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")
        return f"{self._kind}{'s' if len(names) > 1 else ''} {shown}"


class Backoff:
    """The pauses of one job; tells its herald when trouble starts and when it ends."""

    def __init__(self, name: str, herald: Herald, pause_max_s: float = PAUSE_MAX_S) -> None:
        self.reason: str | None = None
        self._name = name
        self._herald = herald
        self._pause_max_s = pause_max_s
        self._pause_s = PAUSE_FIRST_S

    def trouble(self, reason: str) -> float:
        """Note that it went wrong; return how many seconds to wait."""
        if self.reason is None:
            self._herald.gone(self._name, reason)
        self.reason = reason
        pause_s, self._pause_s = self._pause_s, min(self._pause_s * 2, self._pause_max_s)
        return pause_s

    def well(self) -> None:
        """Note that it works."""
        if self.reason is not None:
            self._herald.back(self._name)
        self.reason = None
        self._pause_s = PAUSE_FIRST_S


async def supervised(
    name: str,
    herald: Herald,
    job: Callable[[Backoff], Awaitable[None]],
    pause_max_s: float = PAUSE_MAX_S,
) -> None:
    """Run ``job`` until it returns; start it again after a ``TransientError``.

    The job calls ``well`` on the back-off it is given once it works.
    """
    backoff = Backoff(name, herald, pause_max_s)
    while True:
        try:
            return await job(backoff)
        except TransientError as error:
            await asyncio.sleep(backoff.trouble(str(error)))
