"""How long the EGMs of a line take to answer a general poll: the slow show before the silent.

Only answers of one byte count: readings are as long as they are, and would make the machine slow
that has the most meters. What our own computer adds is in all figures of a line alike. A
listener has none: two receive ports share no clock.
"""

from __future__ import annotations

from typing import Final

from protocols.sas.host.steps import Turn

WEIGHT: Final = 1 / 16
"""Of the newest answer in the mean: at 200 ms a poll the last three or four seconds count."""


class AnswerTimes:
    """The mean answer time of each EGM on one line, the newest answers the most."""

    def __init__(self) -> None:
        self._mean_s: dict[int, float] = {}

    def came(self, turn: Turn) -> None:
        """Take what came of a poll."""
        if len(turn.poll) == 1 and turn.reply is not None and len(turn.reply.raw) == 1:
            self.took(turn.address, turn.heard_at - turn.asked_at)

    def took(self, address: int, took_s: float) -> None:
        """Take an answer of one byte that was complete ``took_s`` seconds after its poll left."""
        before_s = self._mean_s.get(address, took_s)
        self._mean_s[address] = before_s + WEIGHT * (took_s - before_s)

    def mean_ms(self, address: int) -> int | None:
        """Return the mean in milliseconds, or None before the first answer."""
        mean_s = self._mean_s.get(address)
        return None if mean_s is None else round(mean_s * 1000)
