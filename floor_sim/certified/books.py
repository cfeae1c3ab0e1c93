"""What a certified system writes down: meters by gaming day, slips, tickets, ratings, drop, count.

Money is in cents, meters are in credits of the machine's accounting denomination. Ticket and card
numbers stand in no row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

METERS: Final[tuple[str, ...]] = (
    "coin_in", "coin_out", "total_drop", "jackpot", "cancelled_credits", "games_played",
    "hand_paid_cancelled_credits", "ticket_in_credits", "ticket_out_credits",
    "bills_accepted_credits", "current_credits",
)  # fmt: skip
"""Meters of a day's reading, in the order of the extracts."""

FACES: Final = (1, 5, 10, 20, 50, 100)
"""Bills that are metered and counted apart."""


@dataclass(frozen=True, slots=True)
class MeterRow:
    """One machine's meters at the end of a gaming day, or at its drop.

    Attributes:
        gaming_day: ``YYYY-MM-DD`` of the day that ends.
        asset: the machine.
        at: moment of the reading.
        cents_per_credit: worth of one credit.
        meters: counts by name; what the machine does not tell is missing.
    """

    gaming_day: str
    asset: str
    at: datetime
    cents_per_credit: int
    meters: dict[str, int]


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One handpay and its slip.

    Attributes:
        slip: number of the slip.
        gaming_day: of the reset.
        asset: the machine.
        pending_at: when the machine asked for it.
        reset_at: when it was keyed off.
        cents: what was paid.
        level: level code of poll 1B.
        kind: jackpot, progressive or cancelled credits.
    """

    slip: int
    gaming_day: str
    asset: str
    pending_at: datetime
    reset_at: datetime
    cents: int
    level: int
    kind: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket, printed or taken.

    Attributes:
        ticket: the system's own number of it; no validation number.
        gaming_day: of the moment.
        asset: the machine.
        at: the moment.
        cents: its worth.
        issued: printed, else taken.
    """

    ticket: int
    gaming_day: str
    asset: str
    at: datetime
    cents: int
    issued: bool


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One carded session.

    Attributes:
        rating: number.
        gaming_day: of its end.
        account: the player's account.
        asset: the machine.
        began: card in.
        ended: card out.
        coin_in_cents: played.
        coin_out_cents: won, handpays left out.
        games: played.
        theo_cents: coin in times par.
    """

    rating: int
    gaming_day: str
    account: str
    asset: str
    began: datetime
    ended: datetime
    coin_in_cents: int
    coin_out_cents: int
    games: int
    theo_cents: int


@dataclass(frozen=True, slots=True)
class DropRow:
    """One cashbox: what the meters say is in it, and what the count room found.

    Attributes:
        gaming_day: of the drop.
        asset: the machine.
        at: when the cashbox was taken.
        metered: bills by face value, by the meters.
        counted: the same, by the count.
    """

    gaming_day: str
    asset: str
    at: datetime
    metered: dict[int, int]
    counted: dict[int, int]


@dataclass(slots=True)
class Books:
    """All of it, in the order in which it was written.

    Attributes:
        meters: readings at the end of gaming days.
        slips: handpays.
        tickets: tickets.
        ratings: carded sessions.
        drops: cashboxes.
    """

    meters: list[MeterRow] = field(default_factory=list)
    slips: list[SlipRow] = field(default_factory=list)
    tickets: list[TicketRow] = field(default_factory=list)
    ratings: list[RatingRow] = field(default_factory=list)
    drops: list[DropRow] = field(default_factory=list)
