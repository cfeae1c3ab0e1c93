"""Meters: readings, and what they reveal about themselves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Count, Data, Meters, Money

_EPOCH = Field(ge=1, description="Life of the meters between two RAM clears, from 1.")
_NAME = Field(min_length=1, max_length=64, description="Meter name.")


class Played(Data):
    """Coin in by whose money it was: absolute counts, like the meters they are worked out from."""

    cashable_credits: int = Field(ge=0, description="Coin in that was neither of the others.")
    restricted_credits: int = Field(ge=0, description="Promotional credits that are only played.")
    nonrestricted_credits: int = Field(ge=0, description="Promotional credits that may be paid.")


class MeterRead(Data):
    """Every meter of one answer."""

    meters: Meters
    trigger: str = Field(max_length=32, description="Why it was read: cadence, door, cardin ...")
    epoch: int = _EPOCH
    breaks: int = Field(
        0, ge=0,
        description="How often something happened across which no difference may be taken; two "
        "readings with the same epoch and breaks may be subtracted.",
    )  # fmt: skip
    game: int = Field(0, ge=0, le=9999, description="Game number; 0 is the whole machine.")
    played: Played | None = Field(
        None, description="Where one answer has coin in and both promotional meters."
    )
    denomination: Money | None = Field(None, description="Worth of one credit, where known.")
    unconfirmed: Literal[True] | None = Field(
        None,
        description="The registry has a serial number for this machine, and it was not read since "
        "the link came up: another machine may have been put in its place.",
    )


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
    reason: Literal["ramclear", "denomination"] = Field(
        "ramclear", description="denomination: credits are worth something else from now on."
    )
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
    evidence: list[str] = Field(default=[], max_length=16, description="What it rests on.")


class MeterInvalid(Data):
    """A meter that cannot be right."""

    meter: str = _NAME
    game: int = Field(0, ge=0, le=9999)
    reason: str = Field(max_length=160)
    before: Count | None = Field(None, description="The reading before, where there is one.")
    after: Count | None = Field(None, description="What was read and not used.")
    evidence: list[str] = Field(default=[], max_length=16)


class AlgebraBroken(Data):
    """Meters that do not agree with one another."""

    rule: str = Field(max_length=160)
    left: int = Field(description="Steps of the left side since the reading before.")
    right: int = Field(description="Steps of the right side since then.")
    before: Meters = Field(default={}, description="The meters of the rule at that reading.")
    parts: Meters = Field(description="And now.")


class ManualRead(Data):
    """Meters typed from the machine's display by a person."""

    meters: Meters
    observed: Meters = Field(
        default={}, description="The same meters as last read from the wire, where they were."
    )
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
        {"meters": {"coin_in": _COIN_IN}, "trigger": "cadence", "epoch": 1, "breaks": 0, "game": 0,
         "denomination": {"amount": "0.01", "currency": "USD"}},
        "meters read ({trigger})",
    ),
    EventType(
        "meter.rolledover", MeterRolledOver, "info", "meters", ("reconciliation",),
        "A meter went over its width and counts on.",
        "One meter fell, it was near its top, and nothing speaks for a reset.",
        "Not when many meters fall together (epochstarted).", "Nothing.",
        {"meter": "coin_in", "game": 0, "before": _HIGH, "after": _LOW, "epoch": 1,
         "increase": 250,
         "evidence": ["1 of 6 meters fell", "others went on",
                      "near its top: 250 steps lead over it, and 35000 are possible in 60 s"]},
        "meter {meter} rolled over",
    ),
    EventType(
        "meter.epochstarted", EpochStarted, "critical", "critical", _AUDIT,
        "The meters began anew: a RAM clear.",
        "All meters of a reading fell to near zero together; or another accounting denomination "
        "was read (reason denomination).",
        "Nothing is added up across it. Not for one meter that goes over its width (rolledover).",
        "Who cleared the machine, on whose order? Old meters are in before.",
        {"epoch": 2, "reason": "ramclear",
         "before": {"coin_in": _COIN_IN, "games_played": {**_COIN_IN, "unit": "count"}},
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
        {"what": "softmeters", "epoch": 1, "before": {}, "evidence": []},
        "meters set to zero ({what})",
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
        "An answer contradicts what is known: another width than before or than the site file "
        "has, play beyond what can be played, too few digits to be followed. Not used for totals; "
        "after three such readings in a row the meter goes on from there.",
        "Not for a damaged frame.",
        "Compare with the machine's display.",
        {"meter": "coin_in", "game": 0, "reason": "width changed from 8 to 6 digits",
         "after": {**_COIN_IN, "digits": 6}, "evidence": []},
        "meter {meter} invalid",
    ),
    EventType(
        "meter.algebrabroken", AlgebraBroken, "warning", "meters", ("audit",),
        "Meters of one reading do not agree with one another.",
        "A rule between meters did not hold in two full readings, one right after the other.",
        "Not for what was so before the gateway came, nor across an epoch or a break.",
        "Read the machine's display.",
        {"rule": "games played = games won + games lost", "left": 10, "right": 8,
         "before": {"games_played": {"count": 0, "unit": "count", "digits": 8}},
         "parts": {"games_played": {"count": 10, "unit": "count", "digits": 8}}},
        "meters disagree: {rule}",
    ),
    EventType(
        "meter.manual", ManualRead, "notice", "meters", _AUDIT,
        "A person typed meters from the machine's display.",
        "Somebody entered them, with a reason.",
        "Never made by the gateway itself. Nothing is corrected by it.",
        "Where meters and observed differ: play in between, another meter page, or a wrong wire.",
        {"meters": {"coin_in": _COIN_IN}, "observed": {"coin_in": _COIN_IN}, "person": "tech17",
         "reason": "after a board swap"},
        "meters entered by hand",
    ),
    EventType(
        "meter.change", ChangePending, "notice", "meters", ("audit",),
        "The machine is about to change how it counts, or has given that up.",
        "The EGM reports A0 or A1.", "Not for the change itself.", "Nothing.",
        {"phase": "pending"}, "meter change {phase}",
    ),
)  # fmt: skip
