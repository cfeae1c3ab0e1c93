"""Marks are given in every order and number; the calls must be those of one clean run.

A story is a list of words such as ``open A`` at its place in the gateway's numbering; it is told in
order once, and then as Hypothesis likes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.central.dispatch.calls import call_id, forgettable, settle
from gateway.central.dispatch.changes import Change, Told, changes
from gateway.central.dispatch.marks import Amount, Call, Does, Kind, Lane, Mark, Order

SECOND = 1_000_000_000
HANDPAYS = Lane("10101", Kind.HANDPAY)
LAMPS = Lane("10101", Kind.LAMP)
JAMS = Lane("10101", Kind.TILT, "billjam")


def mark(sequence, word, *, lane=HANDPAYS):
    """``open A``, ``open A?`` (possible repeat), ``amount 5 A``, ``end A``; no letter: no name.

    ``reveal 5 B`` is an amount of a handpay that still waits, whether or not it was heard of.
    """
    does, *rest = word.split()
    amount = Amount(Decimal(rest.pop(0)), "USD", "read") if does in {"amount", "reveal"} else None
    name = rest[0] if rest else ""
    return Mark(
        event_id=f"edge1.b1.{sequence}",
        order=Order(sequence, "b1"),
        lane=lane,
        does={"open": Does.OPENS, "amount": Does.DETAILS, "reveal": Does.DETAILS, "end": Does.ENDS}[
            does
        ],
        at_ns=sequence * SECOND,
        correlation=name.strip("?"),
        outcome="reset" if does == "end" else "",
        possible_repeat=name.endswith("?"),
        location="01-01-01",
        amount=amount,
        may_open=does == "reveal",
    )


def story(*words, lane=HANDPAYS):
    return [mark(n, word, lane=lane) for n, word in enumerate(words, start=1)]


def seen(marks):
    """(call id, opened at, closed at, amount) of each call, in seconds."""
    return [
        (
            call.callid,
            call.opened_ns // SECOND,
            None if call.closed_ns is None else call.closed_ns // SECOND,
            None if call.amount is None else str(call.amount.value),
        )
        for call in settle(marks).calls
    ]


STORIES = [
    pytest.param(["open A"], [("handpay-A", 1, None, None)], id="a handpay waits"),
    pytest.param(
        ["open A", "open A", "open A"], [("handpay-A", 1, None, None)],
        id="a handpay that is said again every 15 s is one call",
    ),
    pytest.param(
        ["open A", "amount 1250.00 A", "end A"], [("handpay-A", 1, 3, "1250.00")],
        id="amount, then key-off",
    ),
    pytest.param(
        ["open A", "end A", "amount 7 A"], [("handpay-A", 1, 2, "7")],
        id="the amount is known after the key-off",
    ),
    pytest.param(
        ["open A", "open B", "end A", "end B"],
        [("handpay-A", 1, 3, None), ("handpay-B", 2, 4, None)],
        id="two handpays in the machine's queue are two calls",
    ),
    pytest.param(
        ["open A", "open B", "end", "end"],
        [("handpay-A", 1, 3, None), ("handpay-B", 2, 4, None)],
        id="a key-off without a name ends the handpay that has waited longest",
    ),
    pytest.param(
        ["open A", "open B?", "end B", "open C"],
        [("handpay-A", 1, 3, None), ("handpay-C", 4, None, None)],
        id="a possible repeat under another name is the same call, and its name ends it",
    ),
    pytest.param(
        ["open A", "open A?", "end A", "open A?"], [("handpay-A", 1, 3, None)],
        id="a possible repeat after the end opens nothing",
    ),
    pytest.param(
        ["open B", "open A", "open C?", "end C", "open C?", "amount 5 C"],
        [("handpay-B", 1, None, None), ("handpay-A", 2, 4, "5")],
        id="a name that went along with a call stays with it when that has ended",
    ),
    pytest.param(
        ["open A?", "end A"], [("handpay-A", 1, 2, None)],
        id="a possible repeat of something never heard is a call",
    ),
    pytest.param(
        ["open", "open", "end", "open"],
        [("handpay-edge1-b1-1", 1, 3, None), ("handpay-edge1-b1-4", 4, None, None)],
        id="without names the events' own ids name the calls",
    ),
    pytest.param(
        ["open A", "reveal 10 A", "reveal 20 B", "end A", "open B", "end B"],
        [("handpay-A", 1, 4, "10"), ("handpay-B", 3, 6, "20")],
        id="the amount of the next handpay in the queue opens its call",
    ),
    pytest.param(["end A", "end", "amount 3 A"], [], id="an end of nothing is no call"),
    pytest.param(
        ["open A", "end B"], [("handpay-A", 1, None, None)],
        id="the key-off of another handpay does not end this one",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("words", "calls"), STORIES)
def test_a_story_makes_these_calls(words, calls):
    assert seen(story(*words)) == calls


@given(st.data())
@pytest.mark.parametrize("words", [story.values[0] for story in STORIES])
def test_any_order_and_any_repeats_make_the_same_calls(words, data):
    marks = story(*words)
    told = data.draw(st.permutations(marks * 2))
    again = data.draw(st.lists(st.sampled_from(marks)))
    assert settle([*told, *again]) == settle(marks)


WORDS = st.sampled_from([
    *(f"{does} {name}".strip() for does in ("open", "amount 5", "reveal 9", "end")
      for name in ("A", "B", "C", "")),
    "open A?", "open B?",
])  # fmt: skip
LANES = st.sampled_from([HANDPAYS, LAMPS, JAMS])


def apply_changes(known: dict[str, Call], told: tuple[Change, ...]) -> None:
    """What somebody does who only hears the changes."""
    for change in told:
        if change.told is Told.OPENED:
            assert change.call.callid not in known or not known[change.call.callid].is_open
        else:
            assert change.call.callid in known
        if change.withdrawn:
            del known[change.call.callid]
        else:
            known[change.call.callid] = change.call


@given(st.lists(WORDS, max_size=14), LANES, st.data())
def test_whoever_hears_the_changes_ends_with_the_calls_of_a_clean_run(words, lane, data):
    marks = story(*words, lane=lane)
    heard: list[Mark] = []
    known: dict[str, Call] = {}
    for one in data.draw(st.permutations(marks)):
        before = settle(heard)
        heard.append(one)
        apply_changes(known, changes(before.calls, settle(heard).calls))
    assert known == {call.callid: call for call in settle(marks).calls}


@given(st.lists(WORDS, max_size=30), LANES)
def test_a_machine_never_has_two_unnamed_calls_of_a_kind_open(words, lane):
    marks = [m for m in story(*words, lane=lane) if not m.correlation]
    assert sum(call.is_open for call in settle(marks).calls) <= 1


@given(st.lists(WORDS, max_size=60), LANES, st.integers(min_value=0, max_value=12))
def test_forgetting_leaves_what_remains_as_it_was(words, lane, keep):
    marks = story(*words, lane=lane)
    before = settle(marks)
    gone = forgettable(marks, keep)
    after = settle(m for m in marks if m.event_id not in gone)
    assert set(after.calls) <= set(before.calls)
    assert [c for c in after.calls if c.is_open] == [c for c in before.calls if c.is_open]
    left = [m for m in marks if m.event_id not in gone]
    if len(left) > keep:
        assert all(call.is_open for call in after.calls), "a closed call was kept beyond the bound"
        assert not after.echoes, "an echo was kept beyond the bound"


def test_an_hour_of_the_same_handpay_is_forgotten_but_for_its_first_word():
    marks = story(*["open A"] * 240)
    gone = forgettable(marks, keep=10)
    left = [m for m in marks if m.event_id not in gone]
    assert len(left) == 10
    assert left[0] == marks[0]


def test_the_end_heard_first_opens_and_closes_the_call_at_once():
    opening, end = story("open A", "end A")
    assert changes(settle([]).calls, settle([end]).calls) == ()
    told = changes(settle([end]).calls, settle([end, opening]).calls)
    assert [change.told for change in told] == [Told.OPENED, Told.CLOSED]
    assert told[-1].call.lockup_ms == 1000


def test_the_lock_up_is_the_time_between_the_two_observations():
    marks = story("open A", "open A", "open A", "end A")
    (call,) = settle(marks).calls
    assert call.lockup_ms == 3000


def test_a_wall_clock_set_back_gives_no_lock_up_time():
    opening, end = story("open A", "end A")
    (call,) = settle([opening, replace(end, at_ns=5)]).calls
    assert not call.is_open
    assert call.lockup_ms is None


def test_a_tilt_that_clears_without_a_name_ends_all_calls_of_its_topic():
    assert not any(c.is_open for c in settle(story("open A", "open B", "end", lane=JAMS)).calls)


def test_a_restart_of_the_gateway_between_pending_and_key_off_changes_nothing():
    old = mark(900, "open A")
    new = replace(mark(901, "end A"), event_id="edge1.a0.901", order=Order(901, "a0"))
    assert not settle([new, old]).calls[0].is_open


@given(st.text(min_size=1) | st.text(min_size=100, max_size=200))
def test_a_call_is_named_in_token_characters_only(name):
    token = call_id(Mark("e", Order(1, "b"), HANDPAYS, Does.OPENS, 0, correlation=name))
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token)
