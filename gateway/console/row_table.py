"""A list on the screen that draws the rows in sight straight from the data, and nothing else.

No cell is stored and none is updated: 3,000 rows cost what the rows in sight cost. At each look
only those lines are sent to the terminal that differ from what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from textwrap import wrap
from typing import ClassVar, Generic

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gateway.console.columns import Column, Fitted, Row, cells, fit, headings
from gateway.console.keys import LIST_KEYS, bindings
from gateway.console.sight import TONE_CLASSES, Said, Sight, Tone

WHEEL_ROWS = 3
"""Rows that one notch of the wheel moves."""

_NOTHING = Said("")
_HEADER, _CURSOR = "tone--header", "tone--cursor"


class RowTable(Widget, Generic[Row], can_focus=True):
    """A list of rows with a cursor that stays on its row, wherever that moves to.

    Args:
        columns: what stands in a row.
        key: what makes a row the same row at the next look.
        header: whether the columns' headings stand on top.
        cursor: whether there is a cursor, and so a row to choose; without it the keys scroll.
        follow_top: a cursor in the first row stays in the first row when new rows come above it.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {*TONE_CLASSES.values(), _HEADER, _CURSOR}

    BINDINGS: ClassVar[list[BindingType]] = bindings(LIST_KEYS)

    class Chosen(Message):
        """Somebody pressed enter on a row, or clicked it twice."""

        def __init__(self, row: object) -> None:
            super().__init__()
            self.row = row

    class Moved(Message):
        """Other rows came into sight, or the cursor went to another row."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        sight: Sight,
        *,
        header: bool = False,
        cursor: bool = True,
        follow_top: bool = False,
        id: str | None = None,  # noqa: A002 (Textual's word)
    ) -> None:
        super().__init__(id=id)
        self._columns: Sequence[Column[Row]] = columns
        self._key = key
        self._sight = sight
        self._header = 1 if header else 0
        self._has_cursor = cursor
        self._follow_top = follow_top
        self._rows: Sequence[Row] = ()
        self._empty = Said("")
        self._cursor = 0
        self._first = 0  # the row in the first line
        self._fitted: tuple[Fitted[Row], ...] = ()
        self._there: dict[int, Strip] = {}  # what stands in each line of the screen

    @property
    def columns(self) -> Sequence[Column[Row]]:
        """The columns, whether there is room for them or not."""
        return self._columns

    @property
    def rows(self) -> Sequence[Row]:
        """The rows, in order."""
        return self._rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor, or None where there are no rows."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last row in sight, counted from 1; 0, 0 where there are none."""
        if not self._rows:
            return 0, 0
        return self._first + 1, min(len(self._rows), self._first + self._page)

    def show(
        self,
        rows: Sequence[Row],
        sight: Sight,
        *,
        columns: Sequence[Column[Row]] | None = None,
        empty: Said = _NOTHING,
    ) -> None:
        """Show ``rows``; where there are none, say ``empty``."""
        if columns is not None and columns is not self._columns:
            self._columns = columns
            self._fitted = ()
        self._sight, self._empty = sight, empty
        self._take(rows)
        for y in range(self.size.height):
            if self._strip(y) != self._there.get(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def _take(self, rows: Sequence[Row]) -> None:
        before, at = self.current, self._cursor
        top = self._rows[self._first] if self._rows else None
        resting = self._follow_top and at == self._first == 0
        self._rows = rows
        if before is None or top is None or resting:
            self._cursor = self._first = 0
            return
        self._cursor = self._find(before, at)
        if self._follow_top:
            # New rows push the list down under the reader's eyes: stay with what is being read.
            self._first = self._find(top, self._first)
        self._into_sight()

    def _find(self, row: Row, near: int) -> int:
        """Return where ``row`` is now; where it is gone, the nearest place to where it was."""
        key = self._key(row)
        if near < len(self._rows) and self._key(self._rows[near]) == key:
            return near
        for index, other in enumerate(self._rows):
            if self._key(other) == key:
                return index
        return max(0, min(near, len(self._rows) - 1))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        strip = self._strip(y)
        self._there[y] = strip
        return strip

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        if not self._fitted:
            self._fitted = fit(self._columns, width)
        if y < self._header:
            return self._line(headings(self._fitted, self._sight), self._style(_HEADER))
        index = y - self._header + self._first
        if not self._rows:
            return self._line(self._empty_line(index), self._style(TONE_CLASSES[self._empty.tone]))
        if index >= len(self._rows):
            return self._line("", self._style(TONE_CLASSES[Tone.PLAIN]))
        drawn = cells(self._rows[index], self._fitted, self._sight)
        if self._has_cursor and index == self._cursor and self.has_focus:
            return self._line("".join(said.text for said in drawn), self._style(_CURSOR))
        segments = [Segment(said.text, self._style(TONE_CLASSES[said.tone])) for said in drawn]
        return Strip(segments).adjust_cell_length(width, self._style(TONE_CLASSES[Tone.PLAIN]))

    def _empty_line(self, index: int) -> str:
        lines = wrap(self._sight.glyphs.plain(self._empty.text), max(1, self.size.width - 1))
        return lines[index] if index < len(lines) else ""

    def _line(self, text: str, style: Style) -> Strip:
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self._header)

    def action_move(self, steps: int) -> None:
        """Move the cursor by so many rows."""
        self._go((self._cursor if self._has_cursor else self._first) + steps)

    def action_page(self, pages: int) -> None:
        """Move the cursor by so many screens."""
        self.action_move(pages * self._page)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first (-1) or the last (1) row."""
        self._go(0 if side < 0 else len(self._rows) - 1)

    def action_choose(self) -> None:
        """Tell the screen that the row under the cursor was chosen."""
        if (row := self.current) is not None:
            self.post_message(self.Chosen(row))

    def to_top(self) -> None:
        """Start at the first row again, whichever that will be."""
        self._rows = ()
        self._cursor = self._first = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the choice of a row only where there is a cursor."""
        if action == "choose":
            return self._has_cursor
        return super().check_action(action, parameters)

    def _go(self, index: int) -> None:
        self._cursor = max(0, min(index, len(self._rows) - 1))
        if not self._has_cursor:
            self._first = self._cursor
        self._into_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _into_sight(self) -> None:
        last_first = max(0, len(self._rows) - self._page)
        if not self._has_cursor:
            self._cursor = self._first = max(0, min(self._first, last_first))
        first = max(min(self._first, self._cursor), self._cursor - self._page + 1)
        self._first = max(0, min(first, last_first))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move towards the first row."""
        event.stop()
        self.action_move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move towards the last row."""
        event.stop()
        self.action_move(WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row clicked; a second click chooses it."""
        index = event.y - self._header + self._first
        if event.y >= self._header and index < len(self._rows):
            self._go(index)
            if event.chain == 2:
                self.action_choose()

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._fitted = ()
        self._there.clear()
        self._into_sight()
        self.refresh()
        self.post_message(self.Moved())

    def watch_has_focus(self, value: bool) -> None:
        """Draw the cursor, or take it away."""
        super().watch_has_focus(value)
        self.refresh()
