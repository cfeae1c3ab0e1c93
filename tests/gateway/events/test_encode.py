"""One envelope in full, then everything that is refused."""

import json
import re
from dataclasses import replace

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import encode, full_type, time_text, traceparent
from gateway.events.envelope import ENVELOPE_BYTES_MAX
from gateway.events.errors import SchemaError
from gateway.events.fact import Fact
from gateway.events.moment import Moment

DAY = "2026-01-01"
DATA = CATALOGUE["door.opened"].example


@pytest.fixture
def fact(noon):
    return Fact("door.opened", "10101", DATA, noon)


def test_an_envelope_is_cloudevents_json_with_our_extensions(place, stamp, noon):
    before = Moment(99.8, noon.wall_ns - 200_000_000)
    fact = Fact(
        "door.opened", "10101", DATA, noon, occurred_after=before, occurred_before=noon,
        possible_repeat=True, sas_code=0x11, raw="11", correlation="entry-1",
        caused_by="gw1.b7.40", severity="critical", time_quality="synced",
    )  # fmt: skip
    event = encode(fact, place, stamp, DAY)
    assert json.loads(event.body) == {
        "specversion": "1.0",
        "id": "gw1.b7.42",
        "type": "slot.door.opened.v1",
        "source": "/demo/gw1/L1/1",
        "subject": "10101",
        "time": "2026-01-01T12:00:00.123456Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:slot-floor-gateway:door.opened:1",
        "sequence": "0000000000000042",
        "familysequence": "0000000000000005",
        "occurredafter": "2026-01-01T11:59:59.923456Z",
        "occurredbefore": "2026-01-01T12:00:00.123456Z",
        "timequality": "synced",
        "possiblerepeat": True,
        "late": False,
        "severity": "critical",
        "eventclass": "significant",
        "route": "surveillance,technician",
        "site": "demo",
        "jurisdiction": "NJ",
        "gamingday": DAY,
        "bank": "B01",
        "zone": "Z1",
        "location": "01-01-01",
        "linemode": "host",
        "authority": "observed",
        "correlation": "entry-1",
        "causedby": "gw1.b7.40",
        "traceparent": traceparent("gw1.b7.42"),
        "sascode": "11",
        "rawframe": "11",
        "data": DATA,
    }
    assert event.subject == "slot.v1.demo.gw1.door.opened.10101"
    assert (event.stream, event.family, event.severity) == ("SLOT_SIGNIFICANT", "door", "critical")
    assert (event.sequence, event.familysequence, event.time_ns) == (42, 5, noon.wall_ns)


def test_attribute_names_are_what_cloudevents_allows(fact, place, stamp):
    names = json.loads(encode(fact, place, stamp, DAY).body)
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in names)


def test_the_same_event_is_the_same_bytes_however_often_it_is_made(fact, place, stamp):
    assert encode(fact, place, stamp, DAY).body == encode(fact, place, stamp, DAY).body


def test_an_event_about_no_machine_has_no_subject_and_a_placeholder_token(place, stamp, noon):
    here = replace(place, line="", address=None, bank="", zone="", location="", linemode="")
    fact = Fact("gateway.heartbeat", None, CATALOGUE["gateway.heartbeat"].example, noon)
    event = encode(fact, here, stamp, DAY)
    body = json.loads(event.body)
    assert event.subject == "slot.v1.demo.gw1.gateway.heartbeat._"
    assert body["source"] == "/demo/gw1"
    assert not {"subject", "bank", "linemode"} & body.keys()


def test_a_cause_may_be_told_as_so_many_events_before(fact, place, stamp):
    event = encode(replace(fact, caused_by=-2), place, stamp, DAY)
    assert json.loads(event.body)["causedby"] == "gw1.b7.40"


def test_words_with_quotes_and_umlauts_stay_as_they_are(fact, place, stamp):
    odd = replace(place, zone='Säle "Ost"\n', location="a\\b")
    body = json.loads(encode(fact, odd, stamp, DAY).body)
    assert (body["zone"], body["location"]) == (odd.zone, odd.location)


def test_a_trace_is_derived_from_the_id_and_has_the_form_of_the_standard():
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", traceparent("gw1.b7.42"))
    assert traceparent("gw1.b7.42") != traceparent("gw1.b7.43")


@pytest.mark.parametrize(
    ("wall_ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_999, "1970-01-01T00:00:00.000001Z"),
        (1_767_225_599_999_999_999, "2025-12-31T23:59:59.999999Z"),
    ],
)
def test_times_are_utc_with_microseconds(wall_ns, text):
    assert time_text(wall_ns) == text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "door.exploded"}, "no event type"),
        ({"asset": None}, "asset number is missing"),
        ({"asset": "10.101"}, "cannot be part of a subject"),
        ({"asset": "10101\n"}, "cannot be part of a subject"),
        ({"data": {"door": "slot"}}, "before: missing"),
        ({"data": {**DATA, "door": "cellar"}}, "door: literal_error"),
        ({"data": {**DATA, "card": "x"}}, "card: extra_forbidden"),
        ({"data": {**DATA, "open_s": float("nan")}}, "open_s"),
        ({"data": {**DATA, "open_s": "42"}}, "open_s"),
        ({"severity": "urgent"}, "severity"),
        ({"time_quality": "good"}, "time quality"),
        ({"sas_code": 0}, "no exception code"),
        ({"sas_code": 256}, "no exception code"),
        ({"caused_by": -42}, "no event -42 before"),
        ({"caused_by": 1}, "no event 1 before"),
        ({"raw": "00 " * ENVELOPE_BYTES_MAX}, "more than an envelope's"),
    ],
)
def test_what_does_not_fit_the_catalogue_is_refused(change, said, fact, place, stamp):
    with pytest.raises(SchemaError, match=re.escape(said)):
        encode(replace(fact, **change), place, stamp, DAY)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 0},
        {"familysequence": 43},
        {"familysequence": 0},
        {"birthid": "b.7"},
        {"birthid": ""},
        {"gateway": "gw2"},
    ],
)
def test_a_stamp_that_cannot_be_is_refused(change, fact, place, stamp):
    with pytest.raises(SchemaError):
        encode(fact, place, replace(stamp, **change), DAY)


@pytest.mark.parametrize("day", ["", "2026-1-1", "20260101", "2026-01-01T"])
def test_a_gaming_day_is_a_date(day, fact, place, stamp):
    with pytest.raises(SchemaError, match="gaming day"):
        encode(fact, place, stamp, day)


def test_a_refusal_does_not_show_the_values(fact, place, stamp):
    with pytest.raises(SchemaError) as caught:
        encode(replace(fact, data={**DATA, "door": "4929-1111"}), place, stamp, DAY)
    assert "4929" not in str(caught.value)


def test_an_unknown_type_has_no_full_name():
    assert full_type("lamp.on") == "slot.lamp.on.v1"
    with pytest.raises(SchemaError):
        full_type("lamp.dim")
