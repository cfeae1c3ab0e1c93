"""What a judgement has come to: for people, as JSON and as JUnit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from xml.etree import ElementTree as ET

from floor_sim.judge.baseline import Baseline
from floor_sim.judge.basis import BASES, CODE, GUIDE
from floor_sim.judge.judge import Finding, Tally
from floor_sim.judge.rule import Row, Severity

SUITES: Final = {"host": "slotsim judge", "egm": "slotsim host"}


class Verdict(StrEnum):
    """What a rule has come to."""

    BROKEN = "broken"
    ACCEPTED = "accepted"
    """Broken as the baseline says, and not otherwise."""
    NOTED = "noted"
    """Broken, and no more than worth knowing."""
    KEPT = "kept"
    NOT_EXERCISED = "not exercised"
    """It never came up."""


@dataclass(frozen=True, slots=True)
class Report:
    """One judgement.

    Attributes:
        tallies: what each rule has come to.
        lines: names of the lines that were judged.
        seconds: for how long.
        messages: messages of the host that were heard.
        remarks: what limits the judgement, for people.
        baseline: known findings.
    """

    tallies: list[Tally]
    lines: tuple[str, ...]
    seconds: float
    messages: int
    remarks: tuple[str, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)

    def verdict(self, tally: Tally) -> Verdict:
        """Return what a rule has come to."""
        if not tally.findings:
            return Verdict.KEPT if tally.chances else Verdict.NOT_EXERCISED
        if all(self.baseline.knows(finding) for finding in tally.findings.values()):
            return Verdict.ACCEPTED
        return Verdict.NOTED if tally.row.severity is Severity.NOTE else Verdict.BROKEN

    @property
    def findings(self) -> list[Finding]:
        """Everything that was found, accepted or not."""
        return [finding for tally in self.tallies for finding in tally.findings.values()]

    @property
    def failed(self) -> bool:
        """An error or a warning was found that the baseline does not know."""
        return any(self.verdict(tally) is Verdict.BROKEN for tally in self.tallies)

    def text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._text()) + "\n"

    def _text(self) -> Iterator[str]:
        counts: Counter[Verdict] = Counter()
        idle: list[str] = []
        for tally in self.tallies:
            verdict = self.verdict(tally)
            counts[verdict] += 1
            if verdict is Verdict.NOT_EXERCISED:
                idle.append(tally.row.id)
            elif tally.findings:
                yield from self._rule(tally, verdict)
        yield from (f"Not exercised: {name}" for name in idle)
        for rule, about in self.baseline.unmet:
            yield f"Accepted, and not seen: {rule}{f' ({about})' if about else ''}"
        yield from self.remarks
        shown = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
        yield (
            f"{'FAIL' if self.failed else 'PASS'}: {shown}; {self.messages} messages of the host "
            f"on {', '.join(self.lines) or 'no line'} in {self.seconds:.1f} s"
        )

    def _rule(self, tally: Tally, verdict: Verdict) -> Iterator[str]:
        row = tally.row
        word = row.severity if verdict is Verdict.BROKEN else verdict
        yield f"{word.upper()} {row.id}: {tally.times} of {tally.chances} times"
        yield f"  {row.says}"
        yield f"  {cited(row)}"
        for finding in tally.findings.values():
            known = ", accepted" if self.baseline.knows(finding) else ""
            times = f", {finding.times} times" if finding.times > 1 else ""
            yield f"  {finding.line} at {finding.at_s:.3f} s{times}{known}: {finding.text}"
            yield from (f"      {line}" for line in finding.excerpt)
        yield ""

    def json(self) -> str:
        """Return the report as JSON."""
        shown = {
            "verdict": "FAIL" if self.failed else "PASS",
            "sources": [GUIDE, CODE],
            "lines": self.lines,
            "seconds": round(self.seconds, 6),
            "messages": self.messages,
            "remarks": self.remarks,
            "rules": [self._json(tally) for tally in self.tallies],
            "accepted_and_not_seen": [
                {"rule": rule, "about": about} for rule, about in self.baseline.unmet
            ],
        }
        return json.dumps(shown, indent=2) + "\n"

    def _json(self, tally: Tally) -> dict[str, Any]:
        row = tally.row
        return {
            "rule": row.id,
            "severity": row.severity,
            "verdict": self.verdict(tally),
            "says": row.says,
            "topic": row.topic,
            "rests_on": BASES[row.topic].words,
            "times": tally.times,
            "chances": tally.chances,
            "findings": [self._finding(finding) for finding in tally.findings.values()],
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        return {
            "about": finding.about,
            "line": finding.line,
            "address": finding.address,
            "at_s": round(finding.at_s, 6),
            "text": finding.text,
            "times": finding.times,
            "accepted": self.baseline.knows(finding),
            "excerpt": list(finding.excerpt),
        }

    def junit(self) -> str:
        """Return the report as JUnit XML: a test case a rule, skipped where it never came up."""
        side = self.tallies[0].row.side if self.tallies else "host"
        verdicts = [self.verdict(tally) for tally in self.tallies]
        suite = ET.Element("testsuite", {
            "name": SUITES[side], "tests": str(len(verdicts)), "time": f"{self.seconds:.3f}",
            "failures": str(verdicts.count(Verdict.BROKEN)), "errors": "0",
            "skipped": str(verdicts.count(Verdict.NOT_EXERCISED)),
        })  # fmt: skip
        for tally, verdict in zip(self.tallies, verdicts, strict=True):
            row = tally.row
            case = ET.SubElement(suite, "testcase", {"classname": row.side, "name": row.id})
            if verdict is Verdict.NOT_EXERCISED:
                ET.SubElement(case, "skipped", {"message": "not exercised"})
                continue
            words = [line.rstrip() for line in self._rule(tally, verdict)]
            if verdict is Verdict.BROKEN:
                failure = {"type": row.severity, "message": row.says}
                ET.SubElement(case, "failure", failure).text = "\n".join(words)
            elif tally.findings:
                ET.SubElement(case, "system-out").text = "\n".join(words)
        ET.indent(suite)
        return ET.tostring(suite, "unicode", xml_declaration=True) + "\n"


def cited(row: Row) -> str:
    """Return what a rule rests on."""
    return f"{row.topic}: {BASES[row.topic].words}"


def rules_page(rows: Iterable[Row]) -> str:
    """Return the page of all rules, as Markdown."""
    out = [_PAGE_HEAD]
    sides = {"host": "Hosts: `slotsim judge`", "egm": "EGMs: `slotsim host`"}
    rows = list(rows)
    for side, title in sides.items():
        out.append(f"\n## {title}\n\n| rule | severity | what is to be done | topic | comes up "
                   "with |\n|---|---|---|---|---|\n")  # fmt: skip
        out += [
            f"| `{row.id}` | {row.severity} | {row.says} | {row.topic} | "
            f"{row.exercised_by or 'any traffic'} |\n"
            for row in rows if row.side == side
        ]  # fmt: skip
    out.append("\n## What they rest on\n\n| topic | rests on |\n|---|---|\n")
    topics = dict.fromkeys(row.topic for row in rows)
    out += [f"| {topic} | {BASES[topic].words} |\n" for topic in topics]
    return "".join(out)


_PAGE_HEAD: Final = f"""\
# Rules by which hosts and EGMs are judged

Written by `slotsim judge --write-rules`; do not edit it.

The wording is ours. What the rules of a topic rest on stands in the last table:

* "Montana DOJ guide" is: {GUIDE}.
  Only its table of contents could be read: a number is that of the chapter whose name treats the
  matter, and nobody has laid our rule beside the chapter's words. "Number not seen": only the name
  of such a chapter could be read.
* "saspy" is {CODE}, an
  open host in which the frames can be seen.
* "ours" is what we conclude or hold ourselves, for which no public text was found.

An **error** loses events or readings, or makes a machine take the link for down or a message for
none. A **warning** works until something else goes wrong too. A **note** is allowed and worth
knowing; it fails nobody. A rule that never came up is "not exercised".
"""
