"""The help: every key, and what the marks and figures mean."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer

from gateway.console.columns import Column
from gateway.console.floor import EVENTS_MAX
from gateway.console.floor_heads import legend
from gateway.console.keys import (
    APP_KEYS,
    FLOOR_KEYS,
    LIST_KEYS,
    MACHINE_KEYS,
    MODAL_KEYS,
    PAGES,
    bindings,
)
from gateway.console.one_line import OneLine
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight

HelpRow = str
ROW_CELLS = 79

_COLUMNS: tuple[Column[HelpRow], ...] = (Column("", 20, lambda row, _s, _w: Said(row), grow=1),)

_NOTES = (
    "for, ago   0:42 minutes, seconds; 3h07 hours, minutes; 2d04 days, hours.",
    "link       share of the last 100 polls answered well; ! is degraded.",
    "credits    and coin in are counts of credits, as on the machine's meters.",
    "repeat?    the event may be one that was told before.",
    "? on all   the gateway is away: everything is as it was last known.",
    f"           Nothing here commands a machine; it keeps the last {EVENTS_MAX:,} events.",
)


def help_rows(sight: Sight, width: int = ROW_CELLS + 1) -> list[HelpRow]:
    """Return the help, a row a line, none wider than ``width`` cells nor than 80."""
    wide, cells = width > ROW_CELLS, min(ROW_CELLS, width - 1)
    keys = [
        f"{key.label:>5}  {key.meaning}"
        for key in (*LIST_KEYS, *FLOOR_KEYS, *APP_KEYS)
        if key.label
    ]
    machine = [
        f"{key.label} {key.meaning.removeprefix('machine: ')}"
        for key in MACHINE_KEYS
        if key.meaning.startswith("machine:")
    ]
    states = [f"{mark} {word}" for mark, word in legend(sight)]
    rows = [
        *_beside(keys, 2 if wide else 1, 40),
        *_named("Pages:", [f"{page.key} {page.name}" for page in PAGES], cells),
        *_named("A machine:", machine, cells),
        *(f"{'' if number else 'States:':11}{row}"
          for number, row in enumerate(_beside(states, 4 if wide else 2, 17))),
        *_NOTES,
    ]  # fmt: skip
    return fitted(rows, width)


def fitted(rows: list[HelpRow], width: int) -> list[HelpRow]:
    """Return rows none of which is wider than ``width`` cells; what goes on below is set in."""
    found: list[HelpRow] = []
    for row in rows:
        if len(row) <= width:
            found.append(row)
            continue
        lead = len(row) - len(row.lstrip())
        found += wrap(row[lead:], max(20, width - 1), initial_indent=" " * lead,
                      subsequent_indent=" " * 11, drop_whitespace=True)  # fmt: skip
    return found


def _named(name: str, parts: list[str], cells: int) -> list[str]:
    """Return parts in as many rows as they need, below a name; no part is torn."""
    text = "  ".join(part.replace(" ", "\0") for part in parts)
    rows = wrap(text, cells, initial_indent=f"{name:11}", subsequent_indent=" " * 11)
    return [row.replace("\0", " ") for row in rows]


def _beside(cells: list[str], columns: int, width: int) -> list[str]:
    """Return ``cells`` in columns, read downwards."""
    height = -(-len(cells) // columns)
    return [
        "".join(f"{cell:{width}}" for cell in cells[row::height]).rstrip() for row in range(height)
    ]


class HelpScreen(ModalScreen[None]):
    """The help."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MODAL_KEYS)
    AUTO_FOCUS = "#help-rows"

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self._sight = sight
        self._title = OneLine(sight.glyphs, reverse=True, id="help-title")
        self._rows: RowTable[HelpRow] = RowTable(
            _COLUMNS, lambda row: row, sight, cursor=False, id="help-rows"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        with Vertical(id="help"):
            yield self._title
            yield self._rows
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show the help; it is never old."""
        self.draw()

    def draw(self) -> None:
        """Show the help, which stays the same."""
        self._title.say([Said(" slotgw console: keys and words")])
        self.show(help_rows(self._sight, self.app.size.width))

    def show(self, rows: list[HelpRow]) -> None:
        """Show rows, in as many as the screen's width asks for."""
        sight = self._sight
        still = Sight(sight.now, sight.zone, sight.glyphs)
        self._rows.show(fitted(rows, self.app.size.width), still)

    def on_resize(self) -> None:
        """Show it in the new width."""
        self.draw()

    def action_next(self) -> None:
        """There is one list only."""

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()
