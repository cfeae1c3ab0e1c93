"""Which events are security events, how urgent each is, and why the others are not.

The first row that fits an event counts. Rows follow the significant events that regulators list
(every door to a critical area, power, memory, who is on the line) and the alerts a surveillance
room has to receive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import JsonValue

Severity = Literal["notice", "warning", "critical"]
"""``critical``: look at once. ``warning``: look. ``notice``: kept for whoever looks later."""


@dataclass(frozen=True, slots=True)
class SecurityRow:
    """One kind of security event.

    Attributes:
        type: short event type, ``door.opened``.
        severity: how urgent it is for surveillance.
        why: what surveillance looks for.
        where: data fields and the values they must have; empty takes every event of the type.
    """

    type: str
    severity: Severity
    why: str
    where: Mapping[str, str] = field(default_factory=dict)

    def fits(self, name: str, data: Mapping[str, JsonValue]) -> bool:
        """Return whether an event of type ``name`` with ``data`` is of this row."""
        return name == self.type and all(data.get(key) == want for key, want in self.where.items())


_LOGIC = {"door": "cardcage"}
_CASHBOX = {"door": "cashbox"}
_DROP = {"door": "drop"}
_INSIDE = "who opened the machine, and on whose order"
_CLOSES = "end of an opening"

SECURITY: Final[tuple[SecurityRow, ...]] = (
    SecurityRow("door.opened", "critical", "who is at the logic area, on whose order", _LOGIC),
    SecurityRow("door.opened", "critical", "a drop run, or a theft", _CASHBOX),
    SecurityRow("door.opened", "critical", "a drop run, or a theft", _DROP),
    SecurityRow("door.opened", "warning", _INSIDE),
    SecurityRow("door.closed", "notice", _CLOSES),
    SecurityRow("door.closedwithoutopen", "warning", "an opening that was not reported"),
    SecurityRow("door.opentoolong", "warning", "a machine left open"),
    SecurityRow("door.poweroffaccess", "critical", "who opened it while power was off"),
    SecurityRow("cashbox.removed", "critical", "a drop run, or a theft"),
    SecurityRow("cashbox.installed", "notice", "end of a drop"),
    SecurityRow("power.lost", "warning", "power cut to hide an entry"),
    SecurityRow("power.applied", "notice", "end of a power loss"),
    SecurityRow("power.outage", "warning", "a bank without power is a bank unwatched"),
    SecurityRow("menu.entered", "notice", "who is in the machine's menu"),
    SecurityRow("bill.counterfeit", "warning", "who put the bill in"),
    SecurityRow("tilt.raised", "warning", "a bill on a string", {"kind": "reversebill"}),
    SecurityRow("tilt.raised", "warning", "a coin on a string", {"kind": "reversecoinin"}),
    SecurityRow("integrity.memoryerror", "critical", "who is at the machine, what they do"),
    SecurityRow("integrity.memoryerrorreset", "critical", "who cleared it, on whose order"),
    SecurityRow("integrity.optionschanged", "critical", "who changed it, on whose order"),
    SecurityRow("integrity.componentschanged", "critical", "who changed a program or part"),
    SecurityRow("meter.epochstarted", "critical", "a RAM clear that hides something"),
    SecurityRow("meter.zeroed", "critical", "meters cleared to hide something"),
    SecurityRow("meter.manual", "notice", "who typed meters, and why"),
    SecurityRow("egm.swapped", "critical", "another machine or board in this place"),
    SecurityRow("integrity.resetwithoutdoor", "critical", "who was at the machine, and how"),
    SecurityRow("egm.unregistered", "critical", "what machine that is, and who put it there"),
    SecurityRow("egm.moved", "warning", "whether cameras see it where it stands now"),
    SecurityRow("link.down", "warning", "a machine unplugged from its watch"),
    SecurityRow("link.up", "notice", "end of a stretch unwatched", {"before": "down"}),
    SecurityRow("link.gap", "notice", "a stretch in which an entry may have been missed"),
    SecurityRow("link.foreignhost", "critical", "somebody else talks on our line"),
    SecurityRow("gateway.died", "warning", "a floor unwatched until the next start"),
    SecurityRow("gateway.clockstepped", "warning", "times of events and of video differ"),
    SecurityRow("gateway.storeloss", "critical", "events that can no longer be proven"),
)  # fmt: skip

_MONEY = "told to the cage and to dispatch; no sign of an entry or a fraud"
_CARE = "a matter for technicians"
_PLAY = "play and accounting"
_OURS = "the gateway's own news, for operations"

NOT_SECURITY: Final[Mapping[str, str]] = {
    "bill": _PLAY, "card": _PLAY, "game": _PLAY, "meter": _PLAY, "session": _PLAY,
    "ticket": _PLAY, "transfer": _PLAY,
    "cashbox": "how full a box is invites theft: shown to drop and count only",
    "egm": _CARE, "gateway": _OURS, "handpay": _MONEY, "progressive": _MONEY,
    "host": "what the certified host orders is the SMS's own record",
    "integrity": "asked for by a host, or a battery: no hand in the machine",
    "lamp": "a player asks for somebody", "link": _CARE,
    "menu": "end of a stay in a menu, or a game shown again", "tilt": _CARE,
}  # fmt: skip
"""Why the events of a family that no row takes are no security events."""


def row_for(name: str, data: Mapping[str, JsonValue]) -> SecurityRow | None:
    """Return the row that an event of type ``name`` with ``data`` is of; None: no security."""
    return next((row for row in SECURITY if row.fits(name, data)), None)
