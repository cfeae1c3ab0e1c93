"""The bank map: where on the floor the trouble is."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from gateway.console.banks import NO_BANK, Bank, bank_columns, banks
from gateway.console.floor_heads import no_egms
from gateway.console.keys import MAP_KEYS, bindings
from gateway.console.one_line import OneLine
from gateway.console.page import Page, World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Tone
from gateway.console.view import View
from gateway.console.words import several


class MapPage(Page):
    """One row a bank; enter lists its EGMs on the floor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MAP_KEYS)
    AUTO_FOCUS = "#map"

    class Wanted(Message):
        """Somebody wants to see these EGMs on the floor."""

        def __init__(self, filter_text: str) -> None:
            super().__init__()
            self.filter_text = filter_text

    def __init__(self, world: World) -> None:
        super().__init__(world)
        now = world.sight()
        self._worst_first = self._faults_only = False
        self._longest = 0
        self._columns = bank_columns(0)
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="map-heading")
        self._table: RowTable[Bank] = RowTable(
            self._columns, lambda bank: bank.name, now, header=True, id="map"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self.footer()

    def draw(self) -> None:
        """Show every bank."""
        super().draw()
        floor, sight = self.world.floor, self.world.sight()
        all_banks = banks(floor.egms.values(), worst_first=self._worst_first)
        shown = [bank for bank in all_banks if not (self._faults_only and bank.well)]
        longest = max((len(bank.egms) for bank in all_banks), default=0)
        if longest != self._longest:
            self._longest, self._columns = longest, bank_columns(longest)
        order = "worst first" if self._worst_first else "by name"
        left_out = f"{len(shown)} of " if self._faults_only else ""
        words = f"{left_out}{several(len(all_banks), 'bank')}, {order}"
        self._heading.say(self.heading(words))
        empty = no_egms(floor, View(), self.world.socket)
        if all_banks:
            empty = Said("No bank needs anybody. f lists all.", Tone.GOOD)
        self._table.show(shown, sight, columns=self._columns, empty=empty)

    def action_faults(self) -> None:
        """List only banks that somebody may have to go to, or all."""
        self._faults_only = not self._faults_only
        self._table.to_top()
        self.draw()

    def action_sort(self) -> None:
        """List in the other order."""
        self._worst_first = not self._worst_first
        self._table.to_top()
        self.draw()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        if isinstance(event.row, Bank) and event.row.name != NO_BANK:
            self.post_message(self.Wanted(f"bank:{event.row.name}"))
