"""The envelope of a derived message."""

from __future__ import annotations

import json

import pytest

from gateway.central.derived import derive
from gateway.central.dispatch.messages import ROWS as DISPATCH
from gateway.central.loyalty.messages import ROWS as LOYALTY
from gateway.central.surveillance.messages import ROWS as SURVEILLANCE
from gateway.events.derived import decode_derived
from gateway.events.errors import SchemaError
from gateway.events.streams import streams_for

ROWS = (*DISPATCH, *LOYALTY, *SURVEILLANCE)
rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@rows
def test_the_example_of_every_derived_message_makes_a_message_that_can_be_read(row, event):
    cause = event("door.opened", 7)
    message = derive(row, cause, "10101", 0, dict(row.example))
    read = decode_derived(message.body)
    assert (read.name, read.causedby, read.site) == (row.name, "edge1.b1.7", "demo")
    assert read.data == json.loads(json.dumps(dict(row.example))) | {
        name: value for name, value in read.data.items() if name not in row.example
    }
    assert message.subject == f"floor.v1.demo.{row.name}.10101"
    assert [stream.name for stream in streams_for(message.subject)] == [message.stream]


@rows
def test_the_words_of_a_derived_message_name_fields_that_it_has(row):
    filled = dict.fromkeys(row.model.model_fields, "x")
    assert "x" in row.says.format_map(filled)


def test_working_an_event_through_again_makes_the_same_bytes_under_the_same_id(event):
    cause = event("door.opened", 7)
    once, again = (derive(ROWS[0], cause, "c1", 0, dict(ROWS[0].example)) for _ in range(2))
    assert once == again


def test_two_messages_of_one_event_have_different_ids(event):
    cause = event("door.opened", 7)
    made = [derive(ROWS[0], cause, "c1", number, dict(ROWS[0].example)) for number in (0, 1)]
    assert [one.id for one in made] == ["dispatch.edge1.b1.7.0", "dispatch.edge1.b1.7.1"]


def test_a_key_that_would_split_the_subject_is_refused(event):
    with pytest.raises(SchemaError, match="subject"):
        derive(ROWS[0], event("door.opened", 7), "a.b", 0, dict(ROWS[0].example))


def test_data_that_does_not_fit_the_row_is_refused(event):
    data = {**ROWS[0].example, "state": "maybe"}
    with pytest.raises(SchemaError, match="state"):
        derive(ROWS[0], event("door.opened", 7), "c1", 0, data)
