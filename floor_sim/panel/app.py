"""The panel: machines above, the newest of the ledger below, and a key for whatever can be done.

::

     slotsim panel  demo: 24 machines, 2 want something ...      title
     asset    location   line link   credits ...                 headings
     10101    01-01-01   L1   up       2,000 ...                 machines
     ledger, all machines ------------------ record 1,234        heading
     12:34:01 10101    exception 11 slot door opened             ledger
     10101: door open slot: done                                 what was done last
     d door  b bill ...                                          keys, two lines
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import quote

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from floor_sim.cli.running_floor import NotDoneError
from floor_sim.doings_table import TABLE, example
from floor_sim.panel import choices
from floor_sim.panel.ask_screens import ChoiceScreen, HelpScreen, WordsScreen
from floor_sim.panel.choices import Choice
from floor_sim.panel.faults_screen import FaultsScreen
from floor_sim.panel.floor import HEADINGS, Floor, View, ledger_lines, machine_lines
from floor_sim.panel.keys import FLOOR_KEYS, MACHINE_KEYS, bindings, shown
from floor_sim.panel.sight import Label, Line, Lines
from floor_sim.panel.source import Ask, Source

DRAWS_PER_S: Final = 4
CABLE_S: Final = 30
"""Seconds for which a cable is pulled."""
FILTER_MAX: Final = 60
SAID_LINES_MAX: Final = 3
"""Lines in which it is said what was done, or why not."""


class PanelApp(App[None]):
    """The panel.

    Args:
        ask: asks the floor's control API.
        floor: what is known of it; a source keeps it.
        source: keeps it.
        now: the clock, UTC.
        clock: seconds that never go back, as the source's.
    """

    CSS_PATH = "panel.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings((*MACHINE_KEYS, *FLOOR_KEYS))
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]  # noqa: RUF012 (Textual's way)
    ENABLE_COMMAND_PALETTE = False
    TITLE = "slotsim panel"

    def __init__(
        self,
        ask: Ask,
        floor: Floor,
        source: Source,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.floor, self.view = floor, View()
        self._ask, self._source = ask, source
        self._now, self._clock = now, clock
        self._drawn: tuple[object, ...] = ()
        self._title, self._ledger_heading = Label(id="title"), Label(id="ledger-heading")
        self._machines, self._ledger = Lines(id="machines"), Lines(newest_last=True, id="ledger")
        self._said = Lines(id="said")
        self._said.can_focus = False
        self._away = ""
        self._filter = Input(
            placeholder="words to look for, !word leaves out; enter keeps, esc clears",
            max_length=FILTER_MAX, compact=True, id="filter",
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self._title
        yield Label(Line(HEADINGS, "heading"), id="headings")
        yield self._machines
        yield self._ledger_heading
        yield self._ledger
        yield self._said
        yield self._filter
        yield Label(Line(shown(MACHINE_KEYS), "quiet"))
        yield Label(Line(shown(FLOOR_KEYS), "quiet"))

    def on_mount(self) -> None:
        """Begin to look at the floor."""
        self._filter.display = False
        self._filter.cursor_blink = False
        self._machines.focus()
        self.run_worker(self._source.run(), name="source")
        self.set_interval(1 / DRAWS_PER_S, self._draw_if_new)
        self.draw()
        if not self.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)

    def _draw_if_new(self) -> None:
        if self.screen_stack and self._drawn != self._seen():
            self.draw()

    def _seen(self) -> tuple[object, ...]:
        return self.floor.version, self._now().replace(microsecond=0), self.floor.away

    def draw(self) -> None:
        """Show everything as it is known now."""
        self._drawn = self._seen()
        floor, view = self.floor, self.view
        rows = machine_lines(floor, view)
        self._title.say(Line(self._title_text(), "bar"), f"{self._now():%H:%M:%S} ")
        self._machines.show(rows, " no machine is so" if floor.machines else " no machine is known")
        asset = self._machines.current
        self._ledger.show(ledger_lines(floor, view, asset), self._no_records())
        whose = f"{asset} alone" if view.mine else "all machines"
        what = "everything" if view.everything else "without games and acks"
        as_of = "as last known" if floor.away else "newest last"
        if floor.away != self._away:
            self._away = floor.away
            self.say(f"{floor.away}; the panel goes on looking" if floor.away else "the floor is "
                     "back; what is shown is new, what happened meanwhile is in the ledger",
                     "bad" if floor.away else "good")  # fmt: skip
        self._ledger_heading.say(
            Line(f"-- ledger, {whose}, {what}, {as_of}", "quiet"), f"record {floor.last:,} "
        )

    def _title_text(self) -> str:
        floor, state = self.floor, self.floor.state
        if floor.away:
            if floor.seen is None:
                return " slotsim panel  AWAY; nothing is known of a floor yet"
            age_s = self._clock() - floor.seen
            return f" slotsim panel  AWAY for {age_s:.0f} s; all is as it was last known"
        if state is None:
            return " slotsim panel  asks the floor"
        view, alone = self.view, sum(not one["link_up"] for one in floor.machines)
        some = f", {self._machines.span[2]} shown" if view.words or view.trouble else ""
        return (
            f" {state['name']}  {len(floor.machines)} machines{some}, {alone} without host; "
            f"play {'on' if state['play'] else 'off'}; {state['queued']} wait; "
            f"{state['faults']} fault{'' if state['faults'] == 1 else 's'}"
        )

    def _no_records(self) -> str:
        return " nothing yet" if self.floor.state else " what happened is not known yet"

    def say(self, text: str, tone: str = "plain") -> None:
        """Say what was done, or why not."""
        self._said.styles.height = max(1, min(SAID_LINES_MAX, self._said.tell(text, tone)))

    @property
    def machine(self) -> dict[str, Any] | None:
        """The machine under the cursor."""
        return self.floor.machine(self._machines.current)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the floor; what it refuses is said, and None returned."""
        try:
            told = await self._ask(method, path, body)
        except NotDoneError as error:
            self.say(f"not done: {error}", "bad")
            return None
        self._source.soon()
        return told

    async def do(self, words: str | None) -> None:
        """Do something at the machine under the cursor."""
        one = self.machine
        if words is None or one is None:
            if words is not None:
                self.say("not done: there is no machine under the cursor", "warn")
            return
        asset = one["asset"]
        told = await self.ask(
            "POST", f"/machines/{quote(asset, safe='')}/do", {"action": words}
        )  # fmt: skip
        if told is None:
            return
        stands = ", ".join(told["stands"]) or "nothing open, nobody there"
        if told["done"]:
            self.say(f"{asset}: {words}: done; it stands so: {stands}", "good")
        else:
            self.say(f"{asset}: {words}: not done, as it stands: {stands}", "warn")

    def choose(self, title: str, options: Sequence[Choice] | str) -> None:
        """Let one of several things be chosen, and do it; or do the only one there is."""
        one = self.machine
        if one is None:
            self.say("there is no machine under the cursor", "warn")
        elif isinstance(options, str):
            self.run_worker(self.do(options))
        else:
            self.push_screen(ChoiceScreen(f"{title} at {one['asset']}", options), self._chosen)

    async def _chosen(self, words: str | None) -> None:
        if words is not None and words.endswith(" "):
            self.type_words(words)
        else:
            await self.do(words)

    def type_words(self, text: str) -> None:
        """Let words be typed, and do them."""
        one = self.machine
        if one is None:
            self.say("there is no machine under the cursor", "warn")
            return
        known = [example(name) for name in TABLE]
        title = f"do at {one['asset']}"
        self.push_screen(WordsScreen(title, text, known, choices.doing_hint), self.do)

    def action_doors(self) -> None:
        """Open or close a door."""
        self.choose("door", choices.doors(self.machine) if self.machine else ())

    def action_bill(self) -> None:
        """Insert a bill."""
        self.choose("insert", choices.bills())

    def action_card(self) -> None:
        """Insert a card, or take it out."""
        self.choose("insert", choices.cards(self.machine) if self.machine else ())

    def action_game(self) -> None:
        """Start a game, or end it."""
        self.choose("game", choices.games(self.machine) if self.machine else ())

    def action_tilt(self) -> None:
        """Make the machine tilt."""
        self.choose("tilt", choices.tilts())

    def action_jackpot(self) -> None:
        """Hit a jackpot of an amount that is asked for."""
        self.type_words(choices.JACKPOT)

    def action_words(self) -> None:
        """Do anything that can be done, in words."""
        self.type_words("")

    async def action_cash_out(self) -> None:
        """Cash out."""
        await self.do("cash out")

    async def action_key_off(self) -> None:
        """Reset the handpay."""
        await self.do("handpay reset")

    async def action_mend(self) -> None:
        """Clear every tilt."""
        await self.do("mend")

    async def action_lamp(self) -> None:
        """Switch the lamp."""
        await self.do("lamp off" if self.machine and self.machine["lamp"] else "lamp on")

    async def action_power(self) -> None:
        """Switch the power."""
        await self.do("power off" if self.machine and self.machine["live"] else "power on")

    async def action_cable(self) -> None:
        """Pull the cable of the machine's line."""
        if (one := self.machine) is None:
            self.say("there is no machine under the cursor", "warn")
            return
        path = f"/lines/{quote(one['line'], safe='')}/pull"
        told = await self.ask("POST", path, {"seconds": CABLE_S})
        if told is not None:
            done = f"pulled for {CABLE_S} s" if told["done"] else "is out already"
            self.say(f"line {one['line']}: its cable {done}", "good" if told["done"] else "warn")

    async def action_play(self) -> None:
        """Let people play, or stop."""
        on = not (self.floor.state and self.floor.state["play"])
        if await self.ask("POST", "/play", {"on": on}) is not None:
            self.say("people play" if on else "play has stopped; what waited was ended", "good")

    def action_faults(self) -> None:
        """Show what goes wrong."""
        self.push_screen(FaultsScreen(self._ask, self.machine))

    def action_help(self) -> None:
        """Show the help."""
        self.push_screen(HelpScreen())

    def action_trouble(self) -> None:
        """Show only machines that want something, or all."""
        self.view.trouble = not self.view.trouble
        self.draw()

    def action_whose(self) -> None:
        """Show the ledger of the machine under the cursor, or of all."""
        self.view.mine = not self.view.mine
        self.draw()

    def action_acks(self) -> None:
        """Show games and acknowledgements too, or not."""
        self.view.everything = not self.view.everything
        self.draw()

    def action_zoom(self) -> None:
        """Show the ledger alone, or both lists."""
        self.screen.toggle_class("-zoom")
        (self._ledger if self.screen.has_class("-zoom") else self._machines).focus()

    def action_filter(self) -> None:
        """Let words be typed that machines must have."""
        self._said.display, self._filter.display = False, True
        self._filter.focus()

    @on(Input.Changed, "#filter")
    def _filtered(self) -> None:
        self.view.words = self._filter.value
        self.draw()

    @on(Input.Submitted, "#filter")
    def _kept(self) -> None:
        self._said.display, self._filter.display = True, False
        self.say(f"filter: {self.view.words}; esc clears it" if self.view.words else "")
        self._machines.focus()

    async def action_back(self) -> None:
        """Show all machines again."""
        self._filter.value, self.view.trouble = "", False
        self._kept()
        self.draw()

    @on(Lines.Moved)
    def _moved(self) -> None:
        self.draw()
