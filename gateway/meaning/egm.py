"""What must be known of an EGM before it says anything: from the site's registry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class EgmFacts:
    """One EGM as the site file has it.

    Attributes:
        asset: asset number.
        denomination: worth of one credit in currency units, or None until it is read.
        currency: ISO 4217 code.
        par_percent: theoretical hold in percent, or None.
        birthid: this start of the gateway; tells moments of this start from older ones, whose
            monotonic clock had another zero.
        door_open_limit_s: seconds after which an open door is told again.
        abandoned_limit_s: seconds without play after which a card counts as left behind.
    """

    asset: str
    denomination: Decimal | None = None
    currency: str = "USD"
    par_percent: Decimal | None = None
    birthid: str = ""
    door_open_limit_s: float = 900.0
    abandoned_limit_s: float = 600.0
