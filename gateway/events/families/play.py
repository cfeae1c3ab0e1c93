"""Games, and the machine's own integrity: memory, options, components."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data, Identity


class GameStarted(Data):
    """A game began; the figures come only in real-time mode."""

    wagered_credits: int | None = Field(None, ge=0, description="Credits wagered.")
    coin_in_credits: int | None = Field(None, ge=0, description="Coin-in meter with this wager.")
    wager_type: int | None = Field(None, ge=0, le=255, description="Byte as sent by the EGM.")
    progressive_group: int | None = Field(None, ge=0, le=255)


class GameEnded(Data):
    """A game ended; the win comes only in real-time mode."""

    win_credits: int | None = Field(None, ge=0)


class GameSelected(Data):
    """The player chose a game."""

    game: int | None = Field(None, ge=0, le=9999, description="Game number; 0: none or the menu.")


class GameStep(Data):
    """Something inside a game."""

    step: Literal["wagered", "reelstopped", "drawrequested", "cardheld"]
    reel: int | None = Field(None, ge=0, le=255)
    stop: int | None = Field(None, ge=0, le=255, description="Stop position; absent if unknown.")
    position: int | None = Field(None, ge=0, le=255, description="Which card.")
    held: bool | None = None


class MachineSession(Data):
    """The EGM's own session, as version 6.03 has it; not a carded session."""

    phase: Literal["started", "ended"]


class MemoryDamaged(Data):
    """The machine found its memory or programs damaged."""

    part: Literal["cmosram", "eeprom", "eprom", "partitionedeprom"]
    problem: Literal["recovered", "notrecovered", "baddevice", "dataerror", "badchecksum"]


class Nothing(Data):
    """No more than the event itself."""


class OptionsChanged(Data):
    """Options differ from what they were."""

    what: Literal["operator", "enabledgames", "identity"] = Field(
        description="operator and enabledgames: as the EGM says; identity: what it reads otherwise."
    )
    changed: list[str] = Field(default=[], max_length=16, description="Fields that differ.")
    before: Identity | None = None
    after: Identity | None = None


class ComponentsChanged(Data):
    """A program or component differs from what it was."""

    component: Literal["componentlist", "eprom", "partitionedeprom", "billacceptor"]


class Authenticated(Data):
    """A signature or authentication is ready."""

    what: Literal["components", "romsignature"]
    signature: str | None = Field(None, pattern=r"^[0-9a-f]{4}$", description="16 bits as hex.")


class ResetWithoutDoor(Data):
    """Meters were set to zero, and nobody was seen to open the logic area."""

    what: Literal["allmeters", "somemeters"] = Field(
        description="allmeters: a RAM clear (meter.epochstarted); somemeters: meter.zeroed."
    )
    epoch: int = Field(ge=1, description="Epoch of the meters from then on.")
    doors_covered: bool = Field(
        description="False: events were missed or the link was down in between; a door may have "
        "opened unseen."
    )
    evidence: list[str] = Field(max_length=16, description="What was heard and seen instead.")


_COMPLIANCE = ("technician", "compliance")

ROWS = (
    EventType(
        "game.started", GameStarted, "info", "play", ("sessions",),
        "A game began.", "The EGM reports 7E.",
        "Many machines do not report games on every port: then coin in tells.", "Nothing.",
        {"wagered_credits": 50, "coin_in_credits": 1_234_550, "wager_type": 1,
         "progressive_group": 0},
        "game started",
    ),
    EventType(
        "game.ended", GameEnded, "info", "play", ("sessions",),
        "A game ended.", "The EGM reports 7F.", "Not at a power loss inside a game.", "Nothing.",
        {"win_credits": 120}, "game ended",
    ),
    EventType(
        "game.selected", GameSelected, "info", "play", ("sessions",),
        "The player chose a game.", "The EGM reports 8C.", "Not on single-game machines.",
        "Nothing.", {"game": 3}, "game selected",
    ),
    EventType(
        "game.step", GameStep, "info", "play", ("sessions",),
        "Something inside a game.", "The EGM reports 87, 88, 89 or 8B.",
        "Only in real-time mode.", "Nothing.", {"step": "reelstopped", "reel": 2, "stop": 11},
        "game step {step}",
    ),
    EventType(
        "game.machinesession", MachineSession, "info", "play", ("sessions",),
        "The machine's own session began or ended.", "The EGM reports 9E or 9F.",
        "Not a carded session.", "Nothing.", {"phase": "started"}, "machine session {phase}",
    ),
    EventType(
        "integrity.memoryerror", MemoryDamaged, "critical", "critical", _COMPLIANCE,
        "The machine found its memory or a program damaged.",
        "The EGM reports 31-35, 37 or 39.", "Not for a changed version (componentschanged).",
        "Do not clear anything: photograph the screen, call compliance, read the meters.",
        {"part": "cmosram", "problem": "notrecovered"}, "memory error: {part} {problem}",
    ),
    EventType(
        "integrity.memoryerrorreset", Nothing, "critical", "critical", _COMPLIANCE,
        "A memory error was reset by the operator.",
        "The EGM reports 3A.", "Not for a tilt's end.",
        "Were the meters kept? Compare the reading that follows.", {}, "memory error reset",
    ),
    EventType(
        "integrity.optionschanged", OptionsChanged, "critical", "critical",
        ("compliance", "surveillance"),
        "The operator changed the machine's options.",
        "The EGM reports 3C or A2, or its identity reads otherwise than before.",
        "Not for a change in the SMS alone.",
        "Is there an order for it? The meters are read at once.",
        {"what": "operator", "changed": []}, "options changed ({what})",
    ),
    EventType(
        "integrity.componentschanged", ComponentsChanged, "critical", "integrity", _COMPLIANCE,
        "A program or component is another than before.",
        "The EGM reports 2F, 36, 38 or 8E.", "Not for damage (memoryerror).",
        "Compare the installed versions with the approved list.",
        {"component": "eprom"}, "components changed ({component})",
    ),
    EventType(
        "integrity.authenticated", Authenticated, "notice", "integrity", ("compliance",),
        "An authentication that a host asked for is ready.",
        "The EGM reports 8F, or sends a signature.", "We never ask for one.", "Nothing.",
        {"what": "components"}, "authentication complete",
    ),
    EventType(
        "integrity.resetwithoutdoor", ResetWithoutDoor, "critical", "integrity",
        (*_COMPLIANCE, "surveillance"),
        "Meters were set to zero without a logic door seen open before.",
        "With meter.epochstarted (reason ramclear) or meter.zeroed, where the logic door neither "
        "is known to be open nor was opened or closed since the reading before.",
        "Not for bill totals that the EGM reports as reset (7B), nor for a change of denomination "
        "that leaves the counts as they are.",
        "Who was at the machine, with what order? Look at the recording between the two readings.",
        {"what": "allmeters", "epoch": 2, "doors_covered": True,
         "evidence": ["6 of 6 meters fell", "all are near zero"]},
        "meters set to zero, and no logic door was seen open ({what})",
    ),
    EventType(
        "integrity.batterylow", Nothing, "warning", "fault", ("technician",),
        "The battery that keeps the machine's memory is low.",
        "The EGM reports 3B.", "Not for the gateway's own power.",
        "Replace it with power on, within the shift.", {}, "backup battery low",
    ),
)  # fmt: skip
