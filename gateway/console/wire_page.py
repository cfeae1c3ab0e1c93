"""The raw exchange of one EGM, or of its whole line: hex, times, ninth bits, and what it means."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.console.columns import Column
from gateway.console.export import write_new
from gateway.console.floor import Contact
from gateway.console.keys import WIRE_KEYS, bindings
from gateway.console.one_line import OneLine
from gateway.console.page import Page, WordList, World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.console.wire import Heard, Wire, follow_wire
from gateway.console.words import age
from protocols.sas.capture import Speaker, bytes_text, seconds_text

_WHO = {Speaker.HOST: "host", Speaker.EGM: "EGM"}

_COLUMNS: tuple[Column[Heard], ...] = (
    Column("second", 11, lambda one, _s, _w: Said(seconds_text(one.found.message.at_us),
                                                  Tone.QUIET), right=True),
    Column("who", 5, lambda one, _s, _w: Said(_who(one))),
    Column("hex", 23, lambda one, _s, _w: Said(_hex(one)), grow=1),
    Column("means", 24, lambda one, _s, _w: Said(one.found.meaning, _tone(one)), grow=2),
)  # fmt: skip


class WirePage(Page):
    """What goes over the wire now.

    Args:
        world: where the capture socket is.
        line: name of the line.
        address: of the EGM, or None for the whole line.
        who: the EGM or the line, for people.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(WIRE_KEYS)
    AUTO_FOCUS = "#wire"

    def __init__(self, world: World, line: str, address: int | None, who: str) -> None:
        super().__init__(world)
        now = world.sight()
        self._address, self._who = address, who
        self._idle = False
        self._wire = Wire(line, lambda: world.sight().now)
        self._held: list[Heard] | None = None  # what is shown while it is paused
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="wire-heading")
        self._table: RowTable[Heard] = RowTable(
            _COLUMNS, lambda one: one.number, now, header=True, follow_top=True, id="wire"
        )
        self._detail = WordList(now, id="wire-detail")

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self._detail
        yield self.footer()

    def on_mount(self) -> None:
        """Listen while the page is open."""
        super().on_mount()
        if self.world.capture is not None:
            self.run_worker(follow_wire(self._wire, self.world.capture))
            self.set_interval(0.2, self._look)

    def _look(self) -> None:
        if self.is_current:
            self.draw()

    def draw(self) -> None:
        """Show what was heard."""
        super().draw()
        sight = self.world.sight()
        shown = self._held
        if shown is None:
            shown = self._wire.heard(address=self._address, idle=self._idle)
        held = "  PAUSED" if self._held is not None else ""
        idle = "with idle polls" if self._idle else "idle polls left out"
        self._heading.say(self.heading(f"Wire of {self._who}, newest first, {idle}{held}"))
        reach = self._wire.reach
        fresh = Sight(sight.now, sight.zone, sight.glyphs, reach.contact is Contact.AWAY)
        self._table.show(shown, fresh, empty=self._why_nothing(sight))
        self._say_detail(sight)

    def _why_nothing(self, sight: Sight) -> Said:
        if self.world.capture is None:
            return Said("The wire can be seen on the gateway's own computer only.", Tone.WARN)
        reach = self._wire.reach
        if reach.contact is Contact.LIVE:
            idle = "" if self._idle else "; i shows idle polls too"
            return Said(f"nothing said since {age(reach.since, sight.now)}{idle}", Tone.QUIET)
        return Said(reach.reason or "asking the gateway for the wire", Tone.WARN)

    def _say_detail(self, sight: Sight) -> None:
        one = self._table.current
        said = [] if one is None else list(detail(one, self._wire, sight))
        self._detail.say(said, sight, empty=Said(""))

    @on(RowTable.Moved)
    def _moved(self) -> None:
        self._say_detail(self.world.sight())

    def action_pause(self) -> None:
        """Hold the list still, or let it run again; the capture goes on."""
        held = self._held is not None
        self._held = None if held else self._wire.heard(address=self._address, idle=self._idle)
        self.draw()

    def action_idle(self) -> None:
        """List polls that found nothing too, or not."""
        self._idle = not self._idle
        self._held = None
        self._table.to_top()
        self.draw()

    async def action_save(self) -> None:
        """Write what was heard on the whole line as a capture."""
        text = self._wire.capture_text()
        if not text:
            self.notify("Nothing was heard yet.", severity="warning")
            return
        stem = f"slotgw-{self._wire.line}"
        try:
            path = await asyncio.to_thread(
                write_new, Path.cwd(), stem, ".capture", text, self.world.sight().now
            )
        except OSError as error:
            self.notify(f"Cannot write here: {error.strerror or error}", severity="error")
        else:
            self.notify(f"Written: {path.name} in {path.parent}; slotgw decode explains it")


def detail(one: Heard, wire: Wire, sight: Sight) -> list[Said]:
    """Return everything that is to be said about one message."""
    found = one.found
    when = ""
    if wire.started is not None:
        moment = wire.started + timedelta(microseconds=found.message.at_us)
        when = f"{moment.astimezone(sight.zone).strftime('%H:%M:%S.%f')[:-3]} "
    crc = {True: ", CRC right", False: ", CRC WRONG", None: ""}[found.crc_ok]
    said = [Said(f"{when}{_who(one)}: {found.summary}{crc}", _tone(one))]
    said += [Said(f"wrong: {error}", Tone.BAD) for error in found.errors]
    if found.concludes:
        said.append(Said(f"then: {found.concludes}", Tone.QUIET))
    said += [Said(f"note: {note}", Tone.QUIET) for note in found.notes]
    return said


def _who(one: Heard) -> str:
    return _WHO.get(one.found.speaker, "?") + ("?" if one.found.guessed else "")


def _hex(one: Heard) -> str:
    message = one.found.message
    marks = any(bit is not None for bit in message.wakeup)
    return bytes_text(message.data, message.wakeup, one.found.hidden, ninth_bits=marks)


def _tone(one: Heard) -> Tone:
    if one.found.errors:
        return Tone.BAD
    return Tone.NOTE if one.found.kind in {"exception", "real-time event"} else Tone.PLAIN
