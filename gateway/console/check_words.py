"""A check in words: its steps as rows, and what is to be said of the one under way."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.commissioning.check import Check, Record
from gateway.commissioning.step import Finding, Step, Verdict
from gateway.console.columns import Column
from gateway.console.sight import Said, Tone

TONES = {Verdict.PASS: Tone.GOOD, Verdict.FAIL: Tone.BAD, Verdict.NOT_DONE: Tone.WARN}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as a row.

    Attributes:
        place: from 0.
        title: of the step.
        current: it is under way.
        record: what became of it, or None.
        finding: what is seen of it now, where it is under way.
    """

    place: int
    title: str
    current: bool
    record: Record | None
    finding: Finding | None


def _verdict(row: StepRow) -> Said:
    if row.record is not None:
        return Said(str(row.record.verdict), TONES[row.record.verdict])
    if row.finding is not None and row.finding.verdict is not None:
        return Said(str(row.finding.verdict), TONES[row.finding.verdict])
    return Said("..." if row.current else "", Tone.NOTE)


def _saw(row: StepRow) -> Said:
    if row.current and row.finding is not None:
        return Said(row.finding.saw)
    return Said(row.record.saw if row.record is not None else "", Tone.QUIET)


STEP_COLUMNS: tuple[Column[StepRow], ...] = (
    Column("", 1, lambda row, _s, _w: Said(">" if row.current else "", Tone.NOTE)),
    Column("no", 2, lambda row, _s, _w: Said(str(row.place + 1), Tone.QUIET), right=True),
    Column("step", 18, lambda row, _s, _w: Said(row.title, Tone.NOTE if row.current
                                                else Tone.PLAIN)),
    Column("verdict", 8, lambda row, _s, _w: _verdict(row)),
    Column("seen", 20, lambda row, _s, _w: _saw(row), grow=1),
)  # fmt: skip


def step_rows(check: Check, finding: Finding) -> list[StepRow]:
    """Return every step as a row."""
    return [
        StepRow(place, step.title, place == check.at, check.records.get(step.name),
                finding if place == check.at else None)
        for place, step in enumerate(check.steps)
    ]  # fmt: skip


def record_words(title: str, record: Record) -> list[Said]:
    """Say what became of a step that was settled."""
    said = [Said(f"{title}: {record.verdict}", TONES[record.verdict]), Said(f"Seen:  {record.saw}")]
    said += [Said(f"Look:  {record.look}", Tone.WARN)] if record.look else []
    said += [Said(f"Said:  {record.said}")] if record.said else []
    return [*said, Said("Then:  enter does it again.", Tone.QUIET)]


def later_words(check: Check, step: Step) -> list[Said]:
    """Say what a step will be that another one stands before."""
    return [
        Said(f"Do:    {check.words(step.do)}", Tone.QUIET),
        Said("Then:  enter does it now; what stands before it may wait.", Tone.NOTE),
    ]


def now_words(check: Check, finding: Finding) -> list[Said]:
    """Say what to do, what is seen, where to look, what is asked; or how it has ended."""
    step = check.step
    if step is None:
        said = [Said(f"Every step was settled: {check.verdict}.", TONES[check.verdict])]
        said += [Said("S has the gateway sign the report. enter does a step again.")]
        return said
    said = [Said(f"Do:    {check.words(step.do)}", Tone.NOTE)]
    tone = Tone.PLAIN if finding.verdict is None else TONES[finding.verdict]
    verdict = "" if finding.verdict is None else f"{finding.verdict}: "
    said.append(Said(f"Seen:  {verdict}{finding.saw}", tone))
    if finding.look:
        said.append(Said(f"Look:  {finding.look}", Tone.WARN if finding.verdict else Tone.QUIET))
    if finding.verdict is Verdict.FAIL:
        said.append(
            Said("Then:  enter does it again; f takes it as failed and goes on.", Tone.NOTE)
        )
    elif step.asks and finding.verdict is None:
        said.append(Said(f"Tell:  {check.words(step.asks)} y / n", Tone.NOTE))
    return said
