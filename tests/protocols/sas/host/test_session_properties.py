"""Whatever is configured, asked, heard or waited: what holds on a host's line.

A line is drawn: its rules, its machines, what the last process left. Then it lives through drawn
happenings: asks of any bytes at all, answers good and bad, noise, chirps, other hosts, ports that
go, commits that take their time. ``WatchedLine`` plays the shell and watches the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.sas.allowlist import allowed
from protocols.sas.errors import RequestError
from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import LinkState, Pause, Resume, Rules, Send, Turn
from protocols.sas.replies import ExceptionReply
from tests.protocols.sas.host.wire_oracle import crc, harmless, key, signed

TINY_S = 1e-6
SYNC = b"\x80"
READINGS = (
    "1a", "11", "0f", "10", "1e", "54", "51", "7e", "b1", "48", "8e",
)  # fmt: skip
SIGNED_READINGS = (
    "2f030000 00", "2f0400000001", "6f04 0000 0000", "af04 0000 0500", "520000", "a00000",
    "4dff", "7202ff00", "74ff000000", "b0020111", "b0060126 2f03000000", "b4 0001 0002", "5301 23",
)  # fmt: skip
CHANGES = ("01", "02", "1b", "94", "3d", "70", "0e01", "4d00", "7202 0000", "7301 00", "a801", "21")


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
            assert len(link.silent) <= 256
            assert len(link.supported) <= 256
            assert link.history.bit_length() <= link.history_length <= 100


# -------------------------------------------------------------------- what is drawn

BYTES = st.integers(0, 255)
CODES = st.one_of(BYTES, st.sampled_from([0x11, 0x51, 0x52, 0xD4, 0x1F, 0xFF, 1, 2]))


@st.composite
def lines(draw, machines=32):
    """A line with any rules, machines and past."""
    addresses = tuple(
        draw(st.lists(st.integers(1, 127), min_size=1, max_size=machines, unique=True))
    )
    rules = Rules(
        poll_interval_s=draw(st.sampled_from([0.04, 0.2, 0.5])),
        reply_timeout_s=draw(st.sampled_from([0.02, 0.05, 0.3])),
        reply_gap_s=draw(st.sampled_from([0.005, 0.02, 0.06])),
        sync_gap_s=draw(st.sampled_from([0.0, 0.02, 0.1])),
        down_after_turns=draw(st.integers(1, 6)),
        retry_first_s=draw(st.sampled_from([0.0, 0.01, 1.0, 30.0])),
        retry_max_s=draw(st.sampled_from([0.01, 1.0, 10.0])),
        suspicion_s=draw(st.sampled_from([0.0, 1.0])),
        foreign_quiet_s=draw(st.sampled_from([0.5, 60.0])),
        allow=draw(st.sampled_from(["any_line", "own_line"])),
        confirm=draw(st.booleans()),
    )
    some = st.sampled_from(addresses)
    resume = Resume(
        number=draw(st.integers(0, 2**40)),
        owed=draw(st.none() | asks(addresses).map(lambda ask: ask[1])),
        age_s=draw(st.none() | st.floats(0, 20)),
        last_codes=draw(st.dictionaries(some, st.integers(1, 255), max_size=3)),
        was_up=frozenset(draw(st.lists(some, max_size=3))),
    )
    session = LineSession(addresses, rules, resume, 1000.0)
    return WatchedLine(session, rules, addresses, resume)


@st.composite
def asks(draw, addresses):
    """Any bytes as a long poll to anybody; often a reading, sometimes a command."""
    address = draw(st.sampled_from(addresses) | st.integers(0, 200))
    target = address if draw(st.integers(0, 4)) else draw(BYTES)
    kind = draw(st.integers(0, 5))
    if kind < 2:
        poll = bytes([target % 256]) + bytes.fromhex(draw(st.sampled_from(READINGS)))
    elif kind == 2:
        poll = signed(f"{target:02x}" + draw(st.sampled_from(SIGNED_READINGS + CHANGES)))
    elif kind == 3:
        poll = bytes([target % 256]) + bytes.fromhex(draw(st.sampled_from(CHANGES)))
    elif kind == 4:
        poll = bytes([0x80 | target % 128])
    else:
        poll = draw(st.binary(max_size=40))
    return address, poll


ANSWERS = st.tuples(
    st.sampled_from(
        ["idle"] * 6
        + ["exception"] * 4
        + ["event", "data", "data", "data", "busy", "nack", "ack", "silence", "silence", "noise"]
        + ["neighbour", "broken", "cut", "echo", "chirp", "babble", "twice", "wakeup"]
    ),
    CODES,
    st.binary(max_size=30),
    st.sampled_from([0.0, 0.001, 0.004, 0.019, 0.2]),
    st.sampled_from([0, 0, 1, 3]),
)


def spoken(line, step, kind, code, noise):
    """The bytes of an answer."""
    address = step.address
    command = step.poll[1] if len(step.poll) > 1 else 0x1A
    data = signed(f"{address:02x} {command:02x}" + "00" * (24 if command == 0x0F else 4))
    texts = {
        "idle": b"\x00",
        "exception": bytes([code]),
        "event": signed(f"{address:02x} ff {code:02x}"),
        "data": data,
        "busy": bytes([address, 0]),
        "nack": bytes([address | 0x80]),
        "ack": bytes([address]),
        "silence": b"",
        "noise": noise,
        "neighbour": bytes([line.addresses[0]]) + data[1:],
        "broken": data[:-1] + bytes([data[-1] ^ (code or 1)]),
        "cut": data[: 1 + code % (len(data) - 1)],
        "echo": step.poll,
        "chirp": bytes([line.addresses[-1]]),
        "babble": bytes([address, command]) + b"\x07" * 300,
        "twice": bytes([code, code]),
        "wakeup": bytes([code]),
    }
    return texts[kind]


def played(line, answer):
    """Poll somebody, and let it answer."""
    kind, code, noise, after_s, cut = answer
    step = line.poll()
    if step is None:
        line.now = line.silent_until
        return
    raw = spoken(line, step, kind, code, noise)
    size = cut or len(raw) or 1
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    turn = line.answer(pieces, after_s, wakeup=kind == "wakeup")
    clean = kind == "exception" and len(step.poll) == 1 and code not in {0x00, 0x1F}
    if clean and turn.final:
        assert isinstance(turn.reply, ExceptionReply)
        assert turn.reply.code == code


HAPPENINGS = st.one_of(
    ANSWERS.map(lambda answer: ("answer", answer)),
    ANSWERS.map(lambda answer: ("answer", answer)),
    ANSWERS.map(lambda answer: ("answer", answer)),
    st.tuples(st.just("ask"), st.integers(0, 2**30)),
    st.tuples(st.just("hear"), st.tuples(st.binary(max_size=6), st.booleans())),
    st.tuples(st.just("wait"), st.sampled_from([0.001, 0.05, 0.3, 6.0, 40.0])),
    st.tuples(st.just("goes"), st.sampled_from(["idle", "waiting", "unsettled"])),
)


@settings(max_examples=250, deadline=None)
@given(data=st.data(), line=lines(), happenings=st.lists(HAPPENINGS, max_size=60))
def test_whatever_happens_the_line_keeps_its_promises(data, line, happenings):
    tag = 0
    for what, how in happenings:
        if what == "answer":
            played(line, how)
            line.session.settle()
        elif what == "ask":
            address, poll = data.draw(asks(line.addresses))
            tag += 1
            if line.session.ask(address, poll, tag):
                assert harmless(poll, line.rules.allow)
                assert len(poll) > 1
                assert poll[0] == address
                assert address in line.addresses
        elif what == "hear":
            line.overhears(how[0], wakeup=how[1])
        elif what == "wait":
            line.now += how
        else:
            if how != "idle":
                step = line.poll()
                if step is not None and how == "unsettled":
                    line.answer([b"\x51"], 0.001)
            line.goes()
        line.is_bounded()
    # every exception of a final turn is in one turn: a poll has one final turn
    finals = [turn.number for turn in line.turns if turn.final]
    assert len(set(finals)) == len(finals)


@settings(max_examples=40, deadline=None)
@given(
    line=lines(machines=8),
    kinds=st.lists(st.sampled_from(["well", "dead", "noisy", "late", "busy"]), min_size=8),
)
def test_every_machine_is_tried_within_its_bound_and_the_living_are_not_slowed(line, kinds):
    kind_of = dict(zip(line.addresses, kinds, strict=False))
    rules, machines = line.rules, len(line.addresses)
    a_poll_s = rules.reply_timeout_s + rules.reply_gap_s + rules.sync_gap_s
    cycle_s = machines * 4 * a_poll_s
    tried: dict[int, float] = dict.fromkeys(line.addresses, line.now)
    until_s = line.now + 60
    while line.now < until_s and len(line.sent) < 1500:
        step = line.poll()
        assert step is not None
        assert step.address is not None
        waited_s = line.now - tried[step.address]
        down = line.session.links[step.address].state is LinkState.DOWN
        bound_s = max(rules.poll_interval_s, rules.retry_max_s if down else 0.0)
        assert waited_s <= bound_s + cycle_s + rules.poll_interval_s + TINY_S
        tried[step.address] = line.now
        kind = kind_of[step.address]
        said = {"well": [b"\x00"], "dead": [], "noisy": [b"\x07\x07"], "busy": [b"\x00"]}
        line.answer(said.get(kind, []), 0.001)
        line.session.settle()
        if kind == "late":
            line.overhears(b"\x00", wakeup=False)
