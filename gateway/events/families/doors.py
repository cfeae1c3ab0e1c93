"""Doors, the cashbox, power, the lamp and the menus: what stands in front of a machine."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data, OnOff, Seconds

Door = Literal["slot", "drop", "cardcage", "cashbox", "belly"]
DoorState = Literal["open", "closed", "unknown"]
_DOOR = Field(description="Which door; cardcage is the logic area.")


class DoorMoved(Data):
    """A door changed, or said that it is as it was."""

    door: Door = _DOOR
    before: DoorState = Field(description="What was known before; unknown after a gap.")
    after: Literal["open", "closed"]
    open_s: Seconds | None = Field(None, description="How long it was open, when it closes.")


class DoorOpenTooLong(Data):
    """A door has been open beyond the site's limit."""

    door: Door = _DOOR
    open_s: Seconds
    limit_s: Seconds


class DoorOnly(Data):
    """Something about one door."""

    door: Door = _DOOR


class CashboxMoved(Data):
    """The box in which bills fall left its place or came back."""

    before: Literal["in", "out", "unknown"]
    after: Literal["in", "out"]
    out_s: Seconds | None = Field(None, description="How long it was out, when it comes back.")


class CashboxLevel(Data):
    """How full the EGM says its cashbox is."""

    level: Literal["nearfull", "full"]


class PowerChanged(Data):
    """Mains power of one EGM."""

    before: OnOff
    after: Literal["on", "off"]
    off_s: Seconds | None = Field(None, description="From power lost to applied as observed.")


class PowerOutage(Data):
    """Many machines of a bank or panel lost power together."""

    scope: Literal["bank", "panel", "line"]
    name: str = Field(min_length=1, max_length=64)
    assets: list[str] = Field(min_length=2, max_length=1000, description="Those that lost it.")
    machines: int | None = Field(None, ge=2, description="Machines of that group in all.")
    began: str = Field(description="When the first was observed, RFC 3339.")


class LampChanged(Data):
    """The change lamp: the player asks for somebody."""

    before: OnOff
    after: Literal["on", "off"]
    lit_s: Seconds | None = Field(None, description="How long it was on, when it goes off.")


class MenuUsed(Data):
    """Somebody is in a menu of the machine."""

    menu: Literal["attendant", "operator"] = Field(
        description="attendant: meters or attendant menu; operator: self test or operator menu."
    )
    before: Literal["in", "out", "unknown"]
    after: Literal["in", "out"]
    in_s: Seconds | None = Field(None, description="How long, when it is left.")


class RecallShown(Data):
    """A past game is shown on the machine."""

    game: int | None = Field(None, ge=0, le=9999)
    entry: int | None = Field(None, ge=0, le=9999, description="Which recall entry.")


_SURVEILLANCE = ("surveillance", "technician")
_OPEN = {"door": "slot", "before": "closed", "after": "open"}

