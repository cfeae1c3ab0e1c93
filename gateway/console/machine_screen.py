"""One EGM: everything that is known about it, and its recent events."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer

from gateway.console.columns import Column
from gateway.console.floor import EVENTS_MAX, Floor
from gateway.console.keys import MODAL_KEYS, bindings
from gateway.console.lists import MACHINE_EVENT_COLUMNS
from gateway.console.machine_words import FactLine, machine_facts, machine_title
from gateway.console.one_line import OneLine
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.status.model import EventLine

MACHINE_EVENTS_MAX = 100
"""Events of the EGM that are listed."""

_FACT_COLUMNS: tuple[Column[FactLine], ...] = (
    Column("about", 10, lambda fact, _s, _w: Said(fact.label, Tone.QUIET)),
    Column("fact", 20, lambda fact, _s, _w: fact.said, grow=1),
)


class MachineScreen(ModalScreen[None]):
    """Everything about the EGM with asset number ``asset``; goes on living while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MODAL_KEYS)
    AUTO_FOCUS = "#machine-events"

    def __init__(self, floor: Floor, asset: str, sight: Callable[[], Sight]) -> None:
        super().__init__()
        self._floor, self._asset, self._sight = floor, asset, sight
        self._games = False
        now = sight()
        self._title = OneLine(now.glyphs, reverse=True, id="machine-title")
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
        with Vertical(id="machine"):
            yield self._title
            yield self._facts
            yield self._heading
            yield self._events
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show the EGM."""
        self.draw()

    def draw(self) -> None:
        """Show everything as it is now."""
        sight = self._sight()
        egm = self._floor.egms.get(self._asset)
        if egm is None:  # a restarted gateway may know other EGMs
            self._title.say([Said(f" asset {self._asset}: not on this gateway any more", Tone.BAD)])
            self._facts.show((), sight, empty=Said("esc goes back to the floor.", Tone.WARN))
            return
        self._title.say([Said(f" {machine_title(egm, sight)}")])
        self._facts.show(machine_facts(egm, self._floor.lines.get(egm.line), sight), sight)
        events = self._floor.events_of(self._asset, games=self._games)[:MACHINE_EVENTS_MAX]
        games = " and games" if self._games else ""
        rule = Said(sight.glyphs.rule, Tone.QUIET)
        self._heading.say([rule, Said(f" Recent events{games}, newest first ")])
        empty = Said(
            f"none among the last {EVENTS_MAX:,} events that this console has seen", Tone.QUIET
        )
        self._events.show(events, sight, empty=empty)

    def action_games(self) -> None:
        """List the events of games too, or not."""
        self._games = not self._games
        self._events.to_top()
        self.draw()

    def action_next(self) -> None:
        """Go to the other list."""
        (self._facts if self._events.has_focus else self._events).focus()

    def action_close(self) -> None:
        """Go back to the floor."""
        self.dismiss()
