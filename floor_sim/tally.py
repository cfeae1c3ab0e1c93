"""Counts what happens on a floor, instead of writing it down: for long runs in virtual time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

BILLS: Final = {*range(0x47, 0x51)}
CANCELLED: Final = "80"


class Tally:
    """A journal that keeps figures and no records; nothing can be started again from it.

    Attributes:
        counts: by what happened; exceptions by their code, such as ``11``.
        games: games that were played.
        handpays: by kind: win, progressive, cancelled; and taxable: wins of 1,200.00 or more.
        refused_tickets: tickets that went back to the guest.
    """

    remembers = False

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.games = 0
        self.handpays: Counter[str] = Counter()
        self.refused_tickets = 0
        self._n = 0

    @property
    def next_n(self) -> int:
        """Number that the next record will get."""
        return self._n + 1

    def write(self, records: Sequence[Mapping[str, Any]], now: float) -> None:
        """Count ``records``."""
        del now
        self._n += len(records)
        for record in records:
            what = record["what"]
            if what == "exception":
                self._exception(record)
            else:
                self.counts[what] += 1
                if what == "games":
                    self.games += record["games"]
                elif what == "game":
                    self.games += record["text"] == "game ended"

    def count(self, *codes: int) -> int:
        """Return how often exceptions were raised."""
        return sum(self.counts[f"{code:02X}"] for code in codes)

    def _exception(self, record: Mapping[str, Any]) -> None:
        code = record["code"]
        if record.get("repeat"):
            self.counts["repeat"] += 1
            return
        self.counts[code] += 1
        if code == "7F":
            self.games += 1
        elif code == "51":
            self._handpay(record)
        elif code == "68" and int(record["status"], 16) > 2:
            self.refused_tickets += 1

    def _handpay(self, record: Mapping[str, Any]) -> None:
        level = record.get("level", "00")
        if level == CANCELLED:
            self.handpays["cancelled"] += 1
            return
        self.handpays["progressive" if 1 <= int(level, 16) <= 0x20 else "win"] += 1
        self.handpays["taxable"] += record.get("cents", 0) >= 120_000
