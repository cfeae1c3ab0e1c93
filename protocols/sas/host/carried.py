"""Whether a line has carried anything since a moment: what acknowledges must have been heard.

A poll to another EGM acknowledges an exception only if the wire was whole. When EGMs that should
answer are silent and nobody answers, the polls in between may not have reached anybody, and the
next equal exception may be the same one again (P3).
"""

from __future__ import annotations

from dataclasses import dataclass

Moment = tuple[int, int]
"""Answers heard and answers missed until then."""


@dataclass(slots=True)
class Carried:
    """Counts of one line.

    Attributes:
        answers: good answers of whichever EGM.
        missed: polls, repeats included, that an EGM with a live link did not answer well.
    """

    answers: int = 0
    missed: int = 0

    @property
    def moment(self) -> Moment:
        """The counts now."""
        return self.answers, self.missed

    def dead_since(self, moment: Moment) -> bool:
        """Say whether answers were missed since ``moment`` and none was heard."""
        return self.answers == moment[0] and self.missed > moment[1]
