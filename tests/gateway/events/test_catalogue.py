"""Each row of the catalogue is held to what integrators are promised of every row."""

import string

import jsonschema
import pytest
from pydantic import ValidationError

from gateway.events.catalogue import CATALOGUE, schemas
from gateway.events.encode import encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.streams import streams_for, subject_of
from gateway.events.text import one_line

rows = pytest.mark.parametrize("row", CATALOGUE.values(), ids=CATALOGUE)
SCHEMAS = schemas()
DESIGNED = {
    "door": "opened closed opentoolong closedwithoutopen poweroffaccess",
    "cashbox": "removed installed nearfull full",
    "power": "lost applied outage",
    "tilt": "raised cleared",
    "bill": "accepted rejected counterfeit",
    "ticket": "printed inserted redeemed refused",
    "handpay": "pending amountknown validated reset cancelled",
    "progressive": "nodata hit won",
    "transfer": "completed cashoutrequested",
    "lamp": "on off",
    "menu": "entered left",
    "integrity": "memoryerror optionschanged componentschanged authenticated batterylow",
    "meter": "read rolledover epochstarted regressed zeroed invalid undecided algebrabroken manual",
    "game": "started ended selected",
    "egm": "born died moved swapped outofservice inservice quarantined",
    "link": "up degraded down gap foreignhost hostsilent hostback",
    "host": "commanded",
    "card": "in out abandoned",
    "session": "opened closed corrected",
    "gateway": "born died heartbeat selftest clockstepped storeloss defect sealed",
}


def test_every_event_that_the_design_names_has_a_row():
    designed = {
        f"{family}.{event}" for family, names in DESIGNED.items() for event in names.split()
    }
    assert designed - CATALOGUE.keys() == set()


@rows
def test_the_example_can_be_sent_and_read(row, place, stamp, noon):
    asset = "10101" if row.asset_required else None
    event = encode(Fact(row.name, asset, row.example, noon), place, stamp, "2026-01-01")
    read = decode(event.body)
    assert (read.name, read.asset, read.data) == (row.name, asset, row.example)


@rows
def test_the_example_fits_the_schema_that_integrators_get(row):
    schema = SCHEMAS[row.name]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(row.example, schema, jsonschema.Draft202012Validator)
    assert schema["$id"] == row.schema_id


@rows
def test_a_field_that_the_row_does_not_have_is_refused_by_model_and_schema(row):
    more = {**row.example, "surprise": 1}
    with pytest.raises(ValidationError):
        row.model.model_validate(more)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(more, SCHEMAS[row.name])


@rows
def test_the_row_says_what_a_person_needs_to_know(row):
    for text in (row.meaning, row.when, row.not_when, row.first_check, row.says):
        assert text.strip()
    assert row.route
    assert row.severity in ("info", "notice", "warning", "critical")
    assert all(part.isalnum() and part.islower() for part in row.name.split("."))


@rows
def test_the_words_of_a_row_come_from_its_own_data(row):
    named = {field for _, field, _, _ in string.Formatter().parse(row.says) if field}
    assert named <= row.model.model_fields.keys()
    assert one_line(Fact(row.name, None, row.example, None))


@rows
def test_an_event_falls_into_exactly_one_stream(row):
    assert len(streams_for(subject_of("demo", "gw1", row.name, "10101"))) == 1


@rows
def test_a_number_never_travels_as_text(row):
    for name, value in row.example.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            with pytest.raises(ValidationError):
                row.model.model_validate({**row.example, name: str(value)})
