"""Dispatch at its tables: events as the gateway makes them, calls and posts as people see them."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.bus.message import KV_DELETE
from gateway.central.dispatch.reading import READ
from gateway.central.dispatch.service import Dispatch
from gateway.central.dispatch.store import SCHEMA
from gateway.events.errors import SchemaError

REPEAT = {"before": "pending", "repeat": True, "repeats": 1}
AMOUNT = {"amount": {"amount": "1250.00", "currency": "USD"}}


def handpay(event, first=1, name="handpay-10101-b1-1"):
    """Pending, said again, amount, key-off: 11 seconds."""
    return [
        event("handpay.pending", first, correlation=name),
        event("handpay.pending", first + 3, data=REPEAT, correlation=name),
        event("handpay.amountknown", first + 4, data=AMOUNT, correlation=name),
        event("handpay.reset", first + 11, data={"lockup_s": 11.0}, correlation=name),
    ]


CALLS = (
    "SELECT callid, kind, words, location, state, opened_by, closed_by, outcome, evidence, "
    "lockup_ms, amount, currency FROM calls ORDER BY callid"
)


def board(desk):
    """The KV bucket after all posts: key to value."""
    found = {}
    for one in desk.messages:
        if one.stream == "KV_floor_calls":
            key = one.subject.removeprefix("$KV.floor_calls.")
            if one.type == KV_DELETE:
                found.pop(key, None)
            else:
                found[key] = json.loads(one.body)
    return found


def test_a_handpay_is_one_call_from_pending_to_key_off(desk, event):
    dispatch = desk(Dispatch())
    dispatch.work(*handpay(event))
    assert dispatch.rows(CALLS) == [(
        "handpay-10101-b1-1", "handpay", "handpay", "01-01-01", "closed", "edge1.b1.1",
        "edge1.b1.12", "reset", "attendant", 11_000, "1250.00", "USD",
    )]  # fmt: skip
    assert [one.name for one in dispatch.told] == [
        "dispatch.callopened", "dispatch.callupdated", "dispatch.callclosed",
    ]  # fmt: skip
    assert {one.subject for one in dispatch.messages if one.stream == "FLOOR"} == {
        f"floor.v1.demo.dispatch.{word}.handpay-10101-b1-1"
        for word in ("callopened", "callupdated", "callclosed")
    }
    assert board(dispatch) == {}


def test_an_open_call_stands_on_the_board_with_what_is_known(desk, event):
    dispatch = desk(Dispatch())
    dispatch.work(*handpay(event)[:3])
    assert board(dispatch) == {
        "demo.handpay-10101-b1-1": {
            "callid": "handpay-10101-b1-1", "state": "open", "kind": "handpay", "asset": "10101",
            "location": "01-01-01", "opened": "2026-03-01T12:00:01.000000Z",
            "text": "handpay 1,250.00 USD jackpot",
        }
    }  # fmt: skip


def test_the_published_call_says_what_led_to_it(desk, event):
    dispatch = desk(Dispatch())
    dispatch.work(*handpay(event))
    opened, _, closed = dispatch.told
    assert (opened.name, opened.causedby, opened.correlation) == (
        "dispatch.callopened", "edge1.b1.1", "handpay-10101-b1-1",
    )  # fmt: skip
    assert closed.data["lockup_s"] == 11.0
    assert closed.data["outcome"] == "reset"
    assert closed.data["amount"] == {"amount": "1250.00", "currency": "USD"}


def test_the_key_off_heard_before_the_handpay_leaves_nothing_open(desk, event):
    pending, _, _, reset = handpay(event)
    dispatch = desk(Dispatch())
    assert dispatch.work(reset).messages == []
    dispatch.work(pending)
    assert dispatch.rows("SELECT state, outcome FROM calls") == [("closed", "reset")]
    assert board(dispatch) == {}


TILT = {"correlation": "tilt-10101-b1-2"}
REEL = {"kind": "reeltilt", "words": "reel 3 tilt", "reel": 3, "stops_play": True}


@pytest.fixture(scope="session")
def shift(event):
    """What two machines said in a shift."""
    return [
        *handpay(event, 1), *handpay(event, 20, "handpay-10101-b1-2"),
        event("handpay.pending", 40, correlation="handpay-10101-b2-1", possible_repeat=True),
        event("tilt.raised", 41, **TILT),
        event("tilt.raised", 42, data={"before": "raised"}, **TILT),
        event("tilt.raised", 43, data=REEL, correlation="tilt-10101-b1-3"),
        event("tilt.cleared", 50, **TILT),
        event("lamp.on", 60), event("lamp.on", 61, data={"before": "on"}), event("lamp.off", 65),
        event("lamp.on", 70),
        event("handpay.reset", 80),
        event("handpay.pending", 81, asset="10102", correlation="handpay-10102-b1-1"),
    ]  # fmt: skip


CLEAN = {
    "handpay-10101-b1-1": "closed", "handpay-10101-b1-2": "closed", "handpay-10101-b2-1": "closed",
    "handpay-10102-b1-1": "open", "lamp-edge1-b1-60": "closed", "lamp-edge1-b1-70": "open",
    "tilt-10101-b1-2": "closed", "tilt-10101-b1-3": "open",
}  # fmt: skip


def test_a_shift_makes_one_call_for_each_handpay_tilt_and_lamp(desk, event, shift):
    dispatch = desk(Dispatch()).work(*shift)
    assert dict(dispatch.rows("SELECT callid, state FROM calls")) == CLEAN
    assert {key.removeprefix("demo.") for key in board(dispatch)} == {
        callid for callid, state in CLEAN.items() if state == "open"
    }


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_shift_told_in_any_order_and_up_to_three_times_ends_the_same(desk, event, shift, data):
    clean = desk(Dispatch()).work(*shift)
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(shift), max_size=len(shift)))
    told = [one for one, count in zip(shift, times, strict=True) for _ in range(count)]
    other = desk(Dispatch()).work(*data.draw(st.permutations(told)))
    assert other.rows(CALLS) == clean.rows(CALLS)
    assert board(other) == board(clean)
    assert len({one.id for one in other.messages}) == len(other.messages), "an id twice"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "fault: bill jam"),
        (REEL, "tilt: reel 3 tilt"),
    ],
)  # fmt: skip
def test_a_tilt_says_in_words_what_it_is(desk, event, data, text):
    dispatch = desk(Dispatch()).work(event("tilt.raised", 1, data=data))
    assert dispatch.rows("SELECT words FROM calls") == [(text,)]


def test_a_gateway_that_lost_its_outbox_leaves_no_call_open_for_ever(desk, event, shift):
    dispatch = desk(Dispatch()).work(*shift)
    loss = event("gateway.storeloss", 2)
    loss = loss.model_copy(update={"id": "edge1.b9.2"})
    anew = event("handpay.pending", 3, asset="10102", correlation="handpay-10102-b9-1")
    anew = anew.model_copy(update={"id": "edge1.b9.3"})
    dispatch.work(loss, anew)
    assert dispatch.rows("SELECT callid FROM calls WHERE state = 'open'") == [
        ("handpay-10102-b9-1",)
    ]
    assert dispatch.rows("SELECT count(*) FROM calls WHERE outcome = 'lost'") == [(3,)]
    assert list(board(dispatch)) == ["demo.handpay-10102-b9-1"]


def test_marks_stay_within_their_bound_while_a_handpay_waits_for_hours(desk, event):
    dispatch = desk(Dispatch())
    name = "handpay-10101-b1-1"
    dispatch.work(event("handpay.pending", 1, correlation=name))
    dispatch.work(
        *(event("handpay.pending", n, data=REPEAT, correlation=name) for n in range(2, 400))
    )
    assert dispatch.rows("SELECT count(*) FROM marks")[0][0] <= 257
    dispatch.work(event("handpay.reset", 400, correlation=name))
    assert dispatch.rows("SELECT opened_by, state FROM calls") == [("edge1.b1.1", "closed")]


def test_an_event_without_its_data_changes_nothing_and_says_why(desk, event):
    dispatch = desk(Dispatch())
    broken = event("tilt.raised", 1).model_copy(update={"data": {"kind": "billjam"}})
    with pytest.raises(SchemaError, match="words"):
        dispatch.work(broken)
    assert dispatch.rows("SELECT count(*) FROM marks") == [(0,)]


def test_data_of_a_later_version_of_the_gateway_is_read_all_the_same(desk, event):
    later = event("lamp.on", 1)
    later = later.model_copy(update={"data": {**later.data, "colour": "blue"}})
    assert desk(Dispatch()).work(later).rows("SELECT state FROM calls") == [("open",)]


@pytest.mark.parametrize("name", READ)
def test_dispatch_can_read_every_type_that_it_asks_for(desk, event, name):
    dispatch = desk(Dispatch()).work(event(name, 1))
    assert dispatch.rows("SELECT event_id FROM marks") == [("edge1.b1.1",)]


def test_the_schema_builds_on_an_empty_file():
    db = sqlite3.connect(":memory:")
    for script in SCHEMA:
        db.executescript(script)
    assert db.execute("SELECT count(*) FROM calls").fetchone() == (0,)
    db.close()
