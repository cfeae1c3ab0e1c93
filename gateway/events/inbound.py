"""What others send us: the SMS, the player system, people of the house.

The same contract in the other direction: each message is a NATS request and is answered; one that
does not fit is refused and says why, and nothing is guessed. Cards and players travel as pseudonyms
here too: the sender makes them with the site's key, so that no card number is ever on the bus.
Nothing that is sent here can have anything asked of a machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from gateway.events.acts import (
    AmountTyped,
    GuestPaid,
    LookedAt,
    Mended,
    NoteMade,
    SessionCorrected,
)
from gateway.events.envelope import ENVELOPE_BYTES_MAX
from gateway.events.errors import SchemaError
from gateway.events.shapes import Data, Money

MomentText = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$",
        description="RFC 3339, UTC.",
    ),
]
Pseudonym = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Keyed hash, never the number.")
]
Asset = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Asset number of the EGM.")
]


class SmsCard(Data):
    """A card as the SMS's own reader saw it."""

    card: Pseudonym
    player: Pseudonym | None = None
    asset: Asset
    at: MomentText


class SmsRating(Data):
    """A rating that the SMS closed: its figures are the official ones."""

    rating: str = Field(max_length=64, description="Number of the rating at the SMS.")
    player: Pseudonym
    asset: Asset
    opened: MomentText
    closed: MomentText
    coin_in: Money
    coin_out: Money | None = None
    games: int | None = Field(None, ge=0)
    points: int | None = None


class SmsSlip(Data):
    """A handpay or fill slip at the SMS: what was paid, and that it was."""

    slip: str = Field(max_length=64, description="Number of the slip at the SMS.")
    kind: Literal["jackpot", "cancelledcredit", "progressive", "fill", "other"]
    asset: Asset
    amount: Money
    at: MomentText
    reason: str | None = Field(None, max_length=160, description="Why it was voided.")


class CrmPlayer(Data):
    """An account and the cards that belong to it."""

    player: Pseudonym
    cards: list[Pseudonym] = Field(max_length=64)
    tier: str | None = Field(None, max_length=32)


class CrmExclusion(Data):
    """Somebody may not play, or may again."""

    player: Pseudonym
    kind: Literal["self", "house", "regulator"]
    begins: MomentText
    ends: MomentText | None = Field(None, description="Absent: until it is lifted.")


@dataclass(frozen=True, slots=True, eq=False)  # a row is itself
class InboundType:
    """One type of message that others send us.

    Attributes:
        name: ``sender.topic.event``; never changes and never gets a second meaning.
        model: what ``data`` holds.
        key: field of ``data`` that is the last token of the subject.
        sender: who sends it.
        meaning: what has happened.
        when: when the sender sends it.
        not_when: what it does not say.
        example: valid ``data``.
        reader: who of us reads and answers it: ``inbound``, a service of the site, or ``gateway``,
            the gateway of that EGM, whose token then stands in the subject.
        version: major version.
    """

    name: str
    model: type[Data]
    key: str
    sender: str
    meaning: str
    when: str
    not_when: str
    example: Mapping[str, object]
    reader: Literal["inbound", "gateway"] = "inbound"
    version: int = 1

    @property
    def full_name(self) -> str:
        """CloudEvents ``type``: ``sms.card.in.v1``."""
        return f"{self.name}.v{self.version}"

    @property
    def schema_id(self) -> str:
        """CloudEvents ``dataschema``."""
        return f"urn:slot-floor-gateway:{self.name}:{self.version}"


_AT: Final = "2026-03-01T04:00:00Z"
_USD: Final = {"amount": "1250.00", "currency": "USD"}
_CARD: Final = {"card": "c7f3a0", "player": "p19d", "asset": "10101", "at": _AT}
_SLIP: Final = {"slip": "77120", "kind": "jackpot", "asset": "10101", "amount": _USD, "at": _AT}
_BAN: Final = {"player": "p19d", "kind": "self", "begins": _AT}
_BY: Final = {"by": "ann", "asset": "10101"}
_STAFF: Final = "people of the house"

