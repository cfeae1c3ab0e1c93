"""A derived message as it is read: what a consumer of ours made of the gateway's events."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from gateway.events.errors import SchemaError


class DerivedEnvelope(BaseModel):
    """A derived message as it is read; unknown attributes are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: str
    type: str
    source: str
    subject: str
    time: datetime
    dataschema: str
    site: str
    severity: str = "info"
    gamingday: str = ""
    bank: str = ""
    zone: str = ""
    location: str = ""
    authority: Literal["observed"]
    correlation: str | None = None
    causedby: str
    possiblerepeat: bool = False
    data: dict[str, JsonValue]

    @property
    def name(self) -> str:
        """Short name of the type: ``dispatch.callopened``."""
        return ".".join(self.type.split(".")[1:3])

    @property
    def family(self) -> str:
        """The service that made it, where an event has its family."""
        return self.name.partition(".")[0]

    @property
    def asset(self) -> str | None:
        """Asset number that it is about, or None."""
        asset = self.data.get("asset")
        return asset if isinstance(asset, str) and asset else None


def decode_derived(body: bytes) -> DerivedEnvelope:
    """Return the derived message in ``body``.

    Raises:
        SchemaError: it is no derived message of ours; says why.
    """
    try:
        return DerivedEnvelope.model_validate_json(body)
    except ValidationError as error:
        raise SchemaError.from_validation("derived message", error) from None
