"""What pages of checks have in common: a machine is watched and read, a report is signed."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Final

from gateway.commissioning.check import Check
from gateway.commissioning.plans import Kind
from gateway.commissioning.sheet import Sheet
from gateway.commissioning.target import Target
from gateway.console.check_watch import MachineWatch
from gateway.console.desk import Desk
from gateway.console.floor import Contact
from gateway.console.page import Page, World
from gateway.console.reading_asks import ReadingAsks
from gateway.console.signing import NotSignedError, sign_report
from gateway.console.wire import Wire, follow_wire
from gateway.console.wire_page import WirePage

LOOK_S: Final = 0.2


class CheckedPage(Page):
    """A page on which one machine is checked.

    Args:
        world: where the gateway's sockets are.
        desk: registry, drafts and reports.
        kind: which check.
        target: the machine.
    """

    def __init__(self, world: World, desk: Desk, kind: Kind, target: Target) -> None:
        super().__init__(world)
        self._desk, self._kind, self._target = desk, kind, target
        self._wire = Wire(target.line, lambda: world.sight().now)
        self._machine = MachineWatch(
            target.asset, target.line, target.address, world.floor, self._wire
        )
        self._asks = ReadingAsks(world.request, target)
        self._signing = False

    @property
    def asset(self) -> str:
        """Asset number of the machine."""
        return self._target.asset

    @property
    def live(self) -> bool:
        """Whether the gateway answers, and no report is being signed."""
        return self.world.floor.reach.contact is Contact.LIVE and not self._signing

    def on_mount(self) -> None:
        """Watch while the page is open."""
        super().on_mount()
        if self.world.capture is not None:
            self.run_worker(follow_wire(self._wire, self.world.capture))
        self.set_interval(LOOK_S, self._look)

    @abstractmethod
    def _look(self) -> None:
        """Take what is new."""

    def keep(self, check: Check | Sheet) -> None:
        """Keep the check; say so where it cannot be kept."""
        try:
            self._desk.keep(self._kind, check)
        except OSError as error:
            self.notify(f"The check cannot be kept: {error.strerror or error}", severity="warning")

    async def sign(self, check: Check | Sheet) -> bool:
        """Have the report signed and written; say what came of it, and whether it was done."""
        if self._signing or self.world.request is None:
            return False
        self._signing = True
        try:
            now = self.world.sight().now
            paths = await sign_report(check, self._desk, self.world.request, now)
        except NotSignedError as error:
            self.notify(f"Not signed, the check is kept: {error}", severity="error")
            return False
        finally:
            self._signing = False
        await asyncio.to_thread(self._desk.drop, self._kind, self.asset)
        self.notify(f"Signed: {paths[0].name} and .json", timeout=15)
        return True

    def action_wire(self) -> None:
        """Show what goes over its wire."""
        target = self._target
        who = f"{target.location} ({target.line}/{target.address})"
        self.app.push_screen(WirePage(self.world, target.line, target.address, who))
