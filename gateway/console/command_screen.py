"""``:``, a line to type where to go: a page, a machine by location or asset, a filter, an action.

What fits is listed while one types; enter takes the row in front. This is the command palette too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from gateway.commissioning.plans import PLANS
from gateway.console.columns import Column
from gateway.console.floor import Floor
from gateway.console.keys import COMMAND_KEYS, PAGES, bindings
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.console.view import View, by_location
from gateway.status.model import EgmStatus

LISTED_MAX = 50
"""Commands listed at most; typing more makes them fewer."""

TYPED_MAX = 100
"""Characters that may be typed."""


_NONE: Mapping[str, View] = {}


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done.

    Attributes:
        name: what is typed.
        meaning: what it does.
        action: for the app, as Textual calls it.
    """

    name: str
    meaning: str
    action: str


ACTIONS: tuple[Command, ...] = (
    *(Command(page.name, page.meaning, f"page({page.name!r})") for page in PAGES),
    *(Command(plan.kind, f"this machine: {plan.meaning}", f"check({plan.kind!r}, '')")
      for plan in PLANS.values()),
    Command("faults", "floor: only EGMs in trouble", "floor_filter('', True)"),
    Command("all",    "floor: every EGM, no filter", "floor_filter('', False)"),
    Command("save NAME", "keep this filter and order under a name; forget NAME", "command"),
    Command("csv",    "write the list on the screen into a CSV file", "write_csv"),
    Command("dump",   "write the screen into a text file", "write_screen"),
    Command("help",   "every key, what the marks mean", "help"),
    Command("quit",   "leave the console", "quit"),
)  # fmt: skip


def fitting(typed: str, floor: Floor, views: Mapping[str, View] = _NONE) -> list[Command]:
    """Return the commands that ``typed`` may mean, the likeliest first.

    A name that begins with it comes before one that contains it; machines are found by the end of
    their location (``7-02`` finds 01-07-02) and by their asset number; ``/words`` is a filter;
    ``save NAME`` keeps the floor's filter and order under a name, which is a command from then on.
    """
    typed = typed.strip()
    if typed.startswith("/"):
        words = typed[1:].strip()
        meaning = f"floor: only EGMs with {words}" if words else "floor: only EGMs with ..."
        return [Command(typed, meaning, f"floor_filter({words!r}, False)")]
    low = typed.casefold()
    if checks := _checks(low, floor):
        return checks[:LISTED_MAX]
    word, _, name = low.partition(" ")
    if name and word == "save":
        meaning = "keep the floor's filter and order under this name"
        return [Command(low, meaning, f"keep_view({name.strip()!r})")]
    if name and word == "forget":
        return [
            Command(f"forget {one}", "keep this view no more", f"forget_view({one!r})")
            for one in views
            if one.startswith(name.strip())
        ]
    kept = [Command(one, f"floor: {view.words()}", f"view({one!r})") for one, view in views.items()]
    there = [*kept, *ACTIONS]
    starts = [one for one in there if one.name.startswith(low)]
    contains = [one for one in there if low in one.name and one not in starts]
    return [*starts, *contains, *_machines(low, floor)][:LISTED_MAX]


def _checks(low: str, floor: Floor) -> list[Command]:
    """Return the checks of the machines that ``low`` names behind a check: ``absence 14-07``."""
    kind, space, rest = low.partition(" ")
    if kind not in PLANS or not space:
        return []
    title = PLANS[kind].title
    return [
        Command(f"{kind} {egm.location}", f"{title} of asset {egm.asset}, {egm.state}",
                f"check({kind!r}, {egm.asset!r})")
        for egm in _found(rest.strip(), floor)
    ]  # fmt: skip


def _machines(low: str, floor: Floor) -> list[Command]:
    return [
        Command(egm.location, f"asset {egm.asset}, {egm.state}", f"machine({egm.asset!r})")
        for egm in _found(low, floor)
    ]


def _found(low: str, floor: Floor) -> list[EgmStatus]:
    if not low:
        return []
    found = [
        (not exact, egm)
        for egm in floor.egms.values()
        for location, asset in ((egm.location.casefold(), egm.asset.casefold()),)
        if (exact := low in {location, asset}) or location.endswith(low) or asset.startswith(low)
        or low in location
    ]  # fmt: skip
    found.sort(key=lambda each: (each[0], by_location(each[1])))
    return [egm for _, egm in found[:LISTED_MAX]]


_COLUMNS: tuple[Column[Command], ...] = (
    Column("name", 20, lambda one, _s, _w: Said(one.name)),
    Column("meaning", 20, lambda one, _s, _w: Said(one.meaning, Tone.QUIET), grow=1),
)


class CommandScreen(ModalScreen[str | None]):
    """Asks where to go; gives the action, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMAND_KEYS)
    AUTO_FOCUS = "#command"

    def __init__(self, floor: Floor, sight: Sight, views: Mapping[str, View] = _NONE) -> None:
        super().__init__()
        self._floor, self._sight, self._views = floor, sight, views
        self._input = Input(
            placeholder="page, location, asset, /filter, csv, dump, quit",
            max_length=TYPED_MAX, compact=True, id="command",
        )  # fmt: skip
        self._list: RowTable[Command] = RowTable(
            _COLUMNS, lambda one: one.action, sight, id="commands"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out: the line to type in, what fits below it."""
        with Vertical(id="command-box"):
            yield self._input
            yield self._list

    def on_mount(self) -> None:
        """List everything."""
        self._show("")

    def line(self) -> Input:
        """Return the line that everything typed is for."""
        return self._input

    def draw(self) -> None:
        """Leave the list as it stands: what is typed decides, not the floor."""

    @on(Input.Changed, "#command")
    def _typed(self, event: Input.Changed) -> None:
        self._list.to_top()
        self._show(event.value)

    def _show(self, typed: str) -> None:
        empty = Said("nothing is called so; esc goes back", Tone.WARN)
        self._list.show(self._rows(typed), self._sight, empty=empty)

    def _rows(self, typed: str) -> Sequence[Command]:
        return fitting(typed.removeprefix(":"), self._floor, self._views)

    @on(Input.Submitted, "#command")
    def _submitted(self) -> None:
        if (chosen := self._list.current) is not None:
            self.dismiss(chosen.action)

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        if isinstance(event.row, Command):
            self.dismiss(event.row.action)

    def action_step(self, steps: int) -> None:
        """Move in the list while the line keeps the keyboard."""
        self._list.action_move(steps)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
