"""The floor: what is broken now, since when, and what was last heard of each EGM.

::

    site/gateway live   24 EGMs: 1 handpay ...      12:34:56    title
    location asset state ...                                    floor table
    [Events] | Calls: 2 open --------- EGMs 1-12 of 24          heading
    12:34:01 01-03-02 10302 slot door opened                    events, calls: beside or in turn
    NATS connected ... / 6 lines polling ...                    status
    enter machine  / filter ...                                 keys
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widgets import Footer, Input

from gateway.console import floor_heads
from gateway.console.calls import Call
from gateway.console.columns import Column
from gateway.console.floor import Contact
from gateway.console.help_screen import HelpScreen
from gateway.console.keys import FILTER_KEYS, FLOOR_KEYS, bindings
from gateway.console.lists import CALL_COLUMNS, EVENT_COLUMNS, floor_columns
from gateway.console.one_line import OneLine
from gateway.console.page import World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight
from gateway.console.status_words import calls_words, status_rows
from gateway.console.view import FILTER_CHARACTERS_MAX, View
from gateway.status.model import EgmStatus, EventLine

LOCATION_CELLS_MAX = 14
"""Cells of a location in the table; a longer one is cut."""

LINE_CELLS_MAX = 14
"""Cells of a line and an address in the table; a longer one is cut."""
ADDRESS_CELLS = 3
"""Cells of an address behind its line, as a rule: a stroke and two digits."""

ASSET_CELLS_MAX = 8
"""Cells of an asset number in the table; a longer one is cut."""

ListName = Literal["floor", "events", "calls"]
_LISTS: tuple[ListName, ...] = ("floor", "events", "calls")


class _Filter(Input):
    BINDINGS: ClassVar[list[BindingType]] = bindings(FILTER_KEYS)


class FloorScreen(Screen[None]):
    """The first screen.

    Args:
        world: what it shows.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(FLOOR_KEYS)
    AUTO_FOCUS = "#floor"

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._floor, self._calls = world.floor, world.calls
        sight = self._sight = world.sight
        self._socket = world.socket
        self._view = View()
        self._panel: ListName = "events"
        self._games = False
        self._columns = floor_columns(lately=world.links.lately)
        self._fitting = (0, 0, 0, False)
        self._ordered: list[str] = []
        self._ordered_at = -1
        glyphs = (now := sight()).glyphs
        self._title = OneLine(glyphs, reverse=True, id="title")
        self._floor_heading = OneLine(glyphs, fill=glyphs.rule, id="floor-heading")
        self._events_heading = OneLine(glyphs, fill=glyphs.rule, id="events-heading")
        self._calls_heading = OneLine(glyphs, fill=glyphs.rule, id="calls-heading")
        self._nats, self._lines = OneLine(glyphs, id="nats"), OneLine(glyphs, id="lines")
        self._floor_list: RowTable[EgmStatus] = RowTable(
            self._columns, lambda egm: egm.asset, now, header=True, id="floor"
        )
        self._event_list: RowTable[EventLine] = RowTable(
            EVENT_COLUMNS, lambda event: event.sequence, now, follow_top=True, id="events"
        )
        self._call_list: RowTable[Call] = RowTable(
            CALL_COLUMNS, lambda call: call.callid, now, id="calls"
        )
        self._filter = _Filter(
            placeholder="words: 14-07, tilt, bank:7; !word leaves out; enter keeps, esc clears",
            max_length=FILTER_CHARACTERS_MAX,
            restrict=r"[ -~]*" if glyphs.ascii_only else None,
            compact=True,
            id="filter",
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self._title
        yield self._floor_heading
        yield self._floor_list
        with Container(id="panels"):
            with Vertical(id="events-panel"):
                yield self._events_heading
                yield self._event_list
            with Vertical(id="calls-panel"):
                yield self._calls_heading
                yield self._call_list
        yield self._nats
        yield self._lines
        yield self._filter
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Start with all lists, the events in front of the calls, and no filter."""
        self.add_class("-events")
        self._filter.display = False
        self.draw()

    def draw(self) -> None:
        """Show everything as it is now."""
        sight = self._sight()
        title = floor_heads.title(self._floor, sight, self._socket)
        self._title.say(title.left, title.right)
        self._floor_list.show(
            self._rows(),
            sight,
            columns=self._fitting_columns(),
            empty=floor_heads.no_egms(self._floor, self._view, self._socket),
        )
        self._event_list.show(
            self._floor.events(games=self._games),
            sight,
            empty=floor_heads.no_events(self._floor),
        )
        self._call_list.show(
            self._calls.oldest_first(),
            replace(sight, stale=self._calls.reach.contact is not Contact.LIVE),
            empty=floor_heads.no_calls(self._calls),
        )
        self._draw_headings(sight)
        nats, lines = status_rows(self._floor, sight)
        self._nats.say(nats)
        self._lines.say(lines)

    @on(RowTable.Moved)
    def _moved(self) -> None:
        self._draw_headings(self._sight())

    def _draw_headings(self, sight: Sight) -> None:
        place = None
        if self._floor.known and self._floor_list.display:
            listed, total = len(self._floor_list.rows), len(self._floor.egms)
            place = floor_heads.place(self._floor_list.span, listed, total, self._view)
        events, calls = (
            Said("Events and games" if self._games else "Events"),
            calls_words(self._calls, sight),
        )
        rule, space = floor_heads.rule(sight), Said(" ")
        self._floor_heading.say([rule, Said(" Floor ")], place)
        if self.has_class("-wide"):
            self._events_heading.say([rule, space, events, space])
            self._calls_heading.say([rule, space, calls, space])
        else:
            tabs = floor_heads.tabs(events, calls, self._panel, sight)
            self._events_heading.say(tabs, place)
            self._calls_heading.say(tabs, place)

    def _rows(self) -> list[EgmStatus]:
        egms = self._floor.egms
        if not self._view.by_place:
            return self._view.rows(egms.values(), self._world.links.lately)
        if self._ordered_at != self._floor.places:  # thousands are not put in order at each look
            self._ordered_at = self._floor.places
            self._ordered = [egm.asset for egm in self._view.rows(egms.values())]
        return [egms[asset] for asset in self._ordered]

    def _fitting_columns(self) -> tuple[Column[EgmStatus], ...]:
        egms = self._floor.egms.values()
        location = max((len(egm.location) for egm in egms), default=0)
        asset = max((len(egm.asset) for egm in egms), default=0)
        line = max((len(name) + ADDRESS_CELLS for name in self._floor.lines), default=0)
        cells = (
            min(location, LOCATION_CELLS_MAX), min(asset, ASSET_CELLS_MAX),
            min(line, LINE_CELLS_MAX),
        )  # fmt: skip
        wanted = (*cells, self._view.faults_only)
        if wanted != self._fitting:
            self._fitting = wanted
            self._columns = floor_columns(
                *cells, faults=self._view.faults_only, lately=self._world.links.lately
            )
        return self._columns

    def on_resize(self) -> None:
        """Say in the headings what the new size has room for."""
        self.call_after_refresh(self.draw)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the filter is open, keys are letters for it."""
        if self.focused is self._filter and action != "back":
            return False
        return super().check_action(action, parameters)

    # What the keys do.

    def action_faults(self) -> None:
        """List only EGMs that somebody may have to go to, or all."""
        self._look(replace(self._view, faults_only=not self._view.faults_only))

    def action_sort(self) -> None:
        """List in the other order."""
        self._look(self._view.with_next_order())

    def look_for(self, text: str, *, faults_only: bool) -> None:
        """List only the EGMs that the filter ``text`` finds, or only those in trouble."""
        self._filter.value = text
        self._look(replace(self._view, text=text, faults_only=faults_only))
        self._go("floor")

    @property
    def view(self) -> View:
        """What of the floor is listed."""
        return self._view

    def look_as(self, view: View) -> None:
        """List the EGMs as ``view`` says."""
        self._filter.value = view.text
        self._look(view)
        self._go("floor")

    def _look(self, view: View) -> None:
        self._view = view
        self._floor_list.to_top()
        self.draw()

    def action_filter(self) -> None:
        """Open the filter."""
        self._filter.display = True
        self.set_focus(self._filter)  # at once: what is typed next may have come already

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self._look(replace(self._view, text=event.value))

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self._filter.display = False
        self._floor_list.focus()

    def action_back(self) -> None:
        """Leave the filter and clear it; or go back to the floor; or clear the filter."""
        if self.focused is self._filter or self.focused is self._floor_list:
            self._filter.value = ""  # which lists everything again
            self._filter.display = False
        self._set_zoom(None)
        self._go("floor")

    def action_events(self) -> None:
        """Go to the events."""
        self._go("events")

    def action_games(self) -> None:
        """List the events of games too, or not."""
        self._games = not self._games
        self._event_list.to_top()
        self.draw()

    def action_calls(self) -> None:
        """Go to the open calls."""
        self._go("calls")

    def action_next(self) -> None:
        """Go to the next list."""
        at = _LISTS.index(self._in_use)
        self._go(_LISTS[(at + 1) % len(_LISTS)])

    @property
    def _in_use(self) -> ListName:
        for name in _LISTS:
            if self.focused is not None and self.focused.id == name:
                return name
        return "floor"

    def _go(self, name: ListName) -> None:
        if name != "floor":
            self._panel = name
            self.set_class(name == "events", "-events")
            self.set_class(name == "calls", "-calls")
        if any(self.has_class(f"-zoom-{one}") for one in _LISTS):
            self._set_zoom(name)
        self.query_one(f"#{name}").focus()
        self._draw_headings(self._sight())

    def action_zoom(self) -> None:
        """Give the list in use the whole screen, or its place again."""
        name = self._in_use
        self._set_zoom(None if self.has_class(f"-zoom-{name}") else name)

    def _set_zoom(self, name: ListName | None) -> None:
        for one in _LISTS:
            self.set_class(one == name, f"-zoom-{one}")
        self.call_after_refresh(self.draw)

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        from gateway.console.machine_screen import MachineScreen  # noqa: PLC0415 (see rest.py)

        row = event.row
        if isinstance(row, EgmStatus | EventLine | Call) and row.asset in self._floor.egms:
            self.app.push_screen(MachineScreen(self._world, row.asset))

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(HelpScreen(self._sight()))
