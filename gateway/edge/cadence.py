"""Readings at their pace, and how long it takes until an EGM is asked again."""

from __future__ import annotations

from collections.abc import Iterable

from edge_config.site import LineInfo

CREDITS_INTERVAL_S = 5.0  # how often current credits are read for the console
FULL_EVERY = 10  # meter readings between two full ones


class Cadence:
    """When which reading of the EGMs of one line is due; spread over the EGMs at the start.

    Args:
        info: the site's row of the line.
        addresses: the EGMs on it.
        now: the present, seconds.

    Attributes:
        cycle_s: seconds between the last two polls of one EGM, or None before the second.
    """

    def __init__(self, info: LineInfo, addresses: Iterable[int], now: float) -> None:
        self.cycle_s: float | None = None
        self._every_s = {
            "meters": info.meter_interval_s,
            "credits": CREDITS_INTERVAL_S,
            "full": FULL_EVERY * info.meter_interval_s,
        }
        self._last_asked: dict[int, float] = {}
        self._due: dict[int, dict[str, float]] = {}
        listed = list(addresses)
        for place, address in enumerate(listed):
            share = place / len(listed)
            self._due[address] = {
                what: now + every_s * (share if what == "full" else 0.2 + share)
                for what, every_s in self._every_s.items()
            }
        self._next = {address: min(due.values()) for address, due in self._due.items()}

    def asked(self, address: int, at: float) -> None:
        """Take a poll to an EGM that is over."""
        before = self._last_asked.get(address)
        self._last_asked[address] = at
        if before is not None:
            self.cycle_s = at - before

    def put_off(self, until: float) -> None:
        """Let no reading be due before ``until``."""
        self._next = dict.fromkeys(self._next, until)

    def due(self, address: int, now: float) -> list[str]:
        """Return which readings of an EGM are due; each is then due again after its interval."""
        if now < self._next[address]:
            return []
        due = self._due[address]
        found = [what for what, at in due.items() if now >= at]
        for what in found:
            due[what] = now + self._every_s[what]
        self._next[address] = min(due.values())
        return found