_ROWS: Final = (
    InboundType(
        "sms.card.in", SmsCard, "asset", "the SMS", "The SMS saw a card go in.",
        "As soon as the SMS knows.", "Not for a technician's key.", _CARD,
    ),
    InboundType(
        "sms.card.out", SmsCard, "asset", "the SMS", "The SMS saw a card come out.",
        "As soon as the SMS knows.", "Not at the end of play.", _CARD,
    ),
    InboundType(
        "sms.rating.closed", SmsRating, "asset", "the SMS", "The SMS closed a rating.",
        "Once for each rating; again under a new id when it was corrected.",
        "Not for play without a card.",
        {"rating": "551", "player": "p19d", "asset": "10101", "opened": _AT,
         "closed": "2026-03-01T04:12:00Z", "coin_in": {"amount": "12.50", "currency": "USD"},
         "games": 25, "points": 12},
    ),
    InboundType(
        "sms.slip.filed", SmsSlip, "asset", "the SMS", "A slip was made out at the SMS.",
        "When the slip is printed.", "It does not say that the guest has the money.", _SLIP,
    ),
    InboundType(
        "sms.slip.voided", SmsSlip, "asset", "the SMS", "A slip was voided at the SMS.",
        "When it is voided.", "Not for a slip printed again.", {**_SLIP, "reason": "wrong machine"},
    ),
    InboundType(
        "crm.player.changed", CrmPlayer, "player", "the player system",
        "An account got or lost a card, or its tier changed.", "At each change.",
        "Never with a name, an address or a number.",
        {"player": "p19d", "cards": ["c7f3a0"], "tier": "gold"},
    ),
    InboundType(
        "crm.exclusion.set", CrmExclusion, "player", "the player system", "Somebody may not play.",
        "At once.", "Not for a guest who was only asked to leave.", _BAN,
    ),
    InboundType(
        "crm.exclusion.lifted", CrmExclusion, "player", "the player system",
        "Somebody may play again.", "At once.", "Not when its own end is reached.",
        {**_BAN, "ends": "2027-03-01T04:00:00Z"},
    ),
    InboundType(
        "act.handpay.amounttyped", AmountTyped, "asset", _STAFF,
        "Somebody typed the amount that a handpay's display shows.",
        "Where the gateway could not read it: it becomes handpay.amountknown with the source "
        "display, or handpay.amountdiffers.",
        "It pays nothing, and changes no amount that was read.",
        {**_BY, "amount": _USD, "handpay": "handpay-10101-b1-7"}, "gateway",
    ),
    InboundType(
        "act.handpay.paid", GuestPaid, "asset", _STAFF,
        "The guest of a handpay was paid.", "Once the money is counted out: handpay.paid.",
        "Not at the key-off: the machine tells that.",
        {**_BY, "handpay": "handpay-10101-b1-7"}, "gateway",
    ),
    InboundType(
        "act.tilt.mended", Mended, "asset", _STAFF,
        "Tilts and faults of a machine are over: SAS has no word for it.",
        "By somebody who was at the machine: tilt.cleared, by a person.",
        "It resets nothing in the machine.", {**_BY, "kind": "billjam"}, "gateway",
    ),
    InboundType(
        "act.session.corrected", SessionCorrected, "asset", _STAFF,
        "The coin in of a carded session that was closed lately is corrected.",
        "With a reason: session.corrected.", "It changes no meter and no rating.",
        {**_BY, "session": "session-10101-b1-7", "coin_in_credits": 900, "reason": "slip"},
        "gateway",
    ),
    InboundType(
        "act.event.lookedat", LookedAt, "asset", _STAFF,
        "Somebody looked at an event and says what was found: egm.acknowledged.",
        "By whoever watches the floor from afar; who sits at the gateway uses its console.",
        "It clears nothing, and does not say that anybody went to the machine.",
        {**_BY, "event": "edge1.b1.7", "event_type": "door.opened", "disposition": "authorised",
         "remark": "drop run, two people"}, "gateway",
    ),
    InboundType(
        "act.egm.noted", NoteMade, "asset", _STAFF,
        "Somebody notes something of a machine or an event: egm.noted.",
        "By whoever watches the floor from afar.", "Not for what was found of an event.",
        {**_BY, "remark": "latch of the slot door is worn, part ordered"}, "gateway",
    ),
)  # fmt: skip

