"""JSON Schemas (2020-12) as integrators get them, made from the models of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from gateway.contracts.entry import Direction

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_NULL: Final = {"type": "null"}


def data_schema(model: type[BaseModel], direction: Direction) -> Schema:
    """Return the schema of a message's ``data``, without references and without titles.

    What we send leaves out what is not known, so nothing is ever null there; a field that has a
    default is always written, so a reader may count on it. It is open: a later version may add
    fields, and a reader passes over them. What we are sent is closed: a field that we do not know
    is refused, for its sender means something by it.
    """
    made = model.model_json_schema(mode="serialization")
    definitions = made.pop("$defs", {})
    return _plain(made, definitions, sent=direction == "out")


def _plain(part: Mapping[str, Any], definitions: Mapping[str, Any], *, sent: bool) -> Schema:
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return _plain({**definitions[name], **beside}, definitions, sent=sent)
    if "anyOf" in part:
        branches = [one for one in part["anyOf"] if one != _NULL]
        rest = {key: value for key, value in part.items() if key not in ("anyOf", "default")}
        if len(branches) == 1:
            return _plain({**branches[0], **rest}, definitions, sent=sent)
        plain = [_plain(one, definitions, sent=sent) for one in branches]
        return _plain(rest, definitions, sent=sent) | {"anyOf": plain}
    found: Schema = {}
    for key, value in part.items():
        if key in ("title", "default"):
            continue
        if key == "properties":
            found[key] = {name: _plain(one, definitions, sent=sent) for name, one in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            found[key] = _plain(value, definitions, sent=sent)
        elif key != "additionalProperties" or value or not sent:
            found[key] = value
    if "properties" in part:
        found["required"] = _required(part) if sent else list(part.get("required", ()))
    return found


def _required(part: Mapping[str, Any]) -> list[str]:
    """Return the fields that are always there: those that must be, and those with a default."""
    must = set(part.get("required", ()))
    return [
        name
        for name, one in part["properties"].items()
        if name in must or one.get("default") is not None
    ]
