"""Verdicts for people, for programs (JSON) and for continuous integration (JUnit)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from floor_sim.scenarios.verdict import Result, StepResult, Verdict
from floor_sim.scenarios.wording import moment


def text_of(results: Sequence[Result], seed: int, *, steps: bool = False) -> str:
    """Return the verdicts as people read them.

    Args:
        results: what the scenarios came to.
        seed: of their floor.
        steps: also the steps of those that passed.
    """
    lines: list[str] = []
    for result in results:
        lines.append(f"{result.verdict:<7} {result.name}: {result.title} ({result.seconds:.1f} s)")
        if steps:
            lines += [f"  {_step(step)}" for step in result.steps]
        if result.verdict is not Verdict.PASS:
            lines += _wrong(result)
    counts = Counter(result.verdict for result in results)
    said = ", ".join(f"{counts[one]} {one}" for one in Verdict if counts[one]) or "none"
    count = "1 scenario" if len(results) == 1 else f"{len(results)} scenarios"
    return "\n".join([*lines, f"{count}: {said}; seed {seed}"])


def _step(step: StepResult) -> str:
    at = "" if step.at_s is None else f" at {moment(step.at_s)}"
    return f"{step.verdict:<7} {step.number}. {step.says}{at}"


def _wrong(result: Result) -> Iterator[str]:
    told: Counter[tuple[str, ...]] = Counter()
    for step in result.wrong:
        told[step.why] += 1
        if told[step.why] == 1:
            more = sum(other.why == step.why for other in result.wrong) - 1
            rest = f" (and {more} more step{'s' * (more > 1)})" if more else ""
            yield f"    step {step.number}: {step.says}{rest}" if step.number else "    to begin:"
            yield from (f"        {line}" for line in step.why)
    yield from (f"    | {line}" for line in result.wire)


def json_of(results: Sequence[Result], seed: int) -> str:
    """Return the verdicts as JSON."""
    return json.dumps({"seed": seed, "scenarios": [_plain(result) for result in results]}, indent=1)


def _plain(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "title": result.title,
        "file": result.path,
        "verdict": result.verdict.value,
        "seconds": round(result.seconds, 3),
        "steps": [
            {
                "step": step.number,
                "says": step.says,
                "verdict": step.verdict.value,
                "at_s": None if step.at_s is None else round(step.at_s, 3),
                "why": list(step.why),
            }
            for step in result.steps
        ],
        "wire": list(result.wire),
    }


def junit_of(results: Sequence[Result], *, blocked_ok: bool) -> str:
    """Return the verdicts as JUnit XML: FAIL is a failure, BLOCKED an error.

    Args:
        results: what the scenarios came to.
        blocked_ok: BLOCKED is skipped instead.
    """
    counts = Counter(result.verdict for result in results)
    blocked = counts[Verdict.BLOCKED]
    suite = Element("testsuite", {
        "name": "slotsim scenarios", "tests": str(len(results)),
        "failures": str(counts[Verdict.FAIL]), "errors": str(0 if blocked_ok else blocked),
        "skipped": str(blocked if blocked_ok else 0),
        "time": f"{sum(result.seconds for result in results):.3f}",
    })  # fmt: skip
    for result in results:
        case = SubElement(suite, "testcase", {
            "classname": "slotsim.scenarios", "name": result.name, "file": result.path,
            "time": f"{result.seconds:.3f}",
        })  # fmt: skip
        if result.verdict is Verdict.PASS:
            continue
        tag = "failure"
        if result.verdict is Verdict.BLOCKED:
            tag = "skipped" if blocked_ok else "error"
        first = result.wrong[0]
        told = SubElement(case, tag, {
            "type": result.verdict.value, "message": f"step {first.number}: {first.says}",
        })  # fmt: skip
        told.text = _clean("\n".join(_wrong(result)))
    indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, "unicode") + "\n"


def _clean(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
