"""Code tables of single fields: bills, countries, handpay levels, tickets, transfers, features.

Each maps a byte as it stands on the wire to words. A code outside its table prints as hex.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_BILL_FACES: Final = (
    1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 2_500, 5_000, 10_000, 20_000,
    25_000, 50_000, 100_000, 200_000, 250_000, 500_000, 1_000_000,
)  # fmt: skip


def _bcd_byte(number: int) -> int:
    return number // 10 << 4 | number % 10


BILLS: Final[dict[int, int]] = {_bcd_byte(n): face for n, face in enumerate(_BILL_FACES)}
"""Bill code of poll 48 and event 4F, packed BCD (the eleventh is byte 10 hex), to face value."""

BILL_MASK: Final[dict[int, int]] = dict(enumerate(_BILL_FACES))
"""Bit of the mask of poll 08 (bit 0 of the first byte is 0) to face value; one source."""

_COUNTRY_NAMES: Final = (
    "unknown", "Argentina", "Australia", "Austria", "Belgium", "Brazil", "Bulgaria", "Canada",
    "Colombia", "Cyprus", "Czechoslovakia", "Denmark", "Finland", "France", "Germany",
    "Great Britain", "Gibraltar", "Greece", "Guernsey", "Hungary", "Ireland", "Italy", "Jersey",
    "Luxembourg", "Malta", "Mexico", "Morocco", "Norway", "Poland", "Portugal", "Romania",
    "Russia", "Spain", "South Africa", "Sweden", "Switzerland", "Turkey", "USA", "Netherlands",
    "Euro",
)  # fmt: skip

COUNTRIES: Final[dict[int, str]] = {_bcd_byte(n): name for n, name in enumerate(_COUNTRY_NAMES)}
"""Country code of poll 48 and event 4F, packed BCD, to name; one source."""

HANDPAY_LEVELS: Final[dict[int, str]] = {
    0x00: "non-progressive win",
    **{level: f"progressive level {level}" for level in range(0x01, 0x21)},
    0x40: "non-progressive top win",
    0x80: "cancelled credits",
}
"""Level byte of poll 1B; progressive level 1 is the highest."""

HANDPAY_RESET_IDS: Final = {
    0x00: "standard reset only",
    0x01: "reset to the credit meter is possible",
}
"""Reset id of poll 1B."""

HANDPAY_RESET_METHODS: Final = {0x00: "standard handpay", 0x01: "to the credit meter"}
"""Method of poll A8."""

HANDPAY_METHOD_ANSWERS: Final = {
    0x00: "reset method enabled",
    0x01: "could not enable the reset method",
    0x02: "not in a handpay",
}
"""Answer to poll A8."""

HANDPAY_RESET_ANSWERS: Final = {
    0x00: "handpay was reset",
    0x01: "could not reset the handpay",
    0x02: "not in a handpay",
}
"""Answer to poll 94."""

HOPPER_STATUS: Final = {
    0x00: "hopper OK", 0x01: "flooded optics", 0x02: "reverse coin", 0x03: "coin too short",
    0x04: "coin jam", 0x05: "hopper runaway", 0x06: "optics disconnected", 0x07: "hopper empty",
    0xFF: "other",
}  # fmt: skip
"""Status of poll 4F; one source."""

TAX_STATUS: Final = {0x00: "deductible", 0x01: "non-deductible", 0x02: "wager match"}
"""Tax status of a legacy bonus (7C, 8A, 90)."""

HAND_TYPES: Final = {0x00: "dealt", 0x01: "final"}
"""Kind of hand in poll 8E; one source."""

CARD_SUITS: Final = {0: "spades", 1: "clubs", 2: "hearts", 3: "diamonds", 4: "joker"}
"""High nibble of a card in poll 8E; one source."""

CARD_RANKS: Final = {
    0x0: "2", 0x1: "3", 0x2: "4", 0x3: "5", 0x4: "6", 0x5: "7", 0x6: "8", 0x7: "9", 0x8: "10",
    0x9: "jack", 0xA: "queen", 0xB: "king", 0xC: "ace", 0xD: "joker",
}  # fmt: skip
"""Low nibble of a card in poll 8E; one source."""

WAGER_TYPE_BITS: Final = {6: "multi-denomination game", 7: "maximum bet"}
"""Bits of the wager type of event 7E; bits 0 to 5 are the denomination code; one source."""

VALIDATION_TYPES: Final = {
    0x00: "cashable ticket", 0x01: "restricted ticket", 0x02: "AFT cashable ticket",
    0x03: "AFT restricted ticket", 0x04: "AFT debit ticket",
    0x10: "cancelled-credit handpay, receipt printed", 0x20: "jackpot handpay, receipt printed",
    0x40: "cancelled-credit handpay, no receipt", 0x60: "jackpot handpay, no receipt",
    0x80: "cashable ticket redeemed", 0x81: "restricted ticket redeemed",
    0x82: "non-restricted ticket redeemed",
}  # fmt: skip
"""Type of a validation record (4D) and of its totals (50); one source."""

CASH_OUT_TYPES: Final = {0x00: "cashable", 0x01: "restricted", 0x80: "none waiting"}
"""Cash-out type of poll 57."""

VALIDATION_ANSWERS: Final = {0x00: "accepted", 0x80: "not in cash-out", 0x81: "improper"}
"""Status of poll 58."""

TICKET_IN_STATUS: Final = {0x00: "ticket in escrow", 0xFF: "no ticket"}
"""Status of poll 70."""

TICKET_TRANSFER_CODES: Final = {
    0x00: "redeem as cashable", 0x01: "redeem as restricted", 0x02: "redeem as non-restricted",
    0x80: "unable to validate", 0x81: "validation number not right", 0x82: "not in the system",
    0x83: "marked pending", 0x84: "already redeemed", 0x85: "expired",
    0x86: "no validation information", 0x87: "amount differs from the system's",
    0x88: "amount above the limit", 0x90: "not valid at this time",
    0x91: "not valid on this EGM", 0x92: "player card must be inserted",
    0x93: "not valid for this player", 0xFF: "status request",
}  # fmt: skip
"""Transfer code of a 71 request; one source."""

TICKET_MACHINE_STATUS: Final = {
    0x00: "cashable ticket redeemed", 0x01: "restricted ticket redeemed",
    0x02: "non-restricted ticket redeemed", 0x20: "waiting for 71", 0x40: "pending",
    0x80: "rejected by host", 0x81: "validation number does not match",
    0x82: "transfer code not valid", 0x83: "amount not valid", 0x84: "amount above the limit",
    0x85: "amount not a multiple of the denomination", 0x86: "amount is not the ticket's",
    0x87: "cannot accept now", 0x88: "timed out", 0x89: "link down", 0x8A: "redemption disabled",
    0x8B: "validator failure", 0xC0: "not compatible with the current cycle",
    0xFF: "no ticket information",
}  # fmt: skip
"""Machine status of a 71 answer; one source."""

TICKET_DATA_ITEMS: Final = {
    0x00: "location", 0x01: "address line 1", 0x02: "address line 2", 0x10: "restricted title",
    0x20: "debit title",
}  # fmt: skip
"""Item code of poll 7C; one source."""

VALIDATION_FEATURES: Final = {
    0: "printer as cash-out device", 1: "printer as handpay receipt device",
    2: "validate handpays", 3: "print restricted tickets", 4: "foreign restricted tickets",
    5: "ticket redemption", 15: "secure enhanced validation configured",
}  # fmt: skip
"""Bits of mask and states of poll 7B; one source."""

B0_ERRORS: Final = {
    0x01: "poll not supported", 0x02: "improper request", 0x03: "not multi-denomination aware",
    0x04: "denomination not supported", 0x05: "not a player denomination",
}  # fmt: skip
"""Error of a B0 answer (base command 00); one source."""

FEATURES: Final[tuple[Mapping[int, str], ...]] = (
    {0: "jackpot multiplier", 1: "AFT bonus", 2: "legacy bonus", 3: "tournament",
     4: "validation extensions", 7: "ticket redemption"},
    {2: "tickets counted in total drop and cancelled credits", 3: "extended meters",
     4: "component authentication", 5: "jackpot keyed off exception", 6: "AFT",
     7: "multi-denomination extensions"},
    {0: "fast poll, 40 ms", 1: "several SAS progressive wins (87)",
     2: "meter change notification", 4: "session play", 5: "foreign currency redemption",
     6: "non-SAS progressives", 7: "enhanced progressive"},
    {0: "maximum progressive payback"},
)  # fmt: skip
"""Bits of the first four feature bytes of poll A0; two-bit fields are below."""

VALIDATION_STYLES: Final = {0: "standard", 1: "system", 2: "secure enhanced"}
"""Bits 5 and 6 of feature byte 1 of poll A0."""

METER_MODELS: Final = {
    1: "credits metered when won", 2: "credits metered when played or paid",
}  # fmt: skip
"""Bits 0 and 1 of feature byte 2 of poll A0."""
