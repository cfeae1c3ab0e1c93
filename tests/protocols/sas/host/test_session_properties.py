"""Whatever is configured, asked, heard or waited: what holds on a host's line.

A line is drawn: its rules, its machines, what the last process left. Then it lives through drawn
happenings: asks of any bytes at all, answers good and bad, noise, chirps, other hosts, ports that
go, commits that take their time. ``WatchedLine`` plays the shell and watches the wire.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import LinkState, Resume, Rules
from protocols.sas.replies import ExceptionReply
from protocols.sas.tables import EXCEPTIONS
from tests.protocols.sas.host.watched_line import TINY_S, WatchedLine
from tests.protocols.sas.host.wire_oracle import harmless, signed

READINGS = (
    "1a", "11", "0f", "10", "1e", "54", "51", "7e", "b1", "48", "8e",
)  # fmt: skip
SIGNED_READINGS = (
    "2f030000 00", "2f0400000001", "6f04 0000 0000", "af04 0000 0500", "520000", "a00000",
    "4dff", "7202ff00", "74ff000000", "b0020111", "b0060126 2f03000000", "b4 0001 0002", "5301 23",
)  # fmt: skip
CHANGES = ("01", "02", "1b", "94", "3d", "70", "0e01", "4d00", "7202 0000", "7301 00", "a801", "21")

BYTES = st.integers(0, 255)
CODES = st.one_of(BYTES, st.sampled_from([0x11, 0x51, 0x52, 0xD4, 0x1F, 0xFF, 1, 2]))


@st.composite
def lines(draw, machines=32):
    """A line with any rules, machines and past."""
    count = min(machines, draw(st.sampled_from([1, 1, 1, 2, 2, 3, 4, 8, 32])))
    addresses = tuple(
        draw(st.lists(st.integers(1, 127), min_size=count, max_size=count, unique=True))
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
        confirm=draw(st.sampled_from([frozenset(), frozenset({0x51}), frozenset(range(256))])),
        real_time=draw(st.booleans()),
    )
    some = st.sampled_from(addresses)
    resume = Resume(
        number=draw(st.integers(0, 2**40)),
        owed=draw(st.none() | asks(addresses).map(lambda ask: ask[1])),
        age_s=draw(st.none() | st.floats(0, 20)),
        last_codes=draw(st.dictionaries(some, st.tuples(st.integers(1, 255)), max_size=3)),
        was_up=frozenset(draw(st.lists(some, max_size=3))),
    )
    session = LineSession(addresses, rules, resume, 1000.0)
    return WatchedLine(session, rules, addresses, resume)


@st.composite
def asks(draw, addresses):
    """Any bytes as a long poll to anybody; often a reading, sometimes a command."""
    address = draw(st.sampled_from(addresses)) if draw(st.integers(0, 9)) else draw(BYTES)
    target = address if draw(st.integers(0, 9)) else draw(BYTES)
    kind = draw(st.sampled_from([0, 0, 0, 0, 2, 2, 3, 4, 5]))
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
        "well": data if len(step.poll) > 1 else b"\x00",
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
    said_before = line.said[-1:] if step.repeat else []
    turn = line.answer(pieces, after_s, wakeup=kind == "wakeup")
    clean = kind == "exception" and len(step.poll) == 1 and code not in {0x00, 0x1F}
    if not (clean and turn.final):
        return
    if code == step.address and code not in EXCEPTIONS:  # a chirp
        assert turn.reply is None or turn.reply.code != code
        return
    if turn.reply is None:  # it must be said twice, and something else was said before
        assert said_before
        assert code not in EXCEPTIONS or (line.rules.confirm and said_before != [raw])
        return
    assert isinstance(turn.reply, ExceptionReply)
    # of two answers to one poll the first is told where no table has the second, or another owes it
    assert turn.reply.code == code or step.repeat


WELL = ("well", 0, b"", 0.004, 0)
HAPPENINGS = st.one_of(
    *[ANSWERS.map(lambda answer: ("answers", [answer]))] * 5,
    *[st.integers(1, 12).map(lambda turns: ("answers", [WELL] * turns))] * 3,
    *[st.tuples(st.just("ask"), st.none())] * 3,
    st.tuples(st.just("hear"), st.tuples(st.binary(max_size=6), st.booleans())),
    st.tuples(st.just("wait"), st.sampled_from([0.001, 0.05, 0.3, 6.0, 40.0])),
    st.tuples(st.just("goes"), st.sampled_from(["idle", "waiting", "unsettled"])),
)


def asked(line, tag, ask):
    """Ask for anything; what is taken is a harmless long poll to a machine of the line."""
    address, poll = ask
    if line.session.ask(address, poll, tag):
        assert harmless(poll, line.rules.allow)
        assert len(poll) > 1
        assert poll[0] == address
        assert address in line.addresses


def gone(line, when):
    """The port goes, in the middle of something or not."""
    if when != "idle":
        step = line.poll()
        if step is not None and when == "unsettled":
            line.answer([b"\x51"], 0.001)
    line.goes()


@settings(max_examples=120, deadline=None)
@given(data=st.data(), line=lines(), happenings=st.lists(HAPPENINGS, min_size=20, max_size=90))
def test_whatever_happens_the_line_keeps_its_promises(data, line, happenings):
    for number, (what, how) in enumerate(happenings):
        if what == "answers":
            for answer in how:
                played(line, answer)
                line.session.settle()
        elif what == "ask":
            asked(line, number, data.draw(asks(line.addresses)))
        elif what == "hear":
            line.overhears(how[0], wakeup=how[1])
        elif what == "wait":
            line.now += how
        else:
            gone(line, how)
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
