"""The meters an EGM keeps: code, name, unit, and the fewest digits it sends.

One row a meter. A meter code is one byte in poll 2F and two bytes, least significant first, in 6F
and AF. The size is the fewest BCD bytes: 4 (8 digits) for credits and counts, 5 (10 digits) for
cents; 6F and AF say the true size, at most 9 bytes. A count rolls over at 10**digits of the size
sent. Rows without a code are meters that only a poll of their own can ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protocols.sas.tables.evidence import FRAMES, ONE, TABLES, WEAK, Confidence, H, M, Source


class Unit(StrEnum):
    """What one step of a meter is worth."""

    CREDITS = "credits"
    """Units of the accounting denomination (1F, B1)."""
    CENTS = "cents"
    """Hundredths of the currency unit, whatever the denomination."""
    COUNT = "count"
    """Pieces, games or times."""
    CURRENCY = "currency units"
    """Whole units of the currency, as on the face of a bill."""
    HUNDREDTHS_OF_PERCENT = "1/100 percent"


class Kind(StrEnum):
    """How a meter moves."""

    COUNTER = "counter"
    """Only grows, and rolls over at its size."""
    GAUGE = "gauge"
    """Goes up and down."""


@dataclass(frozen=True, slots=True)
class MeterRow:
    """One meter.

    Attributes:
        code: meter code 00-FF, or None where only a poll of its own can ask for it.
        name: our word for it; appears in events, so it never changes.
        unit: what one step is worth.
        digits: fewest decimal digits sent, two a byte.
        kind: counter or gauge.
        confidence: how sure code, name and size are.
        source: what says so.
    """

    code: int | None
    name: str
    unit: Unit
    digits: int
    kind: Kind = Kind.COUNTER
    confidence: Confidence = H
    source: Source = TABLES

    @property
    def width(self) -> int:
        """Fewest BCD bytes."""
        return self.digits // 2


def _cents_and_count(code: int, name: str) -> tuple[MeterRow, MeterRow]:
    """Return the pair that most ticket and transfer meters come in: cents, then how many."""
    return (
        MeterRow(code, f"{name}_cents", Unit.CENTS, 10),
        MeterRow(code + 1, f"{name}_count", Unit.COUNT, 8),
    )


BILL_WORDS: Final = (
    "1", "2", "5", "10", "20", "25", "50", "100", "200", "250", "500", "1000", "2000", "2500",
    "5000", "10000", "20000", "25000", "50000", "100000", "200000", "250000", "500000", "1000000",
)  # fmt: skip
"""Face values of bills in the order of codes 40-57, of the bill mask of 08, and of bill codes."""

HOPPER_BILLS: Final = ("1", "2", "5", "10", "20", "50", "100", "200", "500", "1000")
"""Face values in the order of codes 59-62, 64-6D and 6F-78."""

CREDITS, CENTS, COUNT = Unit.CREDITS, Unit.CENTS, Unit.COUNT
GAUGE = Kind.GAUGE

_PLAY: Final = (
    MeterRow(0x00, "coin_in",                             CREDITS, 8, source=FRAMES),
    MeterRow(0x01, "coin_out",                            CREDITS, 8, source=FRAMES),
    MeterRow(0x02, "jackpot",                             CREDITS, 8, source=FRAMES),
    MeterRow(0x03, "hand_paid_cancelled_credits",         CREDITS, 8, source=FRAMES),
    MeterRow(0x04, "cancelled_credits",                   CREDITS, 8),
    MeterRow(0x05, "games_played",                        COUNT,   8),
    MeterRow(0x06, "games_won",                           COUNT,   8),
    MeterRow(0x07, "games_lost",                          COUNT,   8),
    MeterRow(0x08, "coin_acceptor_credits",               CREDITS, 8),
    MeterRow(0x09, "hopper_paid_credits",                 CREDITS, 8),
    MeterRow(0x0A, "coins_to_drop",                       CREDITS, 8),
    MeterRow(0x0B, "bills_accepted_credits",              CREDITS, 8, source=FRAMES),
    MeterRow(0x0C, "current_credits",                     CREDITS, 8, GAUGE),
    MeterRow(0x0D, "cashable_ticket_in_cents",            CENTS,  10),
    MeterRow(0x0E, "cashable_ticket_out_cents",           CENTS,  10),
    MeterRow(0x0F, "restricted_ticket_in_cents",          CENTS,  10),
    MeterRow(0x10, "restricted_ticket_out_cents",         CENTS,  10),
    MeterRow(0x11, "cashable_ticket_in_count",            COUNT,   8),
    MeterRow(0x12, "cashable_ticket_out_count",           COUNT,   8),
    MeterRow(0x13, "restricted_ticket_in_count",          COUNT,   8),
    MeterRow(0x14, "restricted_ticket_out_count",         COUNT,   8),
    MeterRow(0x15, "ticket_in_credits",                   CREDITS, 8),
    MeterRow(0x16, "ticket_out_credits",                  CREDITS, 8),
    MeterRow(0x17, "electronic_to_egm_credits",           CREDITS, 8),
    MeterRow(0x18, "electronic_to_host_credits",          CREDITS, 8),
    MeterRow(0x19, "restricted_played",                   CREDITS, 8),
    MeterRow(0x1A, "nonrestricted_played",                CREDITS, 8),
    MeterRow(0x1B, "current_restricted_credits",          CREDITS, 8, GAUGE),
    MeterRow(0x1C, "machine_paid_paytable_win",           CREDITS, 8),
    MeterRow(0x1D, "machine_paid_progressive_win",        CREDITS, 8),
    MeterRow(0x1E, "machine_paid_external_bonus",         CREDITS, 8, source=FRAMES),
    MeterRow(0x1F, "attendant_paid_paytable_win",         CREDITS, 8),
    MeterRow(0x20, "attendant_paid_progressive_win",      CREDITS, 8),
    MeterRow(0x21, "attendant_paid_external_bonus",       CREDITS, 8),
    MeterRow(0x22, "won_credits",                         CREDITS, 8),
    MeterRow(0x23, "hand_paid_credits",                   CREDITS, 8),
    MeterRow(0x24, "total_drop",                          CREDITS, 8),
    MeterRow(0x25, "games_since_power_reset",             COUNT,   8),
    MeterRow(0x26, "games_since_slot_door_closed",        COUNT,   8),
    MeterRow(0x27, "external_coin_acceptor_credits",      CREDITS, 8),
    MeterRow(0x28, "all_ticket_in_credits",               CREDITS, 8),
    MeterRow(0x29, "regular_cashable_ticket_in_credits",  CREDITS, 8),
    MeterRow(0x2A, "restricted_ticket_in_credits",        CREDITS, 8),
    MeterRow(0x2B, "nonrestricted_ticket_in_credits",     CREDITS, 8),
    MeterRow(0x2C, "cashable_or_debit_ticket_out_credits", CREDITS, 8),
    MeterRow(0x2D, "restricted_ticket_out_credits",       CREDITS, 8),
    MeterRow(0x2E, "electronic_cashable_to_egm_credits",  CREDITS, 8),
    MeterRow(0x2F, "electronic_restricted_to_egm_credits", CREDITS, 8),
    MeterRow(0x30, "electronic_nonrestricted_to_egm_credits", CREDITS, 8),
    MeterRow(0x31, "electronic_debit_to_egm_credits",     CREDITS, 8),
    MeterRow(0x32, "electronic_cashable_to_host_credits", CREDITS, 8),
    MeterRow(0x33, "electronic_restricted_to_host_credits", CREDITS, 8),
    MeterRow(0x34, "electronic_nonrestricted_to_host_credits", CREDITS, 8),
    MeterRow(0x35, "regular_cashable_tickets_in",         COUNT,   8),
    MeterRow(0x36, "restricted_tickets_in",               COUNT,   8),
    MeterRow(0x37, "nonrestricted_tickets_in",            COUNT,   8),
    MeterRow(0x38, "cashable_tickets_out",                COUNT,   8),
    MeterRow(0x39, "restricted_tickets_out",              COUNT,   8),
    MeterRow(0x3E, "bills_in_stacker",                    COUNT,   8, GAUGE),
    MeterRow(0x3F, "bills_in_stacker_credits",            CREDITS, 8, GAUGE),
    MeterRow(0x7F, "weighted_average_payback", Unit.HUNDREDTHS_OF_PERCENT, 8, GAUGE),
)  # fmt: skip

_BILLS: Final = (
    *(MeterRow(0x40 + n, f"bills_{face}", COUNT, 8) for n, face in enumerate(BILL_WORDS)),
    MeterRow(0x58, "bills_to_drop_credits", CREDITS, 8),
    *(MeterRow(0x59 + n, f"bills_{face}_to_drop", COUNT, 8) for n, face in enumerate(HOPPER_BILLS)),
    MeterRow(0x63, "bills_diverted_credits", CREDITS, 8),
    *(MeterRow(0x64 + n, f"bills_{face}_diverted", COUNT, 8)
      for n, face in enumerate(HOPPER_BILLS)),
    MeterRow(0x6E, "bills_dispensed_credits", CREDITS, 8),
    *(MeterRow(0x6F + n, f"bills_{face}_dispensed", COUNT, 8)
      for n, face in enumerate(HOPPER_BILLS)),
)  # fmt: skip

_TICKETS_AND_TRANSFERS: Final = (
    *_cents_and_count(0x80, "regular_cashable_ticket_in"),
    *_cents_and_count(0x82, "validated_restricted_ticket_in"),
    *_cents_and_count(0x84, "nonrestricted_ticket_in"),
    *_cents_and_count(0x86, "regular_cashable_ticket_out"),
    *_cents_and_count(0x88, "validated_restricted_ticket_out"),
    *_cents_and_count(0x8A, "debit_ticket_out"),
    *_cents_and_count(0x8C, "cancelled_credit_with_receipt"),
    *_cents_and_count(0x8E, "jackpot_with_receipt"),
    *_cents_and_count(0x90, "cancelled_credit_without_receipt"),
    *_cents_and_count(0x92, "jackpot_without_receipt"),
    *_cents_and_count(0xA0, "in_house_cashable_to_egm"),
    *_cents_and_count(0xA2, "in_house_restricted_to_egm"),
    *_cents_and_count(0xA4, "in_house_nonrestricted_to_egm"),
    *_cents_and_count(0xA6, "debit_to_egm"),
    *_cents_and_count(0xA8, "in_house_cashable_to_ticket"),
    *_cents_and_count(0xAA, "in_house_restricted_to_ticket"),
    *_cents_and_count(0xAC, "debit_to_ticket"),
    *_cents_and_count(0xAE, "bonus_cashable_to_egm"),
    *_cents_and_count(0xB0, "bonus_nonrestricted_to_egm"),
    *_cents_and_count(0xB8, "in_house_cashable_to_host"),
    *_cents_and_count(0xBA, "in_house_restricted_to_host"),
    *_cents_and_count(0xBC, "in_house_nonrestricted_to_host"),
)

KEYED_FUNDS: Final = range(0xFA, 0x100)
"""Codes said to be funds keyed on and off in 6.03; which is which is not known, so no names."""

_WITHOUT_A_CODE: Final = (
    MeterRow(None, "bills_total_value",            Unit.CURRENCY, 8),                # 20
    MeterRow(None, "true_coin_in",                 COUNT,   8),                      # 2A
    MeterRow(None, "true_coin_out",                COUNT,   8),                      # 2B
    MeterRow(None, "hopper_level",                 COUNT,   8, GAUGE),               # 2C, 4F
    MeterRow(None, "slot_door_openings",           COUNT,   8),                      # 1C
    MeterRow(None, "power_resets",                 COUNT,   8),                      # 1C
    MeterRow(None, "progressive_wins",             CREDITS, 8, confidence=M, source=ONE),  # 83
    MeterRow(None, "legacy_bonus_deductible",      CREDITS, 8, confidence=M, source=ONE),  # 9A
    MeterRow(None, "legacy_bonus_nondeductible",   CREDITS, 8, confidence=M, source=ONE),  # 9A
    MeterRow(None, "legacy_bonus_wager_match",     CREDITS, 8, confidence=M, source=ONE),  # 9A
    MeterRow(None, "tournament_games_played",      COUNT,   8, confidence=M, source=ONE),  # 95, 99
    MeterRow(None, "tournament_games_won",         COUNT,   8, confidence=M, source=ONE),  # 96, 99
    MeterRow(None, "tournament_credits_wagered",   CREDITS, 8, confidence=M, source=ONE),  # 97, 99
    MeterRow(None, "tournament_credits_won",       CREDITS, 8, confidence=M, source=ONE),  # 98, 99
    MeterRow(None, "legacy_promotional_to_egm",    CREDITS, 8, confidence=M, source=WEAK),  # 1D
    MeterRow(None, "legacy_noncashable_to_egm",    CREDITS, 8, confidence=M, source=WEAK),  # 1D
    MeterRow(None, "legacy_to_host",               CREDITS, 8, confidence=M, source=WEAK),  # 1D
    MeterRow(None, "legacy_cashable_to_egm",       CREDITS, 8, confidence=M, source=WEAK),  # 1D
    MeterRow(None, "wager_category_coin_in",       CREDITS, 8, confidence=M, source=ONE),  # B4
)  # fmt: skip

_CODED: Final = (*_PLAY, *_BILLS, *_TICKETS_AND_TRANSFERS)

METERS: Final[dict[int, MeterRow]] = {row.code: row for row in _CODED if row.code is not None}
"""Meter rows by code."""

METERS_BY_NAME: Final[dict[str, MeterRow]] = {row.name: row for row in (*_CODED, *_WITHOUT_A_CODE)}
"""Meter rows by name, those without a code too."""

assert len(METERS) == len(_CODED), "two meters share a code"
assert len(METERS_BY_NAME) == len(_CODED) + len(_WITHOUT_A_CODE), "two meters share a name"


def meter_name(code: int) -> str:
    """Return the name of a meter, or "meter_9E" for a code outside the table (2 or 4 digits)."""
    row = METERS.get(code)
    return row.name if row else f"meter_{code:02X}"
