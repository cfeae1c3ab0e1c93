"""Pages that say in words whether one thing is well: the outbox, NATS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult

from gateway.console.columns import Column
from gateway.console.machine_words import FactLine
from gateway.console.one_line import OneLine
from gateway.console.page import Page, WordList, World
from gateway.console.row_table import RowTable
from gateway.console.sight import Said, Sight, Tone

VERDICT_ROWS_MAX = 10
"""Rows that a verdict takes at most; more of it scrolls."""

_COLUMNS: tuple[Column[FactLine], ...] = (
    Column("about", 18, lambda fact, _s, _w: Said(fact.label, Tone.QUIET)),
    Column("fact", 20, lambda fact, _s, _w: fact.said, grow=1),
)


@dataclass(frozen=True, slots=True)
class Account:
    """What a page of facts says.

    Attributes:
        verdict: sentences: whether it is well, what that means, what to do.
        facts: the figures behind it.
    """

    verdict: Sequence[Said]
    facts: Sequence[FactLine]


class FactsPage(Page):
    """One thing: whether it is well, and the figures behind the word."""

    AUTO_FOCUS = "#page-facts"

    def __init__(
        self, world: World, about: str, account: Callable[[World, Sight], Account]
    ) -> None:
        super().__init__(world)
        now = world.sight()
        self._about, self._account = about, account
        self._heading = OneLine(now.glyphs, fill=now.glyphs.rule, id="page-heading")
        self._verdict = WordList(now, id="verdict")
        self._facts: RowTable[FactLine] = RowTable(
            _COLUMNS, lambda fact: fact.label, now, cursor=False, id="page-facts"
        )

    def compose(self) -> ComposeResult:
        """Lay the parts out, top to bottom."""
        yield self.title_line()
        yield self._heading
        yield self._verdict
        yield self._facts
        yield self.footer()

    def draw(self) -> None:
        """Show how it is."""
        super().draw()
        sight = self.world.sight()
        self._heading.say(self.heading(self._about))
        account = self._account(self.world, sight)
        self._verdict.say(account.verdict, sight, empty=Said(""))
        rows = len(self._verdict.rows)
        self._verdict.styles.height = min(VERDICT_ROWS_MAX, rows + 1)  # the facts follow it
        self._facts.show(account.facts, sight)
