"""What a step of a check is, and what may be found at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from gateway.commissioning.target import Target
from gateway.commissioning.told import At, Count, Raised, Reading, Tally, Told, Word

AtT = TypeVar("AtT", bound=At)


class Verdict(StrEnum):
    """What became of a step."""

    PASS = "PASS"  # noqa: S105 (no password)
    FAIL = "FAIL"
    NOT_DONE = "NOT DONE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What can be said of a step now.

    Attributes:
        verdict: None while something is waited for.
        saw: what is seen, in words.
        look: the reason, and what to look at next: harness, operator menu, registry; or what to do.
        wants: the reading that would help: ``meters``, ``full`` or ``identity``; else empty.
    """

    verdict: Verdict | None
    saw: str
    look: str = ""
    wants: str = ""


def passed(saw: str) -> Finding:
    """Return that all is well."""
    return Finding(Verdict.PASS, saw)


def failed(saw: str, look: str) -> Finding:
    """Return that something is wrong, and where to look."""
    return Finding(Verdict.FAIL, saw, look)


def not_done(saw: str, look: str) -> Finding:
    """Return that it cannot be told, and why."""
    return Finding(Verdict.NOT_DONE, saw, look)


def waiting(saw: str, look: str = "", wants: str = "") -> Finding:
    """Return that something is waited for, and what to look at if it does not come."""
    return Finding(None, saw, look, wants)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is known when a step is judged.

    Attributes:
        target: the machine.
        step: name of the step.
        began: when the step began.
        now: now.
        told: everything that the check was told, oldest first.
        tally: of the wire since the step began.
        absence_s: for how many seconds our line is to be absent.
    """

    target: Target
    step: str
    began: datetime
    now: datetime
    told: Sequence[Told]
    tally: Tally
    absence_s: float = 60.0

    def since(self, kind: type[AtT], began: datetime | None = None) -> list[AtT]:
        """Return what of this kind was told since the step began, or since ``began``."""
        start = self.began if began is None else began
        return [one for one in self.told if isinstance(one, kind) and one.at >= start]

    def before(self, kind: type[AtT], until: datetime | None = None) -> list[AtT]:
        """Return what of this kind was told before the step began, or before ``until``."""
        end = self.began if until is None else until
        return [one for one in self.told if isinstance(one, kind) and one.at < end]

    def latest(self, kind: type[AtT]) -> AtT | None:
        """Return the last of this kind that was told at all."""
        found = [one for one in self.told if isinstance(one, kind)]
        return found[-1] if found else None

    def codes(self, wanted: Iterable[int], began: datetime | None = None) -> list[Raised]:
        """Return the exceptions of these codes since then."""
        codes = set(wanted)
        return [one for one in self.since(Raised, began) if one.code in codes]

    @property
    def word(self) -> bool | None:
        """The technician's last answer to this step's question, or None."""
        words = [one for one in self.since(Word) if one.step == self.step]
        return words[-1].yes if words else None

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return max(0.0, (self.now - self.began).total_seconds())


def meter_of(readings: Iterable[Reading], name: str) -> list[tuple[datetime, Count]]:
    """Return every reading of one meter, with its moment."""
    return [(one.at, one.meters[name]) for one in readings if name in one.meters]


def grew(before: Count, after: Count) -> int:
    """Return the steps from one count to a later one; over the top counts as growth."""
    if before.digits == after.digits:
        top: int = 10**before.digits
        return (after.value - before.value) % top
    return after.value - before.value


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check.

    Attributes:
        name: short, for the memory and for programs.
        title: for the list.
        do: what the technician does; ``{address}`` and the like are the target's.
        judge: says what can be said now.
        asks: a question that only the technician can answer, or empty.
        lasting: what was seen before the check was broken off still counts.
    """

    name: str
    title: str
    do: str
    judge: Callable[[Case], Finding]
    asks: str = ""
    lasting: bool = False