ROWS = (
    EventType(
        "door.opened", DoorMoved, "warning", "significant", _SURVEILLANCE,
        "A door of the machine was opened.",
        "The EGM reports 11, 13, 15, 19 or 1D; each report is one event.",
        "Not for a door opened while power was off: that is door.poweroffaccess.",
        "Is somebody at the machine, with an order for it?",
        _OPEN, "{door} door opened",
    ),
    EventType(
        "door.closed", DoorMoved, "notice", "significant", _SURVEILLANCE,
        "A door of the machine was closed.",
        "The EGM reports 12, 14, 16, 1A or 1E and the door was open or not known.",
        "Not when the door was known to be closed: that is door.closedwithoutopen.",
        "Nothing; the opening has its own event.",
        {"door": "slot", "before": "open", "after": "closed", "open_s": 42.5},
        "{door} door closed",
    ),
    EventType(
        "door.closedwithoutopen", DoorMoved, "warning", "significant", _SURVEILLANCE,
        "A door closed that was never seen to open.",
        "The EGM reports a closed door that was known to be closed, without a gap between.",
        "Not after a gap, a restart of doubtful outcome or a possible repeat.",
        "Loose or worn door switch: look at its lever and plug; ask surveillance for the door.",
        {"door": "belly", "before": "closed", "after": "closed"},
        "{door} door closed, but was not seen to open",
    ),
    EventType(
        "door.opentoolong", DoorOpenTooLong, "warning", "significant", _SURVEILLANCE,
        "A door has stayed open longer than the site allows.",
        "Once for each opening, when the limit has passed.",
        "Not while it is not known whether the door is open.",
        "Is somebody still working? If not: close it and look at the door switch.",
        {"door": "slot", "open_s": 900.4, "limit_s": 900.0},
        "{door} door still open after {open_s:.0f} s",
    ),
    EventType(
        "door.poweroffaccess", DoorOnly, "critical", "critical", (*_SURVEILLANCE, "supervisor"),
        "A door was opened while the machine had no power.",
        "The EGM reports 98, 99, 9A or 9B after power came back.",
        "Not for doors opened with power on.",
        "Compare with the entry log; look at the recording from power lost to power applied.",
        {"door": "cardcage"}, "{door} door opened, power off",
    ),
    EventType(
        "cashbox.removed", CashboxMoved, "critical", "critical", ("surveillance", "drop"),
        "The cashbox was taken out.",
        "The EGM reports 1B.", "Not when only its door is opened (door.opened, door cashbox).",
        "Is a drop run going on here? If not: surveillance at once.",
        {"before": "in", "after": "out"}, "cashbox removed",
    ),
    EventType(
        "cashbox.installed", CashboxMoved, "notice", "significant", ("surveillance", "drop"),
        "The cashbox was put back.",
        "The EGM reports 1C.", "Not when its door is closed.",
        "Nothing.", {"before": "out", "after": "in", "out_s": 61.0}, "cashbox installed",
    ),
    EventType(
        "cashbox.nearfull", CashboxLevel, "notice", "operational", ("drop",),
        "The cashbox is nearly full.",
        "The EGM reports 2E.", "Not worked out from bill counts.",
        "Plan a drop. Show it only to drop and count: a full box invites theft.",
        {"level": "nearfull"}, "cashbox near full",
    ),
    EventType(
        "cashbox.full", CashboxLevel, "warning", "operational", ("drop",),
        "The cashbox is full; the machine takes no more bills.",
        "The EGM reports 27.", "Not worked out from bill counts.",
        "Plan a drop now. Show it only to drop and count.",
        {"level": "full"}, "cashbox full",
    ),
    EventType(
        "power.lost", PowerChanged, "warning", "significant", ("technician",),
        "The machine lost its power.",
        "The EGM reports 18, most often when it is on again or from its battery.",
        "Not when only the link is down: that is link.down.",
        "Neighbours too? Then the panel; otherwise the machine's own plug and switch.",
        {"before": "on", "after": "off"}, "power lost",
    ),
    EventType(
        "power.applied", PowerChanged, "notice", "significant", ("technician",),
        "The machine has power again.",
        "The EGM reports 17.", "Not when only the link is up again.",
        "Was a door opened with power off? It is told right after this.",
        {"before": "off", "after": "on", "off_s": 12.0}, "power applied",
    ),
    EventType(
        "power.outage", PowerOutage, "critical", "significant", ("technician", "supervisor"),
        "Many machines that hang together lost power at the same time.",
        "Enough machines of one panel, bank or line told within the site's window that they had "
        "lost power, and no more do; the widest group is told, each machine in one outage.",
        "Not for single machines, and not for a silent line; the machines' own events stay.",
        "The panel's breaker, before any machine.",
        {"scope": "bank", "name": "B07", "assets": ["10701", "10702"], "machines": 2,
         "began": "2026-03-01T04:00:00.000000Z"},
        "power outage at {scope} {name}", asset_required=False,
    ),
    EventType(
        "lamp.on", LampChanged, "notice", "dispatch", ("attendant",),
        "The player asks for somebody: the change lamp is lit.",
        "The EGM reports 71.", "Not for lamps lit by a tilt or a handpay.",
        "Go and ask.", {"before": "off", "after": "on"}, "change lamp on",
    ),
    EventType(
        "lamp.off", LampChanged, "info", "dispatch", ("attendant",),
        "The change lamp went out.",
        "The EGM reports 72.", "Not when somebody closes a call elsewhere.",
        "Nothing.", {"before": "on", "after": "off", "lit_s": 75.2}, "change lamp off",
    ),
    EventType(
        "menu.entered", MenuUsed, "notice", "access", ("surveillance",),
        "Somebody entered a menu of the machine.",
        "The EGM reports 82 or 84.", "Not for the player's own help pages.",
        "Does the entry log say who?",
        {"menu": "operator", "before": "out", "after": "in"}, "{menu} menu entered",
    ),
    EventType(
        "menu.left", MenuUsed, "info", "access", ("surveillance",),
        "The menu was left.",
        "The EGM reports 83 or 85.", "Not at a power loss inside the menu.",
        "Nothing.", {"menu": "operator", "before": "in", "after": "out", "in_s": 33.0},
        "{menu} menu left",
    ),
    EventType(
        "menu.recallshown", RecallShown, "info", "access", ("surveillance",),
        "A past game was called up on the machine.",
        "The EGM reports 8A.", "Not for games shown by the player's own history page.",
        "A dispute at the machine? Note the entry.",
        {"game": 1, "entry": 3}, "game recall shown",
    ),
)  # fmt: skip
