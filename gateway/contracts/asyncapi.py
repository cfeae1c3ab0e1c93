"""The contract as an AsyncAPI 3 document. It names no server: who deploys it knows where it is."""

from __future__ import annotations

from typing import Any, Final

from gateway.contracts.entry import PARAMETERS, PII_WORDS, Entry
from gateway.contracts.envelopes import whole_schema
from gateway.contracts.questions import question_parts
from gateway.contracts.schema import data_schema
from gateway.events.inbound import InboundAnswer
from gateway.events.streams import DEDUP_WINDOW_S, StreamRow, is_token

Document = dict[str, Any]

ANSWER: Final = "inbound_answer"
"""Key of the channel on which senders are answered: the inbox of the request."""
ORDERING_KEY: Final = {"event": "asset", "derived": "last token of the subject", "inbound": ""}
_HEADERS: Final = {
    "type": "object",
    "properties": {
        "Nats-Msg-Id": {
            "type": "string",
            "description": "The stream drops a second message with the same value within its "
            "dedup window. <id>, or <id>#r<n> where a person had it sent again: never tell "
            "duplicates by it, but by the id in the body.",
        },
        "ce-id": {"type": "string"},
        "ce-type": {"type": "string"},
        "ce-time": {"type": "string", "format": "date-time"},
    },
}


def asyncapi(entries: tuple[Entry, ...], version: str) -> Document:
    """Return the document.

    Args:
        entries: what it describes.
        version: of the catalogue: the program's.
    """
    asked, answer = question_parts(), answer_parts()
    return {
        "asyncapi": "3.0.0",
        "id": "urn:slot-floor-gateway:contract",
        "info": {
            "title": "Slot floor events",
            "version": version,
            "description": "What a slot floor gateway publishes on NATS JetStream, what its "
            "consumers derive, and what others may send them. CloudEvents 1.0, structured JSON. "
            "Every figure is observed, not official.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {_key(entry): _channel(entry) for entry in entries}
        | asked["channels"]
        | answer,
        "operations": {_key(entry): _operation(entry) for entry in entries} | asked["operations"],
        "components": {
            "messages": {_key(entry): _message(entry) for entry in entries},
            "messageTraits": {"nats": {"headers": _HEADERS}},
            "schemas": {
                _key(entry): whole_schema(entry.envelope, entry.full_name, dict(entry.schema))
                for entry in entries
            },
        },
    }


def stream_words(stream: StreamRow) -> Document:
    """Return what integrators need to know of a stream."""
    return {
        "stream": stream.name,
        "retention": f"P{stream.retention_s // 86_400}D",
        "retentionClass": stream.keeps,
        "dedupWindowSeconds": DEDUP_WINDOW_S,
        "readers": list(stream.readers),
    }


def _key(entry: Entry) -> str:
    key = entry.id.replace(".", "_")
    assert is_token(key)
    return key


def _channel(entry: Entry) -> Document:
    promise: Document = {
        "orderingKey": ORDERING_KEY[entry.envelope], "ordering": entry.ordering,
        "delivery": "at least once", "duplicates": entry.duplicates, "dedupBy": "id",
    }  # fmt: skip
    if entry.stream is not None:
        promise = stream_words(entry.stream) | promise
    channel: Document = {
        "address": entry.address,
        "summary": entry.meaning,
        "messages": {_key(entry): {"$ref": f"#/components/messages/{_key(entry)}"}},
        "parameters": {name: {"description": PARAMETERS[name]} for name in entry.parameters},
        "x-jetstream": promise,
    }
    if not channel["parameters"]:
        del channel["parameters"]
    return channel


def answer_parts() -> Document:
    """Return the channel on which whoever sends us something is answered."""
    message = {
        "contentType": "application/json",
        "payload": data_schema(InboundAnswer, "out"),
        "examples": [{"name": "accepted", "payload": {
            "accepted": True, "receipt": "5f0c6d1e2a3b4c5d6e7f8091a2b3c4d5", "duplicate": False,
            "again": False, "events": [],
        }}],
    }  # fmt: skip
    return {ANSWER: {"address": None, "messages": {"answer": message}}}


def _operation(entry: Entry) -> Document:
    if entry.direction == "in":
        return _received(entry)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_key(entry)}"},
        "summary": entry.when,
        "messages": [{"$ref": f"#/channels/{_key(entry)}/messages/{_key(entry)}"}],
    }


def _received(entry: Entry) -> Document:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{_key(entry)}"},
        "summary": entry.when,
        "messages": [{"$ref": f"#/channels/{_key(entry)}/messages/{_key(entry)}"}],
        "reply": {
            "channel": {"$ref": f"#/channels/{ANSWER}"},
            "messages": [{"$ref": f"#/channels/{ANSWER}/messages/answer"}],
        },
    }


def _message(entry: Entry) -> Document:
    return {
        "name": entry.full_name,
        "title": entry.name,
        "summary": entry.meaning,
        "description": f"When: {entry.when}\n\nWhen not: {entry.not_when}",
        "contentType": "application/cloudevents+json",
        "payload": {"$ref": f"#/components/schemas/{_key(entry)}"},
        "traits": [{"$ref": "#/components/messageTraits/nats"}],
        "examples": [{"name": "example", "payload": dict(entry.example)}],
        "x-owner": entry.owner,
        "x-pii": PII_WORDS[entry.pii],
        "x-severity": entry.severity or None,
        "x-sas": list(entry.sas),
        "x-g2s": list(entry.g2s),
    }
