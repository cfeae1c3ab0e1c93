"""Judges one scenario: told what happens and what is seen, it says what came of each step.

Pure: time is an argument. What it was told is kept in ``log``, so that the same run can be judged
again with something left out, changed or added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from floor_sim.scenarios import accounts
from floor_sim.scenarios.evidence import Item
from floor_sim.scenarios.file import Step
from floor_sim.scenarios.matching import MISSING, Shown, differences
from floor_sim.scenarios.plan import Played
from floor_sim.scenarios.shape import looked_up
from floor_sim.scenarios.watch import State, Watch

ITEMS_MAX: Final = 200_000
"""Things seen that one scenario keeps; what comes later is not looked at."""

NO_STREAM: Final = "no event stream: name one with --events"
NO_CODES: Final = "the event stream does not say which exception an event tells of"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a judge was told.

    Attributes:
        what: start, acting, acted, cannot or item.
        at: when.
        number: the step, from 0.
        why: cannot: why.
        item: item: what was seen.
    """

    what: Literal["start", "acting", "acted", "cannot", "item"]
    at: float
    number: int = -1
    why: str = ""
    item: Item | None = None


class Judge:
    """The judge of one scenario.

    Args:
        played: the scenario on its floor.
        shown: what a machine shows of a meter.
        events: there is an event stream.
        codes: and it says which exception each event tells of.

    Attributes:
        played: see above.
        truths: what machines showed: moment, asset, meter and digits to a count.
        cannot_be: why steps could not happen, by number.
        acted_at: when steps had happened, by number.
        watches: what must be seen, in the file's order.
        items: what was seen at the scenario's machines, in order.
        log: what it was told.
        started: moment at which it began, or None.
    """

    def __init__(
        self, played: Played, shown: Shown, *, events: bool = True, codes: bool = True
    ) -> None:
        self.played = played
        self.started: float | None = None
        self.items: list[Item] = []
        self.log: list[Told] = []
        self.cannot_be: dict[int, str] = {}
        self.acted_at: dict[int, float] = {}
        self.truths: dict[tuple[float, str | None, str, int], int] = {}
        self._shown = shown
        self._unmatched: list[Item] = []
        self.watches = [
            Watch(number, step) for number, step in enumerate(played.file.steps) if not step.happens
        ]
        for watch in self.watches:
            if watch.step.account == "events" and events and not codes:
                watch.blocked = NO_CODES
            elif (watch.step.event or watch.step.account == "events") and not events:
                watch.blocked = NO_STREAM

    def tell(self, told: Told) -> None:
        """Take what happens, or what is seen."""
        self.log.append(told)
        if told.what == "start":
            self.started = told.at
            for watch in self.watches:
                watch.began = told.at if watch.step.never else None
            self._open(-1, told.at, over=True)
        elif told.what == "acting":
            self._open(told.number, told.at, over=False)
        elif told.what == "acted":
            self.acted_at[told.number] = told.at
            self._open(told.number, told.at, over=True)
        elif told.what == "cannot":
            self.cannot_be[told.number] = told.why
            self._block(told.number, told.why)
        elif told.item is not None:
            self._see(told.item)

    def _behind(self, number: int) -> list[Watch]:
        """Return what must be seen between step ``number`` and the next that happens."""
        steps = self.played.file.steps
        end = next((n for n in range(number + 1, len(steps)) if steps[n].happens), len(steps))
        return [watch for watch in self.watches if number < watch.number < end]

    def _open(self, number: int, now: float, *, over: bool) -> None:
        for watch in self._behind(number):
            if watch.began is None:
                watch.began = now
            if over:
                watch.done = now

    def _block(self, number: int, why: str) -> None:
        """Block what must be seen behind what could not happen; all of it if nothing can begin."""
        behind = self.watches if number < 0 else self._behind(number)
        for watch in behind:
            watch.blocked = watch.blocked or why

    def _see(self, item: Item) -> None:
        if len(self.items) >= ITEMS_MAX:
            return
        self.items.append(item)
        if self.started is None:
            return
        hit = self._match(item)
        if hit is None:
            if item.kind == "event":
                self._unmatched.append(item)
        elif hit.step.name is not None:
            waiting, self._unmatched = self._unmatched, []
            self._unmatched = [one for one in waiting if self._match(one) is None]

    def _match(self, item: Item) -> Watch | None:
        """Give an item to the first step that still wants it, else to one it is too much for."""
        fitting = [
            watch
            for watch in self.watches
            if watch.step.account is None and watch.takes(item.at)
            and not self.differences(watch.step, item)
        ]  # fmt: skip
        if not fitting:
            return None
        wanting = [watch for watch in fitting if len(watch.hits) < watch.needs]
        open_ended = [watch for watch in fitting if watch.step.at_least is not None]
        if first := (wanting or open_ended)[:1]:
            first[0].hits.append(item)
            return first[0]
        exact = [watch for watch in fitting if not watch.step.never]
        (exact or fitting)[-1].surplus.append(item)
        return (exact or fitting)[-1]

    def differences(self, step: Step, item: Item) -> list[str]:
        """Return in what an item differs from what a step asks for."""
        return differences(step, item, self.played, self._refer, self._truth)

    def _truth(self, item: Item, meter: str, digits: int) -> int:
        """Return what the machine showed of a meter when an item came."""
        key = (item.at, item.asset, meter, digits)
        if key not in self.truths:
            self.truths[key] = self._shown(item, meter, digits)
        return self.truths[key]

    def _refer(self, word: str) -> Any:
        """Return what ``$asset.a``, ``$bank.b``, ``$panel.p``, ``$seen.NAME.path`` stands for."""
        kind, _, rest = word[1:].partition(".")
        if kind == "asset":
            return self.played.assets.get(rest, MISSING)
        if kind in {"bank", "panel"}:
            return self.played.group(rest)
        name, _, path = rest.partition(".")
        for watch in self.watches:
            if kind == "seen" and watch.step.name == name and watch.hits:
                return looked_up(watch.hits[0].whole, path)
        return MISSING

    def look(self, now: float) -> None:
        """Compare the accounts that are due: the steps above them are decided."""
        for watch in self.watches:
            if watch.step.account is None or watch.done is None or watch.blocked:
                continue
            if any(one.number < watch.number for one in self.waits(now, accounts_too=False)):
                continue
            agree = not self.account(watch.step)
            if not agree:
                watch.agreed = None
            elif watch.agreed is None:
                watch.agreed = now

    def account(self, step: Step) -> list[str]:
        """Return what does not agree in an account, with the machine in front."""
        assert self.started is not None, "nothing is due before the beginning"
        words = [step.machine] if step.machine is not None else [*self.played.assets]
        out: list[str] = []
        for word in words:
            asset = self.played.assets[word]
            if step.account == "host":
                found = accounts.host_differences(
                    self.items, asset, step.port, self.started, lost_too=step.lost_too
                )
            else:
                found = accounts.event_differences(self.items, asset, step.port, self.started)
            out += [f"{word} ({asset}): {line}" for line in found]
        return out

    def waits(self, now: float, *, accounts_too: bool = True) -> list[Watch]:
        """Return what is looked for now; what must not be seen is not waited for."""
        return [
            watch
            for watch in self.watches
            if watch.state(now) is State.LOOKING
            and not watch.step.never
            and (accounts_too or watch.step.account is None)
        ]

    def undecided(self, now: float) -> list[Watch]:
        """Return what may still change by waiting."""
        return [watch for watch in self.watches if watch.state(now) is State.LOOKING]


def judged_again(first: Judge, log: Iterable[Told]) -> Judge:
    """Return a judge of the same scenario, told ``log`` instead of what the first was told."""
    again = Judge(first.played, lambda item, meter, digits: first.truths.get(
        (item.at, item.asset, meter, digits), -1))  # fmt: skip
    again.truths |= first.truths
    for told in sorted(log, key=lambda one: one.at):
        again.tell(told)
    return again
