"""Why a meter fell: rollover, RAM clear, a zeroed meter, a step back, or nobody can say.

A counter only grows. Where a reading is lower than the one before it, the rules below choose by
what the other meters of the same answer did, how far each meter can have come since, and what
the machine reported in between. Where more than one explanation fits, the verdict is
``undecided``: a wrong verdict would move money in somebody's books.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.meaning.exceptions import BILL_RESET, SOFT_RESET

Kind = Literal["rolledover", "zeroed", "regressed", "undecided", "cleared"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a meter of one unit can come.

    Attributes:
        rate: steps a second at the liveliest play.
        burst: steps that may come at once (a jackpot, a full cashbox).
    """

    rate: int
    burst: int

    def reach(self, elapsed_s: float) -> int:
        """Return the steps that ``elapsed_s`` may bring."""
        return self.burst + int(self.rate * elapsed_s)


PACES: Final[Mapping[str, Pace]] = {
    "credits":  Pace(rate=500, burst=250_000),
    "cents":    Pace(rate=5_000, burst=2_500_000),
    "count":    Pace(rate=2, burst=40),
    "currency": Pace(rate=100, burst=5_000),
}  # fmt: skip
"""By unit. Two games a second at 250 credits; a burst of 2,500 currency units at one cent."""

_TOP_SHARE: Final = 4
"""A rollover is believed only if it needs at most a quarter of the meter's width."""


@dataclass(frozen=True, slots=True)
class Step:
    """One counter in two readings.

    Attributes:
        name: key of the meter.
        before: count in the earlier reading.
        after: count in the later one.
        digits: width of both.
        unit: ``credits``, ``cents``, ``count`` or ``currency``.
        elapsed_s: seconds between them.
    """

    name: str
    before: int
    after: int
    digits: int
    unit: str
    elapsed_s: float

    @property
    def fell(self) -> bool:
        """Whether the later count is lower."""
        return self.after < self.before

    @property
    def increase(self) -> int:
        """Steps from one to the other if the meter only ever grew."""
        return (self.after - self.before) % int(10**self.digits)

    @property
    def reach(self) -> int:
        """Steps that it can have come at most."""
        width = int(10**self.digits)
        return min(PACES[self.unit].reach(self.elapsed_s), width // _TOP_SHARE)

    @property
    def may_have_rolled(self) -> bool:
        """Whether it was so near its top that it can have gone over."""
        return self.increase <= self.reach

    @property
    def may_be_new(self) -> bool:
        """Whether it can have come from zero."""
        return self.after <= self.reach

    @property
    def stands(self) -> bool:
        """Whether it went on from a count that a machine started anew could not have reached."""
        regrown = int(PACES[self.unit].rate * self.elapsed_s)
        return not self.fell and self.before > regrown


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened to one meter, or to all of them.

    Attributes:
        kind: ``cleared`` is about all meters of the EGM and comes alone.
        step: the meter; None for ``cleared``.
        evidence: what the verdict rests on, in words.
    """

    kind: Kind
    step: Step | None
    evidence: tuple[str, ...]


def judge(steps: Sequence[Step], heard: Sequence[str]) -> tuple[Verdict, ...]:
    """Say why meters fell.

    Args:
        steps: every counter of one answer that was read before.
        heard: evidence that the machine reported since the earlier reading
            (``gateway.meaning.exceptions``).

    Returns:
        One verdict for each meter that fell, or a single ``cleared``; nothing if none fell.
    """
    fallen = [step for step in steps if step.fell]
    if not fallen:
        return ()
    standing = any(step.stands for step in steps)
    counts = f"{len(fallen)} of {len(steps)} meters fell"
    together = len(fallen) > 1 and not standing and all(step.may_be_new for step in fallen)
    if together and not all(step.may_have_rolled for step in fallen):
        return (Verdict("cleared", None, (counts, *heard)),)
    verdicts = tuple(_alone(step, counts, heard, standing=standing) for step in fallen)
    return next(((one,) for one in verdicts if one.kind == "cleared"), verdicts)


def _alone(step: Step, counts: str, heard: Sequence[str], *, standing: bool) -> Verdict:
    zeroing = SOFT_RESET in heard or BILL_RESET in heard
    why = (counts, *(("others went on",) if standing else ()), *heard)
    if step.may_have_rolled:
        explained = zeroing or (heard and not standing)
        return Verdict("undecided" if explained else "rolledover", step, (*why, "near its top"))
    if not step.may_be_new:
        return Verdict("regressed", step, why)
    why = (*why, "near zero")
    if zeroing or standing:
        # Others went on, so memory was kept; a count above zero was not set anew but went back.
        return Verdict("zeroed" if zeroing or step.after == 0 else "regressed", step, why)
    if heard:
        return Verdict("cleared", None, why)
    return Verdict("undecided", step, why)
