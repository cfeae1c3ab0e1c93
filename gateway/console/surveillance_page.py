"""Significant events in one list: filter, look at one, say what was found, and on which camera."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from gateway.console.columns import Column
from gateway.console.keys import FILTER_KEYS, SURVEILLANCE_KEYS, bindings
from gateway.console.lists import SEVERITY_TONES
from gateway.console.machine_screen import MachineScreen
from gateway.console.one_line import OneLine
from gateway.console.page import Page, WordList, World
from gateway.console.remark_screen import NOT_HERE, About, RemarkScreen
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.console.surveillance import KINDS, Entry, Watchlist, first_check
from gateway.console.view import FILTER_CHARACTERS_MAX
from gateway.console.words import clock_or_day
from gateway.events.lookup import Lookup
from gateway.events.text import one_line

BACK: Final = timedelta(hours=24)
"""How far back the list begins."""

LOOK_S: Final = 2.0
"""Seconds between two looks for new ones, where the floor says that there are any."""

BEFORE, AFTER = timedelta(seconds=30), timedelta(minutes=5)
"""What a recording is worth looking at: from before the event to after it."""


def _columns(cameras: dict[str, tuple[str, ...]]) -> tuple[Column[Entry], ...]:
    return (
        Column("time", 8, lambda one, s, _w: Said(clock_or_day(one.event.time, s.now, s.zone))),
        Column("location", 8, lambda one, _s, _w: Said(one.event.location)),
        Column("asset", 5, lambda one, _s, _w: Said(one.event.asset or ""), from_width=70),
        Column("event", 18, lambda one, _s, _w: _event(one), grow=2),
        Column("found", 10, lambda one, _s, _w: _found(one), grow=1),
        Column(
            "camera", 9, lambda one, _s, _w: Said(_cameras(one, cameras)), grow=1, from_width=100
        ),
    )


class SurveillancePage(Page):
    """The significant events of the last day and from now on, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(SURVEILLANCE_KEYS)
    AUTO_FOCUS = "#entries"

    class _Filter(Input):
        BINDINGS: ClassVar[list[BindingType]] = bindings(FILTER_KEYS)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        now = world.sight()
        self._list = Watchlist()
        self._only_new = False
        self._looked_at: datetime | None = None
        self._why = "looking them up"
        self._floor_version = -1
        self._cameras = dict(world.cameras)
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="entries-heading")
        self._table: RowTable[Entry] = RowTable(
            _columns(self._cameras), lambda one: one.event.id, now, header=True,
            follow_top=True, id="entries",
        )  # fmt: skip
        self._detail = WordList(now, id="entry-detail")
        self._filter = self._Filter(
            placeholder="words to look for, !word leaves out; enter keeps, esc clears",
            max_length=FILTER_CHARACTERS_MAX,
            restrict=r"[ -~]*" if now.glyphs.ascii_only else None,
            compact=True, id="entries-filter",
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self._detail
        yield self._filter
        yield self.footer()

    def on_mount(self) -> None:
        """Look up the last day, and then what is new."""
        self._filter.display = False
        super().on_mount()
        self.set_interval(LOOK_S, self._look)
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        if self.world.floor.version != self._floor_version:
            self._floor_version = self.world.floor.version
            self.run_worker(self._look_up(), exclusive=True, group="look")

    async def _look_up(self) -> None:
        now = self.world.sight().now
        after = (self._looked_at or now) - (timedelta(minutes=1) if self._looked_at else BACK)
        found = await self.world.archive(Lookup(KINDS, after, most=1_000))
        if found.events or not found.why:
            self._looked_at = now
        self._why = found.why
        self._list.take(found.events)
        if self.is_attached:
            self.draw()

    def draw(self) -> None:
        """Show the list, and everything about the event in front."""
        super().draw()
        sight = self.world.sight()
        entries = self._list.entries(self._filter.value, only_new=self._only_new)
        new = self._list.new()
        words = f"Significant events of 24 hours: {new:,} that nobody looked at"
        left_out = ", only these" if self._only_new else ""
        text = f", /{self._filter.value.strip()}" if self._filter.value.strip() else ""
        self._heading.say(self.heading(f"{words}{left_out}{text}"))
        under = " under this filter" if text or left_out else ""
        nothing = self._why or f"none in the last 24 hours{under}"
        self._table.show(entries, sight, empty=Said(nothing, Tone.QUIET))
        self._say_detail(sight)

    def _say_detail(self, sight: Sight) -> None:
        one = self._table.current
        said = [] if one is None else detail(one, _cameras(one, self._cameras), sight)
        self._detail.say(said, sight, empty=Said(self._why, Tone.WARN))

    @on(RowTable.Moved)
    def _moved(self) -> None:
        self._say_detail(self.world.sight())

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        one = self._table.current
        if one is not None and one.event.asset in self.world.floor.egms:
            self.app.push_screen(MachineScreen(self.world, one.event.asset))

    # What the keys do.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the filter is open, keys are letters for it."""
        if self.focused is self._filter and action != "back":
            return False
        return super().check_action(action, parameters)

    def action_only_new(self) -> None:
        """List only what nobody looked at, or everything."""
        self._only_new = not self._only_new
        self._table.to_top()
        self.draw()

    def action_filter(self) -> None:
        """Open the filter."""
        self._filter.display = True
        self.set_focus(self._filter)  # at once: what is typed next may have come already

    @on(Input.Changed, "#entries-filter")
    def _filter_typed(self) -> None:
        self._table.to_top()
        self.draw()

    @on(Input.Submitted, "#entries-filter")
    def _filter_kept(self) -> None:
        self._filter.display = False
        self._table.focus()

    def action_back(self) -> None:
        """Leave the filter and clear it; or clear it; or go back to the floor."""
        if self.focused is self._filter or self._filter.value:
            self._filter.value = ""
            self._filter.display = False
            self._table.focus()
            return
        super().action_back()

    def action_remark(self, acknowledge: bool) -> None:
        """Say what was found of the event in front, or note something of it."""
        one = self._table.current
        if one is None:
            self.notify("No event is chosen.", severity="warning")
            return
        if self.world.tell is None:
            self.notify(NOT_HERE, severity="warning")
            return
        event = one.event
        words = f"{event.location or event.gateway}: {one_line(event)}"
        about = About(words, event.asset, event.id, event.name, acknowledge, event.gateway)
        screen = RemarkScreen(about, self.world.tell, self.world.sight())
        self.app.push_screen(screen, partial(self._told))

    def _told(self, words: str | None) -> None:
        if words:
            self.notify(f"Told: {words}")
            self.run_worker(self._look_up(), exclusive=True, group="look")


def detail(one: Entry, cameras: str, sight: Sight) -> list[Said]:
    """Return everything that is to be said of one significant event."""
    event = one.event
    begin = min(event.time, event.occurredafter or event.time) - BEFORE
    times = [moment.astimezone(sight.zone).strftime("%b %d %H:%M:%S")
             for moment in (event.time, begin, event.time + AFTER)]  # fmt: skip
    about = f", asset {event.asset}" if event.asset else ""
    text = f"{times[0]} {event.location or event.gateway}{about}: {one_line(event)}"
    said = [Said(text, SEVERITY_TONES.get(event.severity, Tone.WARN))]
    for remark in one.remarks:
        at = clock_or_day(remark.at, sight.now, sight.zone)
        what = f"found: {remark.disposition}" if remark.disposition else "note"
        words = f", {remark.words}" if remark.words else ""
        said.append(Said(f"{at} {remark.by} {what}{words}", Tone.GOOD))
    if check := first_check(event):
        said.append(Said(f"look first: {check}"))
    camera = cameras or "no camera known for it"
    said.append(Said(f"recording: {camera}, from {times[1]} to {times[2][7:]}", Tone.QUIET))
    if event.possiblerepeat:
        said.append(Said("The machine may have told this before.", Tone.WARN))
    return said


def _event(one: Entry) -> Said:
    return Said(one_line(one.event), SEVERITY_TONES.get(one.event.severity, Tone.WARN))


def _found(one: Entry) -> Said:
    if (looked := one.looked) is not None:
        return Said(f"{looked.disposition}, {looked.by}", Tone.QUIET)
    if one.remarks:
        return Said(f"noted, {one.remarks[-1].by}", Tone.NOTE)
    return Said("new", Tone.WARN)


def _cameras(one: Entry, cameras: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(cameras.get(one.event.asset or "", ()))
