"""How urgent an event is, whom it is for, and what a technician looks at first: by type and kind.

The catalogue's row holds for a type; a row here for one kind of it: which door, which tilt, which
part. A jurisdiction, or the house, may have other ideas of both (``Profile``), but never of what
has happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.events.catalogue import CATALOGUE
from gateway.events.event_type import EventType
from gateway.events.families.tilts import KINDS

_FIELD_OF_FAMILY: Final = {
    "door": "door", "tilt": "kind", "menu": "menu", "progressive": "controller",
}  # fmt: skip
_FIELD_OF_TYPE: Final = {
    "integrity.memoryerror": "part", "integrity.componentschanged": "component",
    "integrity.optionschanged": "what", "integrity.authenticated": "what",
    "meter.zeroed": "what", "transfer.step": "step", "transfer.cashoutrequested": "how",
    "link.gap": "cause", "handpay.pending": "handpay_class",
    "handpay.amountknown": "handpay_class", "handpay.reset": "handpay_class",
}  # fmt: skip


def kind_field(name: str) -> str:
    """Return the field of an event's data that says which kind it is; empty if it has none."""
    return _FIELD_OF_TYPE.get(name) or _FIELD_OF_FAMILY.get(name.partition(".")[0], "")


def kinds_of(row: EventType) -> tuple[str, ...]:
    """Return the kinds that an event of the type ``row`` may be of; empty if it has none."""
    field_name = kind_field(row.name)
    if not field_name:
        return ()
    schema = row.model.model_json_schema()
    found = schema["properties"][field_name]
    for one in (found, *found.get("anyOf", ())):
        named = schema.get("$defs", {}).get(str(one.get("$ref", "")).rpartition("/")[2], one)
        if "enum" in named:
            return tuple(named["enum"])
    return tuple(kind for event, kind in KINDS_OF if event == row.name and kind)


@dataclass(frozen=True, slots=True)
class Change:
    """What one row changes; None leaves it as it was.

    Attributes:
        severity: how urgent.
        eventclass: regulatory and operational class.
        route: who is told.
        first_check: what a technician looks at first.
    """

    severity: str | None = None
    eventclass: str | None = None
    route: tuple[str, ...] | None = None
    first_check: str | None = None


@dataclass(frozen=True, slots=True)
class Significance:
    """How urgent one kind of event is.

    Attributes:
        severity: how urgent.
        eventclass: regulatory and operational class.
        route: who is told.
        first_check: what a technician looks at first.
    """

    severity: str
    eventclass: str
    route: tuple[str, ...]
    first_check: str

    def changed(self, change: Change) -> Significance:
        """Return it with a change."""
        return Significance(
            change.severity or self.severity,
            change.eventclass or self.eventclass,
            self.route if change.route is None else change.route,
            change.first_check or self.first_check,
        )


_SURVEILLANCE: Final = ("surveillance",)
_DROP: Final = ("surveillance", "drop")
_LOGIC: Final = ("surveillance", "supervisor")
_TECH: Final = ("technician",)
_ATTENDANT: Final = ("attendant", "technician")

_DOORS: Final = {
    "slot": (None, None, None, "Is somebody at the machine with an order? Latch and door switch."),
    "drop": (None, None, _DROP, "A drop run here? If not: bucket, lock, and who has the key."),
    "cardcage": ("critical", "critical", _LOGIC,
                 "An order for the logic area? Seal, boards; compare meters before and after."),
    "cashbox": ("critical", "critical", _SURVEILLANCE,
                "A drop run here? If not: is the cashbox in its place, and whole?"),
    "belly": (None, None, _TECH, "Is somebody working below? Belly door switch and its plug."),
}  # fmt: skip
_AFTER_POWER: Final = {
    "slot": "Look at the recording from power lost to applied; slot door switch and its battery.",
    "drop": "Look at the recording from power lost to applied; is the drop bucket whole?",
    "cardcage": "Seal of the logic area; RAM and program; compare the meters before and after.",
    "cashbox": "Is the cashbox whole, and as full as its meter says?",
}  # fmt: skip
_TILT_ROUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "hopperempty": _ATTENDANT, "hopperlow": _ATTENDANT, "hopperfull": ("drop", "technician"),
    "billjam": _ATTENDANT, "billacceptorhardware": _TECH,
    "reversebill": ("security", "surveillance", "technician"),
    "reversecoinin": ("security", "surveillance", "technician"),
    "reeltilt": _TECH, "reeldisconnected": _TECH, "diverter": _TECH, "coininlockout": _TECH,
    "printercommunication": _TECH, "printerpaperout": _ATTENDANT, "printerpaperlow": ("attendant",),
    "printerpoweroff": _TECH, "printerribbon": ("attendant",), "printerjam": _ATTENDANT,
    "validationnotconfigured": ("operations", "technician"),
}  # fmt: skip
_SECURITY: Final = frozenset({"reversebill", "reversecoinin"})


def _doors() -> Iterable[tuple[str, str, Change]]:
    for door, (severity, eventclass, route, check) in _DOORS.items():
        yield "door.opened", door, Change(severity, eventclass, route, check)
        closed = Change(None, eventclass, route, f"Nothing, if it was seen to open. {check}")
        yield "door.closed", door, closed
        yield "door.closedwithoutopen", door, Change(None, eventclass, route)
        yield "door.opentoolong", door, Change(severity, eventclass, route)
    for door, check in _AFTER_POWER.items():
        yield "door.poweroffaccess", door, Change(first_check=check)


