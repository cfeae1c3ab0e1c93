"""The headers of an event's message: what can be filtered on without opening the body."""

from __future__ import annotations

from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import time_text
from gateway.outbox.types import Row

MSG_ID = "Nats-Msg-Id"
EXPECTED_STREAM = "Nats-Expected-Stream"
KV_PUT = "kv.put"
KV_DELETE = "kv.delete"
"""Types of rows that set or delete a key of a bucket; they are no events and have no ce-headers."""
DELETED_S = 86_400
"""Seconds the mark of a deleted key stays in its bucket, for watchers that were away; without an
end the marks of all calls that ever were would fill the bucket."""


def headers_of(row: Row, msg_id: str) -> dict[str, str]:
    """Return the headers under which ``row`` is published.

    Args:
        row: the event.
        msg_id: what the stream's dedup window tells messages apart by; the event's id, unless the
            event has to be published anew.
    """
    if row.type == KV_PUT:
        return {MSG_ID: msg_id, EXPECTED_STREAM: row.stream}
    if row.type == KV_DELETE:
        return {
            MSG_ID: msg_id,
            EXPECTED_STREAM: row.stream,
            "KV-Operation": "DEL",
            "Nats-TTL": f"{DELETED_S}s",
        }
    known = CATALOGUE.get(row.type)
    return {
        MSG_ID: msg_id,
        EXPECTED_STREAM: row.stream,
        "ce-id": row.id,
        "ce-type": row.type if known is None else known.full_name,
        "ce-time": time_text(row.time_ns),
    }
