"""What loyalty publishes: points credited, and sessions that nobody can put a worth on."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from gateway.central.derived import DerivedType
from gateway.central.loyalty.points import Decision
from gateway.central.loyalty.store import Entry
from gateway.events.shapes import Data, Money, money

NOBODY: Final = "_"
"""Last token of the subject where no card was in."""

_FRACTION = Field(pattern=r"^[0-9]{1,40}(/[0-9]{1,40})?$", description="Exact, as a fraction.")


class PointsCreditedData(Data):
    """Points for one carded session."""

    player: str = Field(min_length=1, max_length=64, description="Pseudonym of the card.")
    session: str = Field(max_length=128, description="Name of the carded session.")
    asset: str = Field(min_length=1, max_length=64)
    coin_in_credits: int = Field(ge=0)
    denomination: Money
    coin_in: Money
    points_per_unit: str = Field(description="Points for one unit of the currency, a decimal.")
    earned: str = _FRACTION
    points: int = Field(ge=0, description="Whole points that the account got by this.")
    balance: int = Field(ge=0, description="Whole points of the account now.")
    remainder: str = _FRACTION


class UndecidedData(Data):
    """A carded session that was given no points because its worth is not known."""

    player: str = Field(max_length=64, description="Pseudonym; empty where no card was in.")
    session: str = Field(max_length=128)
    asset: str = Field(min_length=1, max_length=64)
    coin_in_credits: int | None = None
    reason: str = Field(max_length=160)


ROWS: Final = (
    DerivedType(
        "loyalty.pointscredited", PointsCreditedData, "player",
        "A player got points for carded coin in.",
        "Once for each carded session whose coin in and denomination are known.",
        "Not for a session that was credited before, however often it is told.",
        {
            "player": "c7f3a0", "session": "session-10101-b1-7", "asset": "10101",
            "coin_in_credits": 250, "denomination": {"amount": "0.05", "currency": "USD"},
            "coin_in": {"amount": "12.50", "currency": "USD"}, "points_per_unit": "1",
            "earned": "25/2", "points": 12, "balance": 112, "remainder": "1/2",
        },
        "{points} points for {coin_in}",
    ),
    DerivedType(
        "loyalty.undecided", UndecidedData, "player",
        "A carded session has no points because its worth is not known.",
        "A meter reading or the denomination is missing, or the sums contradict each other.",
        "Not for a session without play: that is credited with nothing.",
        {
            "player": "c7f3a0", "session": "session-10101-b1-8", "asset": "10101",
            "coin_in_credits": 250,
            "reason": "denomination not known: credits have no worth without it",
        },
        "no points: {reason}",
    ),
)  # fmt: skip
POINTS_CREDITED, UNDECIDED = ROWS


def message_of(entry: Entry) -> tuple[DerivedType, str, dict[str, object]] | None:
    """Return type, key and data of what is told about ``entry``; None for a repeat."""
    session, result = entry.session, entry.appraisal
    if result.decision is Decision.REPEAT:
        return None
    if entry.account is None:
        return UNDECIDED, session.player or NOBODY, {
            "player": session.player,
            "session": session.session_id,
            "asset": session.asset,
            "coin_in_credits": session.coin_in_credits,
            "reason": result.reason,
        }  # fmt: skip
    assert session.denomination is not None
    assert result.money is not None
    return POINTS_CREDITED, session.player, {
        "player": session.player,
        "session": session.session_id,
        "asset": session.asset,
        "coin_in_credits": session.coin_in_credits,
        "denomination": money(session.denomination, session.currency),
        "coin_in": money(result.money, session.currency),
        "points_per_unit": str(result.rate),
        "earned": str(result.earned),
        "points": entry.points,
        "balance": entry.account.points,
        "remainder": str(entry.account.remainder),
    }  # fmt: skip
