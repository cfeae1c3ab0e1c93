"""What breaks somebody, and what does not, by the direction in which a message goes."""

import copy
import json

import pytest

from gateway.contracts.compare import additions, breaks, taken, told
from gateway.contracts.entries import entries
from gateway.contracts.snapshot import RELEASED, read_snapshot, snapshot, snapshot_text

DOOR = {
    "type": "object",
    "properties": {
        "door": {"type": "string", "enum": ["slot", "drop"]},
        "name": {"type": "string", "maxLength": 40, "pattern": "^[a-z]+$"},
        "open_s": {"type": "number", "minimum": 0},
        "count": {"type": "integer"},
        "meters": {"type": "object", "additionalProperties": {"type": "integer"}},
        "parts": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
        "value": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    },
    "required": ["door", "name"],
}


def changed(**fields):
    """Return the schema with fields replaced; None takes one out."""
    made = copy.deepcopy(DOOR)
    for name, schema in fields.items():
        if schema is None:
            del made["properties"][name]
        else:
            made["properties"][name] = schema
    made["required"] = [name for name in made["required"] if name in made["properties"]]
    return made


def optional(*names):
    return {**copy.deepcopy(DOOR), "required": list(names)}


WORD = {"type": "string", "maxLength": 40, "pattern": "^[a-z]+$"}
TOLD = [
    (changed(open_s=None), "open_s: removed"),
    (changed(count={"type": "string"}), "count changed its type: integer -> string"),
    (changed(count={"type": "number"}), "count changed its type: integer -> number"),
    (changed(door={"type": "string", "enum": ["slot", "drop", "belly"]}), "may now say belly"),
    (changed(door={"type": "string"}), "was a closed list"),
    (changed(name={**WORD, "maxLength": 80}), "maxLength changed: 40 -> 80"),
    (changed(name={"type": "string", "maxLength": 40}), "pattern changed"),
    (changed(open_s={"type": "number"}), "minimum changed: 0 -> none"),
    (changed(meters={"type": "object"}), "meters.* may now hold anything"),
    (changed(meters={"type": "object", "additionalProperties": {"type": "string"}}), "meters.*"),
    (changed(parts={"type": "array", "items": {"type": "integer"}, "maxItems": 4}), "parts[]"),
    (changed(value={"anyOf": [{"type": "integer"}, {"type": "boolean"}]}), "value"),
    (optional("door"), "name may now be absent"),
]
HARMLESS_TOLD = [
    DOOR,
    changed(more={"type": "string"}),
    {**changed(more={"type": "string"}), "required": ["door", "name", "more"]},
    optional("door", "name", "count"),
    changed(door={"type": "string", "enum": ["slot"]}),
    changed(name={**WORD, "maxLength": 20}),
    changed(value={"type": "integer"}),
    changed(open_s={"type": "integer", "minimum": 0}),
    changed(open_s={"type": "number", "minimum": 0, "description": "seconds"}),
]


@pytest.mark.parametrize(("now", "words"), TOLD, ids=[words for _, words in TOLD])
def test_a_reader_is_broken_by(now, words):
    assert words in "\n".join(told(DOOR, now))


@pytest.mark.parametrize("now", HARMLESS_TOLD)
def test_a_reader_is_not_broken_by(now):
    assert told(DOOR, now) == []


TAKEN = [
    ({**changed(more={"type": "string"}), "required": ["door", "name", "more"]}, "more is new and"),
    (optional("door", "name", "count"), "count is now required"),
    (changed(door={"type": "string", "enum": ["slot"]}), "may no longer say drop"),
    (changed(name={**WORD, "maxLength": 20}), "maxLength changed: 40 -> 20"),
    (changed(count={"type": "string"}), "count changed its type: integer -> string"),
    ({**changed(open_s=None), "additionalProperties": False}, "open_s is no longer taken"),
]
HARMLESS_TAKEN = [
    DOOR,
    changed(more={"type": "string"}),
    optional("door"),
    changed(open_s=None),
    changed(door={"type": "string", "enum": ["slot", "drop", "belly"]}),
    changed(name={**WORD, "maxLength": 80}),
]


@pytest.mark.parametrize(("now", "words"), TAKEN, ids=[words for _, words in TAKEN])
def test_a_sender_is_broken_by(now, words):
    assert words in "\n".join(taken(DOOR, now))


@pytest.mark.parametrize("now", HARMLESS_TAKEN)
def test_a_sender_is_not_broken_by(now):
    assert taken(DOOR, now) == []


@pytest.fixture
def now():
    return snapshot(entries(), "now")


def test_the_catalogue_breaks_nobody_who_relies_on_the_released_one(now):
    assert breaks(read_snapshot(RELEASED), now) == []


def test_the_snapshot_has_followed_the_catalogue(now):
    """What is not in it may be broken later without a word: a change belongs into both."""
    hint = "run: slotgw contracts release gateway/contracts/released.json"
    released = read_snapshot(RELEASED)
    assert json.loads(json.dumps(now)) | {"version": released["version"]} == released, hint


def test_a_type_that_is_taken_out_breaks_and_a_new_one_does_not(now):
    less = copy.deepcopy(now)
    del less["types"]["door.opened.v1"]
    assert breaks(now, less) == ["door.opened.v1: removed; keep it beside its new version"]
    assert breaks(less, now) == []
    assert additions(less, now) == ["door.opened.v1"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("address", "slot.v1.{site}.door.opened", "goes to another subject"),
        ("stream", "SLOT_PLAY", "is kept by another stream"),
        ("retention_s", 3600, "is kept 3600 s, and was 63072000 s"),
        ("readers", ["consumer"], "may no longer be read by console, integrator"),
        ("direction", "in", "is sent by somebody else"),
    ],
)
def test_a_promise_about_delivery_that_is_taken_back_breaks(now, key, value, words):
    later = copy.deepcopy(now)
    later["types"]["door.opened.v1"][key] = value
    assert words in "\n".join(breaks(now, later))


def test_an_attribute_that_leaves_the_envelope_breaks(now):
    later = copy.deepcopy(now)
    del later["envelopes"]["event"]["properties"]["familysequence"]
    assert breaks(now, later) == ["envelope event: familysequence: removed"]


def test_a_snapshot_is_read_as_it_was_written(now, tmp_path):
    (tmp_path / "catalogue.json").write_text(snapshot_text(now))
    assert read_snapshot(tmp_path) == now
