"""What came of many stretches of meters: outcomes, and the confusion matrix of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

VERDICTS = ("went on", "rolled over", "new epoch", "zeroed", "went back", "invalid", "undecided")
RIGHT = {
    "went on": "went on",
    "rolled over": "rolled over",
    "RAM clear": "new epoch",
    "denomination": "new epoch",
    "zeroed": "zeroed",
    "went back": "went back",
    "impossible rise": "invalid",
    "other width": "invalid",
    "narrower than sent": "invalid",
    "round unseen": "undecided",
}
"""What was done to the verdict that is right; nobody can know that a meter went round unseen."""


@dataclass(frozen=True)
class Outcome:
    """One stretch between two rounds of readings.

    Attributes:
        seed: of the life.
        label: what was done.
        told: the right verdict, ``undecided``, or what was told instead.
        words: for a person who looks at it.
        power: power was lost in it.
        late: readings were missed in it.
        digits: of the machine's meters.
    """

    seed: int
    label: str
    told: str
    words: str
    power: bool
    late: bool
    digits: int


@dataclass
class Score:
    """What came of many stretches.

    Attributes:
        outcomes: one a stretch.
        totals: running totals that were held to the truth.
        wrong_totals: those that were not so, in words.
        false_breaches: of the meters' algebra, by machines whose meters nobody touched, in words.
        resets: resets before which nobody opened the logic door.
        alerts: those of them that had no alert, in words.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    totals: int = 0
    wrong_totals: list[str] = field(default_factory=list)
    false_breaches: list[str] = field(default_factory=list)
    resets: int = 0
    alerts: list[str] = field(default_factory=list)

    def matrix(self) -> Counter[tuple[str, str]]:
        """Return how often what was told of what was done."""
        return Counter((one.label, one.told) for one in self.outcomes)

    @property
    def eventful(self) -> list[Outcome]:
        """Stretches in which something was done to the meters."""
        return [one for one in self.outcomes if one.label != "went on"]

    @property
    def wrong(self) -> list[Outcome]:
        """Stretches of which something was told that is not so, or not told."""
        return [one for one in self.outcomes if one.told not in {RIGHT[one.label], "undecided"}]

    @property
    def undecided(self) -> list[Outcome]:
        """Stretches of which nothing certain was told, though somebody beside knows."""
        return [
            one for one in self.outcomes
            if one.told == "undecided" and RIGHT[one.label] != "undecided"
        ]  # fmt: skip
