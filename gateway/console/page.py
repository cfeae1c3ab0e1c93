"""What the pages beside the floor have in common: a title, lists, the keys, and a way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer

from gateway.console import floor_heads
from gateway.console.archive import Archive, no_archive
from gateway.console.calls import Calls
from gateway.console.columns import Column
from gateway.console.floor import Floor
from gateway.console.help_screen import HelpScreen
from gateway.console.keys import PAGE_KEYS, bindings
from gateway.console.link_history import LinkHistory
from gateway.console.one_line import OneLine
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight
from gateway.console.telling import Tell

if TYPE_CHECKING:
    from gateway.bus.followers import Follower
    from gateway.console.desk import Desk


Followers = Callable[[], Awaitable["tuple[Follower, ...] | str"]]


def _no_day(_now: datetime) -> None:
    """Know no gaming day."""


@dataclass(frozen=True, slots=True)
class World:
    """What every page may show.

    Attributes:
        floor: what the gateway told.
        calls: what dispatch keeps.
        sight: gives the time, the marks and whether the floor is stale.
        socket: where the gateway is looked for, for people.
        capture: the gateway's capture socket, or None where there is none within reach.
        request: its request socket, likewise.
        archive: looks up events of the past.
        cameras: that see a machine, by asset number, as far as the site file says.
        day_began: gives the moment at which the gaming day of a moment began, where that is known.
        links: how each link was since the console began.
        desk: gives where checks are kept; None where there is no site file.
        followers: asks NATS how the services keep up, or says why not; None without a password.
        tell: tells a gateway what somebody found or notes, or None where that is not within reach.
    """

    floor: Floor
    calls: Calls
    sight: Callable[[], Sight]
    socket: str
    capture: Path | None = None
    request: Path | None = None
    archive: Archive = no_archive
    cameras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    day_began: Callable[[datetime], datetime | None] = _no_day
    links: LinkHistory = field(default_factory=LinkHistory)
    desk: Callable[[], Desk] | None = None
    followers: Followers | None = None
    tell: Tell | None = None


@dataclass(frozen=True, slots=True)
class WordRow:
    """One row of a text that is as wide as the screen.

    Attributes:
        number: its place in the text.
        said: what stands in it.
    """

    number: int
    said: Said


_WORD_COLUMNS: tuple[Column[WordRow], ...] = (Column("", 20, lambda row, _s, _w: row.said, grow=1),)


class WordList(RowTable[WordRow]):
    """A text of several sentences, each on as many rows as it needs; scrolls, has no cursor."""

    def __init__(self, sight: Sight, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        super().__init__(_WORD_COLUMNS, lambda row: row.number, sight, cursor=False, id=id)

    def say(self, said: Iterable[Said], sight: Sight, *, empty: Said) -> None:
        """Say these sentences, or ``empty`` where there are none."""
        width = max(20, (self.size.width or 80) - 1)
        rows = [
            Said(text, one.tone)
            for one in said
            for text in wrap(one.text, width, subsequent_indent="  ")
        ]
        self.show([WordRow(*each) for each in enumerate(rows)], sight, empty=empty)


class Page(Screen[None]):
    """A page beside the floor. ``draw`` shows everything as it is now."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(PAGE_KEYS)

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self._title = OneLine(world.sight().glyphs, reverse=True, id="title")

    def title_line(self) -> OneLine:
        """Return the title, which ``compose`` of a page yields first."""
        return self._title

    def footer(self) -> Footer:
        """Return the keys, which ``compose`` of a page yields last."""
        return Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show the page."""
        self.draw()

    def on_screen_resume(self) -> None:
        """Show the page as it is now, when it comes back to the front."""
        self.draw()

    def draw(self) -> None:
        """Show everything as it is now; a page adds what is its own."""
        title = floor_heads.title(self.world.floor, self.world.sight(), self.world.socket)
        self._title.say(title.left, title.right)

    def heading(self, words: str) -> tuple[Said, ...]:
        """Return the heading of a list."""
        return (floor_heads.rule(self.world.sight()), Said(f" {words} "))

    def action_back(self) -> None:
        """Go back to the floor."""
        self.dismiss()

    def action_next(self) -> None:
        """Go to the next list."""
        self.focus_next()

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(HelpScreen(self.world.sight()))
