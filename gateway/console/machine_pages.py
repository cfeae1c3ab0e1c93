"""Two pages of one EGM: its meters since a moment, and its past: doors, handpays, sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.console import meter_words
from gateway.console.archive import Archive
from gateway.console.keys import METER_KEYS, bindings
from gateway.console.machine_past import (
    INSIDE_KINDS,
    KINDS,
    SESSION_KINDS,
    coverage_facts,
    handpay_facts,
    identity_facts,
    inside_facts,
    session_facts,
)
from gateway.console.machine_words import FACT_COLUMNS, FactLine
from gateway.console.meter_words import MeterRow, MeterSeen
from gateway.console.one_line import OneLine
from gateway.console.page import Page, World
from gateway.console.requests import ask as request
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import clock_or_day
from gateway.events.envelope import Envelope
from gateway.events.lookup import Found, Lookup

READING: Final = timedelta(minutes=15)
"""How far back of a moment its reading is looked for; one is made every minute, as a rule."""
READ_IN_S: Final = (1.5, 3.0, 6.0, 11.0)
"""Seconds after ``r`` at which the new reading is looked for: the line's pace decides."""
AGAIN_S: Final = 10.0
"""Seconds between two looks at new readings."""
PAST: Final = timedelta(days=30)
"""How far back handpays and the like are looked for."""
WORDS_AT: Final = 17
"""Cells before a fact's words."""
PAST_MOST: Final = 500
READINGS_MOST: Final = 2_000
"""Readings of one machine in a day, and more."""
ONE_ROUND: Final = timedelta(minutes=2)
"""In which every meter is read once."""


class _LookedUp(Page):
    """A page that looks something up, and again every few seconds."""

    def on_mount(self) -> None:
        """Look it up, and again as new events come."""
        super().on_mount()
        self.set_interval(AGAIN_S, self._look)
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        self.run_worker(self._look_up(), exclusive=True)

    async def _look_up(self) -> None:
        """Look it up."""
        raise NotImplementedError


