"""Every entry of the contract keeps what integrators are promised of all of them."""

import json
from pathlib import Path

import jsonschema
import pytest

from gateway.bus.users import ASK, PERSONAL, users
from gateway.central.answers.memory import Memory
from gateway.central.answers.shell import answers
from gateway.contracts.entries import DERIVED, entries
from gateway.contracts.entry import PARAMETERS
from gateway.contracts.envelopes import ENVELOPES
from gateway.contracts.export import BUCKET_BYTES_MAX, bucket_values, files, message_schema
from gateway.contracts.page import page
from gateway.contracts.questions import QUESTIONS
from gateway.contracts.schema import data_schema
from gateway.contracts.tables import G2S
from gateway.events.catalogue import CATALOGUE
from gateway.events.inbound import INBOUND
from gateway.events.streams import streams_for
from gateway.meaning.exceptions import MEANT

ROOT = Path(__file__).parents[3]
ENTRIES = entries()
every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
VALUES = bucket_values("1.0")


def closed(schema):
    """Return a schema that takes no field that it does not name, at any depth."""
    if isinstance(schema, dict):
        made = {key: closed(value) for key, value in schema.items()}
        if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
            made["additionalProperties"] = False
        return made
    return [closed(one) for one in schema] if isinstance(schema, list) else schema


@every
def test_the_example_fits_the_schema_of_the_whole_message(entry):
    schema = message_schema(entry)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(entry.example, schema, jsonschema.Draft202012Validator)
    # nothing is in it that the schema does not tell of
    envelope = {**schema, "additionalProperties": False}
    jsonschema.validate(entry.example, envelope, jsonschema.Draft202012Validator)


@every
def test_the_page_says_what_an_integrator_asks(entry):
    text = page(entry)
    for words in (entry.meaning, entry.when, entry.not_when, entry.address, entry.owner,
                  "## Data", "## Example", "Duplicates", "observed, not official"):  # fmt: skip
        assert words in text
    assert json.dumps(entry.example["id"]) in text
    assert set(entry.parameters) <= PARAMETERS.keys()


def test_every_row_of_the_catalogue_and_every_derived_and_inbound_type_has_one_entry():
    names = [entry.name for entry in ENTRIES]
    derived = [row.name for row in DERIVED]
    assert names == [*CATALOGUE, *derived, *INBOUND]
    assert len(set(names)) == len(names)


def test_no_consumer_derives_what_the_contract_does_not_know():
    makers = {path.parent.name for path in (ROOT / "gateway/central").glob("*/messages.py")}
    assert makers == {row.service for row in DERIVED}


@every
def test_the_stream_that_is_named_takes_the_subject(entry):
    subject = ".".join("x" if part.startswith("{") else part for part in entry.address.split("."))
    assert streams_for(subject) == ([entry.stream] if entry.stream else [])


OF_PLAYERS = [one for one in ENTRIES if one.pii == "pseudonym" and one.direction == "out"]


def test_cards_sessions_and_points_are_known_to_name_players():
    assert {one.family for one in OF_PLAYERS} >= {"card", "session", "loyalty"}


@pytest.mark.parametrize("entry", OF_PLAYERS, ids=lambda entry: entry.id)
def test_what_names_a_player_is_out_of_an_integrators_reach(entry):
    assert "integrator" not in entry.stream.readers or any(
        entry.address.startswith(subject.replace("*", "{site}").removesuffix(">"))
        for subject in PERSONAL
    )
    integrator = next(user for user in users("demo", ["edge1"]) if user.name == "integrator")
    family = f"*.*.{entry.family}" if entry.envelope == "event" else f"*.{entry.family}"
    assert any(family in subject for subject in integrator.subscribe_not)


def test_every_exception_that_leads_to_an_event_stands_in_its_entry():
    told = {code for entry in ENTRIES for code in entry.sas}
    assert told == {f"{code:02X}" for code, row in MEANT.items() if row.event}


def test_every_g2s_code_is_of_an_event_that_exists():
    assert {name for name, _ in G2S} <= CATALOGUE.keys()
    door = next(entry for entry in ENTRIES if entry.name == "door.opened")
    assert "CBE303 (cardcage)" in door.g2s


def test_what_we_send_may_grow_and_what_we_are_sent_may_not():
    door = next(entry for entry in ENTRIES if entry.name == "door.opened")
    assert "additionalProperties" not in door.schema
    jsonschema.validate({**door.example["data"], "later": 1}, door.schema)
    card = INBOUND["sms.card.in"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**card.example, "later": 1}, data_schema(card.model, "in"))


def test_a_field_that_is_not_known_is_absent_and_never_null():
    pending = next(entry for entry in ENTRIES if entry.name == "handpay.pending")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**pending.example["data"], "amount": None}, pending.schema)
    assert "amount" not in pending.schema["required"]
    assert "handpay_class" in pending.schema["required"], "always written, so always there"


def test_the_document_names_no_server_and_refers_to_nothing_that_is_not_there():
    made = dict(files("1.0"))
    document = json.loads(made["asyncapi.json"])
    assert "servers" not in document
    assert "nats://" not in made["asyncapi.json"]

    def look_up(reference):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return found

    references = []

    def walk(part):
        if isinstance(part, dict):
            if "$ref" in part:
                references.append(part["$ref"])
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            for one in part:
                walk(one)

    walk(document)
    assert len(references) >= 4 * len(ENTRIES)
    assert all(look_up(reference) for reference in references)
    assert look_up("#/operations/ask_state")["reply"]
    channel = document["channels"]["handpay_pending_v1"]
    assert channel["x-jetstream"]["stream"] == "SLOT_MONEY"
    assert set(channel["parameters"]) == {"site", "gateway", "asset"}


def test_the_bucket_has_a_value_for_each_type_that_fits():
    assert VALUES.keys() == {entry.id for entry in ENTRIES} | {"_version"}
    assert max(map(len, VALUES.values())) < BUCKET_BYTES_MAX
    door = json.loads(VALUES["door.opened.v1"])
    assert door["schema"]["properties"]["type"] == {"const": "slot.door.opened.v1"}


def test_the_envelope_schemas_know_every_attribute_of_the_examples():
    for entry in ENTRIES:
        assert entry.example.keys() <= ENVELOPES[entry.envelope]["properties"].keys()


def test_what_may_be_asked_is_what_the_service_answers():
    memory = Memory()
    memory.take_state("10101", {"sequence": 1, "state": {"location": "01-14-07", "bank": "7"}})
    made = answers(memory, "demo", lambda: True)
    assert made.keys() == QUESTIONS.keys()
    for name, (_, example, schema) in QUESTIONS.items():
        jsonschema.validate(made[name](example), schema, jsonschema.Draft202012Validator)
    document = json.loads(dict(files("1.0"))["asyncapi.json"])
    assert document["channels"]["ask_state"]["address"] == f"{ASK}.{{site}}.state"
