"""Handpays: what an attendant pays by hand, from the first word of it to the meters afterwards."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data, Money, Seconds

HandpayClass = Annotated[
    Literal["nonprogressive", "progressive", "topwin", "cancelledcredits", "win", "unknown"],
    Field(
        description="From the level byte of poll 1B; win: an attendant-paid win of which only the "
        "meters are known."
    ),
]
HandpayState = Literal["none", "pending"]
AmountSource = Literal["read", "heard", "meters", "display", "unknown"]
_SOURCE = Field(description="Where the amount comes from; unknown: there is none to rely on.")


class LimitVerdict(Data):
    """What one table of limits says of a handpay."""

    verdict: Literal["required", "notrequired", "notapplicable", "undecided", "nofigure"] = Field(
        description="nofigure: the table has no row for that day, and none is invented; "
        "undecided: the amount or the class is not known."
    )
    limit: Money | None = Field(None, description="The limit reached, or the lowest that was not.")
    asks: list[str] = Field(default=[], max_length=16, description="Who has to come.")


class HandpayLimits(Data):
    """What a handpay asks for if it is paid on this day; the last event has the last word."""

    day: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Calendar day there.")
    w2g: LimitVerdict | None = Field(None, description="US tax form for a single slot win.")
    two_person: LimitVerdict | None = Field(None, description="A second person as witness.")
    house: LimitVerdict | None = Field(None, description="The house's own limits.")


_LIMITS = Field(None, description="Absent where the site has no tables of limits.")


class HandpayPending(Data):
    """The machine waits for an attendant to pay."""

    before: HandpayState
    after: Literal["pending"]
    repeat: bool = Field(description="True: the EGM says again that the same one is pending.")
    repeats: int = Field(0, ge=0, description="How often it was said again so far.")
    waiting: int = Field(ge=1, description="Handpays pending on this EGM, this one included.")
    amount: Money | None = None
    amountsource: AmountSource = _SOURCE
    handpay_class: HandpayClass = "unknown"
    limits: HandpayLimits | None = _LIMITS
    pending_s: Seconds | None = Field(None, description="How long already, on a repeat.")


class HandpayAmountKnown(Data):
    """The amount of a handpay."""

    state: Literal["pending", "over"] = Field(description="Whether it was still pending then.")
    amount: Money
    amountsource: AmountSource = _SOURCE
    handpay_class: HandpayClass
    limits: HandpayLimits | None = _LIMITS
    level: int | None = Field(
        None, ge=0, le=255, description="Level byte: 0, 1-32, 64 or 128; absent unless read."
    )
    progressive_group: int | None = Field(None, ge=0, le=255)
    partial_pay: Money | None = Field(None, description="Already paid by the machine.")
    reset_id: int | None = Field(
        None, ge=0, le=255, description="0: attendant's reset only; 1: to credits too."
    )
    read_after_s: Seconds | None = Field(None, description="From pending to this amount.")
    said_by: str | None = Field(None, max_length=64, description="Who typed it, if display.")


class HandpayOver(Data):
    """A handpay's lock-up ended."""

    before: HandpayState
    after: HandpayState = Field(description="pending if another one waits.")
    keyoff: Literal["attendant", "machinepay", "remote", "evidence", "unknown"] = Field(
        description="How it ended. machinepay: to the credits. remote: another host was heard to "
        "order it. evidence: play went on and no reset was heard."
    )
    waiting: int = Field(ge=0, description="Handpays still pending on this EGM.")
    amount: Money | None = None
    amountsource: AmountSource = _SOURCE
    handpay_class: HandpayClass = "unknown"
    limits: HandpayLimits | None = _LIMITS
    amount_after_s: Seconds | None = Field(None, description="From pending to its amount.")
    validated_after_s: Seconds | None = Field(None, description="From pending to its validation.")
    lockup_s: Seconds | None = Field(None, description="From pending to this, as observed.")


class HandpayPaid(Data):
    """Somebody said that the guest was paid."""

    state: Literal["pending", "over"] = Field(description="Whether the lock-up still lasted.")
    said_by: str = Field(min_length=1, max_length=64, description="User who said so.")
    amount: Money | None = None
    amountsource: AmountSource = _SOURCE
    handpay_class: HandpayClass = "unknown"
    limits: HandpayLimits | None = _LIMITS
    amount_after_s: Seconds | None = Field(None, description="From pending to its amount.")
    validated_after_s: Seconds | None = Field(None, description="From pending to its validation.")
    lockup_s: Seconds | None = Field(None, description="From pending to the machine's reset.")
    guest_wait_s: Seconds | None = Field(None, description="From pending to this.")


class HandpayDiffers(Data):
    """Two sources give different amounts for one handpay."""

    amount: Money
    amountsource: AmountSource = Field(description="Where the amount that stands comes from.")
    handpay_class: HandpayClass = "unknown"
    other: Money = Field(description="The other amount.")
    othersource: AmountSource = Field(description="Where the other amount comes from.")


