"""How late we send a line's polls: a figure, and a word when it is much (never a gap).

A poll may leave later than its pace because machines before it answered late or not at all: that is
the line's time, not ours. Ours is what passes while the line waits for nobody but us: the loop, the
computer, the disk that an answer waits for. Only that is called late; but readings at their pace
are left out in both cases, so that what is left of the line's time goes to events.
"""

from __future__ import annotations

import logging

from edge_config.line_time import poll_period_s
from edge_config.site import LineInfo
from gateway.status.spread import Spread

log = logging.getLogger(__name__)

LATE_S = 1.0
"""A poll that leaves so much later than its pace allows makes its line late, or behind."""
LATE_OVER_S = 10.0
"""That is over once no poll was so late for so long."""


class _Lasting:
    """Something that holds until it was not seen for ``LATE_OVER_S``."""

    def __init__(self) -> None:
        self.holds = False
        self._until = 0.0

    def look(self, now: float, *, seen: bool) -> bool:
        """Take one look; return whether it begins or ends with it."""
        before = self.holds
        if seen:
            self.holds, self._until = True, now + LATE_OVER_S
        elif now >= self._until:
            self.holds = False
        return self.holds is not before


class Lateness:
    """Watches one line.

    Args:
        info: the site's row of the line.
        egms: EGMs on it; many share a cycle longer than the poll interval, which is not late.

    Attributes:
        spread: how late polls left by our doing, counted.
    """

    def __init__(self, info: LineInfo, egms: int) -> None:
        self.spread = Spread()
        self._late = _Lasting()
        self._behind = _Lasting()
        self._name = info.name
        self._slack_s = poll_period_s(egms, info.poll_interval_s) - info.poll_interval_s
        self._free_at = 0.0
        self._ours_s = 0.0
        self._ours_before: dict[int, float] = {}

    @property
    def late(self) -> bool:
        """Whether we are late."""
        return self._late.holds

    @property
    def behind(self) -> bool:
        """Whether the line does not keep its pace, whoever is to blame: readings are left out."""
        return self._behind.holds

    def free(self, at: float) -> None:
        """From ``at`` on the line waits for nobody but us: an answer came, or its time was up."""
        self._free_at = at

    def sent(self, now: float) -> None:
        """Take a poll that leaves ``now``, whichever."""
        self._ours_s += max(0.0, now - self._free_at)
        self._free_at = now

    def note(self, now: float, address: int, due: float, *, live: bool) -> None:
        """Take a poll to an EGM, after ``sent``.

        Args:
            now: when it leaves.
            address: of the EGM.
            due: when it was due.
            live: whether the EGM answers.
        """
        ours_s = self._ours_s - self._ours_before.get(address, 0.0)
        self._ours_before[address] = self._ours_s
        behind_s = now - due - self._slack_s
        late_s = min(behind_s, ours_s)
        self.spread.note(late_s)
        if behind_s < LATE_S and not (self._late.holds or self._behind.holds):
            return
        begins_or_ends = self._late.look(now, seen=live and late_s >= LATE_S)
        if self._behind.look(now, seen=live and behind_s >= LATE_S) and not self.late:
            words = "slowed down by machines that do not answer" if self.behind else "at its pace"
            log.info("line %s is %s", self._name, words)
        if begins_or_ends and self.late:
            log.warning(
                "line %s: a poll left %.1f s late; readings at their pace are left out until "
                "it keeps its time. Is this computer or its disk overloaded?",
                self._name,
                late_s,
            )
        elif begins_or_ends:
            log.warning("line %s keeps its time again", self._name)
