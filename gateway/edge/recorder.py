"""Facts to the outbox: each gets its two sequences, its id and its envelope, and is committed.

Sequences are given in the order in which facts are handed in, and the writer keeps that order;
memory runs ahead of disk only for what is queued for commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from edge_config.site import Site
from gateway.edge.clock import Clock, moment
from gateway.edge.dead_letter import FAMILY, letter_of
from gateway.edge.outage_watch import KEY as OUTAGES_KEY
from gateway.edge.outage_watch import OutageWatch
from gateway.edge.rules import profile_of
from gateway.edge.timekeeper import TimeKeeper
from gateway.events.encode import EncodedEvent, Place, Stamp, encode
from gateway.events.errors import SchemaError
from gateway.events.fact import Fact
from gateway.events.streams import is_token
from gateway.events.value import value
from gateway.outbox.types import Commit, OutboxFullError, Restored, Row
from gateway.status.spread import Spread

log = logging.getLogger(__name__)

SLOW_S = 1.0
"""Seconds that a commit may take before the outbox counts as one that takes nothing."""

MINUTE_NS = 60_000_000_000


class Writer(Protocol):
    """Takes commits, first in, first out."""

    @property
    def failure(self) -> str | None:
        """Why nothing can be committed now, in words; None if all is well."""
        ...

    def submit(self, commit: Commit) -> asyncio.Future[None]:
        """Queue ``commit``; the future is done once it is on disk."""
        ...


@value
class Recorded:
    """What was queued for commit: the events, and the future that is done once they are on disk."""

    events: tuple[EncodedEvent, ...]
    done: asyncio.Future[None]

    async def on_disk(self) -> None:
        """Wait until they are on disk; who stops waiting does not stop the commit."""
        await asyncio.shield(self.done)


@dataclass(frozen=True, slots=True)
class _Unfit:
    """A fact that does not fit its schema, why, and the event that stands for it."""

    fact: Fact
    reason: str
    event: EncodedEvent


class Recorder:
    """The one place where sequences are given.

    Args:
        site: for gaming day, site and gateway names.
        birthid: new at each start of the process.
        restored: where the sequences go on.
        writer: the commit seam.
        clock: the clock seam.
        committed: told of rows once they are on disk, in order (the publisher, the status board).
        time: says how good the wall clock is, and when it was set; without it nobody knows.

    Attributes:
        time: the same.
        outages: collects what machines tell of lost power.
        schema_errors: facts that did not fit their schema; a defect event stands for each, and a
            dead letter says why.
        told: events on disk since the process started, by type.
        gaps: of these, the gaps, by cause.
        possible_repeats: of these, those marked as a possible repeat.
        commits: how long commits took, from their submission to the disk.
    """

    def __init__(
        self,
        site: Site,
        birthid: str,
        restored: Restored,
        writer: Writer,
        clock: Clock,
        committed: Callable[[tuple[Row, ...], tuple[tuple[Fact, EncodedEvent], ...]], None],
        time: TimeKeeper | None = None,
    ) -> None:
        self.time = time or TimeKeeper(clock, lambda: None)
        self.outages = OutageWatch(site, birthid, restored.keys.get(OUTAGES_KEY), clock)
        self._steps: list[Fact] = []  # that the wall clock was set, still to be told
        self._profile = profile_of(site)
        self._profiles = {
            name: profile_of(site, name)
            for name in {site.site.jurisdiction, *(egm.jurisdiction or "" for egm in site.egms),
                         *(change.jurisdiction or "" for change in site.changes)} - {""}
        }  # fmt: skip
        self.birthid = birthid
        self.sequence = restored.last_sequence
        self.family_sequences = dict(restored.family_sequences)
        self.schema_errors = 0
        self.told: Counter[str] = Counter()
        self.gaps: Counter[str] = Counter()
        self.possible_repeats = 0
        self.commits = Spread()
        self._waiting: deque[float] = deque()  # when each commit that is not on disk was submitted
        self._site = site
        self._writer = writer
        self._clock = clock
        self._committed = committed
        self._here = Place(
            site=site.site.id, gateway=site.gateway.id, jurisdiction=site.site.jurisdiction
        )
        self._day = (0, "")

    @property
    def here(self) -> Place:
        """The place of events that are about no EGM."""
        return self._here

    def trouble(self) -> str:
        """Why nothing can be committed now, in words for an operator; empty if it can."""
        if self._writer.failure is not None:
            return self._writer.failure
        if self._waiting:
            waited_s = self._clock.monotonic() - self._waiting[0]
            if waited_s > SLOW_S:
                return f"the outbox has been storing the same events for {waited_s:.0f} s"
        return ""

    def record(
        self,
        facts: Sequence[Fact],
        place: Place | None = None,
        *,
        states: Mapping[str, bytes] | None = None,
        polls: Mapping[str, int] | None = None,
        keys: Mapping[str, str] | None = None,
        told_to: int = 0,
    ) -> Recorded:
        """Stamp ``facts``, queue them with the state they led to, and say when they are on disk.

        Raises:
            OutboxFullError: too much waits for the disk; no sequence was used, nothing was taken.
        """
        stepped = self.time.step() if facts else None
        if stepped is not None:
            self._steps.append(stepped)
        if self._steps and facts:  # before what is told with the new time
            self._queue(self._steps, self._here, Commit(()))
            self._steps = []
        keys = {**(keys or {}), **self.outages.taken(facts)}
        rest = Commit((), states or {}, polls or {}, keys, told_to)
        return self._queue(facts, place or self._here, rest)

    def _queue(self, facts: Sequence[Fact], place: Place, rest: Commit) -> Recorded:
        before = self.sequence, dict(self.family_sequences)
        unfit: list[_Unfit] = []
        pairs = tuple((fact, self._stamped(fact, place, unfit)) for fact in facts)
        rows = tuple(row_of(event) for _, event in pairs) + tuple(map(self._letter, unfit))
        try:
            commit = Commit(rows, rest.states, rest.polls, rest.keys, rest.told_to)
            done = self._writer.submit(commit)
        except OutboxFullError:
            self.sequence, self.family_sequences = before
            raise
        self._waiting.append(self._clock.monotonic())
        done.add_done_callback(lambda future: self._told(future, rows, pairs))
        return Recorded(tuple(event for _, event in pairs), done)

    def keep_if_it_can(self, keys: Mapping[str, str]) -> None:
        """Keep small facts that are no great loss where too much waits for the disk."""
        with suppress(OutboxFullError):
            self.record([], keys=keys)

    def _told(
        self,
        future: asyncio.Future[None],
        rows: tuple[Row, ...],
        pairs: tuple[tuple[Fact, EncodedEvent], ...],
    ) -> None:
        self.commits.note(self._clock.monotonic() - self._waiting.popleft())
        if not rows or future.cancelled() or future.exception() is not None:
            return
        for fact, event in pairs:
            self.told[event.type] += 1
            self.possible_repeats += fact.possible_repeat
            if event.type == "link.gap":
                self.gaps[str(fact.data["cause"])] += 1
        self._committed(rows, pairs)

    def _stamped(self, fact: Fact, place: Place, unfit: list[_Unfit]) -> EncodedEvent:
        day = self._gaming_day(fact.observed.wall_ns)
        try:
            profile = self._profiles.get(place.jurisdiction, self._profile)
            event = encode(fact, place, self._stamp(fact.type), day, profile)
        except SchemaError as error:
            self.schema_errors += 1
            log.exception("defect: %s does not fit its schema", fact.type)
            instead = self._defect(fact, str(error))
            event = encode(instead, place, self._stamp(instead.type), day)
            unfit.append(_Unfit(fact, str(error), event))
        self.sequence = event.sequence
        self.family_sequences[event.family] = event.familysequence
        return event

    def _letter(self, unfit: _Unfit) -> Row:
        """Return the dead letter of a fact; after all events, which count back to each other."""
        row = letter_of(
            unfit.fact, unfit.reason, unfit.event, self._stamp(FAMILY), self._site.site.id
        )
        self.sequence, self.family_sequences[FAMILY] = row.sequence, row.familysequence
        return row

    def _stamp(self, name: str) -> Stamp:
        family = name.partition(".")[0]
        return Stamp(
            gateway=self._site.gateway.id,
            birthid=self.birthid,
            sequence=self.sequence + 1,
            familysequence=self.family_sequences.get(family, 0) + 1,
            time_quality=self.time.quality,
        )

    def _defect(self, fact: Fact, reason: str) -> Fact:
        """The event that stands in for one that does not fit its schema: nothing is swallowed."""
        return Fact(
            type="gateway.defect",
            asset=fact.asset if fact.asset is not None and is_token(fact.asset) else None,
            data={"defect": reason[:160], "where": f"schema of {fact.type}"[:160]},
            observed=moment(self._clock),
            sas_code=fact.sas_code if fact.sas_code and 0 < fact.sas_code <= 0xFF else None,
            raw=fact.raw,
        )

    def _gaming_day(self, wall_ns: int) -> str:
        # cached by the minute: a day starts at a full one, and no time zone changes in between
        minute = wall_ns // MINUTE_NS
        if self._day[0] != minute:
            wall = datetime.fromtimestamp(wall_ns / 1e9, UTC)
            self._day = (minute, self._site.site.gaming_day(wall))
        return self._day[1]


def row_of(event: EncodedEvent) -> Row:
    """Return the outbox row of an encoded event."""
    return Row(
        sequence=event.sequence,
        id=event.id,
        type=event.type,
        family=event.family,
        familysequence=event.familysequence,
        subject=event.subject,
        asset=event.asset,
        stream=event.stream,
        time_ns=event.time_ns,
        body=event.body,
    )
