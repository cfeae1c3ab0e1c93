"""Facts into envelopes: CloudEvents 1.0, structured JSON, checked against the catalogue.

What is the same for every event of a type at a place is made into bytes once; only the numbers,
the times and the data are made anew for each event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from re import compile as pattern
from typing import Final

from pydantic import ValidationError

from gateway.events.catalogue import CATALOGUE
from gateway.events.envelope import ENVELOPE_BYTES_MAX
from gateway.events.errors import SchemaError
from gateway.events.event_type import EventType
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.events.significance import USUAL, Profile, Significance
from gateway.events.streams import STREAM_OF_FAMILY, is_token, subject_of
from gateway.events.value import value

SEQUENCE_DIGITS: Final = 16
"""Digits of a sequence in an envelope, so that they sort as text; 2**53 has 16."""

_SECOND_NS: Final = 1_000_000_000
_GAMING_DAY: Final = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_SEVERITIES: Final = frozenset({"info", "notice", "warning", "critical"})
_QUALITIES: Final = frozenset({"synced", "unsynced", "stepped", "unknown"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an EGM stands and hangs; for an event about no EGM, the gateway's own place.

    Attributes:
        site: token of the site.
        gateway: token of the gateway.
        jurisdiction: whose rules apply.
        line: name of the line; empty for an event about no line.
        address: SAS address 1-127, or None.
        bank: bank of the EGM.
        zone: part of the floor.
        location: where it stands, as people say it.
        linemode: ``host`` or ``listen``; empty for an event about no line.
    """

    site: str
    gateway: str
    jurisdiction: str
    line: str = ""
    address: int | None = None
    bank: str = ""
    zone: str = ""
    location: str = ""
    linemode: str = ""


@value
class Stamp:
    """The numbers that make an event this one and no other.

    Attributes:
        gateway: token of the gateway.
        birthid: token of this start of the gateway.
        sequence: gapless per gateway, from 1.
        familysequence: gapless per gateway and family, from 1.
        time_quality: how good the wall clock is, where the fact does not say.
    """

    gateway: str
    birthid: str
    sequence: int
    familysequence: int
    time_quality: str = "unknown"


@value
class EncodedEvent:
    """An event ready to be stored and sent.

    Attributes:
        id: CloudEvents id, the same however often it is sent.
        sequence: gapless per gateway.
        familysequence: gapless per gateway and family.
        type: short name, ``door.opened``.
        family: first word of the type.
        subject: NATS subject.
        asset: asset number or None.
        stream: name of the stream that must take it.
        severity: how urgent it is, the fact's own or the catalogue's.
        time_ns: wall-clock moment of the observation, nanoseconds since 1970 UTC.
        body: the envelope, UTF-8 JSON, at most 64 KiB.
    """

    id: str
    sequence: int
    familysequence: int
    type: str
    family: str
    subject: str
    asset: str | None
    stream: str
    severity: str
    time_ns: int
    body: bytes


def full_type(name: str) -> str:
    """Return the CloudEvents type of a short name: ``slot.door.opened.v1``.

    Raises:
        SchemaError: the catalogue has no such type.
    """
    return _row(name).full_name


def event_id(gateway: str, birthid: str, sequence: int) -> str:
    """Return the CloudEvents id of an event: ``<gateway>.<birthid>.<sequence>``."""
    return f"{gateway}.{birthid}.{sequence}"


def time_text(wall_ns: int) -> str:
    """Return a wall-clock moment as RFC 3339 in UTC with microseconds, as events have it."""
    second, rest_ns = divmod(wall_ns, _SECOND_NS)
    return f"{_second_text(second)}.{rest_ns // 1000:06d}Z"


def traceparent(of_id: str) -> str:
    """Return a W3C trace context derived from an event id: the same one every time."""
    digest = blake2b(of_id.encode(), digest_size=24).hexdigest()
    return f"00-{digest[:32]}-{digest[32:]}-01"


