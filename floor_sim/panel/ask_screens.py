"""Screens over the panel: choose one of several things, type words, read the help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input

from floor_sim.panel.choices import DIGITS, Choice
from floor_sim.panel.keys import (
    CLOSE_KEYS,
    FAULT_KEYS,
    FLOOR_KEYS,
    LIST_KEYS,
    MACHINE_KEYS,
    bindings,
)
from floor_sim.panel.sight import Label, Line, Lines

TYPED_MAX: Final = 100
"""Letters that can be typed."""


class ChoiceScreen(ModalScreen[str | None]):
    """Asks which of several things; gives the words of it, or None.

    Args:
        title: what is asked.
        choices: what there is, at most ten.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(CLOSE_KEYS)

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        assert len(choices) <= len(DIGITS), "a key for each"
        self._title, self._choices = title, choices
        self._lines = Lines(id="choices")

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        with Vertical(id="box"):
            yield Label(Line(f" {self._title}", "bar"))
            yield self._lines
            yield Label(Line(" a digit, or enter on a line; esc: nothing", "quiet"))

    def on_mount(self) -> None:
        """Show the choices."""
        self._lines.styles.height = len(self._choices)
        lines = [
            Line(f"  {digit}  {choice.label}", key=str(place))
            for place, (digit, choice) in enumerate(zip(DIGITS, self._choices, strict=False))
        ]
        self._lines.show(lines, "")
        self._lines.focus()

    def on_key(self, event: events.Key) -> None:
        """Take the choice of a digit, or the one under the cursor."""
        place = -1
        if event.character and event.character in DIGITS:
            place = DIGITS.index(event.character)
        elif event.key == "enter" and self._lines.current is not None:
            place = int(self._lines.current)
        if 0 <= place < len(self._choices):
            event.stop()
            self.dismiss(self._choices[place].words)

    def action_close(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


class WordsScreen(ModalScreen[str | None]):
    """Asks for words; gives them, or None.

    Args:
        title: what is asked.
        text: what stands there at first.
        known: words that are offered while one types.
        hint: says what the words that stand there would do.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(CLOSE_KEYS)

    def __init__(
        self, title: str, text: str, known: Sequence[str], hint: Callable[[str], str]
    ) -> None:
        super().__init__()
        self._title, self._hint = title, hint
        self._input = Input(
            text, max_length=TYPED_MAX, compact=True, select_on_focus=False, id="typed",
            suggester=SuggestFromList(known, case_sensitive=False),
        )  # fmt: skip
        self._hints = Lines(id="hint")
        self._hints.can_focus = False

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        with Vertical(id="box"):
            yield Label(Line(f" {self._title}", "bar"))
            yield self._input
            yield self._hints
            yield Label(Line(" enter: do it; right: take the words offered; esc: nothing", "quiet"))

    def on_mount(self) -> None:
        """Let the words be typed."""
        self._input.cursor_blink = False
        self._input.focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._hints.tell(self._hint(self._input.value), "plain")

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.dismiss(self._input.value.strip() or None)

    def action_close(self) -> None:
        """Do nothing."""
        self.dismiss(None)


class HelpScreen(ModalScreen[None]):
    """Every key, and what the words mean."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (*CLOSE_KEYS, *(key for key in FLOOR_KEYS if key.label in {"?", "q"}))
    )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        with Vertical(id="page"):
            yield Label(Line(" slotsim panel: keys and words", "bar"))
            yield Lines(id="help")
            yield Label(Line(" esc close  q quit", "quiet"))

    def on_mount(self) -> None:
        """Show the help."""
        lines = self.query_one("#help", Lines)
        lines.show([Line(text, key=str(n)) for n, text in enumerate(help_text())], "")
        lines.focus()

    def action_help(self) -> None:
        """It is open already."""
        self.dismiss()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()


_NOTES: Final = (
    "link     up: a host polls the machine. wait: exceptions that no host has yet.",
    "credits  and games: counts of the machine's own meters.",
    "ledger   the truth, UTC: exception (it happened), acked (a host was told), lost",
    "         (no host can have had it).",
    "?        the floor does not answer: all is as it was last known.",
    "",
    "All is done by hand at simulated machines, over the control API on loopback.",
    "While people play (p) an attendant may be faster than you.",
)


def help_text() -> list[str]:
    """Return the help, a text a line, none wider than 80 cells."""
    keys = [
        f"{key.label:>4}  {key.meaning}"
        for key in (*MACHINE_KEYS, *FLOOR_KEYS, *LIST_KEYS, *FAULT_KEYS)
        if key.label and key.meaning
    ]
    half = -(-len(keys) // 2)
    beside = [
        f"{left:42}{right}".rstrip()
        for left, right in zip(keys[:half], [*keys[half:], ""], strict=False)
    ]
    return [*beside, "", *_NOTES]
