"""What a denomination code is worth, in units of the currency (code table C-4 of the trade).

Codes of B1, B2, B3, 1F, 53 and of the multi-denomination preamble B0.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_WORTH: Final = {
    0x01: "0.01", 0x02: "0.05", 0x03: "0.10", 0x04: "0.25", 0x05: "0.50", 0x06: "1", 0x07: "5",
    0x08: "10", 0x09: "20", 0x0A: "100", 0x0B: "0.20", 0x0C: "2", 0x0D: "2.50", 0x0E: "25",
    0x0F: "50", 0x10: "200", 0x11: "250", 0x12: "500", 0x13: "1000", 0x14: "2000", 0x15: "2500",
    0x16: "5000", 0x17: "0.02", 0x18: "0.03", 0x19: "0.15", 0x1A: "0.40", 0x1B: "0.005",
    0x1C: "0.0025", 0x1D: "0.002", 0x1E: "0.001", 0x1F: "0.0005",
}  # fmt: skip

NO_DENOMINATION: Final = 0x00
"""The code that says "none": it has no worth and is not in ``DENOMINATIONS``."""

DENOMINATIONS: Final[dict[int, Decimal]] = {code: Decimal(worth) for code, worth in _WORTH.items()}
"""Code to worth of one credit, in currency units."""

DENOMINATION_TEXTS: Final[dict[int, str]] = {
    NO_DENOMINATION: "none",
    **{code: f"{worth} a credit" for code, worth in _WORTH.items()},
}
"""Code to words, for people."""

assert len(set(DENOMINATIONS.values())) == len(DENOMINATIONS), "two codes are worth the same"


def denomination(code: int) -> Decimal | None:
    """Return the worth of one credit in currency units, or None for 00 and unknown codes."""
    return DENOMINATIONS.get(code)
