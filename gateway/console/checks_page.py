"""The checks of one machine: what each is for, and whether one is under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.commissioning.check import Check
from gateway.commissioning.plans import PLANS, Plan
from gateway.commissioning.sheet import Sheet
from gateway.commissioning.target import Target
from gateway.console.check_help import CheckHelpScreen
from gateway.console.check_keys import CHECKS_KEYS, bindings
from gateway.console.check_page import CheckPage
from gateway.console.columns import Column
from gateway.console.desk import Desk
from gateway.console.one_line import OneLine
from gateway.console.page import Page, WordList, World
from gateway.console.row_table import RowTable
from gateway.console.sheet_page import SheetPage
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import clock_or_day


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One kind of check.

    Attributes:
        plan: which.
        kept: one that was broken off, or None.
    """

    plan: Plan
    kept: Check | Sheet | None


def _standing(row: CheckRow, sight: Sight) -> Said:
    if row.kept is None:
        return Said(row.plan.meaning, Tone.QUIET)
    begun = clock_or_day(row.kept.started, sight.now, sight.zone)
    done = row.kept.typed if isinstance(row.kept, Sheet) else row.kept.records
    of = f" of {len(row.plan.steps)}" if row.plan.steps else ""
    return Said(f"broken off: begun {begun}, {len(done)}{of} done; enter goes on", Tone.NOTE)


_COLUMNS: tuple[Column[CheckRow], ...] = (
    Column("check", 14, lambda row, _s, _w: Said(row.plan.title)),
    Column("about", 30, lambda row, sight, _w: _standing(row, sight), grow=1),
)


def page_for(world: World, desk: Desk, kind: str, target: Target) -> Page:
    """Return the page of one check of one machine."""
    if kind == "meters":
        return SheetPage(world, desk, target)
    return CheckPage(world, desk, PLANS[kind].kind, target)


class ChecksPage(Page):
    """Which check to do.

    Args:
        world: where the gateway's sockets are.
        desk: registry, drafts and reports.
        target: the machine.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(CHECKS_KEYS)
    AUTO_FOCUS = "#checks"
    CSS = "#checks { height: 6; } #checks-words { height: 1fr; }"

    def __init__(self, world: World, desk: Desk, target: Target) -> None:
        super().__init__(world)
        sight = world.sight()
        self._desk, self._target = desk, target
        self._rows: list[CheckRow] = []
        self._heading = OneLine(sight.glyphs, fill=sight.glyphs.rule, id="checks-heading")
        self._table: RowTable[CheckRow] = RowTable(
            _COLUMNS, lambda row: row.plan.kind, sight, id="checks"
        )
        self._words = WordList(sight, id="checks-words")

    @property
    def asset(self) -> str:
        """Asset number of the machine."""
        return self._target.asset

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self._words
        yield self.footer()

    def on_screen_resume(self) -> None:
        """Look again which checks are under way, when it comes back to the front."""
        asset = self._target.asset
        self._rows = [CheckRow(one, self._desk.kept(one.kind, asset)) for one in PLANS.values()]
        super().on_screen_resume()

    def draw(self) -> None:
        """Show the checks."""
        super().draw()
        sight, target = self.world.sight(), self._target
        fresh = Sight(sight.now, sight.zone, sight.glyphs)
        self._heading.say(self.heading(f"Checks of {target.location}, asset {target.asset}"))
        self._table.show(self._rows, fresh)
        self._words.say(_about(target, self._desk), fresh, empty=Said(""))

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        if isinstance(event.row, CheckRow):
            kind = event.row.plan.kind
            self.app.push_screen(page_for(self.world, self._desk, kind, self._target))

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(CheckHelpScreen(self.world.sight(), sheet=False))


def _about(target: Target, desk: Desk) -> list[Said]:
    registry = f"serial {target.serial or 'none'}, one credit {target.denomination or 'not given'}"
    return [
        Said(""),
        Said(f"Registry: {target.line} address {target.address}, {registry}."),
        Said(f"Reports are written to {desk.reports}, signed by the gateway.", Tone.QUIET),
        Said("Nothing is sent to the machine but readings that are planned anyway.", Tone.QUIET),
    ]
