"""The short way of an idle answer comes to the same as the long one."""

from collections import deque
from enum import Enum

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.sas.host.session import LineSession
from protocols.sas.host.steps import Pause, Rules

ANSWERS = st.sampled_from([b"\x00"] * 6 + [b"", b"\x11", b"\x7e", b"\x01", b"\x00\x00", b"\x51"])
SPENT = {"_reader", "deadline"}  # of the last poll: they mean nothing once its answer is here
WAITS_S = st.sampled_from([0.003] * 6 + [0.019, 1.0, 6.0])


def known(value):
    """Return all that a part of a session remembers, as plain values."""
    if isinstance(value, deque | list | tuple):
        return [known(one) for one in value]
    if isinstance(value, dict):
        return {key: known(one) for key, one in value.items()}
    if isinstance(value, Enum) or not type(value).__module__.startswith("protocols"):
        return repr(value)
    names = getattr(value, "__slots__", None) or vars(value)
    return {name: known(getattr(value, name)) for name in names if name not in SPENT}


def turn(session, now, answer, *, short):
    """Bring a line to its next answer; return what came of it and the time."""
    step = session.next_step(now)
    while isinstance(step, Pause) or step.address is None:
        now = max(now, step.until) if isinstance(step, Pause) else now
        step = session.next_step(now)
    asked = now
    now += 0.004
    if short and answer == b"\x00" and (taken := session.idle(now)) is not None:
        assert taken == step
        return step, None, now
    came = session.receive(now, answer) if answer else None
    if came is None:
        now = max(now, session.deadline)
        came = session.expire(now)
    assert came.asked_at == asked
    session.settle()
    told = (came.changes, came.gaps, came.tags, came.shared, came.possible_repeat, came.final)
    return step, told, now


@settings(max_examples=150, deadline=None)
@given(
    egms=st.integers(1, 3),
    said=st.lists(st.tuples(ANSWERS, WAITS_S, st.booleans()), max_size=40),
)
def test_an_idle_answer_leaves_the_same_behind_either_way(egms, said):
    short = LineSession(range(1, egms + 1), Rules(), now=100.0)
    long = LineSession(range(1, egms + 1), Rules(), now=100.0)
    now = then = 100.0
    for answer, wait_s, stray in said:
        if stray:
            short.overheard(now, b"\x00")
            long.overheard(then, b"\x00")
        step, told, now = turn(short, now, answer, short=True)
        step_too, told_too, then = turn(long, then, answer, short=False)
        assert (step, now) == (step_too, then)
        assert told == told_too or (told is None and not any(told_too[:-1]))
        assert known(short) == known(long)
        now += wait_s
        then += wait_s


def test_a_lone_00_is_taken_the_short_way_once_the_link_is_up():
    session = LineSession([1], Rules(), now=0.0)
    _, first, now = turn(session, 0.1, b"\x00", short=True)
    assert first is not None  # it brings the link up, which is told
    step, second, _ = turn(session, now, b"\x00", short=True)
    assert (step.poll, second) == (b"\x81", None)


def test_the_second_byte_of_an_answer_is_not_taken_for_an_idle_one():
    session = LineSession([1], Rules(), now=0.0)
    _, _, now = turn(session, 0.1, b"\x00", short=True)
    now = session.next_step(now).number and now + 0.2
    while isinstance(step := session.next_step(now), Pause) or step.address is None:
        now = step.until if isinstance(step, Pause) else now
    assert session.receive(now, b"\x01") is None  # a real-time event may begin so
    assert session.idle(now) is None


def test_a_lone_00_after_a_long_poll_is_no_idle_answer():
    session = LineSession([1], Rules(), now=0.0)
    _, _, now = turn(session, 0.1, b"\x00", short=True)
    assert session.ask(1, b"\x01\x1a")
    step = session.next_step(now)
    while isinstance(step, Pause) or step.poll != b"\x01\x1a":
        now = max(now, step.until) if isinstance(step, Pause) else now
        step = session.next_step(now)
    assert session.idle(now + 0.004) is None
    assert session.waiting
