"""What a SAS port has shown of each family: not covered is not zero.

A port has a role and may never report tickets, handpays or play. Two witnesses that agree prove a
family: both ends of a pair were told, or a meter moved as events of the family were told. A meter
that moves again and again without a word, a feature that the machine says it lacks (A0), or a poll
that it does not answer shows that the port does not offer it. All else was seen, or not yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, Literal

from gateway.meaning.exceptions import MEANT
from gateway.meaning.since import remembered
from gateway.meaning.telling import Telling
from protocols.sas.replies import MeterReading

Cover = Literal["proven", "seen", "neverseen", "notoffered"]

SILENT_MAX: Final = 3
"""Stretches between two readings in which a meter moved without a word of its family."""

FAMILIES: Final = tuple(
    sorted({meant.event.partition(".")[0] for meant in MEANT.values() if meant.event})
)
"""Families that a machine may report by exceptions."""

PAIRS: Final[Mapping[str, frozenset[str]]] = {
    "door":    frozenset({"door.opened", "door.closed"}),
    "cashbox": frozenset({"cashbox.removed", "cashbox.installed"}),
    "power":   frozenset({"power.lost", "power.applied"}),
    "lamp":    frozenset({"lamp.on", "lamp.off"}),
    "menu":    frozenset({"menu.entered", "menu.left"}),
    "handpay": frozenset({"handpay.pending", "handpay.reset"}),
}  # fmt: skip
"""Family to the two events that prove it together."""

WITNESSES: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "games_played":              ("game",     frozenset({"game.started", "game.ended"})),
    "bills_accepted_credits":    ("bill",     frozenset({"bill.accepted"})),
    "jackpot":                   ("handpay",  frozenset({"handpay.pending", "handpay.reset"})),
    "ticket_out_credits":        ("ticket",   frozenset({"ticket.printed",
                                                         "ticket.validationrequested"})),
    "electronic_to_egm_credits": ("transfer", frozenset({"transfer.completed",
                                                         "transfer.bonuspaid"})),
}  # fmt: skip
"""Meter to the family that it bears witness of, and the events that tell what it counts."""

COUNTED: Final = frozenset[str]().union(*(events for _, events in WITNESSES.values()))
"""Events that some meter counts as well."""

POLLS: Final[Mapping[str, frozenset[int]]] = {
    "handpay.amountknown": frozenset({0x1B}),
    "bill.identified":     frozenset({0x48}),
    "egm.clockread":       frozenset({0x7E}),
    "meter":               frozenset({0x0F}),
}  # fmt: skip
"""What only polls tell, to the polls without which it is not offered."""

KEYS: Final = (*FAMILIES, *(key for key in POLLS if key not in FAMILIES))

_AFT, _AFT_BONUS, _LEGACY_BONUS = (1, 6), (0, 1), (0, 2)
"""Feature bits of A0: (byte, bit)."""


@remembered
class Witness:
    """One meter as it stood, and what was told since.

    Attributes:
        count: as last read.
        digits: its width.
        breaks: breaks and epochs of the meters then.
        told: events told since.
        silent: stretches in which it moved without a word.
        meter: its name.
    """

    meter: str
    count: int
    digits: int
    breaks: tuple[int, int]
    told: int = 0
    silent: int = 0


@remembered
class Coverage:
    """What was shown of each family.

    Attributes:
        events: event types that were seen, by family.
        proven: what a meter proved.
        silent: what a meter moved without.
        lacking: what the machine says it lacks, or does not answer.
        witnesses: meters that bear witness, by name and width.
        told: coverage as last told.
        news: whether anything may be otherwise than it was last told.
    """

    events: dict[str, list[str]] = field(default_factory=dict)
    proven: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    told: dict[str, Cover] = field(default_factory=dict)
    news: bool = True

    def of(self, key: str) -> tuple[Cover, str]:
        """Return the coverage of a family, and what it rests on."""
        events = set(self.events.get(key, ()))
        if key in self.proven:
            return "proven", "a meter moved as it was told"
        if key in PAIRS and events >= PAIRS[key]:
            return "proven", "both ends were told"
        if events:
            return "seen", "it was reported"
        if key in self.lacking:
            return "notoffered", self.lacking[key]
        if key in self.silent:
            return "notoffered", f"its meter moved {SILENT_MAX} times without a word"
        return "neverseen", ""

    def all(self) -> dict[str, Cover]:
        """Return the coverage of everything."""
        return {key: self.of(key)[0] for key in KEYS}


def told(coverage: Coverage, event: str, *, family: str | None = None) -> None:
    """Take an event that the machine reported, or an answer that stands for ``family``."""
    key = family or event.partition(".")[0]
    known = coverage.events.get(key)
    if known is None:
        known = coverage.events[key] = []
    if event not in known:
        known.append(event)
        coverage.news = True
    if event in COUNTED:
        for witness in coverage.witnesses.values():
            witness.told += event in WITNESSES[witness.meter][1]


def doubt(coverage: Coverage) -> None:
    """Something may have been missed: no meter bears witness across it."""
    coverage.witnesses.clear()


def meters_read(
    coverage: Coverage, readings: Mapping[str, MeterReading], breaks: tuple[int, int]
) -> None:
    """Take a reading of the whole machine: compare what moved with what was told.

    Args:
        coverage: of the EGM.
        readings: the answer, by name of the meter.
        breaks: epoch and breaks of its meters; no meter bears witness across one.
    """
    told(coverage, "meter.read")
    for name, (family, _) in WITNESSES.items():
        one = readings.get(name)
        if one is None:
            continue
        key = f"{one.name}/{one.digits}"
        witness = coverage.witnesses.get(key)
        if witness is None:
            coverage.witnesses[key] = Witness(
                meter=one.name, count=one.value, digits=one.digits, breaks=breaks
            )
            continue
        if witness.breaks == breaks and one.value != witness.count:
            witness.silent = _compared(coverage, family, witness)
            witness.told = 0
        witness.count, witness.breaks = one.value, breaks


def _compared(coverage: Coverage, family: str, before: Witness) -> int:
    if before.told:
        for proven in (family, "meter"):
            if proven not in coverage.proven:
                coverage.proven.append(proven)
                coverage.news = True
        if family in coverage.silent:
            coverage.silent.remove(family)
            coverage.news = True
        return 0
    silent = before.silent + 1
    if silent >= SILENT_MAX and family not in coverage.silent:
        coverage.silent.append(family)
        coverage.news = True
    return silent


def features_read(coverage: Coverage, features: str) -> None:
    """A0 was answered: what the machine says that it cannot do.

    Args:
        coverage: of the EGM.
        features: the four bytes as hex.
    """
    coverage.news = True
    says = bytes.fromhex(features)
    can = {bit for bit in _BITS if len(says) > bit[0] and says[bit[0]] >> bit[1] & 1}
    for family, bits in _FEATURES.items():
        if can & bits:
            coverage.lacking.pop(family, None)
        else:
            coverage.lacking[family] = "the machine says so (A0)"


_FEATURES: Final = {
    "transfer": frozenset({_AFT, _AFT_BONUS, _LEGACY_BONUS}),
}  # fmt: skip
_BITS: Final = frozenset({_AFT, _AFT_BONUS, _LEGACY_BONUS})


def unsupported(coverage: Coverage, commands: frozenset[int]) -> None:
    """It became known which polls the machine does not answer."""
    coverage.news = True
    for key, needed in POLLS.items():
        if needed & commands:
            coverage.lacking[key] = "it does not answer " + ", ".join(
                f"{command:02X}" for command in sorted(needed & commands)
            )
        else:
            coverage.lacking.pop(key, None)


def changed(coverage: Coverage, telling: Telling) -> None:
    """Tell what is known otherwise than it was last told; nothing before the machine was told."""
    if not coverage.news or not coverage.told:
        return
    coverage.news = False
    for key in KEYS:
        now, evidence = coverage.of(key)
        before = coverage.told.get(key, "neverseen")
        if now != before:
            coverage.told[key] = now
            data = {"family": key, "before": before, "after": now, "evidence": evidence}
            telling.follow("egm.coveragechanged", data)
