"""What a consumer gets out of an envelope, and what it refuses."""

import json

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import encode
from gateway.events.envelope import ENVELOPE_BYTES_MAX, decode
from gateway.events.errors import SchemaError
from gateway.events.fact import Fact


@pytest.fixture
def body(place, stamp, noon):
    fact = Fact("lamp.on", "10101", CATALOGUE["lamp.on"].example, noon, sas_code=0x71)
    return json.loads(encode(fact, place, stamp, "2026-01-01").body)


def test_a_consumer_reads_names_and_numbers(body):
    event = decode(json.dumps(body).encode())
    assert (event.name, event.family, event.asset) == ("lamp.on", "lamp", "10101")
    assert (event.gateway, event.birthid, event.sequence) == ("gw1", "b7", 42)
    assert (event.sascode, event.possiblerepeat, event.time.year) == ("71", False, 2026)


def test_a_later_gateway_may_say_more(body):
    assert decode(json.dumps({**body, "novelty": {"a": 1}}).encode()).name == "lamp.on"


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "2.0"},
        {"type": "lamp.on"},
        {"source": "demo"},
        {"id": "42"},
        {"sequence": "many"},
        {"sequence": 0},
        {"time": "yesterday"},
        {"authority": "official"},
        {"data": []},
    ],
)
def test_what_is_no_envelope_of_ours_is_refused(change, body):
    with pytest.raises(SchemaError):
        decode(json.dumps({**body, **change}).encode())


@pytest.mark.parametrize("junk", [b"", b"{", b"null", b"\xff\xfe", b" " * (ENVELOPE_BYTES_MAX + 1)])
def test_junk_is_refused(junk):
    with pytest.raises(SchemaError):
        decode(junk)
