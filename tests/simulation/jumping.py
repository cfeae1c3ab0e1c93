"""An asyncio loop on a clock that jumps: a night on the floor in seconds, the same every time.

The loop never waits: when nothing is ready it puts its clock forward to the next timer. It must
therefore run without threads, sockets or files that are waited for.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH_NS = 1_790_000_000_000_000_000  # the wall clock when the virtual clock says 0


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("the simulation hangs: nothing is ready and no timer is set")
        if timeout > 0:
            self.now += timeout
        return []  # no file is ever waited for


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose ``time`` is virtual.

    Attributes:
        watch: called before anything is put on the loop; whoever counts has every step of a run.
    """

    def __init__(self) -> None:
        self.watch: Callable[[], None] | None = None
        self.jumping = _JumpingSelector()
        super().__init__(self.jumping)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.jumping.now

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        if self.watch is not None:
            self.watch()
        return super().call_soon(callback, *args, context=context)


class JumpingClock:
    """The clock seam of a gateway that runs on a JumpingLoop."""

    def __init__(self, loop: JumpingLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    def wall_ns(self) -> int:
        return EPOCH_NS + round(self._loop.time() * 1e9)


def run_jumping(main: Awaitable[T], loop: JumpingLoop) -> T:
    """Run ``main`` to its end in virtual time."""
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        if pending:
            loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
