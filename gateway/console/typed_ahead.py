"""Keys that come before a line has the keyboard: over a slow link they arrive in one piece.

Textual hands every key to whatever has the keyboard at that moment, and looks for what it means
when it has come up to the app again. A letter that comes up while a line has the keyboard was
handed to another widget before: it is the line's.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.widgets import Input


@runtime_checkable
class Typing(Protocol):
    """A screen that is there to be typed into."""

    def line(self) -> Input:
        """Return the line that everything typed is for."""


def take_ahead(app: App[None], event: events.Key) -> None:
    """Put a letter that came up to ``app`` into the line that it was meant for, if there is one."""
    if not event.is_printable or event.character is None:
        return
    line = app.focused
    if line is None and isinstance(app.screen, Typing):
        line = app.screen.line()
    if isinstance(line, Input):
        event.stop()
        event.prevent_default()
        line.value += event.character
        line.cursor_position = len(line.value)
