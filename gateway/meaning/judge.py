"""Why a meter fell: rollover, RAM clear, a zeroed meter, a step back, or nobody can say.

A counter only grows. Where a reading is lower than the one before it, the rules below choose by
what the other meters of the same answer did, how far each meter can have come since
(``gateway.meaning.pace``), and what the machine reported in between. Where more than one
explanation fits, the verdict is ``undecided``: a wrong verdict would move money in somebody's
books.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from gateway.meaning.exceptions import (
    BILL_RESET,
    GAP,
    LINK_DOWN,
    LOGIC_DOOR,
    MEMORY,
    MEMORY_RESET,
    SOFT_RESET,
)
from gateway.meaning.pace import BY_HAND, JUMP_FACTOR, PLAY_METERS, pace_of, reach

Kind = Literal["rolledover", "zeroed", "regressed", "undecided", "invalid", "cleared"]

STRONG: Final = frozenset({LOGIC_DOOR, SOFT_RESET, MEMORY, MEMORY_RESET})
"""Evidence that a machine's memory may have been cleared; a power cut keeps it."""

RESETS: Final = STRONG | {BILL_RESET, GAP, LINK_DOWN}
"""What must not have been heard where a meter that counts low is to have gone back: one may have
been set to zero, or may have been without a word."""

ENOUGH: Final = 2
"""Meters of the whole machine that an answer must have to be judged by itself."""

_SEEM_BEFORE: Final = 100
_SEEM_SHARE: Final = 50
_THREE_SEEM_SHARE: Final = 10
"""A count that is 2 % higher at most hardly came there from zero; two of them did not, nor three
that are 10 % higher at most."""

_WIDTH_DIGITS: Final = range(4, 18)
_WIDTH_SHARE: Final = 50
_WENT_SHARE: Final = 20
"""A count within 2 % below a power of ten that came no further than 5 % beyond it may have been at
the top of a narrower meter."""

_TOP_SHARE: Final = 500
"""Two counts in a thousand stand so near their top by chance when somebody sets them to zero."""

_FAR_SHARE: Final = 4
"""A rollover that takes more than a quarter of a width may be a step back as well."""

_SLIGHT_PERCENT: Final = 90
"""A count that is still so much of what it was did not begin at zero to come just there."""


_WIDTHS: Final[tuple[int, ...]] = tuple(10**digits for digits in range(100))
"""Steps of a meter by its digits; 99 is more than any size byte can say."""


