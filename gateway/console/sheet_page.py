"""The meter check: one types what the machine's own meter page shows, meter by meter."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.commissioning.plans import PLANS
from gateway.commissioning.sheet import (
    TYPED_MAX,
    Sheet,
    SheetLine,
    TypedError,
    begin_sheet,
    read_again,
    type_in,
)
from gateway.commissioning.step import Verdict
from gateway.commissioning.target import Target
from gateway.commissioning.told import Game, Identity, Reading
from gateway.console.check_help import CheckHelpScreen
from gateway.console.check_keys import SHEET_KEYS, TYPE_KEY, TYPING_KEYS, bindings
from gateway.console.check_words import TONES
from gateway.console.checked_page import CheckedPage
from gateway.console.columns import Column
from gateway.console.desk import Desk
from gateway.console.one_line import OneLine
from gateway.console.page import WordList, World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import clock
from protocols.sas.tables.meters import METERS_BY_NAME

LOOK_S: Final = 0.2
READ_EVERY: Final = timedelta(seconds=30)
"""How often the meters are read while somebody types: what was played meanwhile shows."""

LONG: Final = len("00 00 00")
"""Characters that the bytes of an answer to a long poll have more than."""

FIRST_READS: Final = ("full", "identity", "meters", "bills")
"""Readings with which the sheet is filled, one after the other."""


def _unit(line: SheetLine) -> str:
    row = METERS_BY_NAME.get(line.name)
    return "" if row is None else str(row.unit)


def _difference(line: SheetLine) -> Said:
    if line.difference is None:
        return Said("")
    if not line.difference:
        return Said("equal", Tone.GOOD)
    return Said(f"{line.difference:+,}", Tone.BAD)


COLUMNS: tuple[Column[SheetLine], ...] = (
    Column("meter", 28, lambda line, _s, _w: Said(line.name.replace("_", " ")), grow=1),
    Column("unit", 8, lambda line, _s, _w: Said(_unit(line), Tone.QUIET)),
    Column("machine", 13, lambda line, _s, _w: Said("" if line.typed is None
                                                    else f"{line.typed:,}"), right=True),
    Column("wire", 13, lambda line, _s, _w: Said(_wire(line), Tone.QUIET), right=True),
    Column("verdict", 12, lambda line, _s, _w: _difference(line)),
)  # fmt: skip


def _wire(line: SheetLine) -> str:
    if line.read is None:
        return "not read"
    # who sees the wire's count types it without a look at the machine
    return "read" if line.typed is None else f"{line.read.value:,}"


class SheetTable(RowTable[SheetLine]):
    """The meters; digits go to the page."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((*TYPING_KEYS, TYPE_KEY))


