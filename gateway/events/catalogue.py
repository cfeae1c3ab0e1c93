"""The catalogue: one row an event type; the one source of models, schemas, examples and words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.events.event_type import EventType
from gateway.events.families import (
    cards,
    doors,
    gateway,
    handpays,
    link,
    meters,
    money,
    play,
    register,
    remarks,
    tilts,
)
from gateway.events.streams import STREAM_OF_FAMILY

_ROWS: Final = tuple(
    row
    for family in (
        doors,
        tilts,
        money,
        handpays,
        play,
        meters,
        link,
        register,
        remarks,
        cards,
        gateway,
    )
    for row in family.ROWS
)

CATALOGUE: Final[Mapping[str, EventType]] = MappingProxyType({row.name: row for row in _ROWS})
"""Every event type by its short name, ``door.opened``."""

assert len(CATALOGUE) == len(_ROWS), "two event types share a name"
assert all(row.family in STREAM_OF_FAMILY for row in _ROWS), "a family without a stream"

Schema = dict[str, object]


def schemas() -> dict[str, Schema]:
    """Return the JSON Schema (2020-12) of each type's ``data``, by short name."""
    return {name: _schema(row) for name, row in CATALOGUE.items()}


def _schema(row: EventType) -> Schema:
    made = row.model.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": row.schema_id,
        **made,
        "title": row.full_name,
        "description": row.meaning,
        "examples": [dict(row.example)],
    }
