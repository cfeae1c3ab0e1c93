"""Brings a running demo to rest, so that floor and stream can be compared.

Play stops, machines are polled until their queues are empty, the outbox drains, consumers catch
up. Each wait is for a condition and has a bound; what does not come to rest is told in words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.bus.durable import ACK_WAIT_S
from gateway.bus.whole_stream import BusError, WholeBus, whole_bus
from gateway.central.summary import SummaryError, summary
from gateway.demo.cast import SERVICES, Cast
from gateway.demo.control import ControlError, request
from gateway.events.streams import STREAMS
from gateway.outbox.reader import Reader
from gateway.outbox.types import Counts, ReadError

FLOOR_MAX_S = 60.0
"""Seconds that machines may take until their queues are empty."""
OUTBOX_MAX_S = 60.0
"""Seconds that the outbox may take to drain."""
CONSUMERS_MAX_S = ACK_WAIT_S + 60.0
"""Seconds that consumers may take to catch up; one that was just killed comes back meanwhile, and
a delivery that a dying server took with it comes again after ``ACK_WAIT_S``."""
LOOK_S = 0.1
ROUNDS_MAX = 3
"""Times the floor may begin anew, as it does when the simulator is killed meanwhile."""

SLOT_STREAMS = tuple(row.name for row in STREAMS if row.families)

Check = Callable[[], Awaitable[str]]
"""Returns why it is not so far yet, or an empty string."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How the demo came to rest.

    Attributes:
        outbox: how full the outbox was then. Whatever the gateway told later (its meters go on
            being read) is not judged. None if it could not be read.
        problems: what did not come to rest, in words.
    """

    outbox: Counts | None
    problems: tuple[str, ...]


async def bring_to_rest(cast: Cast) -> Rest:
    """Stop play and wait until everything that happened is where it belongs."""
    problems: list[str] = []
    outbox = _Outbox(cast)
    for _ in range(ROUNDS_MAX):
        problems = [
            f"{what}: {why}"
            for what, check, limit_s in (
                ("machines", lambda: _floor(cast), FLOOR_MAX_S),
                ("outbox", outbox.check, OUTBOX_MAX_S),
                ("consumers", lambda: _consumers(cast), CONSUMERS_MAX_S),
            )
            if (why := await wait_for(check, limit_s))
        ]
        if problems or not await _floor(cast):
            break
    else:
        problems = ["the floor does not come to rest"]
    return Rest(outbox.counts, tuple(problems))


async def wait_for(check: Check, limit_s: float) -> str:
    """Wait until ``check`` says nothing any more; return what it said last, or nothing."""
    loop = asyncio.get_running_loop()
    until = loop.time() + limit_s
    while why := await check():
        if loop.time() >= until:
            return f"{why} after {limit_s:g} s"
        await asyncio.sleep(LOOK_S)
    return ""


async def _floor(cast: Cast) -> str:
    try:
        state = await request(cast.folder, "GET", "/state")
        if not isinstance(state, dict):
            return f"the simulator says {state!r}"
        if state.get("play") is not False:  # also after the simulator was killed and came back
            await request(cast.folder, "POST", "/play", {"on": False})
            return "play goes on"
        queued, pending = state.get("queued"), state.get("pending")
    except ControlError as error:
        return str(error)
    if queued == 0 and pending == 0:
        return ""
    return f"{queued} exceptions queued in machines, {pending} things under way"


class _Outbox:
    """The outbox, looked at until it is empty; ``counts`` are those of the last look."""

    def __init__(self, cast: Cast) -> None:
        self._path = cast.places.outbox
        self.counts: Counts | None = None

    async def check(self) -> str:
        try:
            reader = Reader(self._path)
            try:
                self.counts = reader.counts()
            finally:
                reader.close()
        except ReadError as error:
            return str(error)
        depth = self.counts.depth
        return f"{depth} events not acknowledged" if depth else ""


async def _consumers(cast: Cast) -> str:
    try:
        async with whole_bus(cast.places.nats_url, cast.passwords["admin"]) as bus:
            behind = [*await _lags(bus), *_unsent(cast)]
    except (BusError, SummaryError) as error:
        return str(error)
    return "; ".join(behind)


async def _lags(bus: WholeBus) -> list[str]:
    lags = [lag for stream in SLOT_STREAMS for lag in await bus.lags(stream)]
    return [
        f"{lag.durable} has {lag.waiting} messages of {lag.stream} to read"
        f" and {lag.unacknowledged} to acknowledge"
        for lag in lags
        if lag.waiting or lag.unacknowledged
    ] + [f"{name} reads nothing" for name in SERVICES if name not in {lag.durable for lag in lags}]


def _unsent(cast: Cast) -> list[str]:
    found = summary(cast.central_folder)
    return [
        f"{name} has {figures['outgoing']} messages to send"
        for name in SERVICES
        if isinstance(figures := (found[name] or {}).get("figures"), dict) and figures["outgoing"]
    ]
