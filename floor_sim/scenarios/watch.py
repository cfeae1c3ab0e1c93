"""One thing that must be seen, or must not: when it is looked for, and what it has come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from floor_sim.scenarios.evidence import Item
from floor_sim.scenarios.file import Step


class State(Enum):
    """How far it is."""

    NOT_YET = "what happens before it has not happened"
    LOOKING = "looked for"
    MET = "seen"
    OVERDUE = "not seen in time"
    BLOCKED = "cannot come about"


@dataclass(slots=True)
class Watch:
    """A step that must be seen.

    Attributes:
        number: its place in the file, from 0.
        step: the step.
        began: moment from which it is looked for, or None.
        done: moment from which its time is counted, or None while what happens goes on.
        hits: what has been seen of it, in order.
        surplus: what was seen beyond what it wants.
        agreed: account: moment at which the accounts agreed, or None.
        blocked: why it cannot come about, or nothing.
    """

    number: int
    step: Step
    began: float | None = None
    done: float | None = None
    hits: list[Item] = field(default_factory=list)
    surplus: list[Item] = field(default_factory=list)
    agreed: float | None = None
    blocked: str = ""

    @property
    def deadline(self) -> float | None:
        """Moment by which it must be seen, or None while that is open."""
        if self.done is None:
            return None
        waits = not self.step.never or "within_s" in self.step.model_fields_set
        return self.done + (self.step.within_s if waits else 0.0)

    @property
    def needs(self) -> int:
        """How often it must be seen."""
        return 0 if self.step.never else self.step.at_least or self.step.times

    def takes(self, at: float) -> bool:
        """Say whether something that was seen at ``at`` may count."""
        return self.began is not None and at >= self.began and not self.blocked

    def state(self, now: float) -> State:
        """Say how far it is."""
        if self.blocked:
            return State.BLOCKED
        if self.began is None:
            return State.NOT_YET
        deadline = self.deadline
        if self.step.account is not None:
            if self.agreed is not None:
                return State.MET
        elif self.step.never:
            return State.OVERDUE if self.surplus else self._quiet(now, deadline)
        elif len(self.hits) >= self.needs:
            late = deadline is not None and self.hits[self.needs - 1].at > deadline
            return State.OVERDUE if late else State.MET
        return State.OVERDUE if deadline is not None and now > deadline else State.LOOKING

    @staticmethod
    def _quiet(now: float, deadline: float | None) -> State:
        """Return the state of what must not be seen and was not."""
        return State.MET if deadline is not None and now > deadline else State.LOOKING