class MetersPage(_LookedUp):
    """The meters of one EGM, and what they counted since a moment that ``s`` changes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(METER_KEYS)
    AUTO_FOCUS = "#meters"

    def __init__(self, world: World, asset: str, who: str) -> None:
        super().__init__(world)
        self._asset, self._who = asset, who
        self._moment = 0
        self._asked: datetime | None = None
        self._now: dict[str, MeterSeen] = {}
        self._then: dict[str, MeterSeen] = {}
        self._why = "looking them up"
        now = world.sight()
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="meters-heading")
        self._table: RowTable[MeterRow] = RowTable(
            meter_words.COLUMNS, lambda row: row.name, now, header=True, cursor=False, id="meters"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._table
        yield self.footer()

    async def _look_up(self) -> None:
        now = self.world.sight().now
        _, moment = self._since(now)
        ask = self.world.archive
        newest = await ask(_readings(self._asset, now - READING, None))
        then = await ask(_readings(self._asset, moment - READING, moment))
        if not then.events:  # it was not read then: the first reading after it
            then = await _first_after(ask, self._asset, moment)
        self._now = meter_words.readings((*then.events, *newest.events))
        self._then = meter_words.readings(then.events)
        self._why = newest.why or "no reading of its meters in the last 15 minutes; r reads them"
        if self.is_attached:
            self.draw()

    def _moments(self, now: datetime) -> list[tuple[str, datetime]]:
        return meter_words.moments(now, self.world.day_began(now))

    def _since(self, now: datetime) -> tuple[str, datetime]:
        """Return the moment since which the meters are looked at, with its words."""
        if self._asked is not None:
            return "the reading before r", self._asked
        return self._moments(now)[self._moment]

    def draw(self) -> None:
        """Show the meters."""
        super().draw()
        sight = self.world.sight()
        words, moment = self._since(sight.now)
        if self._then:
            first = max(one.at for one in self._then.values())
            at = clock_or_day(first, sight.now, sight.zone)
            words = f"{words}, {at}" if first <= moment else f"{words}, from {at}"
        right = meter_words.standing(self._now, sight)
        self._heading.say(self.heading(f"{self._who} since {words}"), right)
        egm = self.world.floor.egms.get(self._asset)
        table = meter_words.rows(self._now, self._then, egm.denomination if egm else None)
        self._table.show(table, sight, empty=Said(self._why, Tone.WARN))

    def action_moment(self) -> None:
        """Show what they counted since another moment."""
        step = 0 if self._asked is not None else 1
        self._moment = (self._moment + step) % len(self._moments(self.world.sight().now))
        self._asked, self._then = None, {}
        self.draw()
        self._look()

    async def action_read(self) -> None:
        """Have the meters read now, and show what they counted since the reading before that."""
        now = self.world.sight().now
        if await read_now(self, self._asset):
            self._asked, self._then = now, {}
            self.draw()
            for wait_s in READ_IN_S:
                self.set_timer(wait_s, self._look)


class PastPage(_LookedUp):
    """What one EGM's events say of it: doors and power, handpays, sessions, coverage, identity."""

    AUTO_FOCUS = "#past"

    def __init__(self, world: World, asset: str, who: str) -> None:
        super().__init__(world)
        self._asset, self._who = asset, who
        self._events: tuple[Envelope, ...] = ()
        self._sessions: tuple[Envelope, ...] = ()
        self._opened: tuple[Envelope, ...] = ()
        self._why = "looking them up"
        now = world.sight()
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="past-heading")
        self._facts: RowTable[FactLine] = RowTable(
            FACT_COLUMNS, lambda fact: (fact.label, fact.said.text), now, cursor=False, id="past"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._facts
        yield self.footer()

    async def _look_up(self) -> None:
        after = self.world.sight().now - PAST
        ask = self.world.archive
        found = await ask(Lookup(KINDS, after, None, self._asset, PAST_MOST))
        self._events, self._why = found.events, found.why
        self._opened = (await ask(Lookup(INSIDE_KINDS, after, None, self._asset, 100))).events
        if not self.world.floor.over_nats:
            played = await ask(Lookup(SESSION_KINDS, after, None, self._asset, 20))
            self._sessions = played.events
        if self.is_attached:
            self.draw()

    def draw(self) -> None:
        """Show what is known."""
        super().draw()
        sight = self.world.sight()
        self._heading.say(
            self.heading(f"{self._who}: doors and power, handpays, sessions, identity")
        )
        empty = Said(self._why or "nothing is known of its past", Tone.WARN)
        self._facts.show(self._all(sight), sight, empty=empty)

    def _all(self, sight: Sight) -> list[FactLine]:
        width = (self._facts.size.width or 80) - WORDS_AT
        restricted = "who plays is restricted: not told over NATS"
        parts: tuple[tuple[str, list[FactLine], str], ...] = (
            ("Doors of logic, drop and cashbox; power, memory, program", inside_facts(
                self._opened, sight), f"nothing in {PAST.days} days"),
            ("Handpays, stages after the first word", handpay_facts(self._events, sight), "none"),
            ("Carded sessions", session_facts(self._sessions, sight),
             restricted if self.world.floor.over_nats else "none"),
            ("What this SAS port has shown", coverage_facts(self._events), "not told yet"),
            ("Identity", identity_facts(self._events, sight, width), "not told yet"),
        )  # fmt: skip
        rows: list[FactLine] = []
        for words, facts, none in parts:
            rows.append(FactLine("", Said(words, Tone.NOTE)))
            rows += facts or [FactLine(f"{' ' * len(rows)}", Said(none, Tone.QUIET))]
        if self._why:
            rows.append(FactLine("  ", Said(self._why, Tone.WARN)))
        return rows


async def read_now(page: Page, asset: str) -> bool:
    """Ask for a reading of an EGM's meters and tell what came of it; return whether it comes."""
    if page.world.request is None:
        page.notify("A reading can be asked for on the gateway's own computer only.")
        return False
    answer = await request(page.world.request, {"do": "read", "asset": asset})
    if answer.error:
        page.notify(answer.error, severity="error")
        return False
    page.notify("Asked: the meters are read as soon as the line's pace allows.")
    return True


def _readings(asset: str, after: datetime, before: datetime | None) -> Lookup:
    return Lookup(("meter.read",), after, before, asset, 40)


async def _first_after(ask: Archive, asset: str, moment: datetime) -> Found:
    """Return the first readings after ``moment``: the gateway may not have looked before."""
    found = await ask(Lookup(("meter.read",), moment, None, asset, READINGS_MOST))
    if not found.events:
        return found
    first = min(event.time for event in found.events)
    events = tuple(event for event in found.events if event.time - first <= ONE_ROUND)
    return replace(found, events=events)
