"""A check under way: one state, new facts in, the next state out; kept as JSON between two days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, Field

from gateway.commissioning.identity import FRESH
from gateway.commissioning.plans import PLANS, Kind
from gateway.commissioning.step import Case, Finding, Step, Verdict, waiting
from gateway.commissioning.target import Target
from gateway.commissioning.told import (
    FRAMES_MAX,
    SAID_MAX,
    TOLD_MAX,
    Frame,
    Model,
    Tally,
    Told,
    Word,
    harmless,
)

CARRIED_MAX: Final = 6
"""Messages of the step before that stand with the next one: what they said may count for it."""

SHOWN_S: Final = 1.5
"""Seconds for which a step that passed by itself stands on the screen before the next begins."""


class Record(Model):
    """What became of one step.

    Attributes:
        step: its name.
        verdict: what became of it.
        saw: what was seen.
        look: reason, and what to look at next.
        said: what the technician wrote.
        began: when it began.
        ended: when it was settled.
        frames: what went over the wire for it, secrets masked.
    """

    step: str
    verdict: Verdict
    saw: str = Field("", max_length=600)
    look: str = Field("", max_length=600)
    said: str = Field("", max_length=SAID_MAX)
    began: AwareDatetime
    ended: AwareDatetime
    frames: tuple[Frame, ...] = Field((), max_length=FRAMES_MAX)


class Check(Model):
    """A check under way.

    Attributes:
        kind: which.
        target: the machine.
        person: who checks, as the console's computer knows them.
        started: when it was begun, ``seen`` when it was last gone on with.
        at: place of the step that is under way; the number of steps once there is none.
        began: when that step began.
        records: of the steps that were settled, by name.
        told: what it was told, oldest first; bounded.
        tally: of the wire since the step began.
        frames: messages since the step began that tell something.
        absence_s: for how long our line is to be absent.
        breaks: when it was broken off, and when it was gone on with.
    """

    kind: Kind
    target: Target
    person: str = Field(max_length=64)
    started: AwareDatetime
    at: int = Field(0, ge=0)
    began: AwareDatetime
    records: dict[str, Record] = Field(default_factory=dict, max_length=64)
    told: tuple[Told, ...] = Field((), max_length=TOLD_MAX)
    tally: Tally = Tally()
    frames: tuple[Frame, ...] = Field((), max_length=FRAMES_MAX)
    absence_s: float = Field(60.0, gt=0, le=3_600)
    breaks: tuple[tuple[AwareDatetime, AwareDatetime], ...] = Field((), max_length=100)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All its steps."""
        return PLANS[self.kind].steps

    @property
    def step(self) -> Step | None:
        """The step that is under way, or None after the last."""
        return self.steps[self.at] if self.at < len(self.steps) else None

    def words(self, text: str) -> str:
        """Return a step's words with the machine's own in their places."""
        target = self.target
        return text.format(
            line=target.line, address=target.address, asset=target.asset,
            location=target.location, absence=f"{self.absence_s:.0f}",
        )  # fmt: skip

    def finding(self, now: datetime) -> Finding:
        """Return what can be said of the step that is under way."""
        step = self.step
        if step is None:
            return waiting("every step was settled")
        case = Case(self.target, step.name, self.began, now, self.told, self.tally, self.absence_s)
        return step.judge(case)

    @property
    def verdict(self) -> Verdict:
        """FAIL if any step failed, PASS if all passed, else NOT DONE."""
        found = [self.records[one.name].verdict for one in self.steps if one.name in self.records]
        if Verdict.FAIL in found:
            return Verdict.FAIL
        whole = len(found) == len(self.steps) and set(found) == {Verdict.PASS}
        return Verdict.PASS if whole else Verdict.NOT_DONE


def begin(kind: Kind, target: Target, person: str, now: datetime, absence_s: float = 60.0) -> Check:
    """Return a new check at its first step."""
    return Check(
        kind=kind, target=target, person=person, started=now, began=now, absence_s=absence_s
    )


