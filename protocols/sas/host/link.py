"""What a host remembers of one EGM on its line."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field

from protocols.sas.host.carried import Moment
from protocols.sas.host.figures import Figures
from protocols.sas.host.steps import (
    LINK_DOWN_S,
    Asked,
    Gap,
    LinkChanged,
    LinkState,
    Resume,
    Rules,
)
from protocols.sas.host.support import WHO_COMMAND, Support
from protocols.sas.polls import general_poll
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    NackReply,
    Reply,
)
from protocols.sas.tables.exceptions import QUEUED

ASKS_MAX = 31  # long polls that may wait for one EGM; more are refused, but one put back has room
TAGS_MAX = 32  # callers that may wait for one long poll; more are refused
HISTORY = 100  # polls that the link quality looks back on
_HISTORY_BITS = (1 << HISTORY) - 1
BUSY_TRIES_MAX = 5  # busy answers after which a long poll is given up
GARBLED_TRIES_MAX = 3  # turns of bad answers after which one that was never answered is given up
LEFT_ALONE_S = 0.9 * LINK_DOWN_S  # seconds; its clock is not ours
PROBE_AFTER_S = 2.0  # in real-time mode silence proves nothing: after so long a reading is asked
PROBE_COMMANDS = (0x0F, 0x1A, 0x1F, 0x54)  # readings; the first that was answered, else the first
GOOD_TURNS_TO_UP = 5  # good turns in a row that end "degraded"


@dataclass(slots=True)
class EgmLink:
    """Link state, implied-ack state and waiting long polls of one EGM.

    Attributes:
        unproven: code of the last exception while it is not certain that its acknowledgement
            arrived; None once it is.
        doubts: codes whose acknowledgement may have been lost: the next equal one is marked.
        mark: the line's poll count when this EGM was last polled; every poll since is an implied
            ack for it.
        was_up: the last process left its link up, so an answer may be lost before the first one.
        told_at: what the line had carried when it last answered well.
        empty_at: when its queue was last known empty: the moment of the poll that found nothing.
        probed: a reading brought its link up, and no general poll was answered since.
        mute: so it is, and general polls stay silent, as in real-time mode.
    """

    address: int
    due: float = 0.0
    state: LinkState = LinkState.UNKNOWN
    failures: int = 0
    good: int = 0
    heard_at: float | None = None
    lost_at: float | None = None
    gap_cause: str | None = None
    retry_s: float = 0.0
    mark: int = 0
    unproven: int | None = None
    trouble: bool = False
    doubts: set[int] = field(default_factory=set)
    was_up: bool = False
    empty_at: float | None = None
    asks: deque[Asked] = field(default_factory=deque)
    told_at: Moment = (0, 0)
    last_was_long: bool = False
    last_poll: bytes = b""
    probed: bool = False
    mute: bool = False
    support: Support = field(default_factory=Support)
    figures: Figures = field(default_factory=Figures)
    history: int = 0
    history_length: int = 0
    general: bytes = b""

    def __post_init__(self) -> None:
        self.general = general_poll(self.address)

    def resume(self, left: Resume, now: float) -> None:
        """Begin with what the last process left."""
        cold = left.age_s is None or left.age_s >= LINK_DOWN_S
        self.due = now
        self.was_up = self.address in left.was_up
        self.support.resume(*left.learned.get(self.address, (None, {})))
        self.doubts.update(left.last_codes.get(self.address, ()))
        self.trouble |= bool(self.doubts)  # what was acknowledged, the last process took along
        if self.address in left.gaps:
            self.gap_cause, self.lost_at = left.gaps[self.address]
        elif left.number and cold and self.was_up:
            self.gap_cause = "restart_unknown" if left.age_s is None else "gateway_down"
            self.lost_at = None if left.age_s is None else now - left.age_s

    @property
    def quality(self) -> float | None:
        """Share of the last 100 polls that were answered well, or None before the first."""
        if not self.history_length:
            return None
        return self.history.bit_count() / self.history_length

    def told(self, now: float) -> dict[str, int | float]:
        """Return the figures behind a change of the link.

        They are its counts; ``failures``, the turns in a row that came to nothing; ``silent_s``,
        seconds since its last good answer, and ``quality``, where there was an answer or a poll.
        """
        figures: dict[str, int | float] = {**asdict(self.figures), "failures": self.failures}
        figures["gap_s"] = round(self.figures.gap_s, 3)
        if self.heard_at is not None:
            figures["silent_s"] = round(now - self.heard_at, 3)
        if self.quality is not None:
            figures["quality"] = round(self.quality, 2)
        return figures

    @property
    def given_up(self) -> bool:
        """Whether it gets one slot and no repeat."""
        return self.state is LinkState.DOWN

    @property
    def live(self) -> bool:
        """Whether it is polled at the line's pace."""
        return self.state is LinkState.UP or self.state is LinkState.DEGRADED

    def note(self, *, answered: bool) -> None:
        """Remember one poll for the link quality."""
        self.history = ((self.history << 1) | answered) & _HISTORY_BITS
        if self.history_length < HISTORY:
            self.history_length += 1

    def ask(self, poll: bytes, tag: object, now: float, *, first: bool = False) -> bool:
        """Queue a long poll; an equal one that waits already takes the tag along.

        Returns:
            False if the EGM is known not to support it, or too many wait.
        """
        if self.support.refuses(poll, now):
            return False
        for asked in self.asks:
            if asked.poll == poll:
                if len(asked.tags) >= TAGS_MAX:
                    return False
                asked.tags.append(tag)
                if first:
                    self.asks.remove(asked)
                    self.asks.appendleft(asked)
                return True
        if len(self.asks) >= ASKS_MAX:
            return False
        (self.asks.appendleft if first else self.asks.append)(Asked(poll, [tag]))
        return True

    def wanted(self, now: float, rules: Rules, *, reads_only: bool) -> Asked | None:
        """Return the long poll that takes the place of its next general poll, or None.

        Args:
            now: the present.
            rules: of the line.
            reads_only: no general polls may go out at all.
        """
        if self.asks and self.live and (reads_only or not self.last_was_long):
            return self.asks[0]
        if not rules.real_time and not self._may_be_mute(rules):
            return None
        if self.live and self.last_was_long:
            return None
        if self.live and self.heard_at is not None and now - self.heard_at < PROBE_AFTER_S:
            return None
        polls = [bytes([self.address, command]) for command in PROBE_COMMANDS]
        known = [poll for poll in polls if poll in self.support.answered]
        return Asked((known or polls)[0], [], probe=True)

    def _may_be_mute(self, rules: Rules) -> bool:
        """Say whether to try a reading: it may have been left in a mode that 0E can end."""
        odd = self.failures % 2 == 1
        return odd and not self.live and not self.mute and rules.allow == "own_line"

    def put_back(self, asked: Asked, *, first: bool = False) -> None:
        """Let a long poll wait again; an equal one that was asked for meanwhile joins it."""
        for waiting in self.asks:
            if waiting.poll == asked.poll:
                asked.tags = [*asked.tags, *waiting.tags][:TAGS_MAX]
                self.asks.remove(waiting)
                break
        if first:
            self.asks.appendleft(asked)
        else:
            self.asks.append(asked)

    def change(self, after: LinkState, reason: str) -> tuple[LinkChanged, ...]:
        """Go to ``after``; return the change, or nothing if it is the same state."""
        before = self.state
        if before is after:
            return ()
        self.state = after
        return (LinkChanged(self.address, before, after, reason),)

    def failed(
        self, now: float, asked_at: float, rules: Rules, why: str, *, events_lost: bool
    ) -> tuple[LinkChanged, ...]:
        """A turn came to nothing, its repeat included; ``events_lost`` if it was a general poll."""
        self.failures += 1
        self.good = 0
        self.doubt()
        if events_lost:
            self.support.link_failed()
        if events_lost and self.state is not LinkState.DOWN and self.gap_cause is None:
            self.gap_cause = "restart_unknown" if self.was_up else "answer_lost_twice"
            self.lost_at = self.heard_at if self.heard_at is not None else asked_at
        if self.state is LinkState.DOWN:
            self.retry_s = min(rules.retry_max_s, self.retry_s * 2)
            self.due = max(self.due, now + self.retry_s)
            return ()
        if self.failures >= rules.down_after_turns:
            self.retry_s = min(rules.retry_first_s, rules.retry_max_s)
            self.due = max(self.due, now + self.retry_s)
            self.support.link_went()
            return self.change(LinkState.DOWN, f"{why}, {self.failures} turns in a row")
        return self.change(LinkState.DEGRADED, why) if self.state is LinkState.UP else ()

    def cut(self, now: float, rules: Rules, why: str) -> tuple[LinkChanged, ...]:
        """The way to it is gone for a reason that needs no trying out."""
        self.doubt()
        self.support.link_went()
        if self.live and self.gap_cause is None:
            self.gap_cause, self.lost_at = "answer_lost_twice", self.heard_at
        self.failures = self.good = 0
        self.retry_s = min(rules.retry_first_s, rules.retry_max_s)
        self.due = now + rules.poll_interval_s
        return () if self.state is LinkState.UNKNOWN else self.change(LinkState.DOWN, why)

    def answered(
        self, now: float, *, clean: bool
    ) -> tuple[tuple[LinkChanged, ...], tuple[Gap, ...]]:
        """A good answer came; ``clean`` if at the first attempt."""
        self.failures = 0
        self.good = self.good + 1 if clean else 0
        gaps: tuple[Gap, ...] = ()
        changes: tuple[LinkChanged, ...] = ()
        if (
            self.gap_cause is None
            and self.heard_at is not None
            and now - self.heard_at >= LINK_DOWN_S
        ):
            self.gap_cause, self.lost_at = "no_exchange", self.heard_at
        if self.gap_cause is not None:
            cause = self.gap_cause
            if (
                cause == "answer_lost_twice"
                and self.lost_at is not None
                and now - self.lost_at >= LINK_DOWN_S
            ):
                cause = "no_exchange"
            gaps = (Gap(self.address, cause, self.lost_at, now),)
            self.gap_cause = None
            self.figures.gaps += 1
            self.figures.gap_s += 0.0 if self.lost_at is None else now - self.lost_at
        if not self.live:
            changes = self.change(LinkState.UP, "answers")
        elif self.state is LinkState.DEGRADED and self.good >= GOOD_TURNS_TO_UP:
            changes = self.change(LinkState.UP, f"{self.good} good answers in a row")
        self.heard_at = now
        self.was_up = False
        return changes, gaps

    def calm(self, now: float) -> bool:
        """Whether an idle answer now would change nothing that anybody is told."""
        return (
            self.state is LinkState.UP
            and self.gap_cause is None
            and not self.doubts
            and self.heard_at is not None
            and now - self.heard_at < LINK_DOWN_S
        )

    def idle(self, now: float, asked_at: float) -> None:
        """Take an idle answer to a general poll, at the first attempt, while it is ``calm``.

        What ``note``, ``prove``, ``answered`` and ``long_poll_answered`` make of it, in one.
        """
        self.figures.answers += 1
        self.history = ((self.history << 1) | 1) & _HISTORY_BITS
        if self.history_length < HISTORY:
            self.history_length += 1
        self.unproven = None
        self.trouble = False
        self.empty_at = asked_at
        self.failures = 0
        self.good += 1
        self.heard_at = now
        self.was_up = self.last_was_long = self.probed = self.mute = False

    def doubt(self) -> None:
        """The acknowledgement of the last exception may not have arrived."""
        self.trouble = True
        if self.unproven is not None:
            self.doubts.add(self.unproven)
            self.unproven = None

    def answered_at_once(self, asked_at: float | None = None) -> None:
        """It answered a first attempt, after polls that acknowledge: they have arrived.

        Unless it was left alone so long before that its link went down, with what it was about to
        take for acknowledged. An exception of the queue is said once those before it are gone, and
        is gone itself only now: before, it may have been noise in their place.
        """
        if asked_at is not None and self.heard_at is not None:
            self.trouble |= asked_at - self.heard_at >= LEFT_ALONE_S
        if not self.trouble:
            if self.unproven in QUEUED:
                self.doubts.clear()
            self.unproven = None

    def prove(self, reply: Reply, asked_at: float, *, repeat: bool) -> bool:
        """Work out what an answer says of the last acknowledgement.

        Returns:
            True if this exception may be one that was told before (P3).
        """
        if not repeat:
            self.answered_at_once(asked_at)
        if self.unproven is not None:
            self.doubt()
        marked = False
        if isinstance(reply, IdleReply):
            self.empty_at = asked_at
            self.doubts.clear()
            self.trouble = False
        elif isinstance(reply, ExceptionReply):
            marked = reply.code in self.doubts
            self.doubts.discard(reply.code)
            self.unproven = reply.code
            self.trouble = False
        return marked

    def long_poll_answered(self, asked: Asked | None, reply: Reply) -> tuple[object, ...]:
        """Note what became of a long poll; ``asked`` is None after a general poll.

        Returns:
            The tags of those who asked, if this is the end of it; else it waits again.
        """
        self.last_was_long = asked is not None
        if asked is None:
            self.probed = self.mute = False
            return ()
        self.probed |= asked.probe
        if isinstance(reply, LongPollReply | AckReply | NackReply | BusyReply):
            self.support.poll_was_answered(asked.poll)
        if isinstance(reply, LongPollReply) and reply.command == WHO_COMMAND:
            self.support.identity_was_read(reply)
        if isinstance(reply, BusyReply):
            self.figures.busy += 1
            asked.busy += 1
            if asked.busy < BUSY_TRIES_MAX:
                self.put_back(asked)
                return ()
        self.figures.nacks += isinstance(reply, NackReply)
        if isinstance(reply, ExceptionReply | IdleReply):
            self.put_back(asked, first=True)  # a real-time event came instead: ask again later
            return ()
        return tuple(asked.tags)

    def long_poll_failed(
        self, asked: Asked | None, now: float, *, silent: bool
    ) -> tuple[object, ...]:
        """Note that a long poll and its repeat came to nothing; None if it was a general poll.

        Args:
            asked: the long poll.
            now: the present.
            silent: whether nothing was said, which may mean "not supported".

        Returns:
            The tags of those who asked, if it is given up; else it waits again.
        """
        if asked is None:
            self.mute |= self.probed and silent
        if asked is None or asked.probe:
            return ()
        if silent:
            over = self.support.turn_was_silent(asked.poll, now)
        else:  # something was said, so it may be supported, and asked for another time
            self.support.silent.pop(asked.poll, None)
            asked.garbled += asked.poll not in self.support.answered
            over = asked.garbled >= GARBLED_TRIES_MAX
        if over:
            return tuple(asked.tags)
        self.put_back(asked)
        return ()