INBOUND: Final[Mapping[str, InboundType]] = MappingProxyType({row.name: row for row in _ROWS})
"""Every message that others send us, by its short name."""


class InboundEnvelope(BaseModel):
    """A message of others: CloudEvents 1.0, structured JSON; unknown attributes are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: str = Field(min_length=1, max_length=128)
    type: str
    source: str = Field(min_length=1, max_length=128)
    time: datetime
    site: str
    data: dict[str, JsonValue]


class ToldEvent(Data):
    """An event that a message led to."""

    id: str = Field(max_length=256)
    type: str = Field(max_length=64)
    text: str = Field(max_length=240, description="The event in words.")


class InboundAnswer(Data):
    """What whoever sent a message is answered, once it is stored or refused."""

    accepted: bool = Field(description="True: it is on disk here; do not send it again.")
    receipt: str | None = Field(
        None, max_length=64, description="Our name of the message, in whatever follows from it."
    )
    duplicate: bool = Field(
        default=False, description="It had been accepted before, and changed nothing now."
    )
    reason: str | None = Field(
        None, max_length=400, description="Why it was refused; sending it again does not help."
    )
    again: bool = Field(
        default=False, description="True: refused only for now; send the same again later."
    )
    events: list[ToldEvent] = Field([], max_length=16, description="What it led to.")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of others that fits the contract.

    Attributes:
        row: its type.
        envelope: its envelope.
        data: its checked data.
        receipt: our name of it: the same for the same source and id.
        digest: of what it says; the same id must say the same.
    """

    row: InboundType
    envelope: InboundEnvelope
    data: Data
    receipt: str
    digest: str


def read_message(subject: str, body: bytes, site: str, gateway: str = "") -> Message:
    """Return the message in ``body``, as it came on ``subject``.

    Args:
        subject: what the sender was allowed to publish on: the message must say the same.
        body: the envelope.
        site: this casino.
        gateway: this gateway; empty in a service of the site.

    Raises:
        SchemaError: it is none that we know, does not fit, or came on another one's subject.
    """
    row, envelope, data = decode_inbound(body)
    if envelope.site != site:
        raise SchemaError(f"{row.name}: it is about another site")
    if subject != inbound_subject(row, site, str(getattr(data, row.key)), gateway):
        raise SchemaError(f"{row.name}: the subject does not fit type and {row.key} of the message")
    name = f"{envelope.source}\n{envelope.id}".encode()
    said = [envelope.type, data.model_dump(mode="json", exclude_none=True)]
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return Message(
        row, envelope, data, hashlib.sha256(name).hexdigest()[:32],
        hashlib.sha256(text).hexdigest()[:32],
    )  # fmt: skip


def decode_inbound(body: bytes) -> tuple[InboundType, InboundEnvelope, Data]:
    """Return the row, the envelope and the checked data of a message of others.

    Raises:
        SchemaError: it is none that we know, or does not fit; says which fields.
    """
    if len(body) > ENVELOPE_BYTES_MAX:
        raise SchemaError(f"{len(body)} bytes are more than an envelope's {ENVELOPE_BYTES_MAX}")
    try:
        envelope = InboundEnvelope.model_validate_json(body)
    except ValidationError as error:
        raise SchemaError.from_validation("inbound message", error) from None
    row = INBOUND.get(envelope.type.rpartition(".")[0])
    if row is None or envelope.type != row.full_name:
        raise SchemaError("inbound message: its type is not known")
    try:
        return row, envelope, row.model.model_validate(envelope.data)
    except ValidationError as error:
        raise SchemaError.from_validation(row.name, error) from None


def inbound_subject(row: InboundType, site: str, key: str, gateway: str = "") -> str:
    """Return the subject of a message.

    ``sms.v1.<site>.card.in.<asset>``; what a gateway reads has its token behind the site:
    ``act.v1.<site>.<gateway>.handpay.paid.<asset>``.
    """
    sender, _, rest = row.name.partition(".")
    here = f"{site}.{gateway}" if row.reader == "gateway" else site
    return f"{sender}.v1.{here}.{rest}.{key}"
