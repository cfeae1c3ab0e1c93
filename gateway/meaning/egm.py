"""What must be known of an EGM before it says anything: from the site's registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from gateway.meaning.limits import NO_RULES, HandpayRules


def _utc(wall_ns: int) -> float:
    del wall_ns
    return 0.0


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
        meter_digits: digits after which its meters of credits and counts go over, where it sends
            more than it has; None: as sent.
        rules: what a handpay asks for here, by amount and day.
        utc_offset_s: gives the seconds by which the casino's local time is ahead of UTC at a wall
            time, ns since 1970 UTC.
    """

    asset: str
    denomination: Decimal | None = None
    currency: str = "USD"
    par_percent: Decimal | None = None
    birthid: str = ""
    door_open_limit_s: float = 900.0
    abandoned_limit_s: float = 600.0
    rules: HandpayRules = NO_RULES
    utc_offset_s: Callable[[int], float] = _utc
    meter_digits: int | None = None
