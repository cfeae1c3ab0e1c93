"""The floor bank by bank: one row a bank, a mark an EGM in the order in which they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.console.columns import Column
from gateway.console.floor import RANK, WELL
from gateway.console.lists import STATE_TONES
from gateway.console.sight import Said, Sight, Tone
from gateway.console.view import by_location, natural
from gateway.status.model import EgmStatus, EgmWord

NO_BANK = "(none)"
"""Name of the row of EGMs that the site file gives no bank."""


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank.

    Attributes:
        name: of the site file, or ``NO_BANK``.
        zone: the zone of its first EGM.
        egms: its EGMs, in the order in which they stand.
    """

    name: str
    zone: str
    egms: tuple[EgmStatus, ...]

    @property
    def worst(self) -> EgmWord:
        """The worst state in the bank."""
        return min((egm.state for egm in self.egms), key=RANK.__getitem__)

    @property
    def well(self) -> bool:
        """Whether nobody needs to go there."""
        return self.worst in WELL

    def words(self) -> str:
        """Count what needs somebody, worst first, then who plays: ``1 tilt, 1 lamp, 3 in play``."""
        counts = Counter(egm.state for egm in self.egms)
        told = [word for word in EgmWord if counts[word] and word is not EgmWord.IDLE]
        return ", ".join(f"{counts[word]} {word}" for word in told) or "all idle"


def banks(egms: Iterable[EgmStatus], *, worst_first: bool) -> list[Bank]:
    """Return the banks of a floor, by their worst state or by name."""
    standing: dict[str, list[EgmStatus]] = {}
    for egm in egms:
        standing.setdefault(egm.bank or NO_BANK, []).append(egm)
    found = [
        Bank(name, there[0].zone, tuple(sorted(there, key=by_location)))
        for name, there in standing.items()
    ]
    if worst_first:
        return sorted(found, key=lambda bank: (RANK[bank.worst], natural(bank.name)))
    return sorted(found, key=lambda bank: natural(bank.name))


def bank_columns(longest: int) -> tuple[Column[Bank], ...]:
    """Return the columns of the map; ``longest`` is the number of EGMs of the largest bank."""
    return (
        Column("bank", 8, lambda bank, _s, _w: Said(bank.name)),
        Column("zone", 10, lambda bank, _s, _w: Said(bank.zone), from_width=70),
        Column("EGMs", 4, lambda bank, _s, _w: Said(str(len(bank.egms))), right=True),
        Column("as they stand", max(13, min(longest, 40)), _marks),
        Column("what", 20, _what, grow=1),
    )


def _marks(bank: Bank, sight: Sight, _width: int) -> Said:
    states = (EgmWord.UNKNOWN if sight.stale else egm.state for egm in bank.egms)
    tone = Tone.PLAIN if bank.well else STATE_TONES[bank.worst]
    return Said("".join(map(sight.glyphs.state, states)), tone)


def _what(bank: Bank, _sight: Sight, _width: int) -> Said:
    return Said(bank.words(), Tone.QUIET if bank.well else STATE_TONES[bank.worst])
