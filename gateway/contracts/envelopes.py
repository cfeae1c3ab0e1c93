"""The three envelopes as JSON Schemas: CloudEvents 1.0, structured JSON, with our attributes."""

from __future__ import annotations

from typing import Any, Final

from gateway.events.encode import SEQUENCE_DIGITS

Schema = dict[str, Any]

_TIME: Final = {"type": "string", "format": "date-time", "description": "RFC 3339, UTC."}
_TEXT: Final = {"type": "string"}
_ID: Final = {"type": "string", "minLength": 1, "maxLength": 256}
_NUMBER: Final = {"type": "string", "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$"}
_FLAG: Final = {"type": "boolean"}


def _said(schema: Schema, words: str) -> Schema:
    return schema | {"description": words}


_CORE: Final[Schema] = {
    "specversion": {"const": "1.0"},
    "id": _said(_ID, "The same however often it is sent; tell duplicates by it."),
    "type": _said(_TEXT, "Name and major version."),
    "source": _said(_TEXT, "Who says it."),
    "time": _said(_TIME, "When it was observed, RFC 3339, UTC."),
    "datacontenttype": {"const": "application/json"},
    "dataschema": _said(_TEXT, "$id of the schema of data."),
    "site": _said(_TEXT, "The casino."),
    "data": {"type": "object"},
}
_OURS: Final[Schema] = {
    "subject": _said(_TEXT, "Asset number; for derived messages the key of the subject."),
    "jurisdiction": _said(_TEXT, "Whose rules apply."),
    "gamingday": {
        "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "description": "The casino's day.",
    },
    "bank": _TEXT, "zone": _TEXT,
    "location": _said(_TEXT, "Where the EGM stood then."),
    "authority": {"const": "observed", "description": "Never official: the SMS is right."},
    "severity": {"enum": ["info", "notice", "warning", "critical"]},
    "correlation": _said(_TEXT, "One name for all of one handpay, session, entry or call."),
    "causedby": _said(_TEXT, "id of the event that led to it."),
    "possiblerepeat": _said(_FLAG, "The EGM may have told this before."),
    "traceparent": _said(_TEXT, "W3C trace context, derived from the id."),
}  # fmt: skip
_EVENT: Final[Schema] = {
    "sequence": _said(_NUMBER, "Gapless per gateway; sorts as text."),
    "familysequence": _said(_NUMBER, "Gapless per gateway and family: shows holes."),
    "occurredafter": _said(_TIME, "It happened after this; absent if not known."),
    "occurredbefore": _said(_TIME, "It happened before this; absent if not known."),
    "timequality": {"enum": ["synced", "unsynced", "stepped", "unknown"]},
    "late": _said(
        _FLAG, "It may have waited long in the machine's queue, or nobody knows since when."
    ),
    "eventclass": _said(_TEXT, "Regulatory and operational class, as this jurisdiction has it."),
    "route": _said(_TEXT, "Who is told by default, separated by commas."),
    "linemode": {"enum": ["host", "listen"]},
    "sascode": {
        "type": "string", "pattern": "^[0-9A-F]{2}$",
        "description": "SAS exception code it was read from; absent for what was derived.",
    },
    "rawframe": _said(_TEXT, "The frame in hex, secrets masked as **."),
}  # fmt: skip

_MUST_CORE: Final = ("specversion", "id", "type", "source", "time", "site", "data")
_MUST_OURS: Final = (*_MUST_CORE, "datacontenttype", "dataschema", "authority", "severity",
                     "possiblerepeat", "traceparent", "gamingday")  # fmt: skip

ENVELOPES: Final[dict[str, Schema]] = {
    "event": {
        "title": "Event of the gateway",
        "type": "object",
        "properties": _CORE | _OURS | _EVENT,
        "required": [*_MUST_OURS, "sequence", "familysequence", "timequality", "late"],
    },
    "derived": {
        "title": "Message that a consumer derived",
        "type": "object",
        "properties": _CORE | _OURS,
        "required": [*_MUST_OURS, "subject", "causedby"],
    },
    "inbound": {
        "title": "Message of others to us",
        "type": "object",
        "properties": _CORE,
        "required": list(_MUST_CORE),
    },
}
"""By name. Unknown attributes are passed over: a later version may add some."""


def whole_schema(envelope: str, full_name: str, data: Schema) -> Schema:
    """Return the schema of a whole message: its envelope, its type, its data."""
    base = ENVELOPES[envelope]
    return {**base, "properties": base["properties"] | {"type": {"const": full_name}, "data": data}}
