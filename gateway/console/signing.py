"""Ends a check: the gateway signs its report, and text and JSON are written."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.commissioning.check import Check
from gateway.commissioning.report import Report, report_of, text_of
from gateway.commissioning.sheet import Sheet
from gateway.commissioning.signature import Signed, json_file, text_file
from gateway.commissioning.step import Verdict
from gateway.console.desk import Desk, this_version
from gateway.console.export import write_new
from gateway.console.requests import ask

WORDS: Final = {Verdict.PASS: "pass", Verdict.FAIL: "fail", Verdict.NOT_DONE: "notdone"}
FAILURES_MAX: Final = 64
REASON: Final = "meter check"


class NotSignedError(Exception):
    """A report was not signed or not written; says why, and what to do."""


async def sign_report(
    check: Check | Sheet, desk: Desk, request: Path, now: datetime
) -> tuple[Path, Path]:
    """Have the report of ``check`` signed; return its text file and its JSON file.

    The typed meters of a meter check are told as an event before.

    Raises:
        NotSignedError: the gateway did not sign, or the files cannot be written.
    """
    if isinstance(check, Sheet):
        await _tell_meters(check, request)
    report = report_of(check, now, {"console": this_version()})
    text = text_of(report)
    signed = await _signed(report, text, request)
    stem = f"slotgw-{report.kind}-{report.target.asset}"
    try:
        text_path = await asyncio.to_thread(
            write_new, desk.reports, stem, ".txt", text_file(text, signed), now
        )
        json_path = await asyncio.to_thread(
            write_new, desk.reports, stem, ".json", json_file(report, signed), now
        )
    except OSError as error:
        why = error.strerror or str(error)
        raise NotSignedError(f"{desk.reports} cannot be written to: {why}") from None
    return text_path, json_path


async def _tell_meters(sheet: Sheet, request: Path) -> None:
    typed = {line.name: line.typed for line in sheet.lines if line.typed is not None}
    asked = {"do": "manual", "asset": sheet.target.asset, "meters": typed, "reason": REASON}
    if error := (await ask(request, asked)).error:
        raise NotSignedError(error)


async def _signed(report: Report, text: str, request: Path) -> Signed:
    counts = report.counts
    answer = await ask(request, {
        "do": "sign", "asset": report.target.asset, "kind": report.kind,
        "verdict": WORDS[report.verdict], "passed": counts[Verdict.PASS],
        "failed": counts[Verdict.FAIL], "not_done": counts[Verdict.NOT_DONE],
        "failures": report.failures[:FAILURES_MAX], "report": report.digest,
        "text": hashlib.sha256(text.encode()).hexdigest(),
    })  # fmt: skip
    if answer.error or not answer.signature:
        raise NotSignedError(answer.error or "the gateway signed nothing; is it of this version?")
    return Signed(statement=answer.statement, signature=answer.signature)
