"""How late the polls of a line leave: a figure, and a word when it is much (never a gap)."""

from __future__ import annotations

import logging

from edge_config.line_time import poll_period_s
from edge_config.site import LineInfo
from gateway.status.spread import Spread

log = logging.getLogger(__name__)

LATE_S = 1.0
"""A poll that leaves so much later than its pace allows makes its line late."""
LATE_OVER_S = 10.0
"""A line is late no more once no poll was for so long."""


class Lateness:
    """Watches one line.

    Args:
        info: the site's row of the line.
        egms: EGMs on it; many share a cycle longer than the poll interval, which is not late.

    Attributes:
        spread: how late polls left, counted.
        late: whether the line is late: then long polls that nothing depends on are shed.
    """

    def __init__(self, info: LineInfo, egms: int) -> None:
        self.spread = Spread()
        self.late = False
        self._name = info.name
        self._slack_s = poll_period_s(egms, info.poll_interval_s) - info.poll_interval_s
        self._until = 0.0

    def note(self, now: float, due: float, *, live: bool) -> None:
        """Take a poll that leaves ``now`` and was due at ``due``; ``live`` if its EGM answers."""
        late_s = now - due - self._slack_s
        self.spread.note(late_s)
        if live and late_s >= LATE_S:
            self._until = now + LATE_OVER_S
            if not self.late:
                self.late = True
                log.warning(
                    "line %s: a poll left %.1f s late; readings at their pace are left out until "
                    "it keeps its time. Is this computer, its disk or the line overloaded?",
                    self._name,
                    late_s,
                )
        elif self.late and now >= self._until:
            self.late = False
            log.warning("line %s keeps its time again", self._name)
