"""Alarms of many lines on one timer of the loop.

Each poll sets an alarm for its answer, which nearly always comes before it, and one for the next
poll. As timers of asyncio these are a sixth of what a poll costs: a heap of objects that are
compared in Python, most of them cancelled. Here the heap is of numbers, one timer waits for the
first of them, and an alarm that is cancelled costs nothing more.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from weakref import WeakKeyDictionary


class Alarm:
    """One call to come.

    Attributes:
        call: what is called; None once it was cancelled.
    """

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Let it not come."""
        self.call = None


class Wheel:
    """The alarms of one event loop, the one that runs when it is used."""

    def __init__(self) -> None:
        self._alarms: dict[float, list[Alarm]] = {}  # by moment
        self._moments: list[float] = []  # a heap of its keys
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0.0

    def call_at(self, when: float, call: Callable[[], None]) -> Alarm:
        """Have ``call`` called at ``when``, on the loop's clock."""
        alarm = Alarm(call)
        alarms = self._alarms.get(when)
        if alarms is not None:
            alarms.append(alarm)
            return alarm
        self._alarms[when] = [alarm]
        heapq.heappush(self._moments, when)
        if self._timer is None or when < self._armed:
            self._arm(when)
        return alarm

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = when
        self._timer = asyncio.get_running_loop().call_at(when, self._go_off)

    def _go_off(self) -> None:
        """Call what is due: what the loop calls with us, for it has no finer clock than that."""
        self._timer = None
        moments, due = self._moments, max(self._armed, asyncio.get_running_loop().time())
        found: list[Alarm] = []
        while moments and (moments[0] <= due or self._is_over(moments[0])):
            found += self._alarms.pop(heapq.heappop(moments))
        if moments:
            self._arm(moments[0])
        self._call(deque(found))

    def _is_over(self, moment: float) -> bool:
        """Whether all alarms of a moment were cancelled: nobody has to wake for it."""
        return all(alarm.call is None for alarm in self._alarms[moment])

    def _call(self, alarms: deque[Alarm]) -> None:
        """Call them; a defect in one is the loop's to tell of, and takes none of the rest along."""
        try:
            while alarms:
                call = alarms.popleft().call
                if call is not None:
                    call()
        finally:
            if alarms:
                asyncio.get_running_loop().call_soon(self._call, alarms)


_WHEELS: WeakKeyDictionary[asyncio.AbstractEventLoop, Wheel] = WeakKeyDictionary()


def wheel() -> Wheel:
    """Return the wheel of the running loop."""
    loop = asyncio.get_running_loop()
    found = _WHEELS.get(loop)
    if found is None:
        found = _WHEELS[loop] = Wheel()
    return found
