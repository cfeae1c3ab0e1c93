"""The console: keeps the sources running and the screen on top drawn.

What comes in is drawn at most ``DRAWS_PER_S`` times a second, however much comes in.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual import events, on
from textual.app import App
from textual.binding import BindingType

from edge_config.problems import ConfigError
from gateway.console.archive import Archive, no_archive
from gateway.console.calls import Calls
from gateway.console.export import csv_text, row_text, write_new
from gateway.console.floor import Floor
from gateway.console.floor_screen import FloorScreen
from gateway.console.glyphs import Glyphs
from gateway.console.help_screen import HelpScreen
from gateway.console.keys import APP_KEYS, PAGES, Key, bindings
from gateway.console.link_history import SAMPLE_S
from gateway.console.map_page import MapPage
from gateway.console.page import Followers, World
from gateway.console.row_table import RowTable
from gateway.console.saved_views import SavedViews, ViewsError
from gateway.console.sight import Sight
from gateway.console.telling import Tell, over_socket
from gateway.console.typed_ahead import take_ahead

if TYPE_CHECKING:
    from gateway.console.desk import Desk

REST = "gateway.console.rest"
"""Imports every other module of the console, right after the first picture of the floor."""

REST_S = 3.0
"""Seconds after which it does so where there is no floor to be drawn."""

DRAWS_PER_S = 5
"""How often a second the screen follows what came in."""

FIRST_S = 0.05
"""Seconds between two looks whether there is a floor to be drawn, until there is one."""

THEME = "ansi-dark"
"""The terminal's own colours."""

Job = Callable[[], Coroutine[Any, Any, None]]


@runtime_checkable
class Drawn(Protocol):
    """A screen that can show everything as it is now."""

    def draw(self) -> None:
        """Show everything as it is now."""


