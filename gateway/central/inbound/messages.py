"""What the inbound service publishes: messages of others that it took, and those it refused."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, JsonValue

from gateway.central.derived import DerivedType
from gateway.events.shapes import Data

_SENDER = Field(description="First word of the message's type.")


class AcceptedData(Data):
    """A message of others that is kept here."""

    receipt: str = Field(max_length=64, description="Our name of it, as the sender was answered.")
    message: str = Field(max_length=128, description="Its id at the sender.")
    message_type: str = Field(max_length=64, description="CloudEvents type, sms.slip.filed.v1.")
    sender: Literal["sms", "crm"] = _SENDER
    asset: str | None = Field(None, max_length=64, description="The EGM that it is about.")
    player: str | None = Field(None, max_length=64, description="Pseudonym that it names.")
    content: dict[str, JsonValue] = Field(
        description="Its data, as the page of its type says: the sender's figures, not ours."
    )


class RefusedData(Data):
    """A message of others that does not fit; without its values, which may be anything."""

    receipt: str | None = Field(None, max_length=64, description="Absent where it has no id.")
    sender: Literal["sms", "crm"] = _SENDER
    message_type: str | None = Field(None, max_length=64, description="Absent if not known.")
    reason: str = Field(max_length=400, description="As the sender was answered.")
    digest: str = Field(max_length=64, description="SHA-256 of the bytes, to find it there.")


_RECEIPT: Final = "5f0c6d1e2a3b4c5d6e7f8091a2b3c4d5"

ROWS: Final = (
    DerivedType(
        "inbound.accepted", AcceptedData, "sender",
        "Another system told us something, and we keep it.",
        "Once for each message, however often it is sent.",
        "Not for what people say of a machine: the gateway tells that as its own events.",
        {
            "receipt": _RECEIPT, "message": "slip-77120", "message_type": "sms.slip.filed.v1",
            "sender": "sms", "asset": "10101",
            "content": {
                "slip": "77120", "kind": "jackpot", "asset": "10101",
                "amount": {"amount": "1250.00", "currency": "USD"}, "at": "2026-03-01T04:00:00Z",
            },
        },
        "{message_type} accepted",
    ),
    DerivedType(
        "inbound.refused", RefusedData, "sender",
        "Another system sent something that does not fit; nothing of it is kept but its hash.",
        "At each refusal, up to sixty a minute; the others are only counted.",
        "Not while the disk takes nothing: the sender is told to send again.",
        {
            "receipt": _RECEIPT, "sender": "sms", "message_type": "sms.slip.filed.v1",
            "reason": "no EGM 99999 in the site file", "digest": "00" * 32,
        },
        "message of {sender} refused: {reason}",
    ),
)  # fmt: skip
ACCEPTED, REFUSED = ROWS
