"""What a consumer derives and publishes: its rows, its envelope, its subject.

A derived message is a CloudEvents envelope like the gateway's own, without the gateway's two
sequences. Everything in it comes from the event that caused it, so working the same event through
again gives the same bytes under the same id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Protocol

from pydantic import Field, ValidationError

from gateway.bus.outgoing import Outgoing, floor_event
from gateway.events.encode import traceparent
from gateway.events.envelope import ENVELOPE_BYTES_MAX
from gateway.events.errors import SchemaError
from gateway.events.shapes import Data
from gateway.events.streams import is_token

MomentText = Annotated[
    str, Field(pattern=r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z$", description="RFC 3339, UTC.")
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DerivedType:
    """One type of message that a consumer derives: the contract with everybody who reads it.

    Attributes:
        name: ``service.event``; never changes and never gets a second meaning.
        model: what ``data`` holds.
        key: what the last token of the subject is.
        meaning: what is so now, in one sentence of the floor.
        when: what makes it fire.
        not_when: what looks alike and does not make it fire.
        example: valid ``data``.
        says: the message in words for a person; ``{field}`` takes from ``data``.
        version: major version; a change that breaks a consumer raises it.
    """

    name: str
    model: type[Data]
    key: Literal["callid", "player", "asset", "sender"]
    meaning: str
    when: str
    not_when: str
    example: Mapping[str, object]
    says: str
    version: int = 1

    @property
    def service(self) -> str:
        """The consumer that makes it: the part before the dot."""
        return self.name.partition(".")[0]

    @property
    def full_name(self) -> str:
        """CloudEvents ``type``: ``floor.dispatch.callopened.v1``."""
        return f"floor.{self.name}.v{self.version}"

    @property
    def schema_id(self) -> str:
        """CloudEvents ``dataschema``."""
        return f"urn:slot-floor-gateway:{self.name}:{self.version}"


class Cause(Protocol):
    """What a message follows from: an event of the gateway, or what somebody else sent."""

    @property
    def id(self) -> str:
        """Its name, also of what follows from it."""

    @property
    def time(self) -> datetime:
        """When it was observed or received, aware."""

    @property
    def site(self) -> str:
        """The casino."""

    @property
    def jurisdiction(self) -> str:
        """Whose rules apply."""

    @property
    def gamingday(self) -> str:
        """The casino's day."""

    @property
    def bank(self) -> str:
        """Where it was, or empty."""

    @property
    def zone(self) -> str:
        """Where it was, or empty."""

    @property
    def location(self) -> str:
        """Where it was, or empty."""

    @property
    def severity(self) -> str:
        """How urgent it is."""

    @property
    def possiblerepeat(self) -> bool:
        """Whether a machine may have told it before."""

    @property
    def correlation(self) -> str | None:
        """One name for all that belongs together."""


def nanoseconds(moment: datetime) -> int:
    """Return an aware moment as nanoseconds since 1970, UTC; exact to the microsecond."""
    return (moment - _EPOCH) // _MICROSECOND * 1_000


def moment_text(wall_ns: int) -> str:
    """Return nanoseconds since 1970, UTC, as RFC 3339 with microseconds."""
    moment = _EPOCH + timedelta(microseconds=wall_ns // 1_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def derive(
    row: DerivedType,
    cause: Cause,
    key: str,
    number: int,
    data: Mapping[str, object],
    *,
    correlation: str | None = None,
    severity: str | None = None,
) -> Outgoing:
    """Return the message of type ``row`` that ``cause`` led to, ready to be kept and sent.

    Args:
        row: its type.
        cause: the event that led to it; time, site and place are taken from it.
        key: last token of the subject: the call, the player, the asset number.
        number: which of the messages that ``cause`` led to, from 0; part of the id.
        data: the message's own data; checked by the row's model.
        correlation: name of the call or session; the cause's if not given.
        severity: the cause's if not given.

    Raises:
        SchemaError: the data does not fit the row, or the key cannot stand in a subject.
    """
    try:
        model = row.model.model_validate(data)
    except ValidationError as error:
        raise SchemaError.from_validation(row.name, error) from None
    if not is_token(key):
        raise SchemaError(f"{row.name}: {key!r} cannot be part of a subject")
    identity = f"{row.service}.{cause.id}.{number}"
    time_ns = nanoseconds(cause.time)
    envelope = {
        "specversion": "1.0", "id": identity, "type": row.full_name,
        "source": f"/{cause.site}/central/{row.service}", "subject": key,
        "time": moment_text(time_ns), "datacontenttype": "application/json",
        "dataschema": row.schema_id,
        "site": cause.site, "jurisdiction": cause.jurisdiction, "gamingday": cause.gamingday,
        "bank": cause.bank, "zone": cause.zone, "location": cause.location,
        "authority": "observed", "severity": severity or cause.severity,
        "possiblerepeat": cause.possiblerepeat, "causedby": cause.id,
        "correlation": correlation or cause.correlation, "traceparent": traceparent(identity),
    }  # fmt: skip
    told = {name: value for name, value in envelope.items() if value not in ("", None)}
    told["data"] = model.model_dump(mode="json", exclude_none=True)
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > ENVELOPE_BYTES_MAX:
        raise SchemaError(f"{row.name}: {len(body)} bytes are more than {ENVELOPE_BYTES_MAX}")
    subject = f"floor.v1.{cause.site}.{row.name}.{key}"
    return floor_event(identity, row.full_name, subject, time_ns, body)
