"""What can be done at a machine by hand, one row a doing: what it takes, an example, what it does.

For the control API, ``slotsim do --list`` and the panel; ``doings`` does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from floor_sim.machine.cabinet import DOORS, TILTS


@dataclass(frozen=True, slots=True)
class DoingRow:
    """One thing that can be done.

    Attributes:
        does: what it does, in words.
        takes: what stands behind its words; empty for nothing.
        value: an example of that.
    """

    does: str
    takes: str = ""
    value: str = ""


_DOOR = ", ".join(DOORS)
_TILT = ", ".join(TILTS)
_CENTS = "cents"
_DENOMINATION = "denomination code, hex"

TABLE: Final[dict[str, DoingRow]] = {
    "door open":            DoingRow("opens a door", _DOOR, "slot"),
    "door close":           DoingRow("closes a door", _DOOR, "slot"),
    "tilt":                 DoingRow("makes it tilt", _TILT, "reel"),
    "mend":                 DoingRow("clears every tilt"),
    "jam":                  DoingRow("a bill sticks in the acceptor"),
    "lamp on":              DoingRow("the guest calls for service"),
    "lamp off":             DoingRow("the lamp is switched off"),
    "bill":                 DoingRow("inserts a bill", "currency units", "20"),
    "game start":           DoingRow("starts a game", "bet in credits", "40"),
    "game end":             DoingRow("ends the game"),
    "cash out":             DoingRow("cashes out: a ticket, or a handpay above its limit"),
    "big cash-out":         DoingRow("inserts bills and cashes out more than a ticket may be"),
    "jackpot":              DoingRow("wins what an attendant pays", "currency units", "1250.00"),
    "handpay reset":        DoingRow("keys a handpay off"),
    "cashbox take":         DoingRow("opens the cashbox door and takes the cashbox"),
    "cashbox put":          DoingRow("puts the cashbox back"),
    "card in":              DoingRow("inserts a card", "label of the guest", "7"),
    "card out":             DoingRow("takes the card out"),
    "power cycle":          DoingRow("switches it off and on"),
    "power off":            DoingRow("takes its power"),
    "power on":             DoingRow("gives it power"),
    "exception":            DoingRow("reports an exception", "code in hex, 01 to FF", "2B"),
    "busy":                 DoingRow("answers that it is busy, for a while", "seconds", "2"),
    "menu enter":           DoingRow("an attendant enters the menu"),
    "menu leave":           DoingRow("leaves the menu"),
    "self-test enter":      DoingRow("enters the self-test; nobody can play"),
    "self-test leave":      DoingRow("leaves the self-test"),
    "out of service":       DoingRow("reports that it is out of service"),
    "bill reject":          DoingRow("inserts a bill that is rejected"),
    "bill counterfeit":     DoingRow("inserts a bill that is no good"),
    "bill totals reset":    DoingRow("reports that the bill totals were reset"),
    "coin":                 DoingRow("inserts a coin, where coins are taken"),
    "coins out":            DoingRow("pays the credits from the hopper"),
    "paper low":            DoingRow("reports that the printer's paper is low"),
    "paper out":            DoingRow("the printer runs out of paper; cash-outs are paid by hand"),
    "paper fill":           DoingRow("puts paper into the printer, behind the open slot door"),
    "battery low":          DoingRow("reports that the memory's battery is low"),
    "ram clear":            DoingRow("clears its memory: meters begin a new life"),
    "register ask":         DoingRow("asks its host for registration (AFT)"),
    "register agree":       DoingRow("an operator agrees to the registration"),
    "register refuse":      DoingRow("an operator refuses the registration"),
    "ticket in":            DoingRow("inserts a ticket", _CENTS, "500"),
    "restricted ticket in": DoingRow("inserts a ticket of restricted credits", _CENTS, "500"),
    "game select":          DoingRow("chooses a game", "number of the game", "1"),
    "progressive hit":      DoingRow("hits a progressive", "level", "1"),
    "denomination select":  DoingRow("chooses a denomination", _DENOMINATION, "01"),
    "option denomination":  DoingRow("sets what a credit is worth", _DENOMINATION, "01"),
    "option paytable":      DoingRow("sets another paytable", "its id, 6 letters", "X00001"),
}  # fmt: skip


def example(name: str) -> str:
    """Return words that do it: ``door open slot``."""
    return f"{name} {TABLE[name].value}".rstrip()


def listing() -> str:
    """Return every doing, a line each, in columns."""
    width = max(len(example(name)) for name in TABLE)
    lines = []
    for name, row in TABLE.items():
        takes = f" ({row.takes})" if row.takes else ""
        lines.append(f"{example(name):{width}}  {row.does}{takes}")
    return "\n".join(lines)