@dataclass(slots=True)
class Step:
    """One counter in two readings; only ``bound`` is set later.

    Attributes:
        name: key of the meter: its name up to the slash.
        before: count in the earlier reading.
        after: count in the later one.
        digits: width of both.
        unit: ``credits``, ``cents``, ``count`` or ``currency``.
        elapsed_s: seconds between them.
        worth: of one credit, or None if not known.
        bound: steps that a meter of which it is a part has come since, or None if not known.
    """

    name: str
    before: int
    after: int
    digits: int
    unit: str
    elapsed_s: float
    worth: Decimal | None = None
    bound: int | None = None
    _reach: int = field(default=-1, init=False, repr=False, compare=False)

    @property
    def meter(self) -> str:
        """Name of the meter."""
        return self.name.partition("/")[0]

    @property
    def fell(self) -> bool:
        """Whether the later count is lower."""
        return self.after < self.before

    @property
    def width(self) -> int:
        """Steps after which it is where it was."""
        return _WIDTHS[self.digits]

    @property
    def increase(self) -> int:
        """Steps from one to the other if the meter only ever grew, and went round once at most."""
        return (self.after - self.before) % self.width

    @property
    def reach(self) -> int:
        """Steps that it can have come at most."""
        if self._reach < 0:
            self._reach = reach(self.meter, self.unit, self.worth, self.elapsed_s)
        return self._reach

    @property
    def may_have_gone_on(self) -> bool:
        """Whether it can have come where it is, over its top if it fell."""
        return self.increase <= self.reach

    @property
    def at_its_top(self) -> bool:
        """Whether it was so near its top that it would be strange if it had been set to zero."""
        return self.increase * _TOP_SHARE <= self.width

    @property
    def may_have_gone_round(self) -> bool:
        """Whether it can have gone round once more than it looks."""
        increase = self.increase
        if not increase or (self.bound is not None and self.bound < increase + self.width):
            return False
        return increase + self.width <= self.reach

    @property
    def may_be_new(self) -> bool:
        """Whether it can have come from zero."""
        return self.after <= self.reach

    @property
    def stands(self) -> bool:
        """Whether it went on from a count that a machine started anew could not have reached."""
        return not self.fell and self.before > self.reach

    def little_above(self, share: int) -> bool:
        """Whether it rose by one in ``share`` at most: it hardly came there from zero."""
        return (
            not self.fell and self.before >= _SEEM_BEFORE and self.increase * share <= self.before
        )

    @property
    def leaps(self) -> bool:
        """Whether it counts wins that people pay: one of them may lead far from zero at once."""
        return pace_of(self.meter, self.unit) is BY_HAND

    @property
    def jumped(self) -> bool:
        """Whether it rose further than anybody can play."""
        return (
            self.after > self.before
            and self.meter in PLAY_METERS
            and self.increase > JUMP_FACTOR * self.reach
        )

    @property
    def narrower(self) -> int | None:
        """Digits of a narrower meter that went over its top here, or None."""
        for digits in _WIDTH_DIGITS:
            width = 10**digits
            if digits >= self.digits:
                return None
            if self.before < width:
                near = width - self.before <= width // _WIDTH_SHARE
                went = (self.after - self.before) % width
                little = min(self.reach, width // _WENT_SHARE)
                return digits if near and went <= little else None
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened to one meter, or to all of them.

    Attributes:
        kind: ``cleared`` is about all meters of the EGM and comes alone; ``invalid``: the count
            cannot be right and is not used.
        step: the meter; None for ``cleared``.
        evidence: what the verdict rests on, in words.
        may_be_reset: nothing speaks against it that all meters began anew.
    """

    kind: Kind
    step: Step | None
    evidence: tuple[str, ...]
    may_be_reset: bool = False


def enough(steps: Sequence[Step]) -> bool:
    """Whether an answer has meters enough to tell a rollover from a RAM clear by itself."""
    found = 0
    for step in steps:
        found += _of_the_machine(step)
        if found >= ENOUGH:
            return True
    return False


def judge(
    steps: Sequence[Step], heard: Sequence[str], *, went_on: bool = False
) -> tuple[Verdict, ...]:
    """Say why meters fell, and which of them cannot be right.

    Args:
        steps: every counter of one answer that was read before.
        heard: evidence that the machine reported since the earlier reading
            (``gateway.meaning.exceptions``).
        went_on: the meters of the whole machine were seen to go on since the earlier reading.

    Returns:
        One verdict for each meter that fell, jumped, or may have gone round unseen; or a single
        ``cleared``; nothing where all simply went on.
    """
    fallen = [step for step in steps if step.fell]
    if not fallen:
        return tuple(one for step in steps if (one := _risen(step, heard)) is not None)
    kept = went_on or standing(steps)
    why = [f"{len(fallen)} of {len(steps)} meters fell"]
    if kept:
        why.append("others went on")
    why += heard
    if not kept and all(step.may_be_new for step in steps):
        return _all_near_zero(steps, fallen, heard, why)
    zeros = any(step.fell and not step.after and not step.may_have_gone_on for step in steps)
    found = (
        _alone(step, heard, why, standing=kept, zeros=zeros) if step.fell else _risen(step, heard)
        for step in steps
    )
    return tuple(verdict for verdict in found if verdict is not None)


def standing(steps: Sequence[Step]) -> bool:
    """Whether counts went on that a machine started anew would not show."""
    if any(step.stands for step in steps):
        return True
    if any(step.meter in PLAY_METERS and step.fell and not step.may_have_gone_on for step in steps):
        return False  # the first bill may bring a young machine's drop to just where it was
    return (
        sum(step.little_above(_SEEM_SHARE) for step in steps) > 1
        or sum(step.little_above(_THREE_SEEM_SHARE) for step in steps) > 2
    )


def _all_near_zero(
    steps: Sequence[Step], fallen: Sequence[Step], heard: Sequence[str], why: list[str]
) -> tuple[Verdict, ...]:
    """Judge an answer whose every meter can have begun at zero, and none speaks against it."""
    if all(_bills(step) for step in fallen) and BILL_RESET in heard and MEMORY_RESET not in heard:
        return tuple(Verdict("zeroed", step, (*why, _near_zero(step))) for step in fallen)
    counted = sum(step.before > 0 for step in steps)
    every = len(fallen) == counted
    if every and sum(not step.after for step in fallen) >= ENOUGH and counted > ENOUGH:
        return (Verdict("cleared", None, (*why, "all are zero or near it")),)
    if all(step.may_have_gone_on for step in steps):
        alone = len(steps) == 1 and not heard and not fallen[0].may_have_gone_round
        kind: Kind = "rolledover" if alone else "undecided"
        return tuple(
            Verdict(kind, step, (*why, _near_top(step), _near_zero(step)), may_be_reset=True)
            for step in fallen
        )
    # Where some did not fall, a young machine may have had those alone set to zero that did. Play
    # meters are never set to zero alone; with another that is too high to have come from zero,
    # and nothing standing against it, they show that all began anew.
    high = [step for step in fallen if step.before > step.reach]
    play = len(high) >= ENOUGH and any(
        step.meter in PLAY_METERS and not step.may_have_gone_on for step in high
    )
    together = enough(steps) and len(fallen) >= ENOUGH and (every or play)
    reset = MEMORY_RESET in heard or (every and not STRONG.isdisjoint(heard))
    if together or reset:
        return (Verdict("cleared", None, (*why, "all are near zero")),)
    return tuple(
        Verdict("undecided", step, (*why, _near_zero(step)), may_be_reset=True) for step in fallen
    )


def _near(
    step: Step,
    heard: Sequence[str],
    why: list[str],
    *,
    standing: bool,
    reset: bool,
    zeros: bool,
) -> Verdict:
    """Judge one meter that fell from where it can have gone over its top."""
    words = (*why, _near_top(step))
    zero, others = step.after == 0, reset or zeros
    if step.may_have_gone_round:
        return Verdict("undecided", step, (*words, _round(step)))
    if zero and others and not step.at_its_top:
        return Verdict("zeroed", step, words)  # a rollover to just there would be strange
    explained = (zero or reset) and not step.at_its_top
    far = step.increase * _FAR_SHARE > step.width  # it may as well have gone back
    if far or explained or (zero and others) or (heard and not standing):
        return Verdict("undecided", step, words)
    return Verdict("rolledover", step, words)


def _alone(
    step: Step, heard: Sequence[str], why: list[str], *, standing: bool, zeros: bool
) -> Verdict:
    """Judge one meter that fell while memory was kept; ``zeros``: others were set to zero."""
    reset = SOFT_RESET in heard or (BILL_RESET in heard and _bills(step))
    if step.may_have_gone_on:
        return _near(step, heard, why, standing=standing, reset=reset, zeros=zeros)
    if step.narrower is not None:
        words = (*why, f"it went over {step.narrower} digits, and {step.digits} are sent")
        return Verdict("undecided" if reset or step.after == 0 else "invalid", step, words)
    slight = step.after * 100 >= step.before * _SLIGHT_PERCENT
    quiet = step.after > 0 and not step.leaps and RESETS.isdisjoint(heard)
    if not step.may_be_new or (standing and (quiet or (slight and not reset))):
        return Verdict("regressed", step, (*why, _too_far(step)))
    words = (*why, _near_zero(step))
    if (reset and not slight) or (standing and step.after == 0):
        return Verdict("zeroed", step, words)
    return Verdict("undecided", step, words)


def _risen(step: Step, heard: Sequence[str]) -> Verdict | None:
    if step.jumped:
        words = f"rose by {step.increase}, and {_possible(step)}"
        return Verdict("invalid", step, (words, *heard))
    if step.may_have_gone_round:
        return Verdict("undecided", step, (_round(step), *heard))
    return None


def _of_the_machine(step: Step) -> bool:
    return "@" not in step.name and not _bills(step)


def _bills(step: Step) -> bool:
    return step.meter.startswith("bills_")


def _near_top(step: Step) -> str:
    return f"near its top: {step.increase} steps lead over it, and {_possible(step)}"


def _near_zero(step: Step) -> str:
    return f"near zero: it shows {step.after}, and {_possible(step)}"


def _too_far(step: Step) -> str:
    return f"{step.increase} steps would lead over its top, and {_possible(step)}"


def _round(step: Step) -> str:
    return f"it may have gone round unseen: {step.digits} digits, and {_possible(step)}"


def _possible(step: Step) -> str:
    return f"{step.reach} are possible in {step.elapsed_s:.0f} s"
