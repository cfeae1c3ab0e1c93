"""What goes wrong on the floor: a list to add to and to take from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from floor_sim.cli.running_floor import NotDoneError
from floor_sim.faults.table import FAULTS, FaultKind
from floor_sim.faults.words import said
from floor_sim.panel.ask_screens import WordsScreen
from floor_sim.panel.choices import fault_hint, fault_of
from floor_sim.panel.keys import FAULT_KEYS, bindings, shown
from floor_sim.panel.sight import Label, Line, Lines
from floor_sim.panel.source import Ask

LOOK_S: Final = 1.0
"""Seconds from one look at the faults to the next: some end by themselves."""


class FaultsScreen(ModalScreen[None]):
    """The faults of the floor.

    Args:
        ask: asks the control API.
        one: the machine under the cursor, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(FAULT_KEYS)

    def __init__(self, ask: Ask, one: Mapping[str, Any] | None) -> None:
        super().__init__()
        self._ask, self._one = ask, one
        self._faults: dict[str, dict[str, Any]] = {}
        self._away = False
        self._lines, self._does = Lines(id="faults"), Lines(id="does")
        self._does.can_focus = False
        self._note = Lines(id="note")
        self._note.can_focus = False

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        with Vertical(id="page"):
            yield Label(Line(" faults of this floor: number, kind, what is not usual", "bar"))
            yield self._lines
            yield self._does
            yield self._note
            yield Label(Line(f" {shown(FAULT_KEYS)}", "quiet"))

    async def on_mount(self) -> None:
        """Show the faults, and look again and again."""
        self._does.styles.height = self._note.styles.height = 4
        self._lines.focus()
        self.set_interval(LOOK_S, self.look)
        await self.look()

    async def look(self) -> None:
        """Ask which faults there are."""
        try:
            told = await self._ask("GET", "/faults", None)
        except NotDoneError as error:
            self._away = True
            self._note.tell(f"as it was last known: {error}", "bad")
            return
        if self._away:
            self._away = False
            self._note.tell("the floor is back", "good")
        self._faults = told
        lines = [Line(f" {number:>4}  {said(fault)}", key=number) for number, fault in told.items()]
        self._lines.show(lines, " nothing goes wrong; a adds a fault")
        self._tell()

    @on(Lines.Moved)
    def _tell(self) -> None:
        """Say what the fault under the cursor does."""
        fault = self._faults.get(self._lines.current or "")
        self._does.tell(FAULTS[FaultKind(fault["kind"])].does if fault else "", "quiet")

    def action_add(self) -> None:
        """Let a fault be typed, and add it."""
        where = f"at {self._one['asset']}, line {self._one['line']}" if self._one else ""
        title = f"add a fault {where}: a kind, then KEY=VALUE"
        known = [str(kind) for kind in FaultKind]
        self.app.push_screen(WordsScreen(title, "", known, fault_hint), self._add)

    async def _add(self, text: str | None) -> None:
        if text is None:
            return
        try:
            fault = fault_of(text, self._one)
        except ValueError as error:
            self._note.tell(f"not added: {error}", "bad")
        else:
            await self._do("POST", "/faults", fault, f"added: {text}")

    async def action_remove(self) -> None:
        """Remove the fault under the cursor."""
        number = self._lines.current
        if number is not None:
            await self._do("DELETE", f"/faults/{number}", None, f"fault {number} removed")

    async def action_clear(self) -> None:
        """Remove every fault."""
        await self._do("DELETE", "/faults", None, "all faults removed")

    async def _do(self, method: str, path: str, body: object, done: str) -> None:
        try:
            told = await self._ask(method, path, body)
        except NotDoneError as error:
            self._note.tell(f"not done: {error}", "bad")
            return
        if told.get("done", True):
            self._note.tell(done, "good")
        else:
            self._note.tell("it was over already", "warn")
        await self.look()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()
