"""The open calls: who waits, for how long, and whether dispatch is followed at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from textual import on
from textual.app import ComposeResult

from gateway.console.calls import Call, Calls
from gateway.console.floor import Contact
from gateway.console.floor_heads import no_calls
from gateway.console.lists import CALL_COLUMNS
from gateway.console.machine_screen import MachineScreen
from gateway.console.one_line import OneLine
from gateway.console.page import Page, WordList, World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, several

LONG_WAIT = timedelta(minutes=10)
"""A guest or a machine that waits longer is worth a word of its own."""


class CallsPage(Page):
    """All open calls, the one that waits longest first; enter shows the machine."""

    AUTO_FOCUS = "#all-calls"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        now = world.sight()
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="calls-page-heading")
        self._verdict = WordList(now, id="calls-verdict")
        self._table: RowTable[Call] = RowTable(
            CALL_COLUMNS, lambda call: call.callid, now, header=True, id="all-calls"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._verdict
        yield self._table
        yield self.footer()

    def draw(self) -> None:
        """Show every open call."""
        super().draw()
        calls, sight = self.world.calls, self.world.sight()
        self._heading.say(self.heading("Calls, the longest wait first"))
        self._verdict.say(verdict(calls, sight), sight, empty=Said(""))
        stale = calls.reach.contact is not Contact.LIVE
        self._table.show(calls.oldest_first(), replace(sight, stale=stale), empty=no_calls(calls))

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        call = event.row
        if isinstance(call, Call) and call.asset in self.world.floor.egms:
            self.app.push_screen(MachineScreen(self.world, call.asset))


def verdict(calls: Calls, sight: Sight) -> list[Said]:
    """Say how many wait and how long, and whether dispatch is followed."""
    reach = calls.reach
    waiting = calls.oldest_first()
    if reach.contact is Contact.WAITING:
        return [Said(f"Not known: {reach.reason or 'connecting to NATS'}.", Tone.WARN)]
    said = []
    if reach.contact is Contact.AWAY:
        since = age(reach.since, sight.now)
        said.append(Said(f"OLD, as it was {since} ago: {reach.reason}.", Tone.BAD))
    if not waiting:
        return [*said, Said("Well: nobody waits.", Tone.GOOD)]
    oldest = waiting[0]
    said.append(Said(
        f"{several(len(waiting), 'call')} open, the oldest ({oldest.location}) for "
        f"{age(oldest.opened, sight.now)}.", _tone(oldest.opened, sight.now),
    ))  # fmt: skip
    if calls.left_out:
        said.append(Said(f"{calls.left_out:,} more are not listed: too many.", Tone.WARN))
    if calls.unreadable:
        said.append(Said(
            f"{calls.unreadable:,} cannot be read: dispatch is of another version.", Tone.WARN
        ))  # fmt: skip
    return said


def _tone(opened: datetime, now: datetime) -> Tone:
    return Tone.BAD if now - opened > LONG_WAIT else Tone.NOTE
