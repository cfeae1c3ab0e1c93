"""Cards and carded sessions: restricted, by pseudonym only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Count, Data, Money, Seconds

_CARD = Field(min_length=1, max_length=64, description="Pseudonym: a keyed hash, never the number.")
Quality = Literal["bracketed", "late", "broken"]


class CardMoved(Data):
    """A card in a reader."""

    card: str | None = Field(
        None, min_length=1, max_length=64,
        description="Pseudonym: a keyed hash; absent if the reader could not read it.",
    )  # fmt: skip
    before: Literal["in", "out", "unknown"]
    after: Literal["in", "out"]
    in_s: Seconds | None = Field(None, description="How long it was in, when it is taken out.")


class CardAbandoned(Data):
    """A card that was left in the machine."""

    card: str = _CARD
    idle_s: Seconds
    limit_s: Seconds


class SessionOpened(Data):
    """The meters at the beginning of carded play."""

    card: str = _CARD
    coin_in_before: Count
    coin_out_before: Count | None = None
    games_before: Count | None = None
    epoch: int = Field(ge=1)
    read_after_s: Seconds = Field(description="From card in to these meters.")


class PlayedInSession(Data):
    """Coin in of one session by whose money it was; the three add up to it."""

    cashable_credits: int = Field(ge=0, description="Coin in that was neither of the others.")
    restricted_credits: int = Field(ge=0, description="Promotional credits that are only played.")
    nonrestricted_credits: int = Field(ge=0, description="Promotional credits that may be paid.")


class SessionClosed(Data):
    """Carded play between two meter readings."""

    card: str = _CARD
    quality: Quality = Field(
        description="bracketed: read at both ends; late: the first reading came after the card "
        "had gone; broken: the meters do not allow a difference. Only bracketed has amounts."
    )
    coin_in_before: Count | None = None
    coin_in_after: Count | None = None
    coin_in_credits: int | None = Field(None, ge=0, description="Coin in of this session.")
    coin_in: Money | None = Field(
        None, description="The same as money; absent while the denomination is not known."
    )
    coin_out_credits: int | None = Field(None, ge=0)
    games: int | None = Field(None, ge=0, description="Games played in this session.")
    played: PlayedInSession | None = Field(
        None,
        description="Its coin in by whose money it was. Absent where the machine has no such "
        "meters, or something was wagered between their reading and the session's.",
    )
    denomination: Money | None = None
    epoch: int = Field(ge=1)
    session_s: Seconds = Field(description="From card in to card out.")
    read_after_s: Seconds = Field(description="From card out to the last meters.")


class SessionCorrected(Data):
    """A session's figures were corrected by a person or a later reading."""

    session: str = Field(max_length=128, description="Correlation of the session.")
    said_by: str | None = Field(None, max_length=64, description="User who corrects it.")
    reason: str = Field(max_length=160)
    coin_in_credits: int = Field(ge=0)
    coin_in: Money | None = None


_BEFORE = {"count": 12345, "unit": "credits", "digits": 8}
_AFTER = {"count": 13345, "unit": "credits", "digits": 8}
_LOYALTY = ("loyalty",)

ROWS = (
    EventType(
        "card.in", CardMoved, "info", "transactional", _LOYALTY,
        "A card was put in.", "The reader tells it.", "Not for a technician's key.",
        "Nothing.", {"card": "c7f3a0", "before": "out", "after": "in"}, "card in",
    ),
    EventType(
        "card.out", CardMoved, "info", "transactional", _LOYALTY,
        "The card was taken out.", "The reader tells it.", "Not at the end of play.",
        "Nothing.", {"card": "c7f3a0", "before": "in", "after": "out", "in_s": 300.5}, "card out",
    ),
    EventType(
        "card.abandoned", CardAbandoned, "notice", "operational", ("attendant",),
        "A card was left in: nobody has played for the site's limit.",
        "Once, when no play was seen for that long.", "Not while play is not covered.",
        "Bring the card to the desk.", {"card": "c7f3a0", "idle_s": 601.0, "limit_s": 600.0},
        "card left in the machine",
    ),
    EventType(
        "session.opened", SessionOpened, "info", "transactional", _LOYALTY,
        "Carded play begins at these meters.",
        "The first meters that were asked for after the card went in.", "Not without a card.",
        "Nothing.",
        {"card": "c7f3a0", "coin_in_before": _BEFORE, "epoch": 1, "read_after_s": 0.3},
        "carded session opened",
    ),
    EventType(
        "session.closed", SessionClosed, "info", "transactional", _LOYALTY,
        "Carded play ended at these meters.",
        "The first meters that were asked for after the card came out, or another went in.",
        "A broken or late session has no amounts: never zero.", "Nothing.",
        {"card": "c7f3a0", "quality": "bracketed", "coin_in_before": _BEFORE,
         "coin_in_after": _AFTER, "coin_in_credits": 1000,
         "coin_in": {"amount": "10.00", "currency": "USD"}, "games": 20,
         "denomination": {"amount": "0.01", "currency": "USD"}, "epoch": 1, "session_s": 300.5,
         "read_after_s": 0.3},
        "carded session closed, coin in {coin_in}",
    ),
    EventType(
        "session.corrected", SessionCorrected, "notice", "transactional", _LOYALTY,
        "A session's figures were corrected.",
        "A user corrects the coin in of one of the last 64 sessions of the machine.",
        "Never changes the event that it corrects.", "Nothing.",
        {"session": "session-10101-b1-7", "reason": "slip of the host", "said_by": "ann",
         "coin_in_credits": 900},
        "carded session corrected: {reason}",
    ),
)  # fmt: skip
