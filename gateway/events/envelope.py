"""The envelope as a consumer reads it: CloudEvents 1.0, structured JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from gateway.events.errors import SchemaError

ENVELOPE_BYTES_MAX = 64 * 1024
"""Longest envelope in bytes; a longer one is refused, never cut."""


def _number(text: object) -> object:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() else text


Sequence = Annotated[int, BeforeValidator(_number), Field(ge=1)]


class Envelope(BaseModel):
    """One event with its envelope.

    Attribute names are those on the wire. Unknown attributes are passed over: a later version of
    the gateway may add some. Numbers of order travel as strings of digits (they may outgrow the
    32 bits of a CloudEvents integer) and are ints here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: str
    type: str
    source: str
    subject: str | None = None
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str = ""
    sequence: Sequence
    familysequence: Sequence
    occurredafter: datetime | None = None
    occurredbefore: datetime | None = None
    timequality: str = "unknown"
    possiblerepeat: bool = False
    late: bool = False
    severity: str = "info"
    eventclass: str = ""
    route: str = ""
    site: str
    jurisdiction: str = ""
    gamingday: str
    bank: str = ""
    zone: str = ""
    location: str = ""
    linemode: str = ""
    authority: Literal["observed"]
    correlation: str | None = None
    causedby: str | None = None
    traceparent: str = ""
    sascode: str | None = None
    rawframe: str | None = None
    data: dict[str, JsonValue]

    @property
    def name(self) -> str:
        """Short name of the type: ``door.opened``."""
        return ".".join(self.type.split(".")[1:3])

    @property
    def family(self) -> str:
        """First word of the short name."""
        return self.type.split(".")[1]

    @property
    def asset(self) -> str | None:
        """Asset number, or None where the event is about no EGM."""
        return self.subject

    @property
    def gateway(self) -> str:
        """Gateway that made it, from the source."""
        return self.source.split("/")[2]

    @property
    def birthid(self) -> str:
        """Which start of the gateway made it, from the id."""
        return self.id.split(".")[1]


def decode(body: bytes) -> Envelope:
    """Return the event in ``body``.

    Raises:
        SchemaError: it is no envelope of ours; says why.
    """
    if len(body) > ENVELOPE_BYTES_MAX:
        raise SchemaError(f"{len(body)} bytes are more than an envelope's {ENVELOPE_BYTES_MAX}")
    try:
        envelope = Envelope.model_validate_json(body)
    except ValidationError as error:
        raise SchemaError.from_validation("envelope", error) from None
    if envelope.type.count(".") != 3 or not envelope.type.startswith("slot."):
        raise SchemaError("envelope: type is not slot.<family>.<event>.v<major>")
    if envelope.source.count("/") < 2 or envelope.id.count(".") != 2:
        raise SchemaError("envelope: source or id is not as the catalogue says")
    return envelope
