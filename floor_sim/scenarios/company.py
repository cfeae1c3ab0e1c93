"""The scenarios of a run on their floor: gives each what is seen of its machines, until all end."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from floor_sim.floor import Floor
from floor_sim.line import Line, Side
from floor_sim.machine.journal import Journal
from floor_sim.scenarios.evidence import Item, poll_name, record_item
from floor_sim.scenarios.excerpt import Burst, excerpt
from floor_sim.scenarios.judge import Judge, Told
from floor_sim.scenarios.plan import Plan, Played
from floor_sim.scenarios.shape import Shape, own_item
from floor_sim.scenarios.story import Story
from floor_sim.scenarios.verdict import Result, Verdict
from floor_sim.scenarios.wording import result_of
from protocols.sas.machine import Request, RequestReader
from protocols.sas.symbols import Symbols

BURSTS_MAX: Final = 4_000
"""Bursts of each line that are kept for excerpts."""
GAP_S: Final = 0.05
"""Silence after which half a poll is given up."""


class WatchedJournal:
    """A journal that tells a company of every record that it keeps.

    Args:
        inner: the journal that keeps them.
        company: is told.
    """

    def __init__(self, inner: Journal, company: Company) -> None:
        self._inner = inner
        self._company = company
        self.remembers = inner.remembers

    @property
    def next_n(self) -> int:
        """Number that the next record will get."""
        return self._inner.next_n

    def write(self, records: Sequence[Mapping[str, Any]], now: float) -> None:
        """Keep ``records``, and tell of them."""
        first = self._inner.next_n
        self._inner.write(records, now)
        for number, record in enumerate(records, first):
            self._company.recorded({"n": number, **record}, now)


class Company:
    """All scenarios of one run.

    Args:
        plan: the floor and its scenarios.
        events: there is an event stream.
        shape: how a stranger's events are read; None: they are ours.
        faster: how many times shorter people's pauses are.
        host_wait_s: seconds that a host has to poll a scenario's machines.
        at_once: scenarios that are played at the same time, at the most.

    Attributes:
        plan: see above.
        stories: the scenarios, by name, once they are on the floor.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        events: bool,
        shape: Shape | None = None,
        faster: float = 1.0,
        host_wait_s: float = 30.0,
        at_once: int = 1_000,
    ) -> None:
        self.plan = plan
        self.stories: dict[str, Story] = {}
        self._shape = shape
        self._faster = faster
        self._host_wait_s = host_wait_s
        self._at_once = at_once
        self._floor: Floor | None = None
        codes = shape is None or shape.code is not None
        self.judges = {
            one.name: Judge(one, self._shown, events=events, codes=codes) for one in plan.played
        }
        self._owners = {
            asset: self.judges[one.name] for one in plan.played for asset in one.assets.values()
        }
        self._wire: dict[str, deque[Burst]] = {}
        self._assets: dict[int, str] = {}
        self._waiting: list[Played] = list(plan.played)

    def join(self, floor: Floor, now: float) -> None:
        """Come to the floor; the scenarios begin as soon as their machines are polled."""
        self._floor = floor
        lines = {line for one in self.plan.played for line in one.lines.values()}
        lines |= {f"{one.name}-{word}-certified" for one in self.plan.played for word in one.assets}
        for asset in self._owners:
            machine = floor.machines[asset]
            machine.journal = WatchedJournal(machine.journal, self)
            self._assets |= {id(port): asset for port in machine.ports}
        for name in sorted(lines & floor.lines.keys()):
            self._hear(floor.lines[name])
        for one in self.plan.played:
            self.stories[one.name] = Story(
                self.judges[one.name], floor, faster=self._faster, host_wait_s=self._host_wait_s
            )
        self._admit(now)

    def _admit(self, now: float) -> None:
        """Begin as many scenarios as may be played at once."""
        assert self._floor is not None, "it has joined a floor"
        begun = len(self.plan.played) - len(self._waiting)
        ended = sum(story.ended is not None for story in self.stories.values())
        while self._waiting and begun - ended < self._at_once:
            self.stories[self._waiting.pop(0).name].begin(now)
            begun += 1
        if self._waiting:
            self._floor.agenda.at(now + 0.2, self._admit)

    @property
    def done(self) -> bool:
        """Every scenario is over."""
        return bool(self.stories) and all(one.ended is not None for one in self.stories.values())

    def offer(self, event: Mapping[str, Any], now: float) -> None:
        """Take an event of the stream."""
        item = own_item(event, now) if self._shape is None else self._shape.item(event, now)
        if item is None:
            return
        owner = None if item.asset is None else self._owners.get(item.asset)
        for judge in self.judges.values() if item.asset is None else (owner,):
            if judge is not None:
                self._tell(judge, item)

    def recorded(self, record: Mapping[str, Any], now: float) -> None:
        """Take a record of the ledger."""
        owner = self._owners.get(str(record.get("egm")))
        if owner is not None:
            self._tell(owner, record_item(record, now))

    def _tell(self, judge: Judge, item: Item) -> None:
        story = self.stories.get(judge.played.name)
        if story is None or story.ended is None:
            judge.tell(Told("item", item.at, item=item))

    def results(self) -> list[Result]:
        """Return what the scenarios have come to, in their order."""
        out = []
        for name, story in self.stories.items():
            judge = story.judge
            now = story.ended if story.ended is not None else self._now(judge)
            result = result_of(judge, now)
            wire = self._excerpt(result, judge) if result.verdict is Verdict.FAIL else ()
            out.append(result_of(judge, now, wire) if wire else result)
            assert out[-1].name == name, "a story has its judge"
        return out

    @staticmethod
    def _now(judge: Judge) -> float:
        return judge.log[-1].at if judge.log else 0.0

    def _excerpt(self, result: Result, judge: Judge) -> tuple[str, ...]:
        """Return what passed on the line of the first step that failed, around that moment."""
        number = result.wrong[0].number - 1
        watch = next(one for one in judge.watches if one.number == number)
        word = watch.step.machine
        played = judge.played
        line = played.lines.get(word or "", next(iter(played.lines.values())))
        began = watch.began or 0.0
        until = max([began + watch.step.within_s, *(item.at for item in watch.surplus[:1])])
        start = judge.started or 0.0
        return excerpt(self._wire.get(line, ()), began - 0.5, until + 0.5, start, line)

    def _shown(self, item: Item, meter: str, digits: int) -> int:
        assert self._floor is not None, "it has joined a floor"
        return self._floor.machines[str(item.asset)].cabinet.meters.shown(meter, digits)

    def _hear(self, line: Line) -> None:
        kept = self._wire[line.name] = deque(maxlen=BURSTS_MAX)
        line.taps.append(_Ear(self, line, kept).hear)

    @property
    def waits(self) -> str:
        """What the run waits for, in one line for people."""
        open_ones = [story for story in self.stories.values() if story.ended is None]
        over = len(self.stories) - len(open_ones)
        if not open_ones:
            return f"all {over} scenarios are over"
        first = open_ones[0]
        return (
            f"{over} of {len(self.stories)} scenarios over; {first.judge.played.name} waits for "
            f"{first.waits_for}"
        )

    def polled(self, line: Line, request: Request, at: float) -> None:
        """Take what a host has sent on a line: to one machine, or to all."""
        for port in line.ports:
            asset = self._assets.get(id(port))
            to_all = request.kind in {"sync", "global"}
            if asset is not None and (to_all or request.address == port.address):
                item = Item("poll", at, poll_name(request), asset, port.index + 1)
                self._tell(self._owners[asset], item)


class _Ear:
    """Hears one line: keeps what passes, and tells what a host has polled."""

    def __init__(self, company: Company, line: Line, kept: deque[Burst]) -> None:
        self._company = company
        self._line = line
        self._kept = kept
        self._reader = RequestReader()
        self._last_s = 0.0

    def hear(self, side: Side, symbols: Symbols, at: float) -> None:
        """Take what passes; a ``Tap`` of a line."""
        self._kept.append(Burst(side, symbols.data, at))
        if side == "egm":
            return
        if at - self._last_s > GAP_S:
            self._reader.reset()
        self._last_s = at
        for heard in self._reader.feed(symbols.data):
            if isinstance(heard, Request):
                self._company.polled(self._line, heard, at)
