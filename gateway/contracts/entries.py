"""Every entry of the contract, put together from the catalogue's rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from gateway.central.derived import DerivedType, derive
from gateway.central.dispatch.messages import ROWS as DISPATCH
from gateway.central.inbound.messages import ROWS as INBOUND_TOLD
from gateway.central.loyalty.messages import ROWS as LOYALTY
from gateway.central.surveillance.messages import ROWS as SURVEILLANCE
from gateway.contracts.entry import Entry
from gateway.contracts.schema import data_schema
from gateway.contracts.tables import g2s_of, owner_of, pii_of
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import Envelope, decode
from gateway.events.event_type import EventType
from gateway.events.fact import Fact
from gateway.events.inbound import INBOUND, InboundType, inbound_subject
from gateway.events.moment import Moment
from gateway.events.streams import STREAM_OF_FAMILY, STREAMS
from gateway.meaning.exceptions import MEANT

DERIVED: Final[tuple[DerivedType, ...]] = (*DISPATCH, *LOYALTY, *SURVEILLANCE, *INBOUND_TOLD)
"""Every type that our consumers derive."""

ORDER_EVENT: Final = (
    "In order for each EGM within its stream (one unacknowledged publish an EGM). Across streams, "
    "put one EGM's events in order by sequence. Between EGMs there is no order."
)
ORDER_DERIVED: Final = "In order for each key (the last token of the subject)."
ORDER_INBOUND: Final = "As the sender publishes; we do not rely on it."
TWICE_EVENT: Final = (
    "At least once: tell a delivery that comes again by id (or by gateway and familysequence). "
    "possiblerepeat is another thing: the EGM itself may have said the same twice; that event has "
    "an id of its own and is never dropped."
)
TWICE_OTHER: Final = "At least once: tell a message that comes again by id."
TWICE_INBOUND: Final = (
    "Send it again, with the same source and id, until it is answered: it is taken once. The same "
    "id for something else is refused."
)
READERS: Final = {
    "gateway": "the gateway of that EGM, which tells it as an event of its own",
    "inbound": "the service inbound (slotgw central inbound), which keeps it and tells "
    "inbound.accepted",
}
ANSWERED: Final = (
    "A NATS request: the answer says accepted once it is on disk, or refused and why. No reader, "
    "no answer (no responders): send it again later."
)

_FLOOR: Final = next(row for row in STREAMS if row.name == "FLOOR")
_PLACE: Final = Place(
    site="demo", gateway="edge1", jurisdiction="US-NV", line="L1", address=1, bank="01",
    zone="main", location="01-01-01", linemode="host",
)  # fmt: skip
_HERE: Final = Place(site="demo", gateway="edge1", jurisdiction="US-NV")
_NOON: Final = Moment(100.0, 1_767_268_800_123_456_000)  # 2026-01-01 12:00 UTC
_BEFORE: Final = Moment(99.8, 1_767_268_799_923_456_000)


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Return every entry: the gateway's events, what consumers derive, what others send."""
    return (
        *(_event(row) for row in CATALOGUE.values()),
        *(_derived(row) for row in DERIVED),
        *(_inbound(row) for row in INBOUND.values()),
    )


def _event(row: EventType) -> Entry:
    stream = STREAM_OF_FAMILY[row.family]
    schema = data_schema(row.model, "out")
    sas = tuple(_codes_of(row.name))
    return Entry(
        row.name, row.full_name, row.version, "out", "event",
        f"slot.v1.{{site}}.{{gateway}}.{row.name}.{{asset}}", stream,
        owner_of(row.family, stream), pii_of(schema, stream), schema, _event_example(row, sas),
        row.meaning, row.when, row.not_when, row.first_check, row.says, row.severity, row.kind,
        row.route, sas, g2s_of(row.name), ORDER_EVENT, TWICE_EVENT,
    )  # fmt: skip


def _derived(row: DerivedType) -> Entry:
    schema = data_schema(row.model, "out")
    return Entry(
        row.name, row.full_name, row.version, "out", "derived",
        f"floor.v1.{{site}}.{row.name}.{{{row.key}}}", _FLOOR,
        owner_of(row.service, _FLOOR), pii_of(schema, None), schema, _derived_example(row),
        row.meaning, row.when, row.not_when, says=row.says, ordering=ORDER_DERIVED,
        duplicates=TWICE_OTHER,
    )  # fmt: skip


def _inbound(row: InboundType) -> Entry:
    schema = data_schema(row.model, "in")
    return Entry(
        row.name, row.full_name, row.version, "in", "inbound",
        inbound_subject(row, "{site}", f"{{{row.key}}}", "{gateway}"), None,
        row.sender, pii_of(schema, None), schema, _inbound_example(row),
        row.meaning, f"{row.when} Read by: {READERS[row.reader]}. {ANSWERED}", row.not_when,
        ordering=ORDER_INBOUND, duplicates=TWICE_INBOUND,
    )  # fmt: skip


def _codes_of(name: str) -> Iterator[str]:
    for code in sorted(MEANT):
        if MEANT[code].event == name:
            yield f"{code:02X}"


def _event_example(row: EventType, sas: tuple[str, ...]) -> dict[str, Any]:
    fact = Fact(
        row.name, "10101" if row.asset_required else None, row.example, _NOON,
        occurred_after=_BEFORE, occurred_before=_NOON, sas_code=int(sas[0], 16) if sas else None,
    )  # fmt: skip
    place = _PLACE if row.asset_required else _HERE
    event = encode(fact, place, Stamp("edge1", "6de2939910ae", 206, 2, "synced"), "2026-01-01")
    made: dict[str, Any] = json.loads(event.body)
    return made


@lru_cache(maxsize=1)
def _cause() -> Envelope:
    row = CATALOGUE["door.opened"]
    fact = Fact(row.name, "10101", row.example, _NOON)
    stamp = Stamp("edge1", "6de2939910ae", 206, 2, "synced")
    return decode(encode(fact, _PLACE, stamp, "2026-01-01").body)


def _derived_example(row: DerivedType) -> dict[str, Any]:
    key = str(row.example.get(row.key) or "_")
    made: dict[str, Any] = json.loads(derive(row, _cause(), key, 0, dict(row.example)).body)
    return made


def _inbound_example(row: InboundType) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{row.name}-1", "type": row.full_name,
        "source": f"/demo/{row.name.partition('.')[0]}", "time": "2026-03-01T04:00:01Z",
        "datacontenttype": "application/json", "dataschema": row.schema_id, "site": "demo",
        "data": dict(row.example),
    }  # fmt: skip
