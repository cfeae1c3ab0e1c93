"""What the gateway can hear, and which machine it hears."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.families.register import Record
from gateway.events.shapes import Data, Identity, Meters, Seconds

LinkState = Literal["unknown", "up", "degraded", "down"]
Coverage = Literal["proven", "seen", "neverseen", "notoffered"]


class LinkChanged(Data):
    """The link to one EGM changed."""

    before: LinkState
    after: Literal["up", "degraded", "down"]
    reason: str = Field(max_length=160)
    figures: dict[str, int | float] = Field(
        default={}, max_length=32, description="Counts behind it: polls, answers, errors ..."
    )


class Gap(Data):
    """A stretch in which something may have been missed."""

    cause: str = Field(
        pattern=r"^[a-z_]{1,32}$",
        description="no_exchange, answer_lost_twice, overflow, restart_unknown, gateway_down, "
        "shed (the disk filled), refused (no stream takes them), store_lost (a damaged file) ...",
    )
    gap_s: Seconds | None = Field(None, description="Length; absent where the EGM only says so.")
    meters_before: Meters = Field(
        default={},
        description="Last reading before; the one after is the meter.read that names "
        "this gap in its correlation.",
    )
    events: int | None = Field(None, ge=1, description="How many stored events are lost.")
    first_sequence: int | None = Field(None, ge=1, description="The first of them.")
    last_sequence: int | None = Field(
        None, ge=1, description="The last of them; not all in between are lost."
    )


class LineTrouble(Data):
    """Who else is on a line."""

    line: str = Field(max_length=64)
    reason: str = Field(max_length=160)


class AddressShared(Data):
    """Two EGMs are suspected at one address."""

    line: str = Field(max_length=64)
    address: int = Field(ge=1, le=127)
    evidence: Literal["serials", "answers", "collisions"] = Field(
        description="Serial numbers take turns; two answers to one poll; answers collide."
    )
    reason: str = Field(max_length=240)
    figures: dict[str, int | float] = Field(
        default={}, max_length=32, description="Counts that the suspicion rests on."
    )
    serials: list[str] = Field(
        default=[], max_length=3, description="Serial numbers read, newest last."
    )


class HostBack(Data):
    """The certified host polls again."""

    line: str = Field(max_length=64)
    reason: str = Field(max_length=160)
    silent_s: Seconds


class HostCommanded(Data):
    """What the certified host ordered, heard in listen mode."""

    command: str = Field(pattern=r"^[0-9A-F]{2}$", description="Command byte as hex.")
    words: str = Field(max_length=80)


class EgmBorn(Data):
    """An EGM as the gateway found it."""

    identity: Identity
    coverage: dict[str, Coverage] = Field(
        description="Family to what this port has shown of it: not covered is not zero."
    )
    meters: Meters
    epoch: int = Field(ge=1)
    record: Record | None = Field(None, description="What the site's registry says of it.")


class CoverageChanged(Data):
    """This port has shown more, or less, of a family than was thought."""

    family: str = Field(max_length=64, description="Family, or event type that only polls tell.")
    before: Coverage
    after: Coverage
    evidence: str = Field(max_length=160, description="What it rests on, in words.")


class ClockRead(Data):
    """What the machine's own clock shows."""

    shown: str = Field(max_length=32, description="Local time as the machine shows it.")
    offset_s: float | None = Field(
        None, description="Ahead of the gateway's clock; good to half a second. Absent: no time."
    )
    offset_before_s: float | None = Field(None, description="As last told.")
    drift_s_per_day: float | None = Field(
        None, description="Gained a day since it was last set, after an hour at least."
    )


class EgmDied(Data):
    """The gateway stops watching an EGM."""

    reason: str = Field(max_length=160)
    birthid: str | None = Field(
        None, max_length=64, description="The start of the gateway whose egm.born this ends."
    )


class EgmSwapped(Data):
    """Another machine answers."""

    before: Identity
    after: Identity
    changed: list[str] = Field(min_length=1, max_length=16, description="Which fields differ.")


class ServiceChanged(Data):
    """Whether the machine may be played."""

    before: Literal["in", "out", "unknown"]
    after: Literal["in", "out"]
    clearedby: str | None = Field(None, max_length=32, description="The evidence of being back.")
    out_s: Seconds | None = None


