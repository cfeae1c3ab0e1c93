"""Keeps a ``Floor`` as NATS has it, for ever: the server may come, go and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from gateway.console.floor import Floor
from gateway.console.source import AwayError
from gateway.status.model import Snapshot

if TYPE_CHECKING:
    from gateway.bus.floor_watch import FloorNews

LOOK_S: Final = 1.0
"""Seconds between two looks whether a gateway has fallen silent."""

TURN: Final = 200
"""Pieces of news between two turns of the screen."""


class BusSource:
    """Keeps ``floor`` as ``watch`` tells it.

    Args:
        floor: what is told is put there.
        watch: begins to follow NATS.
        now: the clock.
        url: the server, for people.
    """

    def __init__(
        self,
        floor: Floor,
        watch: Callable[[], AsyncIterator[FloorNews]],
        now: Callable[[], datetime],
        url: str,
    ) -> None:
        self._floor = floor
        self._watch = watch
        self._now = now
        self._url = url

    async def run(self) -> None:
        """Follow until cancelled."""
        # imported late: the first picture does not wait for the NATS client
        from gateway.console.bus_floor import BusFloor  # noqa: PLC0415

        whole = BusFloor(self._floor, self._url)
        looking = asyncio.ensure_future(self._look(whole.look))
        try:
            turn = 0
            async for news in self._watch():
                whole.take(news, self._now())
                turn += 1
                if turn % TURN == 0:  # what is there already does not make the watch wait
                    await asyncio.sleep(0)
        finally:
            looking.cancel()

    async def _look(self, look: Callable[[datetime], None]) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            look(self._now())


async def take_floor(
    watch: Callable[[], AsyncIterator[FloorNews]], url: str, wait_s: float
) -> Snapshot:
    """Return the floor as NATS has it now, waiting at most ``wait_s``.

    Raises:
        AwayError: NATS cannot be read; says why.
    """
    from gateway.bus.floor_watch import Earlier, FloorAway  # noqa: PLC0415 (as above)
    from gateway.console.bus_floor import BusFloor  # noqa: PLC0415 (as above)

    now = datetime.now(UTC)
    floor = Floor(now, over_nats=True)
    whole = BusFloor(floor, url)
    try:
        async with asyncio.timeout(wait_s):
            async for news in watch():
                if isinstance(news, FloorAway):
                    raise AwayError(news.reason)
                whole.take(news, datetime.now(UTC))
                if isinstance(news, Earlier):
                    break
    except TimeoutError:
        raise AwayError(f"{url} does not answer in time") from None
    return floor.snapshot(now)
