"""What people are told of a scenario: what was expected, by when, and what was seen instead."""

from __future__ import annotations

from floor_sim.scenarios.evidence import Item
from floor_sim.scenarios.judge import Judge
from floor_sim.scenarios.matching import nearness, often, words_of
from floor_sim.scenarios.verdict import Result, StepResult, Verdict
from floor_sim.scenarios.watch import State, Watch

NEAREST_MAX = 3
"""Things seen instead that are told."""


def moment(seconds: float) -> str:
    """Return seconds from the beginning as people read them: 1:02.500."""
    minutes, rest = divmod(max(0.0, round(seconds, 3)), 60)
    return f"{int(minutes)}:{rest:06.3f}"


def result_of(judge: Judge, now: float, wire: tuple[str, ...] = ()) -> Result:
    """Return what a scenario has come to at ``now``, which is its end."""
    judge.look(now)
    watches = {watch.number: watch for watch in judge.watches}
    start = now if judge.started is None else judge.started
    steps = []
    for number, step in enumerate(judge.played.file.steps):
        says = words_of(step, judge.played)
        if number in watches:
            steps.append(_seen(judge, watches[number], says, now, start))
        elif number in judge.cannot_be or judge.started is None:
            why = judge.cannot_be.get(number) or judge.cannot_be.get(-1, "it did not begin")
            steps.append(StepResult(number + 1, Verdict.BLOCKED, says, (why,)))
        elif number not in judge.acted_at:
            why = "it did not come to that"
            steps.append(StepResult(number + 1, Verdict.BLOCKED, says, (why,)))
        else:
            at = judge.acted_at[number] - start
            steps.append(StepResult(number + 1, Verdict.PASS, says, at_s=at))
    if -1 in judge.cannot_be:
        steps.insert(0, StepResult(0, Verdict.BLOCKED, "to begin", (judge.cannot_be[-1],)))
    played = judge.played
    return Result(played.name, played.file.title, played.path, now - start, tuple(steps), wire)


def _seen(judge: Judge, watch: Watch, says: str, now: float, start: float) -> StepResult:
    state, number = watch.state(now), watch.number + 1
    if state is State.BLOCKED:
        return StepResult(number, Verdict.BLOCKED, says, (watch.blocked,))
    if state is State.NOT_YET:
        why = "what it waits for did not happen"
        return StepResult(number, Verdict.BLOCKED, says, (why,))
    if watch.step.account is not None:
        found = judge.account(watch.step)
        if not found:
            at = None if watch.agreed is None else watch.agreed - start
            return StepResult(number, Verdict.PASS, says, at_s=at)
        return StepResult(number, Verdict.FAIL, says, (_by(watch, start), *found[:6]))
    quiet = watch.step.never and not watch.surplus
    if quiet or (state is State.MET and not watch.surplus):
        at = watch.hits[watch.needs - 1].at - start if watch.needs else None
        return StepResult(number, Verdict.PASS, says, at_s=at)
    return StepResult(number, Verdict.FAIL, says, tuple(_why(judge, watch, start)))


def _by(watch: Watch, start: float) -> str:
    if watch.deadline is None or watch.began is None:
        return "expected by the end"
    since = moment(watch.began - start)
    return (
        f"expected by {moment(watch.deadline - start)}, {watch.step.within_s:g} s after what "
        f"happens before it was over; looked for since {since}"
    )


def _why(judge: Judge, watch: Watch, start: float) -> list[str]:
    step = watch.step
    if watch.surplus:
        seen = [f"{moment(item.at - start)} {item.text()}" for item in watch.surplus]
        before = [f"{moment(item.at - start)}" for item in watch.hits]
        had = f", after {', '.join(before)}" if before else ""
        more = len(seen) - NEAREST_MAX
        rest = [f"and {more} more"] if more > 0 else []
        return [f"expected {often(step)}; seen too often{had}:", *seen[:NEAREST_MAX], *rest]
    out = [_by(watch, start)]
    if watch.hits:
        times = ", ".join(moment(item.at - start) for item in watch.hits[:8])
        late = len(watch.hits) >= watch.needs
        out.append(f"seen {'late' if late else 'only'} at {times}" + ("" if late else
                   f": {len(watch.hits)} of {watch.needs}"))  # fmt: skip
        if late:
            return out
    return out + _instead(judge, watch, start)


def _instead(judge: Judge, watch: Watch, start: float) -> list[str]:
    """Return what was nearest to what was looked for, and in what it differs."""
    step, began = watch.step, watch.began
    assert began is not None, "it is looked for"
    ranked: list[tuple[int, Item]] = []
    hits = {id(item) for one in judge.watches for item in one.hits}
    for item in judge.items:
        near = nearness(step, item, judge.played)
        if near and id(item) not in {id(hit) for hit in watch.hits}:
            ranked.append((near, item))
    ranked.sort(key=lambda one: (-one[0], abs(one[1].at - began)))
    out = []
    for _, item in ranked[:NEAREST_MAX]:
        why = judge.differences(step, item)
        if item.at < began:
            why.append("it came before")
        elif id(item) in hits:
            why.append("another step has it")
        out.append(f"seen instead: {moment(item.at - start)} {item.text()}: {'; '.join(why)}")
    return out or [_nothing(judge, watch)]


def _nothing(judge: Judge, watch: Watch) -> str:
    kinds = {"event": "events", "told": "records", "record": "records", "poll": "polls"}
    kind = {"told": "record"}.get(watch.step.kind, watch.step.kind)
    began = watch.began or 0.0
    seen = [item for item in judge.items if item.kind == kind and item.at >= began]
    if not seen:
        return f"no {kinds[watch.step.kind]} at all were seen in that time"
    last = "; ".join(item.text() for item in seen[-NEAREST_MAX:])
    return f"seen nothing like it; the last of {len(seen)} {kinds[watch.step.kind]}: {last}"
