"""The help: every key, and what the marks and figures mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer

from gateway.console.columns import Column
from gateway.console.floor import EVENTS_MAX
from gateway.console.floor_heads import legend
from gateway.console.keys import FLOOR_KEYS, LIST_KEYS, MODAL_KEYS, bindings
from gateway.console.one_line import OneLine
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone

HelpRow = tuple[str, str]

_COLUMNS: tuple[Column[HelpRow], ...] = (
    Column("", 6, lambda row, _s, _w: Said(row[0], Tone.NOTE), right=True),
    Column("", 20, lambda row, _s, _w: Said(row[1]), grow=1),
)


def help_rows(sight: Sight) -> list[HelpRow]:
    """Return the help, a row a line."""
    keys = [(key.label, key.meaning) for key in (*LIST_KEYS, *FLOOR_KEYS) if key.label]
    marks = legend(sight)
    half = (len(marks) + 1) // 2
    states = [
        (mark, f"{word:<22}{'  '.join(marks[half + row]) if half + row < len(marks) else ''}")
        for row, (mark, word) in enumerate(marks[:half])
    ]
    return [
        *keys,
        ("", ""),
        ("", "States, worst first; the word beside the mark says the same:"),
        *states,
        ("", ""),
        ("for", "how long the state lasts; ago: since the last event. 0:42 is minutes and"),
        ("", "seconds, 3h07 hours and minutes, 2d04 days and hours."),
        ("link", "share of the last 100 polls answered well; ! degraded, down: no answer."),
        ("", "credits and coin in are counts of credits, as on the machine's meters."),
        ("?", "before every state: the gateway is away, all is as it was last known."),
        ("", f"The console reads only; it keeps the last {EVENTS_MAX:,} events."),
    ]


class HelpScreen(ModalScreen[None]):
    """The help."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MODAL_KEYS)
    AUTO_FOCUS = "#help-rows"

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self._sight = sight
        self._title = OneLine(sight.glyphs, reverse=True, id="help-title")
        self._rows: RowTable[HelpRow] = RowTable(_COLUMNS, lambda row: row, sight, id="help-rows")

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
        sight = self._sight
        self._rows.show(help_rows(sight), Sight(sight.now, sight.zone, sight.glyphs))

    def action_next(self) -> None:
        """There is one list only."""

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()
