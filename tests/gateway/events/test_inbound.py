"""What others send is held to the contract as strictly as what we send."""

import json

import pytest

from gateway.events.errors import SchemaError
from gateway.events.inbound import INBOUND, decode_inbound, inbound_subject, read_message
from gateway.events.streams import is_token

rows = pytest.mark.parametrize("row", INBOUND.values(), ids=INBOUND)


def body(row, data=None, **attributes):
    envelope = {
        "specversion": "1.0", "id": "m1", "type": row.full_name, "source": "/sms",
        "time": "2026-03-01T04:00:00Z", "site": "demo", "data": data or dict(row.example),
    }  # fmt: skip
    return json.dumps(envelope | attributes).encode()


@rows
def test_the_example_is_taken_and_its_key_can_end_the_subject(row):
    found, envelope, data = decode_inbound(body(row))
    assert (found, envelope.site) == (row, "demo")
    key = getattr(data, row.key)
    assert is_token(key)
    subject = inbound_subject(row, "demo", key, "edge1")
    assert subject.startswith(("sms.v1.demo.", "crm.v1.demo.", "act.v1.demo.edge1."))
    assert read_message(subject, body(row), "demo", "edge1").data == data
    with pytest.raises(SchemaError, match="the subject does not fit"):
        read_message(f"{subject}x", body(row), "demo", "edge1")
    with pytest.raises(SchemaError, match="another site"):
        read_message(subject, body(row), "elsewhere", "edge1")


@rows
def test_a_field_that_nobody_knows_is_refused_without_its_value(row):
    with pytest.raises(SchemaError, match=r"surprise: extra_forbidden") as told:
        decode_inbound(body(row, {**row.example, "surprise": "4111111111111111"}))
    assert "4111" not in str(told.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "sms.card.eaten.v1"}, "not known"),
        ({"type": "sms.card.in.v2"}, "not known"),
        ({"specversion": "0.3"}, "specversion"),
        ({"time": "noon"}, "time"),
    ],
)
def test_an_envelope_that_is_none_is_refused_and_says_why(changes, words):
    with pytest.raises(SchemaError, match=words):
        decode_inbound(body(INBOUND["sms.card.in"], **changes))


def test_a_message_that_is_too_long_is_refused_unread():
    with pytest.raises(SchemaError, match="65537 bytes"):
        decode_inbound(b" " * 65_537)
