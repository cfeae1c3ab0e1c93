"""What each exception code means on the floor: one row a code, all 256 of them.

A code leads to exactly one event, or to none, and then the row says why. A code that is in no
table leads to ``egm.unknownexception`` with its hex and never gets a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.meaning.result import ReadWish
from protocols.sas.tables import EXCEPTIONS, IDLE_CODES


@dataclass(frozen=True, slots=True)
class Meant:
    """What one exception code means.

    Attributes:
        code: 00-FF.
        event: the event it leads to; empty if none.
        data: what the code itself tells.
        wishes: readings that should follow.
        evidence: what it says about a meter that falls afterwards; empty if nothing.
        because: why there is no event.
    """

    code: int
    event: str
    data: Mapping[str, object]
    wishes: tuple[ReadWish, ...] = ()
    evidence: str = ""
    because: str = ""


DOOR = (ReadWish("meters", "door"),)
DROP = (ReadWish("meters", "drop"), ReadWish("full", "drop"))
POWER = (ReadWish("meters", "power"),)
OPTIONS = (
    ReadWish("identity", "options"), ReadWish("meters", "options"), ReadWish("full", "options"),
)  # fmt: skip
HANDPAY = (ReadWish("handpay", "handpay"), ReadWish("meters", "handpay"))
RESET = (ReadWish("meters", "handpay"),)
TILT = (ReadWish("meters", "tilt"),)
OVERFLOW = (ReadWish("meters", "gap"),)

LOGIC_DOOR: Final = "logic door opened"
MEMORY: Final = "memory error"
MEMORY_RESET: Final = "memory error reset"
OPTIONS_CHANGED: Final = "options changed"
COMPONENTS_CHANGED: Final = "components changed"
POWER_APPLIED: Final = "power applied"
LINK_DOWN: Final = "link was down"
GAP: Final = "events may be missing"
SOFT_RESET: Final = "soft meters reset"
BILL_RESET: Final = "bill totals reset"

_DOORS: Final = (
    ("slot", 0x11, 0x12, 0x99),
    ("drop", 0x13, 0x14, 0x9B),
    ("cardcage", 0x15, 0x16, 0x98),
    ("cashbox", 0x19, 0x1A, 0x9A),
    ("belly", 0x1D, 0x1E, None),
)

_TILTS: Final = {
    0x20: "general", 0x21: "coinin", 0x22: "coinout", 0x23: "hopperempty", 0x24: "extracoinpaid",
    0x25: "diverter", 0x28: "billjam", 0x29: "billacceptorhardware", 0x2A: "reversebill",
    0x2D: "reversecoinin", 0x3F: "validationnotconfigured", 0x40: "reeltilt",
    0x46: "reeldisconnected", 0x60: "printercommunication", 0x61: "printerpaperout",
    0x74: "printerpaperlow", 0x75: "printerpoweroff", 0x77: "printerribbon", 0x78: "printerjam",
    0x79: "coininlockout", 0x80: "hopperfull", 0x81: "hopperlow",
}  # fmt: skip

BILLS: Final = {
    0x47: 1, 0x48: 5, 0x49: 10, 0x4A: 20, 0x4B: 50, 0x4C: 100, 0x4D: 2, 0x4E: 500, 0x50: 200,
}  # fmt: skip
"""Exception code to the face value of the bill, in currency units."""

_MEMORY: Final = {
    0x31: ("cmosram", "recovered"), 0x32: ("cmosram", "notrecovered"),
    0x33: ("cmosram", "baddevice"), 0x34: ("eeprom", "dataerror"), 0x35: ("eeprom", "baddevice"),
    0x37: ("eprom", "badchecksum"), 0x39: ("partitionedeprom", "badchecksum"),
}  # fmt: skip
_COMPONENTS: Final = {
    0x2F: "billacceptor", 0x36: "eprom", 0x38: "partitionedeprom", 0x8E: "componentlist",
}  # fmt: skip


def _doors() -> Iterator[Meant]:
    for door, opened, closed, unpowered in _DOORS:
        data = {"door": door}
        logic = LOGIC_DOOR if door == "cardcage" else ""
        yield Meant(opened, "door.opened", data, DOOR, logic)
        # one that closes was open until now: that counts as well
        yield Meant(closed, "door.closed", data, DOOR, logic)
        if unpowered is not None:
            yield Meant(unpowered, "door.poweroffaccess", data, DOOR, logic)


def _tilts() -> Iterator[Meant]:
    for code, kind in _TILTS.items():
        yield Meant(code, "tilt.raised", {"kind": kind}, TILT)
    for reel in range(1, 6):
        yield Meant(0x40 + reel, "tilt.raised", {"kind": "reeltilt", "reel": reel}, TILT)
    yield Meant(0x76, "tilt.cleared", {"kind": "printerpoweroff"})


def _money() -> Iterator[Meant]:
    for code, face in BILLS.items():
        yield Meant(code, "bill.accepted", {"face": face})
    yield Meant(0x4F, "bill.accepted", {})
    yield Meant(0x2B, "bill.rejected", {"reason": "rejected"})
    yield Meant(0x2C, "bill.counterfeit", {"reason": "counterfeit"})
    yield Meant(0x3D, "ticket.printed", {})
    yield Meant(0x57, "ticket.validationrequested", {})
    yield Meant(0x67, "ticket.inserted", {})
    yield Meant(0x68, "ticket.redeemed", {})
    yield Meant(0x51, "handpay.pending", {}, HANDPAY)
    yield Meant(0x52, "handpay.reset", {}, RESET)
    yield Meant(0x3E, "handpay.validated", {})
    yield Meant(0x5A, "handpay.keyedoff", {})
    yield Meant(0x55, "handpay.cancelled", {}, RESET)
    yield Meant(0x53, "progressive.nodata", {"controller": "sas"})
    yield Meant(0x54, "progressive.won", {})
    yield Meant(0x56, "progressive.hit", {"controller": "sas"})
    yield Meant(0x59, "progressive.hit", {"controller": "nonsas"})
    yield Meant(0x66, "transfer.cashoutrequested", {"how": "button"})
    yield Meant(0x6A, "transfer.cashoutrequested", {"how": "hostcashout"})
    yield Meant(0x6B, "transfer.cashoutrequested", {"how": "hostcashoutwin"})
    yield Meant(0x69, "transfer.completed", {})
    yield Meant(0x6C, "transfer.step", {"step": "registrationrequested"})
    yield Meant(0x6D, "transfer.step", {"step": "registered"})
    yield Meant(0x6E, "transfer.step", {"step": "registrationcancelled"})
    yield Meant(0x6F, "transfer.step", {"step": "locked"})
    yield Meant(0x7C, "transfer.bonuspaid", {})
    yield Meant(0x5F, "transfer.tipawarded", {})


def _cabinet() -> Iterator[Meant]:
    yield Meant(0x17, "power.applied", {}, POWER, POWER_APPLIED)
    yield Meant(0x18, "power.lost", {}, (), "power lost")
    yield Meant(0x1B, "cashbox.removed", {}, DROP)
    yield Meant(0x1C, "cashbox.installed", {}, DROP)
    yield Meant(0x27, "cashbox.full", {"level": "full"})
    yield Meant(0x2E, "cashbox.nearfull", {"level": "nearfull"})
    yield Meant(0x71, "lamp.on", {})
    yield Meant(0x72, "lamp.off", {})
    yield Meant(0x82, "menu.entered", {"menu": "attendant"})
    yield Meant(0x83, "menu.left", {"menu": "attendant"})
    yield Meant(0x84, "menu.entered", {"menu": "operator"})
    yield Meant(0x85, "menu.left", {"menu": "operator"})
    yield Meant(0x8A, "menu.recallshown", {})
    yield Meant(0x86, "egm.outofservice", {})


def _integrity() -> Iterator[Meant]:
    for code, (part, problem) in _MEMORY.items():
        data = {"part": part, "problem": problem}
        yield Meant(code, "integrity.memoryerror", data, OPTIONS, MEMORY)
    for code, component in _COMPONENTS.items():
        data = {"component": component}
        yield Meant(code, "integrity.componentschanged", data, OPTIONS, COMPONENTS_CHANGED)
    yield Meant(0x3A, "integrity.memoryerrorreset", {}, OPTIONS, MEMORY_RESET)
    yield Meant(0x3B, "integrity.batterylow", {})
    yield Meant(0x3C, "integrity.optionschanged", {"what": "operator"}, OPTIONS, OPTIONS_CHANGED)
    yield Meant(0xA2, "integrity.optionschanged", {"what": "enabledgames"}, OPTIONS)
    yield Meant(0x8F, "integrity.authenticated", {"what": "components"})
    yield Meant(0x7A, "meter.zeroed", {"what": "softmeters"}, OPTIONS, SOFT_RESET)
    yield Meant(0x7B, "meter.zeroed", {"what": "billvalidatortotals"}, OPTIONS, BILL_RESET)
    yield Meant(0xA0, "meter.change", {"phase": "pending"})
    yield Meant(0xA1, "meter.change", {"phase": "cancelled"})
    yield Meant(0x70, "link.gap", {"cause": "overflow"}, OVERFLOW)


def _play() -> Iterator[Meant]:
    yield Meant(0x7E, "game.started", {})
    yield Meant(0x7F, "game.ended", {})
    yield Meant(0x8C, "game.selected", {})
    yield Meant(0x87, "game.step", {"step": "drawrequested"})
    yield Meant(0x88, "game.step", {"step": "reelstopped"})
    yield Meant(0x89, "game.step", {"step": "wagered"})
    yield Meant(0x8B, "game.step", {"step": "cardheld"})
    yield Meant(0x9E, "game.machinesession", {"phase": "started"})
    yield Meant(0x9F, "game.machinesession", {"phase": "ended"})


def _rows() -> dict[int, Meant]:
    rows: dict[int, Meant] = {}
    for family in (_doors, _tilts, _money, _cabinet, _integrity, _play):
        for row in family():
            assert row.code not in rows, f"exception {row.code:02X} has two meanings"
            rows[row.code] = row
    for code in IDLE_CODES:
        rows[code] = Meant(code, "", {}, because="it says that there is nothing to say")
    assert rows.keys() <= EXCEPTIONS.keys(), "a meaning for a code that is in no table"
    for code in range(0x100):
        rows.setdefault(code, Meant(code, "egm.unknownexception", {"code": f"{code:02X}"}))
    return rows


MEANT: Final[Mapping[int, Meant]] = _rows()
"""What every code 00-FF means."""
