"""What is left of a check: one report, as JSON for programs and as text for people."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from textwrap import wrap
from typing import Final, Literal

from pydantic import AwareDatetime, Field

from gateway.commissioning.check import Check, Record
from gateway.commissioning.plans import PLANS, Kind
from gateway.commissioning.sheet import Sheet, SheetLine
from gateway.commissioning.step import Verdict
from gateway.commissioning.target import Target
from gateway.commissioning.told import Frame, Identity, Model

FORMAT: Final = "slotgw-report 1"
WIDTH: Final = 78


class Row(Model):
    """One step, or one meter, of a report."""

    name: str
    title: str
    verdict: Verdict
    saw: str = ""
    look: str = ""
    said: str = ""
    began: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    frames: tuple[Frame, ...] = ()


class Report(Model):
    """A report.

    Attributes:
        format: of this report.
        kind: which check.
        verdict: of all of it.
        target: the machine, as the registry had it.
        serial_read: its serial number as it said it; empty where it was not read.
        person: who checked, as the console's computer knew them.
        began: when, ``ended`` until when; ``breaks`` between.
        versions: of the programs that took part.
        rows: the steps, in their order.
        frames: what went over the wire, where it belongs to no step alone.
    """

    format: Literal["slotgw-report 1"] = FORMAT
    kind: Kind
    verdict: Verdict
    target: Target
    serial_read: str = ""
    person: str
    began: AwareDatetime
    ended: AwareDatetime
    breaks: tuple[tuple[AwareDatetime, AwareDatetime], ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    rows: tuple[Row, ...]
    frames: tuple[Frame, ...] = ()

    @property
    def counts(self) -> dict[Verdict, int]:
        """Rows by verdict."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def failures(self) -> list[str]:
        """Names of the rows that failed."""
        return [row.name for row in self.rows if row.verdict is Verdict.FAIL]

    def body(self) -> bytes:
        """Return the bytes that are signed: JSON with sorted keys and no spaces."""
        plain = self.model_dump(mode="json")
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return hashlib.sha256(self.body()).hexdigest()


def report_of(check: Check | Sheet, now: datetime, versions: dict[str, str]) -> Report:
    """Return the report of a check as it stands; steps that were not done say so."""
    if isinstance(check, Sheet):
        rows = tuple(_meter(check.line(name)) for name in check.names)
        return Report(
            kind="meters", verdict=check.verdict, target=check.target, person=check.person,
            serial_read=check.serial, began=check.started, ended=now, versions=versions, rows=rows,
            frames=check.frames,
        )  # fmt: skip
    rows = tuple(_row(step.name, step.title, check.records.get(step.name)) for step in check.steps)
    serials = [one.serial for one in check.told if isinstance(one, Identity)]
    return Report(
        kind=check.kind, verdict=check.verdict, target=check.target, person=check.person,
        serial_read=serials[-1] if serials else "", began=check.started, ended=now,
        breaks=check.breaks, versions=versions, rows=rows,
    )  # fmt: skip


def _row(name: str, title: str, record: Record | None) -> Row:
    if record is None:
        return Row(name=name, title=title, verdict=Verdict.NOT_DONE, saw="not begun")
    return Row(
        name=name, title=title, verdict=record.verdict, saw=record.saw, look=record.look,
        said=record.said, began=record.began, ended=record.ended, frames=record.frames,
    )  # fmt: skip


def _meter(line: SheetLine) -> Row:
    wire = "not read" if line.read is None else f"{line.read.value:,}"
    title = line.name.replace("_", " ")
    if line.typed is None or line.difference is None:
        return Row(name=line.name, title=title, verdict=Verdict.NOT_DONE, saw=f"wire {wire}")
    saw = f"machine {line.typed:,}, wire {wire}, difference {line.difference:+,}"
    if not line.difference:
        return Row(name=line.name, title=title, verdict=Verdict.PASS, saw=saw)
    look = (
        "Was the right page read, in the right unit (credits, or money with a point)? Was it "
        "played in between? If not: another board's meters, or a denomination that is wrong."
    )
    return Row(name=line.name, title=title, verdict=Verdict.FAIL, saw=saw, look=look)


def text_of(report: Report) -> str:
    """Return the report for people, 78 cells wide, frames included."""
    return "\n".join(line.rstrip() for line in _lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    target, counts = report.target, report.counts
    title = PLANS[report.kind].title.upper()
    yield f"{title}: {report.verdict}"
    yield ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    yield ""
    serials = f"registry {target.serial or '-'}; machine {report.serial_read or '-'}"
    machine = " ".join(filter(None, (target.maker, target.model, target.theme)))
    for label, words in (
        ("machine", f"asset {target.asset} at {target.location} {machine}"),
        ("serial", serials),
        ("wire", f"{target.line}, SAS address {target.address}, mode {target.mode}"),
        ("site", f"{target.site}, gateway {target.gateway}"),
        ("person", report.person),
        ("time", f"{_moment(report.began)} to {_moment(report.ended)}"),
        *(("break", f"{_moment(off)} to {_moment(on)}") for off, on in report.breaks),
        ("versions", ", ".join(f"{name} {one}" for name, one in report.versions.items())),
    ):  # fmt: skip
        yield from _wrapped(f"{label:9} {words}", 10)
    yield ""
    for number, row in enumerate(report.rows, 1):
        yield from _wrapped(f"{number:2} {row.verdict:8} {row.title}: {row.saw}", 12)
        if row.look:
            yield from _wrapped(f"            next: {row.look}", 18)
        if row.said:
            yield from _wrapped(f"            said: {row.said}", 18)
        for frame in row.frames:
            yield from _frame(frame)
    for frame in report.frames:
        yield from _frame(frame)


def _frame(frame: Frame) -> Iterator[str]:
    at = f"{frame.at:%H:%M:%S}.{frame.at.microsecond // 1000:03}"
    yield from _wrapped(f"               {at} {frame.who:4} {frame.text}", 33)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _wrapped(text: str, indent: int) -> list[str]:
    lead = len(text) - len(text.lstrip())
    lines = wrap(text.strip(), WIDTH - lead, subsequent_indent=" " * (indent - lead))
    return [" " * lead + line for line in lines]
