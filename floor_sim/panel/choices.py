"""What a key of the panel asks and offers: pure, from how the machine stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from floor_sim.doings_table import TABLE
from floor_sim.faults.table import FAULTS, FaultKind, FaultRow
from floor_sim.faults.words import read_settings
from floor_sim.machine.cabinet import DOORS, TILTS

BILLS: Final = (1, 5, 10, 20, 50, 100)
JACKPOT: Final = "jackpot 1250.00"
CARD: Final = "card in 7"
DIGITS: Final = "1234567890"
"""The keys of choices, in their order."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose.

    Attributes:
        label: what it does, for people.
        words: what is done then; ends with a space where more is to be typed.
    """

    label: str
    words: str


def doors(one: Mapping[str, Any]) -> list[Choice]:
    """Return what can be done to a machine's doors and its cashbox."""
    choices = []
    for door in DOORS:
        verb = "close" if door in one["doors_open"] else "open"
        choices.append(Choice(f"{verb} the {door} door", f"door {verb} {door}"))
    if "cashbox out" in one["stands"]:
        return [*choices, Choice("put the cashbox back", "cashbox put")]
    return [*choices, Choice("take the cashbox, as the drop team does", "cashbox take")]


def bills() -> list[Choice]:
    """Return what can be put into the acceptor."""
    return [
        *(Choice(f"a bill of {face}", f"bill {face}") for face in BILLS),
        Choice("one that is rejected", "bill reject"),
        Choice("one that is no good", "bill counterfeit"),
        Choice("one that sticks", "jam"),
        Choice("a ticket of 5.00", "ticket in 500"),
    ]


def tilts() -> list[Choice]:
    """Return the tilts."""
    return [Choice(name, f"tilt {name}") for name in TILTS]


def cards(one: Mapping[str, Any]) -> list[Choice] | str:
    """Return what can be done with a card, or the words for the only thing."""
    if one["card"]:
        return "card out"
    return [
        Choice("the card of guest 7", CARD),
        Choice("the card of guest 8", "card in 8"),
        Choice("another guest's: type a label", "card in "),
    ]


def games(one: Mapping[str, Any]) -> list[Choice] | str:
    """Return the bets of a game, or the words that end the one being played."""
    if one["playing"]:
        return "game end"
    return [
        *(Choice(f"start a game for {bet} credits", f"game start {bet}") for bet in (1, 40, 100)),
        Choice("start a game: type a bet", "game start "),
    ]


def doing_hint(text: str) -> str:
    """Say what the words that are being typed would do."""
    typed = " ".join(text.split())
    for name in sorted(TABLE, key=len, reverse=True):
        if typed == name or typed.startswith(f"{name} "):
            row = TABLE[name]
            return f"{name}: {row.does}" + (f"; takes {row.takes}" if row.takes else "")
    near = [name for name in TABLE if name.startswith(typed)] if typed else [*TABLE]
    return ", ".join(near) if near else f"{typed[:40]!r} is none of {', '.join(TABLE)}"


def fault_hint(text: str) -> str:
    """Say what the fault that is being typed would do."""
    kind = text.partition(" ")[0]
    row = _row(kind)
    if row is None:
        near = [str(one) for one in FaultKind if one.startswith(kind)]
        return ", ".join(near) or f"{kind!r} is none of {', '.join(FaultKind)}"
    keys = [f"{key}=..." for key in row.needs], [f"{key}=" for key in row.takes]
    return f"{row.does} Needs {' '.join(keys[0]) or 'nothing'}; takes {' '.join(keys[1])}"


def fault_of(text: str, one: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fault that was typed; what it needs and nobody said is the machine's.

    Args:
        text: a kind and KEY=VALUE words: ``drop probability=0.1``.
        one: the machine under the cursor, or None.

    Raises:
        ValueError: a word is not KEY=VALUE.
    """
    kind, *words = text.split()
    fault = {"kind": kind, **read_settings(words)}
    row = _row(kind)
    if row is None or one is None:
        return fault
    for key in ("line", "asset", "address"):
        if key in row.needs and key not in fault:
            fault[key] = one[key]
    if kind == FaultKind.POWER_CUT and not {"asset", "bank", "panel"} & fault.keys():
        fault["asset"] = one["asset"]
    return fault


def _row(kind: str) -> FaultRow | None:
    return FAULTS[FaultKind(kind)] if kind in FaultKind.__members__.values() else None
