"""A line while nothing happens: polls and their idle answers, without waking the line's task.

Nearly every poll is answered by the one byte that says "nothing". For these a timer sends the poll
and the port's reader takes the answer, both as callbacks of the loop. Whatever is not exactly that
(another byte, none at all, an error) is left as it is for the task, which goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.edge.clock import Clock
from gateway.edge.port import Port
from gateway.edge.wheel import Alarm, Wheel, wheel
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Pause, Send

IDLE = b"\x00"


class IdlePolls:
    """Polls one line for as long as there is nothing to tell.

    Args:
        port: of the line.
        session: of the line.
        clock: the clock seam.
        next_step: asks the session what to do now.
        put: puts a poll on the line, and on its page before.
        answered: told of a poll whose answer was idle, and when it came; the session has settled
            both.
    """

    def __init__(
        self,
        port: Port,
        session: LineSession,
        clock: Clock,
        next_step: Callable[[], Send | Pause],
        put: Callable[[Send], None],
        answered: Callable[[Send, float], None],
    ) -> None:
        self._port = port
        self._session = session
        self._clock = clock
        self._next_step = next_step
        self._put = put
        self._answered = answered
        self._over: asyncio.Future[None] | None = None
        self._wheel: Wheel | None = None
        self._alarm: Alarm | None = None
        self._stopping = False

    async def pass_time(self) -> None:
        """Return when there is something for the line's task: the port or the session says what.

        Raises:
            PortError: the port has gone.
        """
        loop = asyncio.get_running_loop()
        self._over = over = loop.create_future()
        self._wheel = wheel()
        try:
            if self._port.offer_to(self._take):
                self._go_on()
                await over
        finally:
            self._port.offer_to(None)
            self._over = None
            if self._alarm is not None:
                self._alarm.cancel()

    def stop(self) -> None:
        """Return from ``pass_time`` after the poll that waits for its answer, for good."""
        self._stopping = True
        if not self._session.waiting:
            self._end()

    def _go_on(self) -> None:
        """Send what is due; then wait for its answer, or until something is due."""
        while not self._stopping:
            step = self._next_step()
            if isinstance(step, Pause):
                self._wake_at(step.until)
                return
            self._put(step)
            if step.address is not None:
                self._wake_at(self._session.deadline)
                return
        self._end()

    def _take(self, data: bytes, wakeup: bool) -> bool:
        """Take what came, if it is an idle answer and no more; else wake the task for it."""
        if self._over is None or self._over.done():
            return False
        if data == IDLE and not wakeup:
            now = self._clock.monotonic()
            step = self._session.idle(now)
            if step is not None:
                self._try(self._idle, step, now)
                return True
        self._end()
        return False

    def _idle(self, step: Send, now: float) -> None:
        self._answered(step, now)
        self._go_on()

    def _wake(self) -> None:
        self._alarm = None
        if self._over is None or self._over.done():
            return
        if self._session.waiting or not self._port.offer_to(self._take):
            self._end()  # no answer, or bytes that nobody asked for: for the task to judge
        else:
            self._try(self._go_on)

    def _wake_at(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        assert self._wheel is not None, "time passes here"
        self._alarm = self._wheel.call_at(when, self._wake)

    def _try(self, do: Callable[..., None], *args: object) -> None:
        try:
            do(*args)
        except Exception as error:  # noqa: BLE001 - the task that waits ends by it
            assert self._over is not None
            self._over.set_exception(error)

    def _end(self) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(None)
