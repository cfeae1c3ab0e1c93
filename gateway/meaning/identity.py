"""Which machine answers: identity as read, and what it means when it reads otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pydantic import Field

from gateway.events.shapes import money
from gateway.meaning.result import ReadWish
from gateway.meaning.since import Remembered, Since
from gateway.meaning.telling import Telling
from protocols.sas.tables import DENOMINATIONS

POLLS: Final[Mapping[int, Mapping[str, str]]] = {
    0x1F: {"game_id": "game_id", "additional_id": "additional_id", "paytable": "paytable",
           "base_percent": "base_percent"},
    0x51: {"games": "games"},
    0x54: {"version": "sas_version", "serial": "serial"},
    0xA0: {"features": "features"},
}  # fmt: skip
"""Command to the fields of its answer and what they are called in events."""

GAME: Final = 0x1F
"""Command that reads game, denomination and payback."""

KEY_OFF_BIT: Final = 5
"""Bit of the second feature byte of A0: exception 5A is told."""

ANEW: Final = (ReadWish("identity", "swapped"), ReadWish("meters", "swapped"))

BIRTH_WAITS_S: Final = 20.0
"""Seconds after link up in which identity may still come; later a machine is told without it."""


class Known(Remembered):
    """What is known of who answers.

    Attributes:
        fields: identity as last read.
        denomination: worth of one credit as read from 1F, a decimal string, or None.
        asked: commands that were answered since the link came up.
        linked: when the link came up, or None while it is down.
        born_in: start of the gateway in which ``egm.born`` was told, or None.
    """

    fields: dict[str, str | int] = Field(default_factory=dict)
    denomination: str | None = None
    asked: list[int] = Field(default_factory=list)
    linked: Since | None = None
    born_in: str | None = None

    def worth(self, telling: Telling) -> Decimal | None:
        """Return the worth of one credit: as read, else as the site file has it."""
        if self.denomination is not None:
            return Decimal(self.denomination)
        return telling.egm.denomination

    @property
    def tells_key_off(self) -> bool:
        """Whether the machine says (A0) that it tells a jackpot that is keyed off to itself."""
        features = str(self.fields.get("features", ""))
        return len(features) >= 4 and bool(int(features[2:4], 16) >> KEY_OFF_BIT & 1)

    def told(self, telling: Telling) -> dict[str, object]:
        """Return the identity as event data."""
        data: dict[str, object] = dict(self.fields)
        if self.denomination is not None:
            data["denomination"] = money(Decimal(self.denomination), telling.egm.currency)
        return data


def read(known: Known, command: int, values: Mapping[str, object], telling: Telling) -> bool:
    """Take an answer to 1F, 51, 54 or A0; tell what differs from the answer before.

    Returns:
        Whether another machine answers: another serial number, or another game where there is no
        serial number to go by.
    """
    if command not in known.asked:
        known.asked.append(command)
    fresh = {told: _plain(values[name]) for name, told in POLLS[command].items() if name in values}
    fresh = {name: value for name, value in fresh.items() if value != ""}
    worth = _worth(values) if command == GAME else None
    changed = [name for name, value in fresh.items() if known.fields.get(name, value) != value]
    if worth is not None and known.denomination not in (None, worth):
        changed.append("denomination")
    swapped = "serial" in changed or ("game_id" in changed and "serial" not in known.fields)
    before = known.told(telling) if changed else {}
    if swapped:  # nothing that was read from the machine before is true of this one
        known.fields, known.denomination, known.asked = {}, None, [command]
        known.born_in = None
    known.fields.update(fresh)
    known.denomination = worth or known.denomination
    if not changed:
        return False
    data = {"before": before, "after": known.told(telling), "changed": changed}
    if swapped:
        telling.main("egm.swapped", data)
        telling.wish(ANEW)
        return True
    telling.main("integrity.optionschanged", {"what": "identity", **data})
    return False


def may_be_born(known: Known, telling: Telling) -> bool:
    """Return whether the machine can be told: linked, not told yet, identity in or overdue."""
    if known.linked is None or known.born_in == telling.egm.birthid:
        return False
    if GAME in known.asked and 0x54 in known.asked:
        return True
    return (telling.seconds_since(known.linked) or 0.0) >= BIRTH_WAITS_S


def _worth(values: Mapping[str, object]) -> str | None:
    code = values.get("denomination_code")
    worth = DENOMINATIONS.get(code) if isinstance(code, int) else None
    return None if worth is None else str(worth)


def _plain(value: object) -> str | int:
    if isinstance(value, int):
        return value
    if isinstance(value, list | tuple):
        return "".join(f"{part:02x}" for part in value)
    return "".join(letter if letter.isprintable() else "?" for letter in str(value)).strip()
