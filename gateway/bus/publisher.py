"""From the outbox to JetStream: in order, at least once, and honest about what was not taken.

At most one unacknowledged event per asset, a window over assets, a lane per stream
(:mod:`gateway.bus.lanes`); which acknowledgement counts is told by :mod:`gateway.bus.acceptance`.
Without an answer in time the same message goes again under the same id, by our own time-out. No
permission (for a while) and too large are refused with the reason; everything else waits, in the
outbox as far as it does not fit into memory.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable, Sequence
from functools import partial

from gateway.bus.acceptance import DENIED_GRACE_S, Acceptance, History, Verdict
from gateway.bus.answer import Ack, Answer, BusLink, Cause, Trouble
from gateway.bus.delivery import Marks, Pending, Sent, Totals
from gateway.bus.lanes import NO_ASSET, WINDOW, Lanes, Page
from gateway.bus.message import headers_of
from gateway.events.streams import STREAMS
from gateway.outbox.types import (
    Acknowledged,
    Mark,
    OutboxClosedError,
    OutboxError,
    OutboxFullError,
    Refused,
    Row,
)
from gateway.status.model import NatsStatus

log = logging.getLogger(__name__)

GATEWAY_STREAMS = tuple(row.name for row in STREAMS if row.families or row.name == "DEAD")
"""The streams that a gateway publishes to: its events', and that of the dead letters."""

ACK_TIMEOUT_S = 5.0
"""Seconds until a message without an answer is sent again; doubled each time."""
ACK_TIMEOUT_MOST_S = 30.0
DENIED_RETRY_S = 2.0
SWEEP_S = 0.25
"""Seconds between two looks for messages whose time is up."""
MARKS_MOST = 8192
"""Outcomes the outbox has not taken yet; above it nothing more is sent."""
OUTBOX_RETRY_S = 1.0