class Quarantined(Data):
    """The gateway's own work for this EGM failed."""

    reason: str = Field(max_length=300, description="What failed, in the program's words.")


class UnknownException(Data):
    """An exception code that is in no table."""

    code: str = Field(pattern=r"^[0-9A-F]{2}$", description="The code as hex.")


_UP = {"before": "unknown", "after": "up", "reason": "answered", "figures": {"polls": 3}}
_IDENTITY = {
    "serial": "A12345", "sas_version": "602", "game_id": "AA", "paytable": "PT0001",
    "base_percent": "9250", "denomination": {"amount": "0.01", "currency": "USD"},
}  # fmt: skip
_COIN_IN = {"coin_in": {"count": 12345, "unit": "credits", "digits": 8}}
_TECH = ("technician",)

ROWS = (
    EventType(
        "link.up", LinkChanged, "notice", "link", _TECH,
        "The machine answers.", "The first good answer after silence.", "Not for each answer.",
        "Nothing.", _UP, "link up",
    ),
    EventType(
        "link.degraded", LinkChanged, "warning", "link", _TECH,
        "The machine answers, but badly.", "Too many answers of late were lost or damaged.",
        "Not for a single damaged answer.",
        "Plug, cable length, ground; compare with its neighbours on the line.",
        {"before": "up", "after": "degraded", "reason": "8 of 100 answers damaged",
         "figures": {"crc_errors": 8, "polls": 100}}, "link degraded: {reason}",
    ),
    EventType(
        "link.down", LinkChanged, "warning", "link", _TECH,
        "The machine does not answer.", "No good answer for the line's limit.",
        "It does not say that the machine is off.",
        "Is the machine on? Then its SAS plug, then its SAS address.",
        {"before": "up", "after": "down", "reason": "no answer for 5 s",
         "figures": {"silent_s": 5.1}},
        "link down: {reason}",
    ),
    EventType(
        "link.gap", Gap, "warning", "link", ("operations", "technician"),
        "Something may have been missed here.",
        "5 s without an exchange on a link that was up, an answer lost twice, overflow (70), a "
        "restart that cannot know.", "Not for a late poll.",
        "Compare the meters on both sides.",
        {"cause": "no_exchange", "gap_s": 6.2, "meters_before": _COIN_IN}, "gap: {cause}",
    ),
    EventType(
        "link.foreignhost", LineTrouble, "critical", "link", ("technician", "operations"),
        "Somebody else polls on our line; we fell silent.",
        "A poll that is not ours was heard.", "Not for noise.",
        "Which port of the machine is this? Another host may be plugged into it.",
        {"line": "L1", "reason": "heard 81 that was not ours"}, "another host polls on {line}",
        asset_required=False,
    ),
    EventType(
        "link.addressshared", AddressShared, "warning", "link", _TECH,
        "Two machines are suspected at one SAS address: their answers cannot be told apart.",
        "Serial numbers that take turns, two answers to one poll, or garbled answers of one "
        "machine among clean neighbours; once an hour at most.",
        "Not a certainty: a bad plug garbles answers as well.",
        "Compare the SAS addresses set in the machines on this line; then the machine's plug.",
        {"line": "L1", "address": 3, "evidence": "serials",
         "reason": "serial numbers take turns: A1, B2, A1 in 40 s",
         "figures": {"within_s": 40.2, "serials": 2}, "serials": ["A1", "B2", "A1"]},
        "two machines suspected at address {address} of {line}: {reason}",
    ),
    EventType(
        "link.hostsilent", LineTrouble, "warning", "link", ("operations",),
        "The certified host no longer polls.", "Listen mode heard no poll for its limit.",
        "Not in host mode.", "Ask the SMS desk.",
        {"line": "L1", "reason": "no poll for 10 s"}, "certified host silent on {line}",
        asset_required=False,
    ),
    EventType(
        "link.hostback", HostBack, "notice", "link", ("operations",),
        "The certified host polls again.", "Listen mode hears a poll after link.hostsilent.",
        "Not in host mode.", "Nothing.",
        {"line": "L1", "reason": "polls again", "silent_s": 12.5},
        "certified host polls again on {line}",
        asset_required=False,
    ),
    EventType(
        "host.commanded", HostCommanded, "notice", "access", ("operations",),
        "The certified host ordered the machine to do something.",
        "Listen mode heard the command.", "Never sent by the gateway.", "Nothing.",
        {"command": "01", "words": "shutdown"}, "host commanded {words}",
    ),
    EventType(
        "egm.born", EgmBorn, "notice", "significant", _TECH,
        "A machine as the gateway found it: identity, coverage, meters.",
        "Once for each start of the gateway, when identity and meters were read.",
        "Not at each link.up.", "Nothing.",
        {"identity": _IDENTITY, "coverage": {"door": "seen", "ticket": "neverseen"},
         "meters": _COIN_IN, "epoch": 1}, "machine known",
    ),
    EventType(
        "egm.coveragechanged", CoverageChanged, "info", "significant", _TECH,
        "This port has shown more, or less, of a family than was thought.",
        "An event of a family is reported for the first time; a meter proves it, or moves three "
        "times without a word; the machine says what it lacks (A0) or does not answer a poll.",
        "Not before egm.born, which tells all of it.",
        "notoffered where reports are expected: the SAS port's settings on the machine.",
        {"family": "game", "before": "neverseen", "after": "notoffered",
         "evidence": "its meter moved 3 times without a word"},
        "coverage of {family}: {after}",
    ),
    EventType(
        "egm.clockread", ClockRead, "info", "operational", _TECH,
        "The machine's own clock, as it was read.",
        "The first reading (poll 7E) after a start of the gateway, and when it is off by 2 s more "
        "or less than last told; read once an hour.",
        "Never set by the gateway. Not for the gateway's own clock (gateway.clockjudged).",
        "More than a minute off: its slips and logs disagree with the recordings; the SMS sets it.",
        {"shown": "2026-03-01T04:00:03", "offset_s": 2.6, "drift_s_per_day": 1.4},
        "machine clock {offset_s} s ahead",
    ),
    EventType(
        "egm.died", EgmDied, "notice", "significant", _TECH,
        "The gateway stops watching this machine.",
        "A clean stop, for each machine that egm.born told; or the site file lacks it at a start.",
        "Not when the link is down; after a gateway that ended without a word, gateway.died "
        "(inferred) stands for all of its machines.",
        "Nothing.", {"reason": "the gateway stopped", "birthid": "01HZX3"},
        "no longer watched: {reason}",
    ),
    EventType(
        "egm.swapped", EgmSwapped, "critical", "integrity", ("technician", "compliance"),
        "Another machine, game or denomination answers under this asset number.",
        "A read identity differs from the one read before.", "Not for a first reading.",
        "Compare the machine's serial plate with the site file.",
        {"before": _IDENTITY, "after": {**_IDENTITY, "serial": "B99999"}, "changed": ["serial"]},
        "another machine answers ({changed})",
    ),
    EventType(
        "egm.outofservice", ServiceChanged, "warning", "fault", ("technician", "attendant"),
        "The machine was taken out of service.", "The EGM reports 86.", "Not for a tilt.",
        "Nothing.", {"before": "in", "after": "out"}, "out of service",
    ),
    EventType(
        "egm.inservice", ServiceChanged, "notice", "fault", ("technician", "attendant"),
        "The machine is played again.", "A game after it was out of service; see clearedby.",
        "SAS has no code for it: never because time has passed.", "Nothing.",
        {"before": "out", "after": "in", "clearedby": "gamestarted", "out_s": 600.0},
        "in service again",
    ),
    EventType(
        "egm.quarantined", Quarantined, "critical", "system", ("operations",),
        "A defect of the gateway: this machine's events are no longer worked out.",
        "The work for this machine failed; the frame is in rawframe.", "Not for a damaged frame.",
        "Send a support bundle; restart the gateway after an update.",
        {"reason": "KeyError: 'door'"}, "quarantined by a defect of the gateway",
    ),
    EventType(
        "egm.unknownexception", UnknownException, "notice", "operational", _TECH,
        "The machine reported a code that is in no table.",
        "An exception code that we do not know; it is never given a name.", "Not for known codes.",
        "Ask the maker what the code means.", {"code": "D4"}, "exception {code}",
    ),
)  # fmt: skip
