"""One EGM: everything that is known about it, and its recent events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.console.keys import MACHINE_KEYS, bindings
from gateway.console.link_history import SAMPLE_S, spark
from gateway.console.machine_pages import MetersPage, PastPage, read_now
from gateway.console.machine_past import KINDS, PAST_COLUMNS, PastLine, past_lines
from gateway.console.machine_words import (
    FACT_COLUMNS,
    FactLine,
    machine_facts,
    machine_title,
)
from gateway.console.one_line import OneLine
from gateway.console.page import Page, World
from gateway.console.remark_screen import NOT_HERE, About, RemarkScreen
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Tone
from gateway.console.wire_page import WirePage
from gateway.console.words import clock
from gateway.events.envelope import Envelope
from gateway.events.lookup import Lookup
from gateway.status.model import EgmStatus, EventLine

MACHINE_EVENTS_MAX = 100
"""Events of the EGM that are listed."""

_COLUMNS = (replace(FACT_COLUMNS[0], width=10), FACT_COLUMNS[1])
PAST: Final = timedelta(days=2)
"""How far back they are looked for."""
LOOK_S: Final = 2.0
"""Seconds between two looks, where the floor says that there is something new."""
SPARK_CELLS: Final = 60
EVENT_AT: Final = 16
"""Cells before an event's words."""


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
            _COLUMNS, lambda fact: fact.label, now, cursor=False, id="facts"
        )
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="machine-heading")
        self._past: tuple[Envelope, ...] = ()
        self._why = ""
        self._newest: EventLine | None = None
        self._events: RowTable[PastLine] = RowTable(
            PAST_COLUMNS, lambda line: line.key, now, cursor=False, follow_top=True,
            id="machine-events",
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._facts
        yield self._heading
        yield self._events
        yield self.footer()

    def on_mount(self) -> None:
        """Look its past up, and again as new events come."""
        super().on_mount()
        self.set_interval(LOOK_S, self._look)
        self.run_worker(self._look_up(), exclusive=True, group="past")

    def _look(self) -> None:
        live = self.world.floor.events_of(self._asset, games=False)
        if live and live[0] != self._newest:
            self._newest = live[0]
            self.run_worker(self._look_up(), exclusive=True, group="past")

    async def _look_up(self) -> None:
        after = self.world.sight().now - PAST
        wanted = Lookup(KINDS, after, None, self._asset, MACHINE_EVENTS_MAX)
        found = await self.world.archive(wanted)
        self._past, self._why = found.events or self._past, found.why
        if self.is_attached:
            self.draw()

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
        live = floor.events_of(self._asset, games=self._games)[:MACHINE_EVENTS_MAX]
        games = " and games" if self._games else ""
        self._heading.say(self.heading(f"Last events{games}, newest first"))
        why = f"; {self._why}" if self._why else ""
        empty = Said(f"none in the last 48 hours{why}", Tone.QUIET)
        width = (self._events.size.width or 80) - EVENT_AT
        lines = past_lines(self._past, live, MACHINE_EVENTS_MAX, width)
        self._events.show(lines, sight, empty=empty)

    def _known(self, egm: EgmStatus) -> list[FactLine]:
        floor = self.world.floor
        line = floor.lines.get(egm.line)
        sight = self.world.sight()
        facts = machine_facts(egm, line, sight, over_nats=floor.over_nats)
        shares = self.world.links.of(self._asset)
        if shares and not floor.over_nats:
            drawn = spark(shares, sight.glyphs, SPARK_CELLS)
            at = next(number for number, fact in enumerate(facts) if fact.label == "Link")
            minutes = f"  last {max(1, round(len(shares) * SAMPLE_S / 60))} min"
            facts.insert(at + 1, FactLine("", Said(drawn + minutes)))
        return facts

    def action_games(self) -> None:
        """List the events of games too, or not."""
        self._games = not self._games
        self._events.to_top()
        self.draw()

    def _who(self) -> str:
        egm = self.world.floor.egms.get(self._asset)
        return egm.location if egm is not None and egm.location else self._asset

    def action_meters(self) -> None:
        """Show its meters, and what they counted since a moment."""
        self.app.push_screen(MetersPage(self.world, self._asset, self._who()))

    def action_past(self) -> None:
        """Show its handpays by stage, sessions, coverage and identity."""
        self.app.push_screen(PastPage(self.world, self._asset, self._who()))

    def action_note(self) -> None:
        """Note something of it."""
        if self.world.tell is None:
            self.notify(NOT_HERE, severity="warning")
            return
        about = About(f"note on {self._who()}", self._asset, gateway=self._gateway())
        screen = RemarkScreen(about, self.world.tell, self.world.sight())
        self.app.push_screen(screen, self._noted)

    def _gateway(self) -> str:
        egm = self.world.floor.egms.get(self._asset)
        return egm.line.partition("/")[0] if egm is not None else ""  # as lines are named over NATS

    def _noted(self, words: str | None) -> None:
        if words:
            self.notify(f"Told: {words}")

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
        await read_now(self, self._asset)
