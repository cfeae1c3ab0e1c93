"""A line to type a reason in: why a step failed, or was not done."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from gateway.commissioning.told import SAID_MAX
from gateway.console.check_keys import REASON_KEYS, bindings
from gateway.console.page import WordList
from gateway.console.sight import Said, Sight, Tone


class ReasonScreen(ModalScreen[str | None]):
    """Takes a reason; gives it, or None where it was left.

    Args:
        about: what the reason is for, for people.
        sight: how to draw.
        needed: an empty reason is not taken.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(REASON_KEYS)
    AUTO_FOCUS = "#reason"
    CSS = """
    ReasonScreen { align: center bottom; }
    #reason-box { width: 100%; height: 5; background: ansi_default;
                  border-top: solid ansi_default; }
    #reason { border: none; height: 1; padding: 0; background: ansi_default;
              color: ansi_default; }
    """

    def __init__(self, about: str, sight: Sight, *, needed: bool) -> None:
        super().__init__()
        self._about, self._sight, self._needed = about, sight, needed
        self._input = Input(
            placeholder="in a few words; enter takes it, esc leaves it",
            max_length=SAID_MAX, compact=True, id="reason",
        )  # fmt: skip
        self._words = WordList(sight, id="reason-words")

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        with Vertical(id="reason-box"):
            yield self._input
            yield self._words

    def on_mount(self) -> None:
        """Say what it is about."""
        self._say(Said(self._about, Tone.NOTE))

    def draw(self) -> None:
        """Leave it as it stands."""

    def line(self) -> Input:
        """Return the line that everything typed is for."""
        return self._input

    def _say(self, *said: Said) -> None:
        note = Said("It stands in the report. No card and ticket numbers.", Tone.QUIET)
        self._words.say([*said, note], self._sight, empty=Said(""))

    @on(Input.Submitted, "#reason")
    def _submitted(self) -> None:
        typed = self._input.value.strip()
        if self._needed and not typed:
            self._say(Said("A reason is wanted.", Tone.WARN), Said(self._about, Tone.NOTE))
        else:
            self.dismiss(typed)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
