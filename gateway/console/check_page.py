"""A check under way: its steps, what to do now, what is seen; it goes on as the machine does."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from gateway.commissioning.check import Check, answer, begin, go_to, resumed, settle
from gateway.commissioning.plans import PLANS, Kind
from gateway.commissioning.step import Verdict
from gateway.commissioning.target import Target
from gateway.console.check_help import CheckHelpScreen
from gateway.console.check_keys import CHECK_KEYS, STEP_KEY, bindings
from gateway.console.check_watch import CheckWatch
from gateway.console.check_words import (
    STEP_COLUMNS,
    StepRow,
    later_words,
    now_words,
    record_words,
    step_rows,
)
from gateway.console.checked_page import CheckedPage
from gateway.console.desk import Desk
from gateway.console.floor import Contact
from gateway.console.one_line import OneLine
from gateway.console.page import WordList, World
from gateway.console.reason_screen import ReasonScreen
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight
from gateway.console.words import clock, clock_or_day

LOOK_S: Final = 0.2
KEEP: Final = timedelta(seconds=3)
"""How often a check under way is kept on disk, where anything was told."""


class StepTable(RowTable[StepRow]):
    """The steps; enter does the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((STEP_KEY,))


class CheckPage(CheckedPage):
    """One check of one machine.

    Args:
        world: where the gateway's sockets are.
        desk: registry, drafts and reports.
        kind: which check.
        target: the machine.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(CHECK_KEYS)
    AUTO_FOCUS = "#steps"
    CSS = """
    #now { height: 9; }
    .-tiny #now { height: 7; }
    """

    def __init__(self, world: World, desk: Desk, kind: Kind, target: Target) -> None:
        super().__init__(world, desk, kind, target)
        sight = world.sight()
        kept = desk.kept(kind, target.asset)
        self._resumed = kept.started if isinstance(kept, Check) else None
        check = resumed(kept, sight.now) if isinstance(kept, Check) else self._new()
        self._watch = CheckWatch(check.model_copy(update={"target": target}), self._machine)
        self._kept_check, self._kept_at = check, sight.now
        self._signed = False
        self._heading = OneLine(sight.glyphs, fill=sight.glyphs.rule, id="check-heading")
        self._steps = StepTable(STEP_COLUMNS, lambda row: row.place, sight, id="steps")
        self._now_heading = OneLine(sight.glyphs, fill=sight.glyphs.rule, id="now-heading")
        self._now = WordList(sight, id="now")
        self._shown_at = -1

    def _new(self) -> Check:
        now = self.world.sight().now
        return begin(self._kind, self._target, self._desk.person, now, self._desk.absence_s)

    @property
    def check(self) -> Check:
        """The check as it is now."""
        return self._watch.check

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._steps
        yield self._now_heading
        yield self._now
        yield self.footer()

    def _look(self) -> None:
        now = self.world.sight().now
        before = self.check
        self._watch.look(now)
        if self.check is not before and now - self._kept_at >= KEEP:
            self._keep()
        wants = self.check.finding(now).wants
        if self.live and self._asks.due(wants, now):
            self.run_worker(self._asks.ask(wants, now))
        if self.is_current:
            self.draw()

    def _keep(self) -> None:
        self._kept_at = self.world.sight().now
        if self._signed or self.check == self._kept_check:
            return
        self.keep(self.check)
        self._kept_check = self.check

    def draw(self) -> None:
        """Show where the check stands."""
        sight, check = self.world.sight(), self.check
        finding = check.finding(sight.now)
        title = PLANS[self._kind].title
        place = f"{self._target.location}  asset {self._target.asset}"
        time = Said(f" {clock(sight.now, sight.zone)} ")
        self.title_line().say([Said(f" {place}  {title}: {check.verdict}")], time)
        self._heading.say(self.heading(self._where(sight)))
        # what is listed was seen by this console, whether the gateway is there or not
        fresh = Sight(sight.now, sight.zone, sight.glyphs)
        self._steps.show(step_rows(check, finding), fresh)
        if self._shown_at != check.at:
            self._shown_at = check.at
            self._follow()
        step = check.step
        row = self._elsewhere()
        title = "Done" if step is None else step.title
        self._now_heading.say(self.heading(row.title if row else title))
        said = self._other_words(row) if row else now_words(check, finding)
        said += [Said(f"Note:  {self._asks.trouble}")] if self._asks.trouble else []
        self._now.say(said, fresh, empty=Said(""))

    def _elsewhere(self) -> StepRow | None:
        """Return the step under the cursor, where another one is under way."""
        row = self._steps.current
        return None if row is None or row.current or self.check.step is None else row

    def _other_words(self, row: StepRow) -> list[Said]:
        if row.record is not None:
            return record_words(row.title, row.record)
        return later_words(self.check, self.check.steps[row.place])

    @on(RowTable.Moved)
    def _moved(self) -> None:
        self.draw()

    def _where(self, sight: Sight) -> str:
        settled = len(self.check.records)
        words = f"{settled} of {len(self.check.steps)} steps settled"
        if self._resumed is not None:
            words += f", gone on with; begun {clock_or_day(self._resumed, sight.now, sight.zone)}"
        if self.world.floor.reach.contact is not Contact.LIVE:
            words += "; the gateway is away"
        return words

    def _follow(self) -> None:
        """Put the cursor on the step that is under way."""
        current = self._steps.current
        if current is not None and self.check.at < len(self.check.steps):
            self._steps.action_move(self.check.at - current.place)

    def _go(self, check: Check) -> None:
        self._signed = False
        self._watch.check = check
        self._keep()
        self.draw()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        if isinstance(event.row, StepRow):
            self._go(go_to(self.check, event.row.place, self.world.sight().now))

    def action_say(self, yes: bool) -> None:
        """Answer the step's question."""
        step = self.check.step
        if step is None or not step.asks:
            self.notify("This step asks nothing: it looks for itself.")
            return
        self._go(answer(self.check, yes=yes, now=self.world.sight().now))

    def action_fail(self) -> None:
        """Take the step as failed."""
        found = self.check.finding(self.world.sight().now)
        self._ask_why(Verdict.FAIL, needed=found.verdict is not Verdict.FAIL)

    def action_leave(self) -> None:
        """Leave the step out."""
        self._ask_why(Verdict.NOT_DONE, needed=True)

    def _ask_why(self, verdict: Verdict, *, needed: bool) -> None:
        step = self.check.step
        if step is None:
            self.notify("Every step was settled; enter does one again.")
            return
        what = "failed" if verdict is Verdict.FAIL else "is not done"
        about = f"{step.title} {what}: why?"
        self.app.push_screen(
            ReasonScreen(about, self.world.sight(), needed=needed),
            partial(self._settle, step.name, verdict),
        )

    def _settle(self, name: str, verdict: Verdict, reason: str | None) -> None:
        step = self.check.step
        if reason is None or step is None:
            return
        if step.name != name:  # it passed while the reason was typed
            self.notify(f"{name} has settled itself meanwhile.", severity="warning")
            return
        self._go(settle(self.check, self.world.sight().now, verdict, reason))

    def action_read(self) -> None:
        """Have read now what the step needs."""
        now = self.world.sight().now
        if self.world.request is None:
            self.notify("A reading can be asked for on the gateway's own computer only.")
            return
        self.run_worker(self._asks.ask(self.check.finding(now).wants or "meters", now))

    def action_anew(self) -> None:
        """Throw the check away and begin anew."""
        self._desk.drop(self._kind, self._target.asset)
        self._resumed = None
        self._go(self._new())

    async def action_sign(self) -> None:
        """End the check: the gateway signs its report."""
        if not self.check.records:
            self.notify("Nothing was settled yet.", severity="warning")
        elif await self.sign(self.check):
            self._signed = True
            self._desk.drop(self._kind, self.asset)  # what was kept while it was signed

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(CheckHelpScreen(self.world.sight(), sheet=False))

    def on_unmount(self) -> None:
        """Keep the check."""
        self._keep()