def _tilts() -> Iterable[tuple[str, str, Change]]:
    for kind in KINDS:
        severity = "warning" if kind.stops_play else "notice"
        eventclass = "security" if kind.name in _SECURITY else None
        route = _TILT_ROUTES.get(kind.name)
        yield "tilt.raised", kind.name, Change(severity, eventclass, route, kind.first_check)
        yield "tilt.cleared", kind.name, Change(None, eventclass, route)


_MEMORY: Final = {
    "cmosram": "Do not clear anything: photograph the screen, call compliance; battery, RAM chip.",
    "eeprom": "Do not clear anything: photograph the screen, call compliance; EEPROM and its seat.",
    "eprom": "Program chip: compare its signature with the approved list; its seat.",
    "partitionedeprom": "Program chips: compare their signatures with the approved list.",
}  # fmt: skip
_COMPONENTS: Final = {
    "billacceptor": "Is the validator's new firmware approved, and was there an order for it?",
    "eprom": "Was the program changed by order? Compare its signature with the approved list.",
    "partitionedeprom": "Was the program changed by order? Compare its signature.",
    "componentlist": "Read the list of components and compare it with the approved one.",
}  # fmt: skip

_SINGLE: Final[tuple[tuple[str, str, Change], ...]] = (
    ("cashbox.installed", "", Change(first_check="Does it sit? Its number against the drop list.")),
    ("lamp.off", "", Change(first_check="Nothing: somebody was there, or the guest gave up.")),
    ("menu.entered", "operator", Change(first_check="An order for a self test? The entry log.")),
    ("menu.left", "attendant", Change(first_check="Nothing, if the entry log has it.")),
    ("menu.left", "operator", Change(first_check="Compare options and meters with those before.")),
    ("bill.rejected", "", Change(first_check="Many in a row: clean the validator's path.")),
    ("ticket.redeemed", "", Change(first_check="Refused? The machine's message; validator head.")),
    ("ticket.validationrequested", "", Change(
        first_check="Asked again and again: does the SMS answer this machine?")),
    ("progressive.nodata", "sas", Change(
        first_check="Whole bank silent? The controller; else this machine's progressive plug.")),
    ("progressive.hit", "", Change(first_check="Does the meter over the bank show the reset?")),
    ("transfer.step", "locked", Change(
        first_check="Locked for long: is the transfer host there? Else call the SMS desk.")),
    ("meter.zeroed", "softmeters", Change(
        first_check="An order for a RAM clear? Logic door seal; note all meters now.")),
    ("meter.zeroed", "billvalidatortotals", Change(
        first_check="An attendant resets bill totals at a drop: is there a drop run here?")),
    ("integrity.optionschanged", "operator", Change(
        first_check="An order for the change? Compare denomination and paytable with it.")),
    ("integrity.optionschanged", "enabledgames", Change(
        first_check="An order for the change? Compare the list of enabled games with it.")),
    ("integrity.authenticated", "components", Change(
        first_check="Compare the result with the approved signatures.")),
    ("link.gap", "overflow", Change(
        None, None, ("operations",), "Was the machine long without a host? Compare the meters.")),
    ("egm.outofservice", "", Change(first_check="Who took it out, and why? The machine's menu.")),
    ("handpay.pending", "cancelledcredits", Change(None, None, ("attendant", "cage"))),
    ("handpay.amountknown", "cancelledcredits", Change(None, None, ("attendant", "cage"))),
    ("handpay.reset", "cancelledcredits", Change(None, None, ("attendant", "cage"))),
    *(("integrity.memoryerror", part, Change(first_check=check))
      for part, check in _MEMORY.items()),
    *(("integrity.componentschanged", part, Change(first_check=check))
      for part, check in _COMPONENTS.items()),
)  # fmt: skip

KINDS_OF: Final[Mapping[tuple[str, str], Change]] = {
    (event, kind): change for event, kind, change in (*_doors(), *_tilts(), *_SINGLE)
}
"""(event type, kind) to what is otherwise than in the catalogue's row; kind is empty for all."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How urgent events are in one jurisdiction and house.

    Attributes:
        changes: (event type, kind) to what is otherwise there; kind is empty for all of the type.
    """

    changes: Mapping[tuple[str, str], Change] = field(default_factory=dict)
    _known: dict[tuple[str, object], Significance] = field(
        default_factory=dict, compare=False, repr=False
    )

    def of(self, row: EventType, data: Mapping[str, object]) -> Significance:
        """Return how urgent an event of the type ``row`` with ``data`` is."""
        name = row.name
        which = _FIELDS[name]
        kind = data.get(which, "") if which else ""
        found = self._known.get((name, kind))
        if found is None:
            found = self._settled(row, str(kind))
            if len(self._known) < KNOWN_MAX:
                self._known[name, kind] = found
        return found

    def kinds(self, name: str) -> dict[str, Significance]:
        """Return the kinds of a type that have a row of their own, in the tables' order."""
        keys = [kind for event, kind in (*KINDS_OF, *self.changes) if event == name]
        return {kind: self._settled(CATALOGUE[name], kind) for kind in dict.fromkeys(keys)}

    def _settled(self, row: EventType, kind: str) -> Significance:
        found = Significance(row.severity, row.kind, row.route, row.first_check)
        for table in (KINDS_OF, self.changes):
            for key in dict.fromkeys(((row.name, ""), (row.name, kind))):
                if key in table:
                    found = found.changed(table[key])
        return found


KNOWN_MAX: Final = 4096
"""Kinds of events of which the significance is kept ready."""

_FIELDS: Final[Mapping[str, str]] = {name: kind_field(name) for name in CATALOGUE}

USUAL: Final = Profile()
"""Without the ideas of any jurisdiction."""
