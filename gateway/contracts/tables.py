"""What stands beside the catalogue: who owns an event, whom it names, what G2S calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.contracts.entry import Pii
from gateway.events.streams import StreamRow

OWNER_OF_STREAM: Final[Mapping[str, str]] = {
    "SLOT_PLAY": "slot operations",
    "SLOT_SIGNIFICANT": "slot technical",
    "SLOT_MONEY": "revenue audit",
    "SLOT_METERS": "revenue audit",
    "SLOT_LINK": "gateway operations",
    "SLOT_CARD": "player services",
    "FLOOR": "slot operations",
}
"""Who answers for the events of a stream, where the family has no row of its own."""

OWNER_OF_FAMILY: Final[Mapping[str, str]] = {
    "door": "surveillance",
    "cashbox": "surveillance",
    "handpay": "cage",
    "progressive": "slot operations",
    "integrity": "compliance",
    "lamp": "slot operations",
    "dispatch": "slot operations",
    "loyalty": "player services",
    "surveillance": "surveillance",
    "inbound": "revenue audit",
}

_PSEUDONYMS: Final = frozenset({"card", "cards", "player"})
_STAFF: Final = frozenset(
    {"person", "said_by", "by", "employee", "attendant", "technician", "witness"}
)

# (event, a word in its data or "" for all): G2S codes, as public EGM code has them
G2S: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("door.opened", "slot"): ("CBE307",),
    ("door.opened", "cardcage"): ("CBE303",),
    ("door.opened", "cashbox"): ("NAE112",),
    ("door.opened", "belly"): ("CBE305",),
    ("door.poweroffaccess", "cardcage"): ("CBE317",),
    ("door.poweroffaccess", "slot"): ("CBE319",),
    ("door.poweroffaccess", "cashbox"): ("NAE118",),
    ("door.poweroffaccess", "drop"): ("CBE318",),
    ("bill.rejected", ""): ("NAE9xx",),
    ("bill.accepted", ""): ("NAE1xx",),
    ("tilt.raised", "billjam"): ("NAE9xx",),
    ("tilt.raised", "billacceptorhardware"): ("NAE9xx",),
    ("tilt.raised", "reversebill"): ("NAE9xx",),
    ("tilt.raised", "printerpaperlow"): ("PTE206",),
    ("integrity.memoryerror", ""): ("CBE311",),
    ("integrity.batterylow", ""): ("CBE323",),
    ("lamp.on", ""): ("CBE301",),
    ("game.started", ""): ("GPE1xx",),
    ("game.ended", ""): ("GPE1xx",),
    ("game.selected", ""): ("GPE1xx",),
}
"""A pattern such as ``NAE9xx`` names a family of codes."""


def owner_of(family: str, stream: StreamRow | None) -> str:
    """Return who in the casino answers for what a family's events mean."""
    if family in OWNER_OF_FAMILY:
        return OWNER_OF_FAMILY[family]
    return OWNER_OF_STREAM[stream.name] if stream else "gateway operations"


def g2s_of(name: str) -> tuple[str, ...]:
    """Return the G2S codes of an event, each with the word it stands for."""
    return tuple(
        f"{code} ({word})" if word else code
        for (event, word), codes in G2S.items()
        if event == name
        for code in codes
    )


def pii_of(schema: Mapping[str, Any], stream: StreamRow | None) -> Pii:
    """Return what a message says about people: from the names of its fields and its stream."""
    names = set(_names(schema))
    if names & _PSEUDONYMS or (stream is not None and stream.keeps == "restricted"):
        return "pseudonym"
    return "staff" if names & _STAFF else "none"


def _names(schema: Mapping[str, Any]) -> Iterable[str]:
    for name, one in schema.get("properties", {}).items():
        yield name
        yield from _names(one)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _names(schema[key])