class HandpaySettled(Data):
    """What the meters say of a handpay after it was reset."""

    amount: Money
    amountsource: AmountSource = _SOURCE
    handpay_class: HandpayClass = "unknown"
    metered: Money = Field(description="What the attendant-paid meters counted: all of it, or 0.")
    keyoff: Literal["attendant", "machinepay"] = Field(
        description="machinepay: no attendant-paid meter moved, so it went to the credits."
    )


class HandpayMarked(Data):
    """Something was noted about a handpay without ending it."""

    state: HandpayState
    amount: Money | None = None
    amountsource: AmountSource = _SOURCE
    handpay_class: HandpayClass = "unknown"
    pending_s: Seconds | None = Field(None, description="From pending to this.")


_USD = {"amount": "1250.00", "currency": "USD"}
_PAID = {"amount": _USD, "amountsource": "read", "handpay_class": "nonprogressive"}
_DESK = ("attendant", "cage", "surveillance")
_RECON = ("reconciliation",)

ROWS = (
    EventType(
        "handpay.pending", HandpayPending, "warning", "dispatch", _DESK,
        "The machine is locked up until an attendant pays.",
        "The EGM reports 51; it does so again every 15 s, and then repeat is true.",
        "Not for a jackpot that the machine pays itself (progressive.won).",
        "Go and pay; the amount is told in a moment.",
        {"before": "none", "after": "pending", "repeat": False, "repeats": 0, "waiting": 1,
         "amountsource": "unknown", "handpay_class": "unknown"},
        "handpay pending",
    ),
    EventType(
        "handpay.amountknown", HandpayAmountKnown, "warning", "dispatch", _DESK,
        "The amount and kind of a handpay are known.",
        "Poll 1B was answered with an amount that was not known yet; or somebody typed what the "
        "display shows; or the meters told it afterwards: see amountsource.",
        "Not for an empty answer; not again for the same amount, unless a better source tells it: "
        "read after the meters or the display.",
        "Compare with the machine's own screen before paying.",
        {"state": "pending", **_PAID, "level": 0, "progressive_group": 0,
         "partial_pay": {"amount": "0.00", "currency": "USD"}, "reset_id": 0, "read_after_s": 0.4},
        "handpay {amount} {handpay_class}",
    ),
    EventType(
        "handpay.validated", HandpayMarked, "notice", "dispatch", _DESK,
        "The machine validated a handpay or printed its receipt.",
        "The EGM reports 3E.", "It does not end the lock-up: that is handpay.reset.",
        "Nothing.", {"state": "pending", **_PAID}, "handpay validated",
    ),
    EventType(
        "handpay.keyedoff", HandpayMarked, "notice", "dispatch", _DESK,
        "A jackpot was keyed off to machine pay.",
        "The EGM reports 5A.", "It does not end the lock-up by itself: that is handpay.reset.",
        "Nothing.", {"state": "pending", **_PAID}, "handpay keyed off to machine pay",
    ),
    EventType(
        "handpay.reset", HandpayOver, "notice", "dispatch", _DESK,
        "The lock-up of a handpay ended.",
        "The EGM reports 52, or play goes on although no reset was heard (sascode absent).",
        "It does not say that the guest was paid: a person says so.",
        "Nothing.",
        {"before": "pending", "after": "none", "keyoff": "attendant", "waiting": 0, **_PAID,
         "lockup_s": 311.0},
        "handpay reset",
    ),
    EventType(
        "handpay.cancelled", HandpayOver, "notice", "dispatch", _DESK,
        "The player took the cash-out request back.",
        "The EGM reports 55.", "Not for wins: only a cancelled-credit request can be taken back.",
        "Nothing.",
        {"before": "pending", "after": "none", "keyoff": "unknown", "waiting": 0,
         "amountsource": "unknown", "handpay_class": "cancelledcredits", "lockup_s": 20.0},
        "handpay cancelled by the player",
    ),
    EventType(
        "handpay.paid", HandpayPaid, "notice", "dispatch", _DESK,
        "Somebody said that the guest was paid.",
        "A user said so to the gateway; once for each handpay.",
        "Never worked out from the machine's reset, which ends the lock-up and not the wait.",
        "Nothing.",
        {"state": "over", "said_by": "ann", **_PAID, "lockup_s": 311.0, "guest_wait_s": 362.5},
        "guest paid, handpay",
    ),
    EventType(
        "handpay.amountdiffers", HandpayDiffers, "warning", "dispatch", ("cage", "reconciliation"),
        "Two sources give different amounts for one handpay.",
        "What was typed, read or metered is another amount than the one that was known.",
        "Not for a part that the machine paid itself.",
        "Compare slip, display and meters before the books are closed.",
        {**_PAID, "other": {"amount": "1200.00", "currency": "USD"}, "othersource": "display"},
        "handpay amounts differ:",
    ),
    EventType(
        "handpay.settled", HandpaySettled, "info", "dispatch", _RECON,
        "The meters agree with the amount of a handpay that was reset.",
        "The first meters that were asked for after the reset, where one handpay moved them.",
        "Not across a break of the meters, and not where several handpays share a reading.",
        "Nothing.", {**_PAID, "metered": _USD, "keyoff": "attendant"}, "handpay settled",
    ),
)  # fmt: skip