def hear(
    check: Check,
    told: Sequence[Told] = (),
    frames: Sequence[Frame] = (),
    tally: Tally | None = None,
) -> Check:
    """Return the check with what was seen; ``tally`` is the whole of the step so far."""
    if not (told or frames or tally):
        return check
    return check.model_copy(
        update={
            "told": (*check.told, *told)[-TOLD_MAX:],
            "frames": _kept(check.frames, frames),
            "tally": check.tally if tally is None else tally,
        }
    )


def _kept(before: Sequence[Frame], more: Sequence[Frame]) -> tuple[Frame, ...]:
    """Keep how a step began and what came last: what lies between is what repeats itself."""
    frames = (*before, *more)
    half = FRAMES_MAX // 2
    return frames if len(frames) <= FRAMES_MAX else (*frames[:half], *frames[-half:])


def go_to(check: Check, at: int, now: datetime) -> Check:
    """Return the check at another step, which begins anew."""
    at = max(0, min(at, len(check.steps)))
    return check.model_copy(
        update={"at": at, "began": now, "tally": Tally(ninth_known=check.tally.ninth_known),
                "frames": ()}
    )  # fmt: skip


def answer(check: Check, *, yes: bool, now: datetime) -> Check:
    """Return the check with the technician's answer to the question of the step."""
    step = check.step
    if step is None or not step.asks:
        return check
    return hear(check, [Word(at=now, step=step.name, yes=yes)])


def settle(check: Check, now: datetime, verdict: Verdict | None = None, said: str = "") -> Check:
    """Return the check with its step settled and the next one under way.

    Args:
        check: the check.
        now: when.
        verdict: what the technician decides; None takes what was found, and NOT DONE where
            something is still waited for. PASS cannot be decided, only found.
        said: what the technician writes.
    """
    step = check.step
    if step is None:
        return check
    found = check.finding(now)
    decided = verdict if verdict is not None else (found.verdict or Verdict.NOT_DONE)
    if decided is Verdict.PASS and found.verdict is not Verdict.PASS:
        decided = Verdict.NOT_DONE
    record = Record(
        step=step.name, verdict=decided, saw=found.saw[:600], look=found.look[:600],
        said=harmless(said), began=min(check.began, now), ended=now,
        frames=check.frames,
    )  # fmt: skip
    records = {**check.records, step.name: record}
    carried = tuple(
        one for one in check.frames if now - one.at <= FRESH and len(one.text) > len("00 00 00")
    )
    after = go_to(check.model_copy(update={"records": records}), _next(check, records), now)
    return after.model_copy(update={"frames": carried[-CARRIED_MAX:]})


def _next(check: Check, records: dict[str, Record]) -> int:
    """Return the place of the next step that was not settled yet, or the end."""
    places = range(len(check.steps))
    after = (*places[check.at + 1 :], *places[: check.at])
    left = (place for place in after if check.steps[place].name not in records)
    return next(left, len(places))


def advance(check: Check, now: datetime) -> Check:
    """Return the check gone on, where its step has settled itself: passed, or cannot be told."""
    found = check.finding(now)
    step = check.step
    if step is None or found.verdict not in {Verdict.PASS, Verdict.NOT_DONE}:
        return check
    return settle(check, now) if now - check.began >= timedelta(seconds=SHOWN_S) else check


def resumed(check: Check, now: datetime) -> Check:
    """Return a check that was broken off and is gone on with: its step begins anew.

    Not so a step that lasts: an absence that began before the break is one after it too.
    """
    last = max([check.began, *(one.at for one in check.told)])
    breaks = (*check.breaks, (min(last, now), now))[-100:]
    check = check.model_copy(update={"breaks": breaks})
    lasting = check.step is not None and check.step.lasting
    return check if lasting else go_to(check, check.at, now)
