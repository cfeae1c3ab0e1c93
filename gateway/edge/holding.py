"""A line whose last answer is not on disk yet: it may only repeat itself, then it is silent.

Most commits take milliseconds and nothing of this happens. A commit that takes longer than the
line's pace, because the disk is slow, full or broken, keeps the line to the one poll whose answer
waits (``protocols.sas.host.hold``); lines with nothing outstanding go on with readings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.edge.clock import Clock
from gateway.edge.port import Heard, Port
from protocols.sas.host.hold import Hold
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Send, Turn
from protocols.sas.replies import ExceptionReply

LOOK_S = 1.0  # a silent line is listened to in stretches of this

Another = Callable[[ExceptionReply, float, float], "asyncio.Future[None]"]
"""Takes an exception that a repeat brought instead, and when it was asked and heard."""


class Holding:
    """Waits for commits on behalf of one line.

    Args:
        port: where the line's poll is repeated.
        session: the line.
        clock: the clock seam.
        held: called when the line begins to repeat itself.
        foreign: called when another host is heard meanwhile.
    """

    def __init__(
        self,
        port: Port,
        session: LineSession,
        clock: Clock,
        held: Callable[[], None],
        foreign: Callable[[], None],
    ) -> None:
        self._port = port
        self._session = session
        self._clock = clock
        self._held = held
        self._foreign = foreign

    async def until_on_disk(
        self, step: Send, turn: Turn, done: asyncio.Future[None], another: Another
    ) -> float:
        """Return once all that the turn and its repeats brought is on disk.

        Returns:
            Until when a late answer to a repeat may still come, for ``LineSession.settle``.

        Raises:
            PortError: the port has gone.
            OutboxClosedError: the outbox was closed before it was on disk.
        """
        session, clock = self._session, self._clock
        hold = Hold(step, turn, session.links[turn.address], session.rules)
        first_look = turn.asked_at + session.rules.poll_interval_s
        if not done.done():
            await asyncio.wait({done}, timeout=max(0.0, first_look - clock.monotonic()))
        if not done.done():
            self._held()
        while hold.doubtful or not done.done():
            now = clock.monotonic()
            if now < hold.due:
                await self._listen(hold, done)
                continue
            self._port.write(hold.repeat(now))
            other = await self._answer(hold)
            if other is not None:  # committed in order, so the first is on disk before it
                done = another(other, now, clock.monotonic())
        done.result()
        return hold.quiet_until

    async def _answer(self, hold: Hold) -> ExceptionReply | None:
        other = None
        while hold.waiting:
            heard = await self._port.read(hold.deadline)
            now = self._clock.monotonic()
            if heard is None:
                other = hold.expire(now)
            else:
                other = hold.receive(now, heard.data, wakeup=heard.wakeup)
        return other

    async def _listen(self, hold: Hold, done: asyncio.Future[None]) -> None:
        """Wait for the commit or the next repeat; what is heard meanwhile is nobody's answer."""
        until = min(hold.due, self._clock.monotonic() + LOOK_S)
        read = self._port.read(until)
        heard = await (read if done.done() else first(read, done))
        if heard is not None and self._session.overheard(
            self._clock.monotonic(), heard.data, wakeup=heard.wakeup
        ):
            hold.stop()
            self._foreign()


async def first(read: Awaitable[Heard | None], done: asyncio.Future[None]) -> Heard | None:
    """Return what ``read`` brings; it is given up, and None returned, once ``done`` is done."""
    reading: asyncio.Future[Heard | None] = asyncio.ensure_future(read)
    try:
        waiters: set[asyncio.Future[Any]] = {reading, done}
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        return reading.result() if reading.done() else None
    finally:
        if not reading.done():
            reading.cancel()
            await asyncio.wait({reading})
