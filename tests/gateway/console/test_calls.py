"""The open calls as dispatch keeps them."""

import pytest

from gateway.console import calls as calls_module
from gateway.console.calls import Calls
from gateway.console.floor import Contact
from tests.gateway.console import sample_floors
from tests.gateway.console.sample_floors import NOW, ago

VALUES = sample_floors.calls("troubled")
HANDPAY = VALUES["demo.handpay-1"]


def ids(calls):
    return [call.callid for call in calls.oldest_first()]


@pytest.fixture
def calls():
    calls = Calls(NOW)
    calls.replace(VALUES, NOW)
    return calls


def test_open_calls_are_listed_and_who_waits_longest_stands_first(calls):
    assert ids(calls) == ["handpay-1", "tilt-1", "lamp-1"]


def test_a_call_that_is_closed_or_deleted_goes(calls):
    calls.change("demo.handpay-1", HANDPAY.replace(b'"open"', b'"closed"'))
    calls.change("demo.tilt-1", None)
    assert ids(calls) == ["lamp-1"]


def test_a_call_that_changes_is_still_one_call(calls):
    calls.change("demo.handpay-1", HANDPAY.replace(b"1,250.00", b"1,300.00"))
    assert calls.oldest_first()[0].text == "handpay 1,300.00 USD jackpot"
    assert len(ids(calls)) == 3


def test_reading_all_again_forgets_what_went_meanwhile(calls):
    calls.away("gone", ago(60))
    assert (len(ids(calls)), calls.reach.contact) == (3, Contact.AWAY)
    calls.replace({"demo.tilt-1": VALUES["demo.tilt-1"]}, NOW)
    assert (ids(calls), calls.reach.contact) == (["tilt-1"], Contact.LIVE)


@pytest.mark.parametrize(
    "value",
    [b"", b"not JSON", b"[]", b"{}", HANDPAY.replace(b"+00:00", b""),
     HANDPAY.replace(b'"open"', b'"perhaps"')],
)  # fmt: skip
def test_a_value_that_is_no_call_is_counted_and_the_last_good_one_stays(calls, value):
    calls.change("demo.handpay-1", value)
    assert calls.unreadable == 1
    assert ids(calls)[0] == "handpay-1"


def test_what_else_dispatch_notes_does_no_harm(calls):
    calls.change("demo.handpay-1", HANDPAY.replace(b"{", b'{"assignee": "Kim", '))
    assert calls.unreadable == 0
    assert ids(calls)[0] == "handpay-1"


def test_calls_over_the_bound_are_counted_not_kept(monkeypatch):
    monkeypatch.setattr(calls_module, "CALLS_MAX", 2)
    calls = Calls(NOW)
    calls.replace(VALUES, NOW)
    assert (len(ids(calls)), calls.left_out) == (2, 1)


def test_the_moment_that_nats_went_away_is_kept_while_it_stays_away(calls):
    calls.away("first", ago(60))
    calls.away("second", NOW)
    assert calls.reach.since == ago(60)
    assert calls.reach.reason == "second"
