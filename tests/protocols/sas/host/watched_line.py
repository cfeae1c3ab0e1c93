"""The shell of a session, that watches the wire: it fails at the first broken promise."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from protocols.sas.allowlist import allowed
from protocols.sas.errors import RequestError
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Pause, Resume, Rules, Send, Turn
from protocols.sas.replies import ExceptionReply
from tests.protocols.sas.host.wire_oracle import crc, harmless, key

TINY_S = 1e-6
SYNC = b"\x80"


@dataclass
class WatchedLine:
    """The shell of a session, that believes nothing and looks at all that leaves."""

    session: LineSession
    rules: Rules
    addresses: tuple[int, ...]
    resume: Resume
    now: float = 1000.0
    last: Send | None = None
    number: int = 0
    first: bytes | None = None  # what must go out before anything else
    first_only: bool = False  # only the poll owed may break the pace and the pairs
    repeat_due: Send | None = None
    silent_until: float = 0.0
    count: int = 0
    asked_at: dict[int, float] = field(default_factory=dict)
    rested_at: dict[int, float] = field(default_factory=dict)
    passed_over: dict[int, int] = field(default_factory=dict)
    polled_as: dict[int, int] = field(default_factory=dict)
    general_as: dict[int, int] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)  # machines whose last word was an exception
    said: list[bytes] = field(default_factory=list)  # answers to this poll and its repeat
    tags: set[int] = field(default_factory=set)
    turns: list[Turn] = field(default_factory=list)
    sent: list[Send] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.number = self.resume.number
        owed = self.resume.owed
        good = owed is not None and harmless(owed, self.rules.allow)
        self.first = owed if good else SYNC
        self.first_only = True
        self.rested_at = dict.fromkeys(self.addresses, self.now)

    # ---------------------------------------------------------------- what leaves

    def step(self) -> Send | Pause:
        """Take one step and look at it."""
        step = self.session.next_step(self.now)
        if isinstance(step, Pause):
            longest = max(
                self.rules.retry_max_s, self.rules.poll_interval_s, self.rules.reply_timeout_s,
                self.rules.reply_gap_s, self.rules.sync_gap_s, self.silent_until - self.now,
            )  # fmt: skip
            assert self.now < step.until <= self.now + longest + TINY_S
        else:
            self._left(step)
        return step

    def _left(self, step: Send) -> None:
        assert harmless(step.poll, self.rules.allow)
        assert allowed(step.poll, self.rules.allow)
        assert self.now >= self.silent_until
        assert step.number == self.number + 1
        self.number = step.number
        self._is_in_turn(step)
        if step.address is not None:
            assert step.poll[0] & 0x7F == step.address
            self._keeps_the_pace(step)
        self.count += 1
        self.last = step
        self.sent.append(step)
        if not self.first_only:
            self._nobody_starves(step)
        if step.address is not None:
            self.asked_at[step.address] = self.now
            self.polled_as[step.address] = self.count
            if len(step.poll) == 1:
                self.general_as[step.address] = self.count
        self.first, self.first_only = None, False

    def _is_in_turn(self, step: Send) -> None:
        if self.repeat_due is not None:
            assert step.repeat
            assert (step.poll, step.address) == (self.repeat_due.poll, self.repeat_due.address)
            assert not self.repeat_due.repeat, "never a third identical poll"
            self.repeat_due = None
            return
        assert not step.repeat
        if self.first is not None:
            assert step.poll == self.first
        elif self.last is not None and len(step.poll) > 1:
            assert key(step.poll) != key(self.last.poll)
        elif self.last is not None:
            assert step.poll != self.last.poll

    def _keeps_the_pace(self, step: Send) -> None:
        address = step.address
        if step.repeat or self.first_only or address not in self.asked_at:
            return
        waited_s = self.now - self.asked_at[address]
        assert waited_s >= self.rules.poll_interval_s - TINY_S
        if len(step.poll) == 1:
            if address in self.general_as:
                assert self.count - self.general_as[address] >= 1
            if address in self.told:
                assert self.count - self.polled_as[address] >= 2

    def _nobody_starves(self, step: Send) -> None:
        patience_s = max(self.rules.poll_interval_s, self.rules.retry_max_s)
        for address in self.addresses:
            if self.now > self.rested_at[address] + patience_s + TINY_S:
                self.passed_over[address] = self.passed_over.get(address, 0) + 1
                assert self.passed_over[address] <= 6 * len(self.addresses) + 6
        if step.address is not None:
            self.passed_over[step.address] = 0

    # ---------------------------------------------------------------- what comes

    def poll(self) -> Send | None:
        """Go on until somebody is asked; None if another host keeps us silent."""
        nobody = 0
        while True:
            step = self.step()
            if isinstance(step, Pause):
                if step.until >= self.silent_until > self.now:
                    return None
                self.now = step.until
                continue
            if step.address is not None:
                return step
            nobody += 1
            assert nobody < 6, "it polls nobody for ever"

    def answer(self, pieces: list[bytes], after_s: float, *, wakeup: bool = False) -> Turn:
        """Answer the open poll in pieces; what is left over comes late."""
        self.said.append(b"".join(pieces))
        turn = None
        for piece in pieces:
            assert self.now <= self.session.deadline
            self.now = min(self.now + after_s, self.session.deadline)
            turn = self.session.receive(self.now, piece, wakeup=wakeup)
            if turn is not None:
                break
            longest = max(self.rules.reply_timeout_s, self.rules.reply_gap_s)
            assert self.session.deadline <= self.now + longest + TINY_S
        if turn is None:
            self.now = self.session.deadline
            turn = self.session.expire(self.now)
        self._judge(turn)
        return turn

    def _judge(self, turn: Turn) -> None:
        assert self.last is not None
        assert (turn.address, turn.poll, turn.number) == (
            self.last.address, self.last.poll, self.last.number)  # fmt: skip
        assert not self.session.waiting
        with pytest.raises(RequestError):
            self.session.next_step(self.now)
        self.turns.append(turn)
        self.rested_at[turn.address] = self.now
        if isinstance(turn.reply, ExceptionReply):
            self._was_said(turn)
        if not turn.final:
            assert not turn.changes
            assert not turn.tags
            self.repeat_due = self.last
            if isinstance(turn.reply, ExceptionReply):
                self.told.discard(turn.address)  # the one before is proven, this is not yet told
            return
        self.said = []
        if isinstance(turn.reply, ExceptionReply):
            self.told.add(turn.address)
        elif turn.reply is not None and turn.error is None and turn.reply.raw:
            self.told.discard(turn.address)
        for tag in turn.tags:
            assert tag not in self.tags, "a caller is told once"
            self.tags.add(tag)

    def _was_said(self, turn: Turn) -> None:
        """An exception of a turn was said in answer to this poll, by this machine's slot."""
        reply = turn.reply
        assert reply.address == turn.address
        if reply.real_time:
            assert any(
                raw[:3] == bytes([reply.address, 0xFF, reply.code]) and crc(raw[:-2]) == raw[-2:]
                for raw in self.said
            )
        else:
            assert len(turn.poll) == 1
            assert any(raw[:1] == bytes([reply.code]) for raw in self.said)

    def goes(self) -> None:
        """The port goes; what was not settled is owed."""
        unsettled = self.session.waiting or self.session._unsettled or self.repeat_due is not None
        self.session.abandon(self.now)
        if unsettled:
            self.first = self.last.poll
            self.first_only = True
        self.repeat_due = None
        self.said = []
        self.rested_at = dict.fromkeys(self.addresses, self.now)

    def overhears(self, data: bytes, *, wakeup: bool) -> None:
        """Bytes that nobody asked for."""
        a_host = wakeup and any(byte >= 0x80 for byte in data)  # no machine sets that bit on these
        if self.session.overheard(self.now, data, wakeup=wakeup) or a_host:
            self.silent_until = self.now + self.rules.foreign_quiet_s
        elif self.session.foreign.silenced(self.now):  # it is still heard
            self.silent_until = max(self.silent_until, self.session.foreign.until)

    def is_bounded(self) -> None:
        """Nothing grows."""
        for link in self.session.links.values():
            assert len(link.asks) <= 32
            assert all(len(asked.tags) <= 32 for asked in link.asks)
            assert all(code in range(1, 256) for code in link.doubts)
            support = link.support
            assert max(map(len, (support.silent, support.answered, support.refused))) <= 256
            assert link.history.bit_length() <= link.history_length <= 100


# -------------------------------------------------------------------- what is drawn
