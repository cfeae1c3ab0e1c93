"""What a scenario came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """PASS: all was seen. FAIL: something was not. BLOCKED: it could not come about."""

    PASS = "PASS"  # noqa: S105 - no secret
    FAIL = "FAIL"
    BLOCKED = "BLOCKED"


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return FAIL if one failed, else BLOCKED if one was blocked, else PASS."""
    for one in (Verdict.FAIL, Verdict.BLOCKED):
        if one in verdicts:
            return one
    return Verdict.PASS


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step came to.

    Attributes:
        number: its place in the file, 1 for the first.
        verdict: PASS, FAIL or BLOCKED.
        says: what happened or was expected, in one line.
        why: what was seen instead, or why it was blocked; lines for people.
        at_s: seconds from the beginning of the scenario, or None.
    """

    number: int
    verdict: Verdict
    says: str
    why: tuple[str, ...] = ()
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a scenario came to.

    Attributes:
        name: its name.
        title: what it shows.
        path: its file.
        seconds: how long it took on the floor's clock.
        steps: what its steps came to.
        wire: what passed on its lines around the first failure, a line each.
    """

    name: str
    title: str
    path: str
    seconds: float
    steps: tuple[StepResult, ...]
    wire: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What it came to all told."""
        return worst([step.verdict for step in self.steps])

    @property
    def wrong(self) -> tuple[StepResult, ...]:
        """Steps that say why it is no PASS: of that verdict, in order."""
        return tuple(step for step in self.steps if step.verdict is self.verdict)
