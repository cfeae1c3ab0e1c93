"""One line: the shell around its session, its port, its page and the work for its EGMs.

The order of one turn is promise P2: the poll is recorded on the mapped page, sent, its answer
read, turned into events and state, committed; only then does the next poll leave.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from edge_config.site import LineInfo
from gateway.edge.answer_times import AnswerTimes
from gateway.edge.cadence import Cadence
from gateway.edge.clock import Clock, moment
from gateway.edge.doubt_book import DoubtBook
from gateway.edge.egm import EgmWork, Seen
from gateway.edge.event_mode import EventMode
from gateway.edge.holding import Holding
from gateway.edge.idle import IdlePolls
from gateway.edge.keys import gap_key, up_key
from gateway.edge.lateness import Lateness
from gateway.edge.learned import LearnedBook, unsupported
from gateway.edge.line_rules import rules_of
from gateway.edge.long_polls import LongPolls
from gateway.edge.page import LinePage
from gateway.edge.port import Port, PortError
from gateway.edge.reading import Tag, most_urgent, polls_for
from gateway.edge.recorder import Recorder
from gateway.edge.resuming import POLLED, resume_of, seconds_of
from gateway.edge.supervise import Backoff, TransientError
from gateway.events.fact import Fact
from gateway.meaning.observation import GapSeen, LinkChange, Observation
from protocols.sas.host.hold import KEEP_UP
from protocols.sas.host.link import EgmLink
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Pause, Send, Turn
from protocols.sas.replies import ExceptionReply, LongPollReply, SignatureReply

log = logging.getLogger(__name__)

TELLING = (ExceptionReply, LongPollReply, SignatureReply)  # replies that meaning looks at
WAITING = "waiting for the outbox"  # how a line's state begins while its commit takes long


class LineJob:
    """Polls one line for ever.

    Args:
        info: the site's row of the line.
        works: the work for each EGM, by address.
        polls_committed: number of the line's last poll that the outbox covers.
        last_codes: each address's last committed exception, and those before it in doubt.
        was_up: addresses whose link was up when the last process ended.
        gaps: cause and wall time of the beginning of gaps that it left open, by address.
        learned: what it learned of the polls of each EGM, as it was kept, by address.
        outbox_trouble: why nothing can be committed now, in words; empty if it can.
    """

    def __init__(
        self,
        info: LineInfo,
        works: Mapping[int, EgmWork],
        port: Port,
        page: LinePage,
        recorder: Recorder,
        clock: Clock,
        *,
        polls_committed: int,
        last_codes: Mapping[int, tuple[int, ...]],
        was_up: frozenset[int],
        gaps: Mapping[int, tuple[str, int]] = MappingProxyType({}),
        learned: Mapping[int, str] = MappingProxyType({}),
        outbox_trouble: Callable[[], str] = str,
    ) -> None:
        self.info = info
        self.works = works
        self.port = port
        self.state = "waiting for the port"
        self.state_since = moment(clock)
        self._page = page
        self._recorder = recorder
        self._outbox_trouble = outbox_trouble
        self._stopping = False
        self._unpolled = not polls_committed
        self._clock = clock
        now = clock.monotonic()
        self._learned_book = LearnedBook(clock, learned)
        self._doubts = DoubtBook(works, last_codes, page)
        resume, self._began = resume_of(page, polls_committed, clock, was_up, works)
        resume = replace(
            resume,
            last_codes=self._doubts.found,
            gaps={at: (why, seconds_of(ns, clock)) for at, (why, ns) in gaps.items()},
            learned=self._learned_book.found,
        )
        self._gaps_kept: dict[int, str | None] = {at: why for at, (why, _) in gaps.items()}
        self.session = LineSession(works, rules_of(info), resume, now)
        self._holding = Holding(port, self.session, clock, self._held, self._foreign_host)
        self._event_mode = EventMode(info)
        self.lateness = Lateness(info, len(works))
        self.long_polls = LongPolls()
        self.answer_times = AnswerTimes()
        self._cadence = Cadence(info, works, now)
        self._sent, self._sent_at = Send(b"", 0, None), now
        self._idle = IdlePolls(
            port, self.session, clock, self._next_step, self._put, self._answered
        )

    async def run(self, backoff: Backoff) -> None:
        """Open the port and poll.

        Raises:
            TransientError: the port is away.
        """
        try:
            self.port.open()
        except PortError as error:
            self._say(error.state)
            raise TransientError(str(error)) from error
        backoff.well()
        await self._begin()
        self._say("polling")
        self.lateness.free(self._clock.monotonic())
        try:
            while not self._stopping:
                await self._step()
        except PortError as error:
            self._say(error.state)
            await self._cut()
            raise TransientError(str(error)) from error
        finally:
            self.port.close()

    async def _begin(self) -> None:
        """Wait until it is on disk that this line is polled."""
        if self._unpolled:
            await self._recorder.record([], polls={self.info.name: POLLED}).done
            self._unpolled = False

    @property
    def links(self) -> Mapping[int, EgmLink]:
        """What is known of the link to each EGM, by address."""
        return self.session.links

    @property
    def cycle_s(self) -> float | None:
        """Seconds between the last two polls of one EGM, or None before the second."""
        return self._cadence.cycle_s

    def stop(self) -> None:
        """Stop after the turn that is under way."""
        self._stopping = True
        self._idle.stop()

    async def _cut(self) -> None:
        """Tell that every EGM of the line is out of reach, since the port is."""
        now = moment(self._clock)
        for change in self.session.abandon(now.monotonic_s):
            work = self.works[change.address]
            figures = self.session.links[change.address].told(now.monotonic_s)
            before, after = change.before.value, change.after.value
            seen = LinkChange(work.info.asset, before, after, change.reason, now, figures)
            done = work.observe(
                [seen], keys={up_key(work.info.asset): "0", **self._gaps([change.address])}
            )
            if done.recorded is not None:
                await done.recorded.on_disk()

    async def _step(self) -> None:
        """Let time pass while nothing happens; then take what happened."""
        await self._idle.pass_time()
        if self.session.waiting:
            await self._settle(self._sent, await self._turn())
        elif not self._stopping:
            heard = await self.port.read(self._clock.monotonic())
            if heard is not None and self.session.overheard(
                self._clock.monotonic(), heard.data, wakeup=heard.wakeup
            ):
                self._foreign_host()

    def _next_step(self) -> Send | Pause:
        self.session.reads_only = bool(self._outbox_trouble())
        self._sent_at = now = self._clock.monotonic()
        step = self.session.next_step(now)
        if self.state != "polling" and self.session.foreign.since is None:
            self._say("polling")
        if isinstance(step, Pause):
            self.lateness.free(step.until)
        return step

    def _put(self, step: Send) -> None:
        now, self._sent = self._sent_at, step
        self.lateness.sent(now)
        record = self._page.nothing if step.address is None else self._page.outstanding
        record(step.number, step.poll, now)
        self.port.write(step.poll)
        self.long_polls.sent(step)
        if step.address is not None and not step.repeat:
            link = self.session.links[step.address]
            self.lateness.note(now, step.address, link.due, live=link.live)

    def _answered(self, step: Send, heard_at: float) -> None:
        """An answer said that there is nothing, and nobody is told of that."""
        assert step.address is not None
        self.lateness.free(min(heard_at, self._sent_at + self.info.reply_timeout_s))
        self._page.nothing(step.number, step.poll, self._sent_at)
        self._doubts.settle(step.address, self.session.links[step.address])
        self.answer_times.took(step.address, heard_at - self._sent_at)
        self._keep_cadence(step.address, self._sent_at, heard_at)

    async def _turn(self) -> Turn:
        session, clock = self.session, self._clock
        while True:
            heard = await self.port.read(session.deadline)
            now = clock.monotonic()
            self.lateness.free(min(now, session.deadline))
            if heard is None:
                return session.expire(now)
            turn = session.receive(now, heard.data, wakeup=heard.wakeup)
            if turn is not None:
                return turn

    async def _settle(self, step: Send, turn: Turn) -> None:
        """Wait until what the turn brought is on disk; only then may the line go on (P2)."""
        self.long_polls.came(turn)
        self.answer_times.came(turn)
        done, quiet_until = self._record(turn), 0.0
        if done is not None:
            another = partial(self._another, step, turn)
            quiet_until = await self._holding.until_on_disk(step, turn, done, another)
            if self.state.startswith(WAITING):
                self._say("polling")
        if turn.final:
            self._page.nothing(step.number, step.poll, turn.asked_at)
            self._doubts.settle(turn.address, self.session.links[turn.address])
            self._keep_cadence(turn.address, turn.asked_at, turn.heard_at)
        self.session.settle(quiet_until)

    def _record(self, turn: Turn) -> asyncio.Future[None] | None:
        """Queue what a turn brought; return what is done once it is on disk."""
        link = self.session.links[turn.address]
        keys = self._doubts.after(turn.address, turn.reply, link.doubts) if turn.final else {}
        if turn.shared is not None:
            self.works[turn.address].tell_shared(turn.shared, moment(self._clock, turn.heard_at))
        seen = self._seen(turn)
        learned = self._learned(turn.address) if seen or turn.final else {}
        if learned:
            asset, at = self.works[turn.address].info.asset, moment(self._clock, turn.heard_at)
            seen.append(unsupported(asset, link.support, at))
        if seen:
            work = self.works[turn.address]
            self._switch_event_mode(turn)
            if turn.changes:
                keys[up_key(work.info.asset)] = "1" if link.live else "0"
            keys |= self._gaps([turn.address]) | learned
            done = work.observe(seen, polls={self.info.name: turn.number}, keys=keys)
            for wish, event_id in done.wishes:
                self.wish(turn.address, wish.what, Tag(wish.trigger, event_id))
            if done.recorded is not None:
                return done.recorded.done
        elif turn.final:
            keys |= self._gaps([turn.address])
        if keys:  # with no event to go with
            return self._recorder.record([], keys=keys).done
        return None

    def _switch_event_mode(self, turn: Turn) -> None:
        poll = self._event_mode.poll(turn, mute=self.session.links[turn.address].mute)
        if poll is not None:
            self.session.ask(turn.address, poll, first=True)

    def _held(self) -> None:
        """The outbox keeps the line waiting: it repeats itself, then falls silent."""
        self._say(f"{WAITING}: {self._outbox_trouble() or 'it is slow'}")

    def _another(
        self, step: Send, turn: Turn, reply: ExceptionReply, asked_at: float, heard_at: float
    ) -> asyncio.Future[None]:
        """An EGM answered a repeat with another exception than the one that waits for the disk."""
        number = self.session.number_another()
        self._page.outstanding(number, step.poll, asked_at)
        link = self.session.links[turn.address]
        other = Turn(
            address=turn.address,
            poll=turn.poll,
            number=number,
            asked_at=asked_at,
            heard_at=heard_at,
            reply=reply,
            possible_repeat=link.prove(reply, asked_at, repeat=True),
            occurred_after=link.empty_at,
        )
        done = self._record(other)
        assert done is not None, "an exception is always kept"
        return done

    def _seen(self, turn: Turn) -> list[Seen]:
        telling = isinstance(turn.reply, TELLING)
        if turn.tags == (KEEP_UP,):  # a reading that nobody wants
            telling = isinstance(turn.reply, ExceptionReply)
        if not turn.final or not (turn.changes or turn.gaps or telling):
            return []
        asset = self.works[turn.address].info.asset
        heard = moment(self._clock, turn.heard_at)
        seen: list[Seen] = []
        for change in turn.changes:
            figures = self.session.links[turn.address].told(turn.heard_at)
            seen.append(
                LinkChange(
                    asset, change.before.value, change.after.value, change.reason, heard, figures
                )
            )
        for gap in turn.gaps:
            began = self._began if gap.began is None else moment(self._clock, gap.began)
            seen.append(GapSeen(asset, gap.cause, began or heard, heard))
        if telling:
            assert turn.reply is not None
            tag = most_urgent(turn.tags)
            seen.append(
                Observation(
                    asset=asset,
                    line=self.info.name,
                    address=turn.address,
                    reply=turn.reply,
                    poll=turn.poll,
                    asked=moment(self._clock, turn.asked_at),
                    observed=heard,
                    occurred_after=None
                    if turn.occurred_after is None
                    else moment(self._clock, turn.occurred_after),
                    possible_repeat=turn.possible_repeat,
                    trigger=tag.trigger if tag else None,
                    caused_by=tag.caused_by if tag else None,
                )
            )
        return seen

    def _gaps(self, addresses: Iterable[int]) -> dict[str, str]:
        """What changed about gaps that are not over: it must outlive this process (P6)."""
        changed = {}
        for address in addresses:
            link = self.session.links[address]
            if self._gaps_kept.get(address) != link.gap_cause:
                self._gaps_kept[address] = link.gap_cause
                began = moment(self._clock, link.lost_at)
                text = "" if link.gap_cause is None else f"{link.gap_cause} {began.wall_ns}"
                changed[gap_key(self.works[address].info.asset)] = text
        return changed

    def _learned(self, address: int) -> dict[str, str]:
        """What changed about the polls that an EGM supports: the next process begins with it."""
        asset, link = self.works[address].info.asset, self.session.links[address]
        return self._learned_book.changed(address, asset, link.support)

    def wish(self, address: int, what: str, tag: Tag) -> None:
        """Ask an EGM for a reading as soon as its pace allows."""
        first = what == "identity" and tag.trigger == "link_up"  # who is it, before all else
        polls = polls_for(what, address, self.info.allow)
        for poll in reversed(polls) if first else polls:
            self.session.ask(address, poll, tag, first=first)

    def _keep_cadence(self, address: int, asked_at: float, now: float) -> None:
        self._cadence.asked(address, asked_at)
        if not self.session.links[address].live:
            return
        for what in self._cadence.due(address, now):
            if not self.lateness.behind:
                self.wish(address, what, Tag("cadence"))

    def _foreign_host(self) -> None:
        self._say("stopped: another host polls here")
        log.error(
            "line %s: another host polls on this line; we are silent. Give the gateway a SAS port "
            "of its own, or take it off this line",
            self.info.name,
        )
        self._recorder.record(
            [
                Fact(
                    type="link.foreignhost",
                    asset=None,
                    data={"line": self.info.name, "reason": "heard polls that are not ours"},
                    observed=moment(self._clock),
                )
            ]
        )

    def _say(self, state: str) -> None:
        self.state = state
        self.state_since = moment(self._clock)