class Publisher:
    """Publishes committed rows.

    Args:
        link: the way to the server, or the model of it.
        outbox: where rows are read again that do not fit into memory.
        marks: where outcomes go.
        restored_to: last sequence in the outbox when this process began: a ``duplicate`` of such
            a row is believed, the process before may have sent it.
        streams: names of the streams; each has a lane.
        window: events under way at once.
        ack_timeout_s: seconds until a message without an answer is sent again.
        history: what the outbox remembers of earlier acknowledgements, if it does.
    """

    def __init__(
        self,
        link: BusLink,
        outbox: Pending,
        marks: Marks,
        restored_to: int = 0,
        *,
        streams: Iterable[str] = GATEWAY_STREAMS,
        window: int = WINDOW,
        ack_timeout_s: float = ACK_TIMEOUT_S,
        lanes: Lanes | None = None,
        history: History | None = None,
    ) -> None:
        self.totals = Totals()
        self.lanes = lanes or Lanes(streams)
        self.acceptance = Acceptance(restored_to, history)
        self._link = link
        self._outbox = outbox
        self._outcomes = marks
        self._window = window
        self._ack_timeout_s = ack_timeout_s
        self._sent: dict[int, Sent] = {}
        self._under_way = 0
        self._again: list[Sent] = []
        self._marks: list[Mark] = []
        self._outbox_troubles: dict[str, str] = {}
        self._outbox_retry: dict[str, float] = {}
        self._next_sweep = 0.0
        self._was_connected = False
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        link.on_change(self._wake.set)

    @property
    def in_flight(self) -> int:
        """Events sent and not answered."""
        return self._under_way

    @property
    def waiting(self) -> int:
        """Events in memory that are not under way; the outbox may hold more."""
        return self.lanes.rows - self._under_way

    @property
    def idle(self) -> bool:
        """Whether nothing waits: all that was offered has ended, and the outbox knows it."""
        return not (self.lanes.rows or self.lanes.behind or self._marks)

    @property
    def outbox_trouble(self) -> str:
        """Why the outbox cannot be read or marked, in words; empty if it can."""
        return "; ".join(self._outbox_troubles.values())

    def status(self) -> NatsStatus:
        """Return how it stands, for the status socket."""
        return NatsStatus(
            connected=self._link.connected,
            since=self._link.since,
            url=self._link.url,
            in_flight=self._under_way,
            words=self._words(),
        )

    def _words(self) -> str:
        if not self._link.connected:
            return f"{self._link.words}; events wait in the outbox"
        shut = [lane for lane in self.lanes.lanes.values() if lane.trouble]
        said = [f"{lane.stream} waits ({lane.trouble})" for lane in shut]
        if said and len(shut) < len(self.lanes.lanes):
            said.append("the other streams go on")
        said += self.acceptance.alarms.values()
        if self.lanes.behind:
            said.append("catching up with the outbox")
        return "; ".join(["connected", *said])

    def offer(self, rows: Iterable[Row]) -> None:
        """Take rows that were just committed, in order of sequence. Never blocks."""
        for row in rows:
            self.lanes.offer(row)
        self._wake.set()

    def offer_again(self, rows: Iterable[Row]) -> None:
        """Take rows that were settled once and are to be sent again. Never blocks.

        Who calls it keeps them few: they are kept in memory whatever the lanes hold already.
        """
        for row in rows:
            self.lanes.take_again(row)
        self._wake.set()

    def look_again(self) -> None:
        """The outbox may hold rows that were not offered: read it to its end."""
        self.lanes.fall_behind()
        self._wake.set()

    def heights(self) -> dict[str, int]:
        """Return the highest number that each stream has acknowledged, as far as is known."""
        found = {stream: self.acceptance.highest(stream) for stream in self.lanes.lanes}
        return {stream: number for stream, number in found.items() if number}

    def settled_to(self, asset: str | None, sequence: int) -> bool:
        """Whether every event of ``asset`` up to ``sequence`` has ended."""
        key = asset or NO_ASSET
        oldest = self.lanes.oldest(asset)
        return (
            (oldest is None or oldest > sequence)
            and all(
                sent.row.sequence > sequence
                for sent in self._sent.values()
                if sent.under_way and (sent.row.asset or NO_ASSET) == key
            )
            and self.lanes.read_to(sequence)
        )

    async def run(self) -> None:
        """Publish for ever: a job, ended by cancelling it; may be run again."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                await self._turn(loop.time())
                await self._rest(loop)
        finally:
            self._abandon()

    async def drained(self) -> None:
        """Return when everything has ended, and the outbox knows it."""
        while not self.idle:
            self._idle.clear()
            await self._idle.wait()

    async def _turn(self, now: float) -> None:
        self._give_marks(now)
        connected = self._link.connected
        if connected and not self._was_connected:
            self.acceptance.connected()
            self.lanes.hurry(now)
        self._was_connected = connected
        if not connected:
            return
        if self.lanes.resting:
            self.lanes.wake(now)
        if now >= self._next_sweep:
            self._sweep(now)
        while self._again:
            await self._send(self._again.pop(), now)
        while True:
            self._read(now)
            row = self.lanes.next() if self._has_room else None
            if row is None:
                return
            sent = self._sent.get(row.sequence)
            if sent is None:
                sent = self._sent[row.sequence] = Sent(row, row.message_id)
            await self._send(sent, now)

    @property
    def _has_room(self) -> bool:
        return (
            self._under_way < self._window
            and len(self._marks) < MARKS_MOST
            and self._link.connected
        )

    async def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for an answer, an offer or a change of the link, or until something is due."""
        if self.idle:
            self._idle.set()
        due = math.inf
        if self._link.connected:
            due = self._next_sweep if self._under_way else due
            due = min(due, self.lanes.next_wake()) if self.lanes.resting else due
        due = min((due, *self._outbox_retry.values()))
        timer = None if due == math.inf else loop.call_at(due, self._wake.set)
        await self._wake.wait()
        if timer is not None:
            timer.cancel()

    def _read(self, now: float) -> None:
        while (page := self.lanes.wants()) is not None and self._may("read", now):
            try:
                rows = self._page(page)
            except OutboxError as error:
                self._outbox_fails("read", str(error), now)
                return
            self._outbox_serves("read")
            self.lanes.loaded(page, rows)

    def _page(self, page: Page) -> Sequence[Row]:
        return self._outbox.pending(page.after, page.limit, stream=page.stream)

    async def _send(self, sent: Sent, now: float) -> None:
        row = sent.row
        sent.sends += 1
        sent.under_way = True
        sent.sent_at = now
        sent.highest = self.acceptance.highest(row.stream)
        sent.due = now + min(self._ack_timeout_s * 2**sent.timeouts, ACK_TIMEOUT_MOST_S)
        if not self._under_way:
            self._next_sweep = now + SWEEP_S
        self._under_way += 1
        headers = headers_of(row, sent.msg_id)
        answered = partial(self._answered, sent)
        sent.ticket = await self._link.send(row.subject, row.body, headers, answered)

    def _answered(self, sent: Sent, answer: Answer) -> None:
        self._landed(sent)
        if isinstance(answer, Ack):
            self._acknowledged(sent, answer)
        else:
            self._refused(sent, answer)
        self._wake.set()

    def _landed(self, sent: Sent) -> None:
        sent.under_way = False
        sent.due = math.inf
        self._under_way -= 1

    def _acknowledged(self, sent: Sent, ack: Ack) -> None:
        row = sent.row
        alarms = len(self.acceptance.alarms)
        verdict = self.acceptance.judge(sent, ack)
        if isinstance(verdict, str):
            self._shut(sent, verdict)
            return
        if verdict is Verdict.RENAME:
            sent.rename()
            self.totals.renamed += 1
            self._again.append(sent)
            return
        if len(self.acceptance.alarms) > alarms:
            log.error(self.acceptance.alarms[row.stream])
        if self.lanes.open(row.stream):
            log.info("%s takes events again", row.stream)
        self.totals.acknowledged += 1
        self.totals.latency.note(asyncio.get_running_loop().time() - sent.sent_at)
        self.totals.duplicates += ack.duplicate
        self._settle(sent, Acknowledged(row.sequence, ack.stream, ack.seq, ack.duplicate))

    def _refused(self, sent: Sent, trouble: Trouble) -> None:
        match trouble.cause:
            case Cause.LOST:
                self.lanes.put_back(sent.row)
            case Cause.TOO_LARGE:
                self._refuse(sent, trouble.reason)
            case Cause.DENIED:
                self._deny(sent, trouble.reason)
            case Cause.NO_STREAM | Cause.FULL | Cause.STREAM:
                self._shut(sent, trouble.reason)

    def _deny(self, sent: Sent, reason: str) -> None:
        now = asyncio.get_running_loop().time()
        denied_s = self.acceptance.denied(sent.row.asset, now)
        if not denied_s:
            log.error("%s; refused in %g s unless that changes", reason, DENIED_GRACE_S)
        if denied_s >= DENIED_GRACE_S:
            self._refuse(sent, reason)
        else:
            self.lanes.hold(sent.row, now + DENIED_RETRY_S)

    def _refuse(self, sent: Sent, reason: str) -> None:
        row = sent.row
        log.error("event %s (%s) is refused: %s", row.id, row.type, reason)
        self.totals.refused += 1
        self._settle(sent, Refused(row.sequence, reason))

    def _settle(self, sent: Sent, mark: Mark) -> None:
        del self._sent[sent.row.sequence]
        self._marks.append(mark)
        self.lanes.settled(sent.row)

    def _shut(self, sent: Sent, trouble: str) -> None:
        if self.lanes.shut(sent.row, trouble, asyncio.get_running_loop().time()):
            log.warning("%s does not take events: %s; they wait", sent.row.stream, trouble)

    def _sweep(self, now: float) -> None:
        """Send again what was not answered in time, or shut the lane of a silent stream."""
        self._next_sweep = now + SWEEP_S
        for sent in [sent for sent in self._sent.values() if sent.due <= now]:
            self._link.forget(sent.ticket)
            self._landed(sent)
            sent.timeouts += 1
            self.totals.timeouts += 1
            if self.acceptance.times_out(sent.row.stream):
                self._shut(sent, f"no answer within {self._ack_timeout_s:g} s")
            else:
                self.totals.resent += 1
                self._again.append(sent)

    def _give_marks(self, now: float) -> None:
        if not self._marks or not self._may("marked", now):
            return
        marks, self._marks = self._marks, []
        try:
            self._outcomes.mark(marks)
        except (OutboxFullError, OutboxClosedError) as error:
            self._marks = marks + self._marks
            self._outbox_fails("marked", str(error), now)
        else:
            self._outbox_serves("marked")

    def _may(self, what: str, now: float) -> bool:
        return now >= self._outbox_retry.get(what, 0.0)

    def _outbox_fails(self, what: str, words: str, now: float) -> None:
        if what not in self._outbox_troubles:
            log.warning("the outbox cannot be %s: %s; trying again", what, words)
        self._outbox_troubles[what] = words
        self._outbox_retry[what] = now + OUTBOX_RETRY_S

    def _outbox_serves(self, what: str) -> None:
        if self._outbox_troubles.pop(what, None) is not None:
            del self._outbox_retry[what]
            log.warning("the outbox can be %s again", what)

    def _abandon(self) -> None:
        """Forget what is under way; it waits again, and counts as sent before."""
        for sent in [sent for sent in self._sent.values() if sent.under_way]:
            self._link.forget(sent.ticket)
            self._landed(sent)
            self.lanes.put_back(sent.row)
        for sent in self._again:
            self.lanes.put_back(sent.row)
        self._again.clear()
