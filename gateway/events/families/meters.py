"""Meters: readings, and what they reveal about themselves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Count, Data, Meters, Money

_EPOCH = Field(ge=1, description="Life of the meters between two RAM clears, from 1.")
_NAME = Field(min_length=1, max_length=64, description="Meter name.")


class MeterRead(Data):
    """Every meter of one answer."""

    meters: Meters
    trigger: str = Field(max_length=32, description="Why it was read: cadence, door, cardin ...")
    epoch: int = _EPOCH
    game: int = Field(0, ge=0, le=9999, description="Game number; 0 is the whole machine.")
    denomination: Money | None = Field(None, description="Worth of one credit, where known.")


class MeterMoved(Data):
    """One meter, before and after."""

    meter: str = _NAME
    game: int = Field(0, ge=0, le=9999)
    before: Count
    after: Count
    epoch: int = _EPOCH
    evidence: list[str] = Field(max_length=16, description="What the judgement rests on.")


class MeterRolledOver(MeterMoved):
    """A meter went over its width."""

    increase: int = Field(ge=0, description="Steps counted across the rollover.")


class EpochStarted(Data):
    """The meters began anew."""

    epoch: int = Field(ge=2, description="Number of the new epoch.")
    before: Meters = Field(description="Last reading of the old epoch.")
    after: Meters = Field(description="First reading of the new one.")
    evidence: list[str] = Field(max_length=16)
    logic_door_seen: bool = Field(
        description="False: no logic door was seen open before; that is an alert of its own."
    )


class MetersZeroed(Data):
    """Some meters were set to zero."""

    what: Literal["softmeters", "billvalidatortotals", "meters"] = Field(
        description="As the EGM says it; meters: seen in a reading."
    )
    epoch: int = _EPOCH
    before: Meters = Field(default={}, description="Meters that fell, where a reading shows it.")


class MeterInvalid(Data):
    """A meter that cannot be right."""

    meter: str = _NAME
    game: int = Field(0, ge=0, le=9999)
    reason: str = Field(max_length=120)


class AlgebraBroken(Data):
    """Meters that do not agree with one another."""

    rule: str = Field(max_length=120)
    left: int
    right: int
    parts: Meters


class ManualRead(Data):
    """Meters typed from the machine's display by a person."""

    meters: Meters
    person: str = Field(max_length=64)
    reason: str = Field(max_length=160)


class ChangePending(Data):
    """The EGM is about to change how it counts."""

    phase: Literal["pending", "cancelled"]


_COIN_IN = {"count": 12345, "unit": "credits", "digits": 8}
_HIGH = {"count": 99_999_900, "unit": "credits", "digits": 8}
_LOW = {"count": 150, "unit": "credits", "digits": 8}
_AUDIT = ("audit", "surveillance")

ROWS = (
    EventType(
        "meter.read", MeterRead, "info", "meters", ("reconciliation",),
        "Meters as the machine showed them, absolute.",
        "A meter poll was answered; trigger says why it was asked.",
        "Never a difference. Not for current credits alone at the line's own pace.", "Nothing.",
        {"meters": {"coin_in": _COIN_IN}, "trigger": "cadence", "epoch": 1, "game": 0,
         "denomination": {"amount": "0.01", "currency": "USD"}},
        "meters read ({trigger})",
    ),
    EventType(
        "meter.rolledover", MeterRolledOver, "info", "meters", ("reconciliation",),
        "A meter went over its width and counts on.",
        "One meter fell, it was near its top, and nothing speaks for a reset.",
        "Not when many meters fall together (epochstarted).", "Nothing.",
        {"meter": "coin_in", "game": 0, "before": _HIGH, "after": _LOW, "epoch": 1,
         "increase": 250, "evidence": ["others went on"]},
        "meter {meter} rolled over",
    ),
    EventType(
        "meter.epochstarted", EpochStarted, "critical", "critical", _AUDIT,
        "The meters began anew: a RAM clear.",
        "All meters of a reading fell to near zero together.",
        "Nothing is added up across it.",
        "Who cleared the machine, on whose order? Old meters are in before.",
        {"epoch": 2, "before": {"coin_in": _COIN_IN, "games_played": {**_COIN_IN, "unit": "count"}},
         "after": {"coin_in": {**_COIN_IN, "count": 0},
                   "games_played": {"count": 0, "unit": "count", "digits": 8}},
         "evidence": ["2 of 2 meters fell"], "logic_door_seen": True},
        "meters began anew, epoch {epoch}",
    ),
    EventType(
        "meter.regressed", MeterMoved, "warning", "meters", ("audit", "technician"),
        "A meter went back, and it is neither a rollover nor a RAM clear.",
        "One meter fell by less than any of the other rules allows.",
        "Nothing is added up across it.",
        "Read the machine's display and compare; then the link's error counts.",
        {"meter": "coin_in", "game": 0, "before": _COIN_IN, "after": {**_COIN_IN, "count": 12000},
         "epoch": 1, "evidence": ["others went on"]},
        "meter {meter} went back",
    ),
    EventType(
        "meter.zeroed", MetersZeroed, "critical", "critical", _AUDIT,
        "Some meters were set to zero while others went on.",
        "The EGM reports 7A or 7B, or a reading shows it.",
        "Not for a RAM clear (epochstarted).", "Is there an order for it?",
        {"what": "softmeters", "epoch": 1, "before": {}}, "meters set to zero ({what})",
    ),
    EventType(
        "meter.undecided", MeterMoved, "warning", "meters", ("audit", "technician"),
        "A meter fell and the evidence does not say why.",
        "More than one explanation fits.", "Nothing is added up across it.",
        "Read the machine's display; look for entries and resets about that time.",
        {"meter": "coin_in", "game": 0, "before": _HIGH, "after": {**_LOW, "count": 0}, "epoch": 1,
         "evidence": ["power was applied", "near its top"]},
        "meter {meter} fell, reason undecided",
    ),
    EventType(
        "meter.invalid", MeterInvalid, "warning", "meters", ("technician",),
        "A meter that cannot be right was not used.",
        "An answer contradicts what is known of the meter.", "Not for a damaged frame.",
        "Compare with the machine's display.",
        {"meter": "coin_in", "game": 0, "reason": "width changed from 8 to 6 digits"},
        "meter {meter} invalid",
    ),
    EventType(
        "meter.algebrabroken", AlgebraBroken, "warning", "meters", ("audit",),
        "Meters of one reading do not agree with one another.",
        "A rule that always holds does not hold at a full reading.", "Not between readings.",
        "Read the machine's display.",
        {"rule": "games played = games won + games lost", "left": 10, "right": 9,
         "parts": {"games_played": {"count": 10, "unit": "count", "digits": 8}}},
        "meters disagree: {rule}",
    ),
    EventType(
        "meter.manual", ManualRead, "notice", "meters", _AUDIT,
        "A person typed meters from the machine's display.",
        "Somebody entered them, with a reason.", "Never made by the gateway itself.", "Nothing.",
        {"meters": {"coin_in": _COIN_IN}, "person": "tech17", "reason": "after a board swap"},
        "meters entered by hand",
    ),
    EventType(
        "meter.change", ChangePending, "notice", "meters", ("audit",),
        "The machine is about to change how it counts, or has given that up.",
        "The EGM reports A0 or A1.", "Not for the change itself.", "Nothing.",
        {"phase": "pending"}, "meter change {phase}",
    ),
)  # fmt: skip
