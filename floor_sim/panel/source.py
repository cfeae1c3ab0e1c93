"""Asks the floor's control API how things are, again and again, while the panel is open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from floor_sim.cli.running_floor import NotDoneError
from floor_sim.panel.floor import Floor

LOOK_S: Final = 0.5
"""Seconds from one look at the floor to the next."""
SHARE: Final = 10
"""The floor has nine times as long for its machines as for the panel: on a large one the panel
looks less often, since nobody is answered while the floor tells how it is."""
LOOK_S_MAX: Final = 15.0
RECORDS: Final = 500
"""Records asked for at once."""

Ask = Callable[[str, str, object], Awaitable[Any]]
"""Asks the control API: method, path, body. Raises ``NotDoneError``."""


class Source:
    """Keeps ``floor`` as the control API tells it.

    Args:
        ask: asks the control API.
        floor: what is known.
        clock: seconds that never go back.
        look_s: see ``LOOK_S``.
    """

    def __init__(
        self, ask: Ask, floor: Floor, clock: Callable[[], float], look_s: float = LOOK_S
    ) -> None:
        self._ask = ask
        self._floor = floor
        self._clock = clock
        self._look_s = look_s
        self._soon = asyncio.Event()

    def soon(self) -> None:
        """Look again at once: something was done."""
        self._soon.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._soon.clear()
            took_s = await self.look()
            pause_s = min(LOOK_S_MAX, max(self._look_s, took_s * SHARE))
            try:
                async with asyncio.timeout(pause_s):
                    await self._soon.wait()
            except TimeoutError:
                continue

    async def look(self) -> float:
        """Look once; return how many seconds it took."""
        began = self._clock()
        try:
            state = await self._ask("GET", "/state", None)
            path = f"/ledger?after={self._floor.last}&limit={RECORDS}"
            tail = await self._ask("GET", path, None)
            if tail["last"] < self._floor.last:  # another ledger: from its beginning
                tail = await self._ask("GET", f"/ledger?limit={RECORDS}", None)
        except NotDoneError as error:
            self._floor.gone(str(error))
        else:
            self._floor.told(state, tail, self._clock())
        return self._clock() - began
