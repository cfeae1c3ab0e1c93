"""What ``slotsim judge`` and ``slotsim host`` share: options, and how a report is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click

from floor_sim.judge.baseline import Baseline, BaselineError, baseline_text, read_baseline
from floor_sim.judge.report import Report
from floor_sim.judge.rule import Row

F = TypeVar("F", bound=Callable[..., Any])

_FILE: Final = click.Path(path_type=Path, dir_okay=False)

_OPTIONS: Final = (
    click.option("--json", "json_path", type=_FILE, metavar="FILE",
                 help="Write the report as JSON; - for standard output, instead of the text."),
    click.option("--junit", "junit_path", type=_FILE, metavar="FILE",
                 help="Write the report as JUnit XML, a test case a rule."),
    click.option("--baseline", "baseline_path", type=_FILE, metavar="FILE",
                 help="Findings that are known and accepted; only new ones fail."),
    click.option("--write-baseline", "new_path", type=_FILE, metavar="FILE",
                 help="Write all that was found as a baseline."),
)  # fmt: skip


def report_options(command: F) -> F:
    """Give a command the options of a report."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def known_findings(name: str, path: Path | None, rows: Iterable[Row]) -> Baseline:
    """Return the baseline of a command; a bad one ends it with exit status 2."""
    if path is None:
        return Baseline()
    try:
        return read_baseline(path, (row.id for row in rows))
    except BaselineError as error:
        give_up(name, str(error))


def give_up(name: str, why: str) -> NoReturn:
    """End a command that was used wrongly."""
    click.echo(f"{name}: {why}", err=True)
    sys.exit(2)


def tell(
    name: str, report: Report, *, json_path: Path | None, junit_path: Path | None,
    new_path: Path | None, baseline: Baseline,
) -> None:  # fmt: skip
    """Print and write the report; end the command: 0 nothing new was found, 1 something was."""
    report = replace(report, baseline=baseline)
    if str(json_path) == "-":
        click.echo(report.json(), nl=False)
    else:
        click.echo(report.text(), nl=False)
    files = ((json_path, report.json), (junit_path, report.junit),
             (new_path, lambda: baseline_text(report.findings)))  # fmt: skip
    for path, text in files:
        if path is not None and str(path) != "-":
            try:
                path.write_text(text(), "utf-8")
            except OSError as error:
                give_up(name, f"{path}: {error.strerror}")
    sys.exit(1 if report.failed else 0)
