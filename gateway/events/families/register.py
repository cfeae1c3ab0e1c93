"""The site's registry of machines: what it says, and who answers that it does not have there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data


class Record(Data):
    """What the site's registry says of an EGM."""

    location: str | None = Field(None, max_length=64)
    bank: str | None = Field(None, max_length=64)
    zone: str | None = Field(None, max_length=64)
    theme: str | None = Field(None, max_length=100)
    maker: str | None = Field(None, max_length=100)
    model: str | None = Field(None, max_length=100)
    serial: str | None = Field(None, max_length=40)
    jurisdiction: str | None = Field(None, max_length=64, description="Where not the site's.")
    life_cycle: Literal["stored", "commissioned", "in_service", "out"] | None = None
    denomination: str | None = Field(
        None, max_length=24, description="Worth of one credit, a decimal string."
    )
    par_percent: str | None = Field(None, max_length=24, description="Theoretical hold.")
    cameras: list[str] = Field(default=[], max_length=32)


class EgmMoved(Data):
    """An EGM stands elsewhere."""

    location_before: str = Field(max_length=64)
    location_after: str = Field(max_length=64)
    serial: str | None = Field(None, max_length=40, description="Read where it was found.")
    line: str | None = Field(None, max_length=64, description="Where it was found to answer.")
    address: int | None = Field(None, ge=1, le=127)
    answers_for: str | None = Field(
        None, max_length=64, description="Asset number of the EGM that should answer there."
    )
    followed: bool | None = Field(
        None,
        description="Where it was found by its serial number: whether its running totals, epoch "
        "and state are known here and go on with it; false: they begin anew.",
    )
    unsure_since: str | None = Field(
        None, max_length=40,
        description="From this moment until now, what was told of answers_for may have been this "
        "machine's: who answered was not read yet. RFC 3339.",
    )  # fmt: skip


class RecordChanged(Data):
    """The registry says something else of an EGM from now on."""

    changed: list[str] = Field(min_length=1, max_length=16, description="Fields that differ.")
    before: Record
    after: Record
    since: str | None = Field(
        None, max_length=40, description="From when, RFC 3339; absent where the file was edited."
    )


class Unregistered(Data):
    """A machine answers that the registry does not have there."""

    reason: Literal["unknownserial", "unknownaddress", "notonfloor"] = Field(
        description="notonfloor: the registry has it as stored or out."
    )
    line: str = Field(max_length=64)
    address: int = Field(ge=1, le=127)
    serial: str | None = Field(None, max_length=40, description="As read.")
    expected: str | None = Field(None, max_length=64, description="Asset number expected there.")
    expected_serial: str | None = Field(None, max_length=40)
    life_cycle: Literal["stored", "out"] | None = None


class Checked(Data):
    """A person has checked a machine by a plan, and its report was signed."""

    check: Literal["commission", "comms", "absence", "meters"] = Field(
        description="comms: after a move or repair; absence: play goes on without the gateway; "
        "meters: the machine's own meter page against the wire."
    )
    verdict: Literal["pass", "fail", "notdone"] = Field(
        description="pass: every step passed; notdone: none failed, and some were not done."
    )
    person: str = Field(max_length=64, description="User on the gateway's computer.")
    passed: int = Field(ge=0, le=1000, description="Steps.")
    failed: int = Field(ge=0, le=1000)
    not_done: int = Field(ge=0, le=1000)
    failures: list[str] = Field(
        default=[], max_length=64, description="Names of the steps that failed."
    )
    report: str = Field(
        pattern="^[0-9a-f]{64}$", description="SHA-256 of the report, which is kept as a file."
    )


ROWS = (
    EventType(
        "egm.moved", EgmMoved, "notice", "significant", ("technician", "surveillance"),
        "The machine stands elsewhere.",
        "The site's registry gives another location from now on; or its serial number is read "
        "where another machine should answer (then serial, line, address and answers_for say "
        "where).",
        "Not for a machine that nobody knows (unregistered).",
        "Does a camera see it where it stands now? Then the registry, or the SAS addresses.",
        {"location_before": "01-01-01", "location_after": "02-03-04"},
        "moved from {location_before} to {location_after}",
    ),
    EventType(
        "egm.recordchanged", RecordChanged, "notice", "significant", ("technician", "audit"),
        "The site's registry says something else of this machine from now on.",
        "A dated change of the site file takes effect, or the file was edited.",
        "Not for what the machine itself reads otherwise (integrity.optionschanged).", "Nothing.",
        {"changed": ["bank", "location"], "since": "2026-12-01T12:00:00+00:00",
         "before": {"location": "01-01-01", "bank": "01", "cameras": []},
         "after": {"location": "02-03-04", "bank": "03", "cameras": ["cam-9"]}},
        "registry changed ({changed})",
    ),
    EventType(
        "egm.unregistered", Unregistered, "critical", "integrity",
        ("technician", "compliance", "surveillance"),
        "A machine answers that the registry does not have there.",
        "A serial number is read that belongs to no machine of the registry, an address answers "
        "that the site file does not have, or a machine that is stored or out comes up.",
        "Not where the site file gives no serial numbers; not for a known machine in another's "
        "place (moved).",
        "Read its serial plate; then the site file. Until then its events carry a name that is no "
        "asset number: unregistered-LINE-ADDRESS.",
        {"reason": "unknownserial", "line": "L1", "address": 3, "serial": "Z9",
         "expected": "10103", "expected_serial": "C3"},
        "unregistered machine on {line}, address {address} ({reason})",
    ),
    EventType(
        "egm.checked", Checked, "notice", "operational", ("technician", "audit"),
        "A person has checked the machine by a plan.",
        "A technician ended a commissioning, a comms test, an absence test or a meter check in the "
        "console and had its report signed.",
        "Not for a check that was broken off. The report itself is a file of the technician's.",
        "The steps that failed: each says in the report what to look at.",
        {"check": "comms", "verdict": "fail", "person": "tech17", "passed": 6, "failed": 1,
         "not_done": 1, "failures": ["serial"],
         "report": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        "checked ({check}): {verdict}",
    ),
)  # fmt: skip