class SheetPage(CheckedPage):
    """The meter check of one machine.

    Args:
        world: where the gateway's sockets are.
        desk: registry, drafts and reports.
        target: the machine.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(SHEET_KEYS)
    AUTO_FOCUS = "#sheet"
    CSS = "#sheet-words { height: 4; }"

    def __init__(self, world: World, desk: Desk, target: Target) -> None:
        super().__init__(world, desk, "meters", target)
        sight = world.sight()
        kept = desk.kept("meters", target.asset)
        sheet = kept if isinstance(kept, Sheet) else self._new()
        self._sheet = sheet.model_copy(update={"target": target})
        self._wanted = list(FIRST_READS)
        self._read_at = sight.now
        self._error = self._typing = ""
        self._heading = OneLine(sight.glyphs, fill=sight.glyphs.rule, id="sheet-heading")
        self._table = SheetTable(
            COLUMNS, lambda line: line.name, sight, header=True, follow_top=True, id="sheet"
        )
        self._words = WordList(sight, id="sheet-words")

    def _new(self) -> Sheet:
        return begin_sheet(self._target, self._desk.person, self.world.sight().now)

    @property
    def sheet(self) -> Sheet:
        """The sheet as it is now."""
        return self._sheet

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self._words
        yield self.footer()

    def _look(self) -> None:
        now = self.world.sight().now
        told, frames = self._machine.look(now)
        readings = [one for one in told if isinstance(one, Reading)]
        worths = [one.denomination for one in told if isinstance(one, Game)]
        serials = [one.serial for one in told if isinstance(one, Identity)]
        if readings or worths or serials:
            answers = [one for one in frames if one.who == "EGM" and len(one.text) > LONG]
            self._sheet = read_again(
                self._sheet,
                readings,
                answers,
                *(one[-1] if one else "" for one in (worths, serials)),
            )
        self._ask()
        if self.is_current:
            self.draw()

    def _ask(self) -> None:
        now = self.world.sight().now
        if not self._wanted and now - self._read_at >= READ_EVERY:
            self._wanted.append("full")
        if self._wanted and self.live and self._asks.due(self._wanted[0], now):
            self._read_at = now
            self.run_worker(self._asks.ask(self._wanted.pop(0), now))

    def draw(self) -> None:
        """Show the sheet."""
        sight, sheet = self.world.sight(), self._sheet
        fresh = Sight(sight.now, sight.zone, sight.glyphs)
        target, lines = self._target, sheet.lines
        typed = sum(line.typed is not None for line in lines)
        so_far = ", so far" if 0 < typed < len(lines) else ""
        words = (
            f" {target.location}  asset {target.asset}  {PLANS['meters'].title}: {sheet.verdict}"
            f"{so_far}"
        )
        self.title_line().say([Said(words)], Said(f" {clock(sight.now, sight.zone)} "))
        self._heading.say(self.heading(f"{typed} of {len(lines)} meters typed"))
        empty = Said("waiting for the meters from the wire", Tone.WARN)
        self._table.show(lines, fresh, empty=empty)
        self._words.say(self._said(), fresh, empty=Said(""))

    def _said(self) -> list[Said]:
        current = self._table.current
        name = "" if current is None else current.name.replace("_", " ")
        typing = f"{self._typing}_ enter takes it" if self._typing else "type what its page shows"
        said = [Said(f"Now:   {name}: {typing}" if name else "", Tone.NOTE)]
        if self._error:
            said.append(Said(f"Not taken: {self._error}", Tone.BAD))
        elif self._sheet.verdict is Verdict.FAIL:
            said.append(Said("Look:  was it played in between (r reads again)? The right unit? "
                             "Then: another board's meters, or another denomination.",
                             TONES[Verdict.FAIL]))  # fmt: skip
        if self._asks.trouble:
            said.append(Said(f"Note:  {self._asks.trouble}"))
        return said

    @on(RowTable.Chosen)
    def _entered(self) -> None:
        """Take what was typed, and go to the next meter."""
        current = self._table.current
        if current is None:
            return
        try:
            if self._typing:
                self._sheet = type_in(self._sheet, current.name, self._typing)
        except TypedError as error:
            self._error, self._typing = str(error), ""
        else:
            self._error = self._typing = ""
            self._table.action_move(1)
            self.keep(self._sheet)
        self.draw()

    @on(RowTable.Moved)
    def _moved(self) -> None:
        self._typing = ""
        self.draw()

    def action_type(self, letter: str) -> None:
        """Type one letter of a count."""
        self._error = ""
        self._typing = (self._typing + letter)[:TYPED_MAX]
        self.draw()

    def action_rub(self) -> None:
        """Take back the last letter; where nothing is being typed, what the meter has."""
        if self._typing:
            self._typing = self._typing[:-1]
        elif (current := self._table.current) is not None:
            self._sheet = type_in(self._sheet, current.name, "")
            self.keep(self._sheet)
        self.draw()

    def action_read(self) -> None:
        """Read the meters again."""
        self._wanted.insert(0, "full")

    def action_anew(self) -> None:
        """Throw the check away and begin anew."""
        self._desk.drop("meters", self._target.asset)
        self._sheet = self._new()
        self._wanted = list(FIRST_READS)
        self._error = self._typing = ""
        self.draw()

    async def action_sign(self) -> None:
        """End the check: the meters are told, and the gateway signs the report."""
        if self._sheet.verdict is Verdict.NOT_DONE:
            self.notify("No meter was typed yet.", severity="warning")
            return
        await self.sign(self._sheet)

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(CheckHelpScreen(self.world.sight(), sheet=True))