class ConsoleApp(App[None]):
    """The console.

    Args:
        floor: what the status socket told; a job keeps it.
        calls: the open calls; a job keeps them.
        jobs: run while the console is open.
        now: the clock.
        zone: the casino's time zone.
        glyphs: the marks to use.
        socket: where the gateway is looked for, for people.
        capture: the gateway's capture socket, or None where there is none within reach.
        request: its request socket, likewise.
        archive: looks up events of the past.
        cameras: that see a machine, by asset number.
        desk: gives where checks are kept; None where there is no site file.
        day_began: gives the moment at which the gaming day of a moment began.
        followers: asks NATS how the services keep up; None without a password.
        views: that this person keeps.
        trouble: looks, in a thread after the first picture, what is wrong with what the console was
            started with; words end it with status 2.
        tell: tells a gateway what somebody found or notes; by default over ``request``.
    """

    CSS_PATH = "console.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (*APP_KEYS, *(Key(page.key, f"page('{page.name}')") for page in PAGES))
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 (Textual's way)
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (22, "-low"), (34, "-tall")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False
    TITLE = "slotgw console"

    def __init__(
        self,
        floor: Floor,
        calls: Calls,
        jobs: Sequence[Job],
        *,
        now: Callable[[], datetime],
        zone: tzinfo,
        glyphs: Glyphs,
        socket: str,
        capture: Path | None = None,
        request: Path | None = None,
        archive: Archive = no_archive,
        cameras: Mapping[str, tuple[str, ...]] | None = None,
        desk: Callable[[], Desk] | None = None,
        day_began: Callable[[datetime], datetime | None] = lambda _now: None,
        followers: Followers | None = None,
        views: SavedViews | None = None,
        trouble: Callable[[], str] | None = None,
        tell: Tell | None = None,
    ) -> None:
        super().__init__(ansi_color=True)
        self.theme = THEME
        self.animation_level = "none"
        self.floor, self.calls = floor, calls
        self._jobs = jobs
        self._now, self._zone, self._glyphs = now, zone, glyphs
        self._world = World(
            floor, calls, self.sight, socket, capture, request, archive,
            {} if cameras is None else cameras, day_began, desk=desk, followers=followers,
            tell=tell or (over_socket(request) if request else None),
        )  # fmt: skip
        self._views = views or SavedViews(None)
        self._trouble = trouble
        self._begin = ("", "")
        self._drawn: tuple[object, ...] = ()

    def begin_with(self, page: str, filter_text: str) -> None:
        """Begin with a page, or ``machine:`` and an asset number, instead of the floor.

        Raises:
            LookupError: there is no such page; says which there are.
        """
        names = [one.name for one in PAGES]
        if page and page not in names and not page.startswith("machine:"):
            raise LookupError(f"there is no page {page!r}; there are {', '.join(names)}")
        self._begin = (page, filter_text)

    async def _go_to_begin(self) -> None:
        page, text = self._begin
        if text:
            await self.action_floor_filter(text, faults_only=False)
        if page.startswith("machine:"):
            await self.action_machine(page.partition(":")[2])
        elif page:
            await self.action_page(page)

    def sight(self) -> Sight:
        """Return the conditions under which to draw now."""
        now = self._now()
        return Sight(now, self._zone, self._glyphs, self.floor.stale, self.floor.started)

    def get_default_screen(self) -> FloorScreen:
        """Return the screen at the bottom: the floor."""
        return FloorScreen(self._world)

    def world(self) -> World:
        """Return what a page may show."""
        return self._world

    async def action_page(self, name: str) -> None:
        """Go to the page called ``name``; what was open over the floor is closed."""
        from gateway.console.pages import MAKERS  # noqa: PLC0415 (see REST)

        make = MAKERS[name]
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if make is not None:
            await self.push_screen(make(self.world()))

    @on(MapPage.Wanted)
    async def _wanted(self, wanted: MapPage.Wanted) -> None:
        await self.action_floor_filter(wanted.filter_text, faults_only=False)

    async def action_floor_filter(self, text: str, faults_only: bool) -> None:
        """Go to the floor and list only what the filter ``text`` finds."""
        await self.action_page("floor")
        if isinstance(self.screen, FloorScreen):
            self.screen.look_for(text, faults_only=faults_only)

    async def action_machine(self, asset: str) -> None:
        """Show everything about one EGM."""
        from gateway.console.machine_screen import MachineScreen  # noqa: PLC0415 (see REST)

        await self.push_screen(MachineScreen(self._world, asset))

    async def action_check(self, kind: str, asset: str) -> None:
        """Open a check of one machine; without ``asset`` of the one that is shown.

        Without ``kind`` all its checks are listed.
        """
        from gateway.console.checks_page import ChecksPage, page_for  # noqa: PLC0415 (see REST)

        desk, floor = self._world.desk, self.floor
        asset = asset or getattr(self.screen, "asset", "")
        if not asset:
            self.notify(f"Of which machine? :{kind} 14-07, or open it first.", severity="warning")
            return
        if desk is None or (floor.known and asset not in floor.egms):
            self.notify("Checks are done on the computer of its own gateway, with the site file.")
            return
        try:
            here = desk()
        except ConfigError:  # which ends the console soon
            return
        target = here.target(asset, self._now())
        if target is None:
            self.notify(f"The site file has no machine {asset}.", severity="error")
        elif kind:
            await self.push_screen(page_for(self._world, here, kind, target))
        else:
            await self.push_screen(ChecksPage(self._world, here, target))

    async def action_help(self) -> None:
        """Show the help."""
        await self.push_screen(HelpScreen(self.sight()))

    def action_command(self) -> None:
        """Ask where to go."""
        from gateway.console.command_screen import CommandScreen  # noqa: PLC0415 (see REST)

        screen = CommandScreen(self.floor, self.sight(), self._views.views)
        self.push_screen(screen, self._go_to)

    async def _go_to(self, action: str | None) -> None:
        if action is not None:
            await self.run_action(action)

    async def action_view(self, name: str) -> None:
        """Show the floor as somebody kept it under ``name``."""
        view = self._views.views.get(name)
        if view is None:
            return
        await self.action_page("floor")
        if isinstance(self.screen, FloorScreen):
            self.screen.look_as(view)

    def action_keep_view(self, name: str) -> None:
        """Keep the floor's filter and order under ``name``."""
        floor = self.screen_stack[0]
        if isinstance(floor, FloorScreen):
            self._change_views(lambda: self._views.keep(name, floor.view), f"Kept: {name}")

    def action_forget_view(self, name: str) -> None:
        """Keep the view ``name`` no more."""
        self._change_views(lambda: self._views.forget(name), f"Forgotten: {name}")

    def _change_views(self, change: Callable[[], None], done: str) -> None:
        try:
            change()
        except ViewsError as error:
            self.notify(f"Not kept: {error}", severity="error")
        else:
            self.notify(done)

    def action_copy(self) -> None:
        """Copy the row in front, or what the mouse marked, to the terminal's clipboard."""
        marked = self.screen.get_selected_text()
        table = self.screen.focused
        if not marked and isinstance(table, RowTable) and table.current is not None:
            marked = row_text(table.columns, table.current, self.sight())
        if not marked:
            self.notify("Nothing is chosen here that could be copied.", severity="warning")
            return
        self.copy_to_clipboard(marked)
        self.notify("Copied, if the terminal takes it (OSC 52).")

    def action_write_csv(self) -> None:
        """Write the list in use, every row of it, into a CSV file."""
        table = self.screen.focused
        if not isinstance(table, RowTable) or not table.rows:
            self.notify("Nothing is listed here that could be written.", severity="warning")
            return
        self._write("list", ".csv", csv_text(table.columns, table.rows, self.sight()))

    def action_write_screen(self) -> None:
        """Write the screen as it stands into a text file."""
        strips = self.screen._compositor.render_strips()  # noqa: SLF001 (Textual offers only SVG)
        self._write("screen", ".txt", "\n".join(strip.text.rstrip() for strip in strips) + "\n")

    def _write(self, what: str, suffix: str, text: str) -> None:
        try:
            path = write_new(Path.cwd(), f"slotgw-{what}", suffix, text, self._now())
        except OSError as error:
            self.notify(f"Cannot write here: {error.strerror or error}", severity="error")
        else:
            self.notify(f"Written: {path.name} in {path.parent}")

    def on_key(self, event: events.Key) -> None:
        """Give a line the letters that came before it had the keyboard."""
        take_ahead(self, event)

    def on_mount(self) -> None:
        """Start the sources and the drawing."""
        for job in self._jobs:
            self.run_worker(job())
        self.set_interval(1 / DRAWS_PER_S, self._draw)
        self._first = self.set_interval(FIRST_S, self._draw_first)
        self.set_timer(REST_S, self._import_rest)
        if any(self._begin):
            self.run_worker(self._go_to_begin())
        self.set_interval(SAMPLE_S, self._note_links)
        if not self.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)

    def _draw_first(self) -> None:
        """Draw the floor as soon as it is known: a person waits for it."""
        if self.floor.known:
            self._first.stop()
            self._note_links()
            self._draw()

    def _import_rest(self) -> None:
        """Import what the first picture did not need, before the program may be updated."""
        if REST not in sys.modules:
            importlib.import_module(REST)
        if self._trouble is not None:
            self.run_worker(self._look_for_trouble(self._trouble))
            self._trouble = None

    async def _look_for_trouble(self, look: Callable[[], str]) -> None:
        if words := await asyncio.to_thread(look):
            self.exit(return_code=2, message=words)

    def _note_links(self) -> None:
        """Note how every link is, while that is known."""
        if not self.floor.stale:
            self._world.links.note(self.floor.egms.values(), self._now())

    def _draw(self) -> None:
        """Draw the screen on top, if anything came in or a second has passed."""
        if not self.screen_stack:  # it is closing
            return
        # Ages are whole seconds.
        now = self._now().replace(microsecond=0)
        seen = (self.floor.version, self.calls.version, now, self.screen)
        if seen != self._drawn and isinstance(self.screen, Drawn):
            self._drawn = seen
            self.screen.draw()
            if self.floor.known:
                self.call_after_refresh(self._import_rest)
