"""One EGM: everything that is known about it, and its recent events."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.console.columns import Column
from gateway.console.floor import EVENTS_MAX
from gateway.console.keys import MACHINE_KEYS, bindings
from gateway.console.lists import MACHINE_EVENT_COLUMNS
from gateway.console.machine_words import FactLine, machine_facts, machine_title
from gateway.console.one_line import OneLine
from gateway.console.page import Page, World
from gateway.console.requests import ask
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Tone
from gateway.console.wire_page import WirePage
from gateway.console.words import clock
from gateway.status.model import EgmStatus, EventLine

MACHINE_EVENTS_MAX = 100
"""Events of the EGM that are listed."""

_FACT_COLUMNS: tuple[Column[FactLine], ...] = (
    Column("about", 10, lambda fact, _s, _w: Said(fact.label, Tone.QUIET)),
    Column("fact", 20, lambda fact, _s, _w: fact.said, grow=1),
)


class MachineScreen(Page):
    """Everything about the EGM with asset number ``asset``; goes on living while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MACHINE_KEYS)
    AUTO_FOCUS = "#machine-events"

    def __init__(self, world: World, asset: str) -> None:
        super().__init__(world)
        self._asset = asset
        self._games = False
        now = world.sight()
        self._facts: RowTable[FactLine] = RowTable(
            _FACT_COLUMNS, lambda fact: fact.label, now, cursor=False, id="facts"
        )
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="machine-heading")
        self._events: RowTable[EventLine] = RowTable(
            MACHINE_EVENT_COLUMNS, lambda event: event.sequence, now, cursor=False,
            follow_top=True, id="machine-events",
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._facts
        yield self._heading
        yield self._events
        yield self.footer()

    def draw(self) -> None:
        """Show everything as it is now."""
        sight, floor = self.world.sight(), self.world.floor
        egm = floor.egms.get(self._asset)
        clock_now = Said(f" {clock(sight.now, sight.zone)} ")
        if egm is None:  # a restarted gateway may know other EGMs
            gone = Said(f" asset {self._asset}: not on this gateway any more", Tone.BAD)
            self.title_line().say([gone], clock_now)
            self._facts.show((), sight, empty=Said("esc goes back to the floor.", Tone.WARN))
            return
        self.title_line().say([Said(f" {machine_title(egm, sight)}")], clock_now)
        self._facts.show(self._known(egm), sight)
        events = floor.events_of(self._asset, games=self._games)[:MACHINE_EVENTS_MAX]
        games = " and games" if self._games else ""
        self._heading.say(self.heading(f"Recent events{games}, newest first"))
        empty = Said(
            f"none among the last {EVENTS_MAX:,} events that this console has seen", Tone.QUIET
        )
        self._events.show(events, sight, empty=empty)

    def _known(self, egm: EgmStatus) -> list[FactLine]:
        floor = self.world.floor
        line = floor.lines.get(egm.line)
        return machine_facts(egm, line, self.world.sight(), over_nats=floor.over_nats)

    def action_games(self) -> None:
        """List the events of games too, or not."""
        self._games = not self._games
        self._events.to_top()
        self.draw()

    def action_wire(self) -> None:
        """Show what goes over its wire."""
        egm = self.world.floor.egms.get(self._asset)
        if egm is not None:
            who = f"{egm.location} ({egm.line}/{egm.address})"
            self.app.push_screen(WirePage(self.world, egm.line, egm.address, who))

    @property
    def asset(self) -> str:
        """Asset number of the EGM."""
        return self._asset

    async def action_checks(self) -> None:
        """List its checks: commissioning, absence test, comms test, meter check."""
        await self.app.run_action(f"check('', {self._asset!r})")

    async def action_read(self) -> None:
        """Have its meters read now, as soon as its pace allows."""
        if self.world.request is None:
            self.notify("A reading can be asked for on the gateway's own computer only.")
            return
        answer = await ask(self.world.request, {"do": "read", "asset": self._asset})
        if answer.error:
            self.notify(answer.error, severity="error")
        else:
            self.notify("Asked: the meters are read as soon as the line's pace allows.")
