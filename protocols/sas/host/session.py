"""One line as its host drives it: a pure state machine with time as an argument.

The shell's loop is: ask ``next_step``; a ``Pause`` is waited out (what is heard meanwhile goes to
``overheard``); a ``Send`` is put on the line, its answer goes to ``receive`` and time that passes
without one to ``expire`` at ``deadline``, until a ``Turn`` comes back; what the turn brought is
committed; ``settle`` says so, and only then does ``next_step`` give the next poll. That order is
promise P2: the next poll on the line is the implied ack of the last answer.

What is kept right here (timing and implied acks: Montana DOJ, SAS implementation guide):

* nobody is polled faster than ``poll_interval_s``; the EGM that is due longest goes first;
* after silence or a bad answer the same poll goes out once more before anything else, and never a
  third time;
* between two general polls to one EGM at least one other poll stands, and two after an
  exception: its implied ack must survive one lost byte;
* a link that is down costs one slot, without repeat, ever more rarely, to a bound;
* an answer that came late is thrown away, not taken for a neighbour's.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from protocols.sas.allowlist import allowed
from protocols.sas.errors import RequestError, UnexpectedError, WireError
from protocols.sas.host.carried import Carried
from protocols.sas.host.doubtful import doubtful
from protocols.sas.host.foreign import ForeignWatch
from protocols.sas.host.hold import keep_up
from protocols.sas.host.late import LateAnswer
from protocols.sas.host.link import EgmLink
from protocols.sas.host.shared import SharedWatch
from protocols.sas.host.steps import Asked, LinkChanged, Pause, Resume, Rules, Send, Turn
from protocols.sas.host.synced import synced
from protocols.sas.polls import SYNC, general_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import Reply, SilenceReply

_due = attrgetter("due")


class LineSession:
    """The host's side of one line.

    Args:
        addresses: the EGMs on the line, 1 to 127 each.
        rules: pace, patience and allow-list.
        resume: what the last process left.
        now: the present, seconds.

    Attributes:
        deadline: when to call ``expire`` for the poll that waits for its answer.

    Raises:
        RequestError: no address, one twice, or one outside 1 to 127.
    """

    def __init__(
        self, addresses: Iterable[int], rules: Rules, resume: Resume | None = None, now: float = 0.0
    ) -> None:
        self.rules = rules
        listed = list(addresses)
        self.links = {address: EgmLink(address) for address in listed if 1 <= address <= 127}
        if not listed or len(self.links) < len(listed):
            raise RequestError(f"a line needs addresses from 1 to 127, not {sorted(listed)}")
        self.strays = 0
        self.reads_only = False  # set while no exception could be stored: no general polls then
        self.foreign = ForeignWatch(rules.foreign_quiet_s)
        self._shared = SharedWatch(listed, rules.reply_timeout_s)
        self._order = [*self.links.values()]
        self._unused = general_poll(max({*range(1, 127)} - {*self.links}, default=127))
        self._count, self._last_sent = 0, b""
        self._carried = Carried()
        self._open: Send | None = None
        self._answered: Send | None = None
        self._reader: ReplyReader | None = None
        self._asked: Asked | None = None
        self._asked_at = self._first_asked_at = now
        self.deadline = now
        self._unsettled = False
        self._repeat: Send | None = None
        self._confirming: Reply | None = None
        # the answer to the last process's last poll may still be on its way
        self._quiet_until = self._late_until = now + rules.reply_timeout_s
        self._suspicious_until = now + rules.suspicion_s
        self._late = LateAnswer()
        resume = resume or Resume()
        self._number = resume.number
        owed = resume.owed is not None and allowed(resume.owed, rules.allow)
        self._first: bytes | None = resume.owed if owed else SYNC
        for link in self._order:
            link.resume(resume, now)

    @property
    def waiting(self) -> bool:
        """Whether a poll waits for its answer."""
        return self._open is not None

    def next_step(self, now: float) -> Send | Pause:
        """Say what to do now.

        Raises:
            RequestError: a poll still waits, or its turn is not settled: a defect of the shell.
        """
        if self._open is not None or self._unsettled:
            raise RequestError("the last poll is not settled: nothing else may be sent here")
        if self.foreign.silenced(now):
            return Pause(self.foreign.until)
        if self._quiet_until > now:
            return Pause(self._after_quiet())
        if self._repeat is not None:
            again, self._repeat = self._repeat, None
            return self._send(again.poll, again.address, now, repeat=True)
        if self._first is not None:
            poll, self._first = self._first, None
            return self._send(poll, poll[0] & 0x7F if poll[0] & 0x7F in self.links else None, now)
        return self._choose(now)

    def _after_quiet(self) -> float:
        """Return when there is something to send, at the end of the quiet or later."""
        quiet, link = self._quiet_until, min(self._order, key=_due)
        if self._repeat or self._first or self.reads_only or self._acks_missing(link):
            return quiet
        return max(quiet, link.due)

    def _choose(self, now: float) -> Send | Pause:
        link = min(self._order, key=_due)
        while self.reads_only and link.due <= now and not keep_up(link, now):
            link = min(self._order, key=_due)
        if link.due > now:
            missing = self._acks_missing(link)
            if missing and missing > sum(other.live for other in self._order if other is not link):
                return self._send_nobody(now)  # the neighbours' polls will not be enough
            return Pause(link.due)
        deaf = not synced(link, self._last_sent, now - max(self._asked_at, self._quiet_until))
        asked = None if deaf else link.wanted(now, self.rules, reads_only=self.reads_only)
        if asked is not None:
            if asked.poll[:2] == link.last_poll[:2] and self._count == link.mark:
                return self._send_nobody(now)  # it compares no more than address and command
            if link.asks and link.asks[0] is asked:
                link.asks.popleft()
            self._asked = asked
            return self._send(asked.poll, link.address, now)
        if deaf or self._acks_missing(link):
            return self._send_nobody(now)
        return self._send(link.general, link.address, now)

    def _acks_missing(self, link: EgmLink) -> int:
        """How many polls must still stand between the last poll to ``link`` and a general one."""
        wanted = 1 if link.unproven is None and not link.doubts else 2
        return max(0, wanted - (self._count - link.mark))

    def _send_nobody(self, now: float) -> Send:
        """An implied ack that nobody answers; two in a row are two different polls."""
        return self._send(SYNC if self._last_sent != SYNC else self._unused, None, now)

    def _send(self, poll: bytes, address: int | None, now: float, *, repeat: bool = False) -> Send:
        if not allowed(poll, self.rules.allow):
            raise RequestError(f"{poll.hex(' ')} is not on the list {self.rules.allow}")
        self._number += 1
        self._count += 1
        self._last_sent = poll
        step = Send(poll, self._number, address, repeat)
        if address is None:
            self._quiet_until = now + self.rules.sync_gap_s
            return step
        link = self.links[address]
        link.figures.polls += 1
        link.figures.repeats += repeat
        self._open = step
        self._asked_at = now
        self._first_asked_at = self._first_asked_at if repeat else now
        self.deadline = now + self.rules.reply_timeout_s
        return step

    def ask(self, address: int, poll: bytes, tag: object = None, *, first: bool = False) -> bool:
        """Queue a long poll for an EGM, perhaps first; it takes the place of a general poll.

        Returns:
            False if it is known not to be supported, too many wait, the list forbids it, or it is
            no long poll to an EGM of this line.
        """
        mine = len(poll) > 1 and poll[0] == address and address in self.links
        if not mine or not allowed(poll, self.rules.allow):
            return False
        return self.links[address].ask(poll, tag, self._asked_at, first=first)

    def receive(self, now: float, data: bytes, *, wakeup: bool = False) -> Turn | None:
        """Take bytes of the answer that is waited for.

        Args:
            now: when the last of them came.
            data: the bytes.
            wakeup: True if one of them had its ninth bit set, which no answer has.

        Returns:
            The turn once the answer is complete, else None.
        """
        self.deadline = now + self.rules.reply_gap_s
        try:
            reply = self._read().feed(data)
        except WireError as error:
            return self._bad(now, error)
        if wakeup:
            return self._bad(now, UnexpectedError("the ninth bit is set in an answer", data))
        return None if reply is None else self._good(now, reply)

    def idle(self, now: float) -> Send | None:
        """Take a lone ``00``: what ``receive`` and ``settle`` come to where nothing is new with it.

        Returns:
            The poll; or None, and nothing was taken: give the byte to ``receive``.
        """
        step = self._open
        if step is None or step.address is None or step.repeat or len(step.poll) > 1:
            return None
        link, begun = self.links[step.address], self._reader is not None
        if begun or not link.calm(now) or not self._shared.idle(now, step.address):
            return None
        self._taken()
        self._unsettled = False
        self._carried.answers += 1
        link.told_at = self._carried.moment
        link.idle(now, self._asked_at)
        return step

    def expire(self, now: float) -> Turn:
        """The line has been quiet until ``deadline``: end the answer."""
        try:
            reply = self._read().end()
        except WireError as error:
            return self._bad(now, error)
        if reply.raw:
            return self._good(now, reply)
        assert self._open is not None
        if isinstance(reply, SilenceReply) or self._open.repeat:
            self.links[reply.address].figures.timeouts += 1
            return self._failed(now, SilenceReply(reply.address), None, "no answer")
        step, link = self._taken()  # real-time mode: no activity, or lost; it proves nothing
        link.last_was_long = False
        return self._turn(now, step, reply)

    def overheard(self, now: float, data: bytes, *, wakeup: bool = False) -> bool:
        """Take bytes that nobody asked for: a late answer, a chirp, noise, or another host.

        Returns:
            True if another host polls on this line: we are silent from now on.
        """
        self.strays += len(data)
        self._shared.stray(now)
        self._late.came(data, in_time=now < self._late_until)
        return self.foreign.unasked(
            now, data, self.links, wakeup=wakeup, suspicious=now < self._suspicious_until,
            again_at=now + self.rules.poll_interval_s,
        )  # fmt: skip

    def settle(self, quiet_until: float = 0.0) -> None:
        """What the last turn brought is on disk, or needs no disk: the line may go on.

        Args:
            quiet_until: until then a late answer to a repeat (``Hold``) may still come.
        """
        self._unsettled = False
        if quiet_until > self._quiet_until:
            self._quiet_until = quiet_until
            self._late_until = quiet_until + self.rules.suspicion_s

    def number_another(self) -> int:
        """Return a number for an answer that a repeat brought in place of the held one."""
        self._number += 1
        return self._number

    def abandon(self, now: float) -> tuple[LinkChanged, ...]:
        """The port has gone: every link is down until it is back, and a poll may be owed.

        When the line goes on, a poll whose answer was not settled goes out first, byte for byte.
        """
        owed = self._open or self._repeat or (self._answered if self._unsettled else None)
        if owed is not None:
            self._first = owed.poll
        elif self._first is None:
            self._first = SYNC if self._last_sent != SYNC else self._unused
        if self._asked is not None:
            self.links[self._asked.poll[0]].put_back(self._asked, first=True)
        self._asked = self._open = self._reader = self._repeat = self._confirming = None
        self._unsettled = False
        self._quiet_until = self._late_until = now + self.rules.reply_timeout_s
        self._suspicious_until = now + self.rules.suspicion_s
        cut = [link.cut(now, self.rules, "the port has gone") for link in self._order]
        return tuple(change for changes in cut for change in changes)

    def _read(self) -> ReplyReader:
        if self._reader is None:  # idle answers need none
            assert self._open is not None
            self._reader = ReplyReader(self._open.poll, rte=self.rules.real_time)
        return self._reader

    def _good(self, now: float, reply: Reply) -> Turn:
        if self._open is not None and self._open.repeat:
            said = self._late.answer(self.links[reply.address], self._confirming, reply, self.rules)
            if said is None:  # neither is told, and a gap is
                return self._bad(now, UnexpectedError("asked again, it says another", reply.raw))
            reply = said
        step, link = self._taken()
        link.trouble |= not step.repeat and self._carried.dead_since(link.told_at)
        late_s = self._late_until - now
        if not step.repeat and doubtful(reply, link, self.links, self.rules, late_s):
            self._confirming, self._late.doubted = reply, late_s > 0
            link.answered_at_once(self._first_asked_at)
            self._repeat = step
            return self._turn(now, step, reply, final=False)
        self._confirming = None
        link.figures.answers += 1
        link.note(answered=True)
        marked = link.prove(reply, self._first_asked_at, repeat=step.repeat)
        self._carried.answers += 1
        link.told_at = self._carried.moment
        if step.repeat:
            self._quiet_until = now + self.rules.reply_timeout_s  # the first answer may come late
        changes, gaps = link.answered(now, clean=not step.repeat)
        if changes:  # a cable was plugged in: the others may be back as well
            for other in [one for one in self._order if not one.live]:
                other.due = min(other.due, now + self.rules.poll_interval_s)
        asked, self._asked = self._asked, None
        tags = link.long_poll_answered(asked, reply)
        return self._turn(
            now, step, reply, tags=tags, possible_repeat=marked, changes=changes, gaps=gaps
        )

    def _bad(self, now: float, error: WireError) -> Turn:
        self.links[self._last_sent[0] & 0x7F].figures.wrong(error)
        return self._failed(now, None, error, f"bad answers ({error.kind})")

    def _failed(self, now: float, reply: Reply | None, error: WireError | None, why: str) -> Turn:
        step, link = self._taken()
        link.note(answered=False)
        self._carried.missed += link.live
        self._late_until = now + self.rules.suspicion_s
        if not link.given_up:
            self._suspicious_until = now + self.rules.suspicion_s
        self._quiet_until = now + self.rules.reply_gap_s  # let the rest of a bad answer pass
        asked = self._asked
        self._late.expect(link, step.poll, self._first_asked_at, self._confirming)
        general = asked is None or asked.probe
        known = general or step.poll in link.support.answered
        if not step.repeat and (not link.given_up or error is not None):
            self._repeat = step
            return self._turn(now, step, reply, error, final=False)
        if self._confirming is not None and not self._late.doubted:  # the second answer was lost
            reply, self._confirming = self._confirming, None
            link.figures.answers += 1
            marked = link.prove(reply, self._first_asked_at, repeat=step.repeat)
            changes, gaps = link.answered(now, clean=False)
            return self._turn(
                now, step, reply, error, possible_repeat=marked, changes=changes, gaps=gaps
            )
        self._asked = self._confirming = None
        link.last_was_long = asked is not None
        tags = link.long_poll_failed(asked, now, silent=error is None)
        if not known and error is None:
            # silence is how an EGM says "not supported"; its general polls tell of the link
            return self._turn(now, step, reply, error, tags=tags)
        changes = link.failed(now, self._asked_at, self.rules, why, events_lost=general)
        return self._turn(now, step, reply, error, tags=tags, changes=changes)

    def _taken(self) -> tuple[Send, EgmLink]:
        """Close the open poll; its EGM is next due an interval after it was asked."""
        assert self._open is not None
        self._answered = step = self._open
        self._open = self._reader = None
        self._unsettled = True
        link = self.links[step.poll[0] & 0x7F]
        link.mark = self._count
        link.last_poll = step.poll
        link.due = self._asked_at + self.rules.poll_interval_s
        return step, link

    def _turn(
        self,
        now: float,
        step: Send,
        reply: Reply | None,
        error: WireError | None = None,
        **more: Any,
    ) -> Turn:
        address = step.poll[0] & 0x7F
        return Turn(
            address=address,
            poll=step.poll,
            number=step.number,
            asked_at=self._asked_at,
            heard_at=now,
            reply=reply,
            error=error,
            occurred_after=self.links[address].empty_at,
            shared=self._shared.polled(now, step, self._asked_at, reply, error),
            **more,
        )
