"""Lines of text and how they are drawn: the panel is made of nothing else.

No tone is the only carrier of what it says: on a terminal without colours the words say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from floor_sim.panel.keys import LIST_KEYS, bindings

TONES: Final = ("plain", "quiet", "note", "warn", "bad", "good", "bar", "cursor", "heading")
WHEEL_ROWS: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        text: what stands in it; what a terminal cannot show becomes ``?``.
        tone: how it is drawn.
        key: what makes it the same line at the next look.
    """

    text: str
    tone: str = "plain"
    key: str = ""


class _Drawn(Widget):
    """Whatever draws lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in TONES}

    def strip(self, text: str, tone: str) -> Strip:
        """Return a line as wide as the widget; control characters become ``?``."""
        safe = "".join(letter if letter.isprintable() else "?" for letter in text.rstrip())
        width, style = self.size.width, self.tone(tone)
        safe = safe if len(safe) <= width else f"{safe[: max(0, width - 1)]}~"
        return Strip([Segment(safe, style)]).adjust_cell_length(width, style)

    def tone(self, name: str) -> Style:
        """Return the style of a tone."""
        return self.get_component_rich_style(f"tone--{name}")


class Label(_Drawn):
    """One line that says something: words on the left, words on the right.

    Args:
        left: what it says at first.
    """

    def __init__(self, left: Line | str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._left = left if isinstance(left, Line) else Line(left)
        self._right = ""

    @property
    def text(self) -> str:
        """Everything that it says."""
        return f"{self._left.text} {self._right}".strip()

    def say(self, left: Line | str, right: str = "") -> None:
        """Say something else."""
        line = left if isinstance(left, Line) else Line(left)
        if (line, right) != (self._left, self._right):
            self._left, self._right = line, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw it; the right end keeps its words."""
        if y:
            return Strip.blank(self.size.width)
        room = max(0, self.size.width - len(self._right) - 1)
        left = self._left.text
        left = left if len(left) <= room else f"{left[: max(0, room - 1)]}~"
        return self.strip(f"{left:{room}} {self._right}", self._left.tone)


class Lines(_Drawn, can_focus=True):
    """A list of lines with a cursor that stays on its line, wherever that moves to.

    Args:
        newest_last: new lines come at the end; a cursor in the last line stays in the last line.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(LIST_KEYS)

    class Moved(Message):
        """The cursor is on another line."""

    def __init__(self, *, newest_last: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._newest_last = newest_last
        self._lines: Sequence[Line] = ()
        self._empty = ""
        self._cursor = self._first = 0

    @property
    def current(self) -> str | None:
        """The key of the line under the cursor; None where there is none."""
        return self._lines[self._cursor].key if self._lines else None

    @property
    def span(self) -> tuple[int, int, int]:
        """The first and the last line in sight, counted from 1, and how many there are."""
        last = min(len(self._lines), self._first + self.size.height)
        return min(self._first + 1, last), last, len(self._lines)

    def tell(self, text: str, tone: str) -> int:
        """Show a text, in as many lines as it takes; return how many."""
        width = max(20, self.screen.size.width - 2)
        self._lines = [Line(f" {line}", tone, str(n)) for n, line in enumerate(wrap(text, width))]
        self._cursor = self._first = 0
        self.refresh()
        return len(self._lines)

    def show(self, lines: Sequence[Line], empty: str) -> None:
        """Show ``lines``; where there are none, say ``empty``."""
        before, resting = self.current, self._cursor == len(self._lines) - 1
        self._lines, self._empty = lines, empty
        if self._newest_last and (resting or before is None):
            self._cursor = max(0, len(lines) - 1)
        elif before is not None:
            places = {line.key: place for place, line in enumerate(lines)}
            self._cursor = places.get(before, min(self._cursor, max(0, len(lines) - 1)))
        self._into_sight()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        place = y + self._first
        if not self._lines and y == 0:
            return self.strip(self._empty, "quiet")
        if place >= len(self._lines):
            return self.strip("", "plain")
        line = self._lines[place]
        there = self.can_focus and place == self._cursor
        marked = there and (self.has_focus or not self._newest_last)
        return self.strip(line.text, "cursor" if marked else line.tone)

    def action_move(self, steps: int) -> None:
        """Move the cursor by so many lines."""
        before = self._cursor
        self._cursor = max(0, min(self._cursor + steps, len(self._lines) - 1))
        self._into_sight()
        self.refresh()
        if self._cursor != before:
            self.post_message(self.Moved())

    def action_page(self, pages: int) -> None:
        """Move the cursor by so many screens."""
        self.action_move(pages * max(1, self.size.height))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first (-1) or the last (1) line."""
        self.action_move(side * len(self._lines))

    def _into_sight(self) -> None:
        height = max(1, self.size.height)
        first = max(min(self._first, self._cursor), self._cursor - height + 1)
        self._first = max(0, min(first, len(self._lines) - height))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._into_sight()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move towards the first line."""
        event.stop()
        self.action_move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move towards the last line."""
        event.stop()
        self.action_move(WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line clicked."""
        self.action_move(event.y + self._first - self._cursor)
