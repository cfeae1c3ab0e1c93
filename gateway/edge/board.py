"""What people are told: the state of everything, kept as the status models."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Final, TypeVar

from edge_config.plan import line_plan
from gateway.edge.clock import Clock
from gateway.edge.egm import EgmWork
from gateway.edge.job import Job
from gateway.events.encode import EncodedEvent
from gateway.events.fact import Fact
from gateway.events.text import one_line
from gateway.meaning.view import EgmView
from gateway.outbox.types import Row
from gateway.status.lately import Lately
from gateway.status.model import (
    EgmDelta,
    EgmStatus,
    EgmWord,
    EventDelta,
    EventLine,
    LineDelta,
    LineStatus,
    LinkWord,
    NatsDelta,
    NatsStatus,
    OutboxDelta,
    OutboxStatus,
    Snapshot,
    StatusMessage,
)
from gateway.status.word import word_of
from protocols.sas.host.steps import LinkState

T = TypeVar("T")

LOOKS: Final = 40
"""EGMs whose figures are looked at in one call, besides those of which something was told: a look
at all of a large floor at once would make polls late."""
ROUND: Final = 5
"""Calls in which a small floor is looked at once."""
EVENTS_KEPT = 100
NEWS_MAX = 500  # events between two looks; more are left out of the live list, never of the outbox
# figures and evidence, not news: not in the live list
ROUTINE = frozenset({"meter.read", "gateway.heartbeat", "egm.coveragechanged"})


def wall(wall_ns: int) -> datetime:
    """Return a wall time as people read it, UTC, to the millisecond."""
    return datetime.fromtimestamp(wall_ns // 1_000_000 / 1000, UTC)


class Board:
    """Collects what changed; ``changes`` gives it away in status messages.

    Args:
        jobs: the lines.
        outbox: gives the outbox's figures.
        nats: gives the connection's figures.
    """

    def __init__(
        self,
        site: str,
        gateway: str,
        birthid: str,
        clock: Clock,
        outbox: Callable[[], OutboxStatus],
        nats: Callable[[], NatsStatus],
    ) -> None:
        self._names = (site, gateway, birthid)
        self._clock = clock
        self._started = wall(clock.wall_ns())
        self._outbox, self._nats = outbox, nats
        self._jobs: tuple[Job, ...] = ()
        self._works: dict[str, tuple[Job, int, EgmWork]] = {}
        self._events: deque[EventLine] = deque(maxlen=EVENTS_KEPT)
        self._news: deque[EventLine] = deque(maxlen=NEWS_MAX)
        self._last: dict[str, EventLine] = {}
        self._told: dict[str, EgmStatus] = {}
        self._told_lines: dict[str, LineStatus] = {}
        self._told_rest: tuple[OutboxStatus | None, NatsStatus | None] = (None, None)
        self._dirty: set[str] = set()
        self._since: dict[str, tuple[EgmWord, datetime]] = {}
        self._lately: dict[str, Lately] = {}
        self._turn: Iterator[str] = iter(())
        self._line_turn: Iterator[Job] = iter(())

    def watch(self, jobs: Iterable[Job]) -> None:
        """Take the lines whose EGMs the board shows."""
        self._jobs = tuple(jobs)
        self._works = {
            work.info.asset: (job, address, work)
            for job in self._jobs
            for address, work in job.works.items()
        }
        self._lately = {asset: Lately() for asset in self._works}
        self._turn, self._line_turn = cycle(self._works), cycle(self._jobs)

    @property
    def assets(self) -> tuple[str, ...]:
        """Asset numbers of the EGMs, in the site's order."""
        return tuple(self._works)

    def committed(
        self, rows: tuple[Row, ...], pairs: tuple[tuple[Fact, EncodedEvent], ...]
    ) -> None:
        """Take events that are on disk."""
        del rows
        for fact, event in pairs:
            if event.type in ROUTINE:
                self._dirty.add(fact.asset or "")
                continue
            entry = self._works.get(fact.asset or "")
            line = EventLine(
                sequence=event.sequence,
                time=wall(fact.observed.wall_ns),
                type=event.type,
                asset=fact.asset,
                location=entry[2].info.location if entry else "",
                severity=event.severity,
                text=one_line(fact),
                possible_repeat=fact.possible_repeat,
            )
            self._events.append(line)
            self._news.append(line)
            if fact.asset is not None:
                self._last[fact.asset] = line
                self._dirty.add(fact.asset)

    def snapshot(self) -> Snapshot:
        """Everything at once but the EGMs: :meth:`told` has each as it was told last."""
        site, gateway, birthid = self._names
        return Snapshot(
            site=site,
            gateway=gateway,
            birthid=birthid,
            started=self._started,
            egms=(),
            lines=tuple(
                self._told_lines.get(job.info.name) or self._line(job) for job in self._jobs
            ),
            outbox=self._outbox(),
            nats=self._nats(),
            events=tuple(self._events),
        )

    def told(self, asset: str) -> EgmStatus:
        """Return an EGM as it was told last; as it is now where it never was."""
        status = self._told.get(asset)
        if status is None:
            status = self._told[asset] = self._egm(asset)
        return status

    def forget(self) -> None:
        """Nobody listens: what was told last is nobody's knowledge any more."""
        self._told.clear()
        self._told_lines.clear()
        self._told_rest = (None, None)

    def look(self) -> None:
        """Look at some EGMs for what has a history, where nobody wants to be told."""
        self._news.clear()
        for asset in self._due():
            self._seen(asset)

    def changes(self) -> list[StatusMessage]:
        """What changed since the last call; the figures of quiet EGMs take turns."""
        news: list[StatusMessage] = [EventDelta(event=event) for event in self._news]
        self._news.clear()
        for asset in self._due():
            status = self._egm(asset)
            if self._told.get(asset) != status:
                self._told[asset] = status
                news.append(EgmDelta(egm=status))
        for job in self._next(self._line_turn, len(self._jobs)):
            line = self._line(job)
            if self._told_lines.get(line.name) != line:
                self._told_lines[line.name] = line
                news.append(LineDelta(line=line))
        outbox, nats = self._outbox(), self._nats()
        if outbox != self._told_rest[0]:
            news.append(OutboxDelta(outbox=outbox))
        if nats != self._told_rest[1]:
            news.append(NatsDelta(nats=nats))
        self._told_rest = (outbox, nats)
        return news

    def _due(self) -> set[str]:
        """Return the EGMs of which something was told, and those whose turn it is."""
        due = self._dirty & self._works.keys() | {*self._next(self._turn, len(self._works))}
        self._dirty.clear()
        return due

    def _next(self, turn: Iterator[T], of: int) -> Sequence[T]:
        return tuple(islice(turn, min(LOOKS, -(-of // ROUND))))

    def _seen(self, asset: str) -> tuple[EgmView, EgmWord, datetime]:
        """Return the state, the word and since when it holds, and note how the link is."""
        job, address, work = self._works[asset]
        link = job.links[address]
        view = work.engine.view()
        word = word_of(view, link.state.value, quarantined=work.quarantined is not None)
        since = self._since.get(asset)
        if since is None or since[0] is not word:
            since = self._since[asset] = (word, wall(self._clock.wall_ns()))
        unknown, down = link.state is LinkState.UNKNOWN, link.state is LinkState.DOWN
        share = None if unknown else 0.0 if down else link.quality
        self._lately[asset].note(share, self._clock.monotonic())
        return view, *since

    def _egm(self, asset: str) -> EgmStatus:
        job, address, work = self._works[asset]
        link = job.links[address]
        view, word, since = self._seen(asset)
        last = self._last.get(asset)
        figures = link.figures
        return EgmStatus(
            asset=asset,
            location=work.info.location,
            bank=work.info.bank,
            zone=work.info.zone,
            line=job.info.name,
            address=address,
            state=word,
            since=since,
            doors_open=tuple(view.doors_open),
            tilts=tuple(view.tilts),
            handpay=view.handpay,
            carded=view.carded,
            credits=view.credits,
            coin_in=view.coin_in,
            denomination=None if view.denomination is None else str(view.denomination),
            last_event=last.text if last else view.last_event_text,
            last_event_at=last.time if last else None,
            link=LinkWord(link.state.value),
            link_reason=work.link_reason,
            link_quality=None if link.quality is None else round(link.quality, 2),
            link_lately=self._lately[asset].text(),
            polls=figures.polls,
            answers=figures.answers,
            errors=figures.timeouts + figures.crc_errors + figures.other_errors,
            timeouts=figures.timeouts,
            crc_errors=figures.crc_errors,
            answer_ms=job.answer_times.mean_ms(address),
        )

    def _line(self, job: Job) -> LineStatus:
        links = job.links.values()
        plan = line_plan(job.info, len(job.links))
        return LineStatus(
            name=job.info.name,
            port=job.port.name,
            mode=job.info.mode,
            state=job.state,
            since=wall(job.state_since.wall_ns),
            polls=sum(link.figures.polls for link in links),
            answers=sum(link.figures.answers for link in links),
            timeouts=sum(link.figures.timeouts for link in links),
            crc_errors=sum(link.figures.crc_errors for link in links),
            other_errors=sum(link.figures.other_errors for link in links),
            cycle_s=None if job.cycle_s is None else round(job.cycle_s, 3),
            plan_cycle_s=plan.cycle_s,
            plan_period_s=plan.poll_period_s,
            egms_up=sum(link.live for link in links),
            egms=len(job.links),
        )