def encode(
    fact: Fact, place: Place, stamp: Stamp, gaming_day: str, profile: Profile = USUAL
) -> EncodedEvent:
    """Put ``fact`` into its envelope.

    Args:
        fact: what happened.
        place: where; from the site file as it was then.
        stamp: its numbers.
        gaming_day: the casino's day, ``YYYY-MM-DD``.
        profile: how urgent events are there.

    Raises:
        SchemaError: the fact does not fit the catalogue, a token or number is out of its range,
            or the envelope would be longer than 64 KiB.
    """
    row = _row(fact.type)
    frame = _frame(row, place, fact.asset)
    identity = _checked_id(stamp, place, gaming_day)
    try:
        model = row.model
        data = model.__pydantic_serializer__.to_json(
            model.__pydantic_validator__.validate_python(fact.data), exclude_none=True
        )
    except ValidationError as error:
        raise SchemaError.from_validation(fact.type, error) from None
    significance = profile.of(row, fact.data)
    middle = _middle(fact, stamp, identity, gaming_day, significance)
    body = b"".join((frame.head, middle.encode(), frame.tail, data, b"}"))
    if len(body) > ENVELOPE_BYTES_MAX:
        raise SchemaError(
            f"{fact.type}: {len(body)} bytes are more than an envelope's {ENVELOPE_BYTES_MAX}"
        )
    return EncodedEvent(
        identity, stamp.sequence, stamp.familysequence, row.name, frame.family, frame.subject,
        fact.asset, frame.stream, fact.severity or significance.severity, fact.observed.wall_ns,
        body,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Frame:
    """What does not change from one event of a type and place to the next."""

    head: bytes
    tail: bytes
    subject: str
    family: str
    stream: str


@lru_cache(maxsize=16_384)
def _frame(row: EventType, place: Place, asset: str | None) -> _Frame:
    if asset is None and row.asset_required:
        raise SchemaError(f"{row.name}: an asset number is missing")
    try:
        subject = subject_of(place.site, place.gateway, row.name, asset)
    except ValueError as error:
        raise SchemaError(f"{row.name}: {error}") from None
    source = f"/{place.site}/{place.gateway}"
    if place.line:
        source += f"/{place.line}/{'_' if place.address is None else place.address}"
    head = {"specversion": "1.0", "type": row.full_name, "source": source}
    if asset is not None:
        head["subject"] = asset
    tail = {
        "datacontenttype": "application/json", "dataschema": row.schema_id, "site": place.site,
        "jurisdiction": place.jurisdiction, "bank": place.bank, "zone": place.zone,
        "location": place.location, "linemode": place.linemode, "authority": "observed",
    }  # fmt: skip
    filled = {name: value for name, value in tail.items() if value}
    return _Frame(
        _compact(head)[:-1].encode() + b",",
        b"," + _compact(filled)[1:-1].encode() + b',"data":',
        subject,
        row.family,
        STREAM_OF_FAMILY[row.family].name,
    )


def _compact(members: dict[str, str]) -> str:
    return dumps(members, ensure_ascii=False, separators=(",", ":"))


def _middle(
    fact: Fact, stamp: Stamp, identity: str, gaming_day: str, significance: Significance
) -> str:
    """Return the members that are new for each event, as JSON without braces."""
    quality = fact.time_quality or stamp.time_quality
    severity = fact.severity or significance.severity
    if quality not in _QUALITIES or severity not in _SEVERITIES:
        raise SchemaError(f"{fact.type}: time quality {quality!r} or severity {severity!r}")
    observed = time_text(fact.observed.wall_ns)
    text = (
        f'"id":"{identity}","time":"{observed}",'
        f'"sequence":"{stamp.sequence:0{SEQUENCE_DIGITS}d}",'
        f'"familysequence":"{stamp.familysequence:0{SEQUENCE_DIGITS}d}",'
        f'"timequality":"{quality}","severity":"{severity}","gamingday":"{gaming_day}",'
        f'"possiblerepeat":{"true" if fact.possible_repeat else "false"},'
        f'"late":{"true" if fact.late else "false"},"traceparent":"{traceparent(identity)}",'
        f'"eventclass":"{significance.eventclass}","route":"{",".join(significance.route)}"'
    )
    if fact.occurred_after is not None:
        text += f',"occurredafter":"{_moment_text(fact.occurred_after)}"'
    if fact.occurred_before is not None:
        same = fact.occurred_before is fact.observed
        text += f',"occurredbefore":"{observed if same else _moment_text(fact.occurred_before)}"'
    if fact.correlation is not None:
        text += f',"correlation":{quoted(fact.correlation)}'
    if fact.caused_by is not None:
        text += f',"causedby":{quoted(_cause(fact, stamp))}'
    if fact.sas_code is not None:
        if not 0 < fact.sas_code <= 0xFF:
            raise SchemaError(f"{fact.type}: {fact.sas_code} is no exception code")
        text += f',"sascode":"{fact.sas_code:02X}"'
    if fact.raw is not None:
        text += f',"rawframe":{quoted(fact.raw)}'
    return text


def _cause(fact: Fact, stamp: Stamp) -> str:
    cause = fact.caused_by
    if isinstance(cause, str):
        return cause
    assert cause is not None
    if not -stamp.sequence < cause < 0:
        raise SchemaError(f"{fact.type}: there is no event {cause} before {stamp.sequence}")
    return event_id(stamp.gateway, stamp.birthid, stamp.sequence + cause)


def _checked_id(stamp: Stamp, place: Place, gaming_day: str) -> str:
    _check_tokens(stamp.gateway, stamp.birthid, place.gateway, gaming_day)
    if not 0 < stamp.familysequence <= stamp.sequence < 10**SEQUENCE_DIGITS:
        raise SchemaError(f"sequence {stamp.sequence}, family {stamp.familysequence}: out of range")
    return event_id(stamp.gateway, stamp.birthid, stamp.sequence)


@lru_cache(maxsize=256)
def _check_tokens(gateway: str, birthid: str, place_gateway: str, gaming_day: str) -> None:
    if gateway != place_gateway:
        raise SchemaError(f"stamped by gateway {gateway!r}, but the place is of {place_gateway!r}")
    if not is_token(birthid):
        raise SchemaError(f"birth id {birthid!r} must be 1-64 of A-Z a-z 0-9 _ -")
    if not _GAMING_DAY.match(gaming_day):
        raise SchemaError(f"gaming day {gaming_day!r} must be YYYY-MM-DD")


def _row(name: str) -> EventType:
    row = CATALOGUE.get(name)
    if row is None:
        raise SchemaError(f"the catalogue has no event type {name!r}")
    return row


def _moment_text(moment: Moment) -> str:
    return time_text(moment.wall_ns)


@lru_cache(maxsize=256)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
