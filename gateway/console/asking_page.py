"""A page that says in words whether one thing is well, after asking for it every few seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from gateway.console.facts_pages import Account, FactsPage
from gateway.console.page import World
from gateway.console.sight import Said, Sight, Tone

AGAIN_S: Final = 5.0
"""Seconds between two questions."""

Asked = Callable[[World], Awaitable[Callable[[World, Sight], Account]]]
"""Asks, and returns how to say what came of it, now and as it gets older."""


class AskingPage(FactsPage):
    """One thing: whether it is well; asks while it is open.

    Args:
        world: what pages may show.
        about: the heading.
        ask: asks; never raises.
    """

    def __init__(self, world: World, about: str, ask: Asked) -> None:
        super().__init__(world, about, _waiting)
        self._ask = ask

    def on_mount(self) -> None:
        """Ask, and ask again."""
        super().on_mount()
        self.set_interval(AGAIN_S, self._look)
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        if self.is_current:
            self.run_worker(self._asked(), exclusive=True)

    async def _asked(self) -> None:
        self._account = await self._ask(self.world)
        if self.is_attached:
            self.draw()


def _waiting(_world: World, _sight: Sight) -> Account:
    return Account([Said("Asking ...", Tone.QUIET)], [])
