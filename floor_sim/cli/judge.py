"""``slotsim judge``: any host on the wire, rule by rule."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any, Final

import click

from edge_config.loader import ConfigError, load_toml
from floor_sim.cli.judging import give_up, known_findings, report_options, tell
from floor_sim.floor_file import FloorFile
from floor_sim.judge.captured import judge_captures
from floor_sim.judge.egm_rules import EGM_RULES
from floor_sim.judge.exam import EXAM_S
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.live import LiveJudging
from floor_sim.judge.report import Report
from floor_sim.judge.rule import Settings
from floor_sim.judge.rules import PAGE, page
from floor_sim.ledger import LedgerError
from floor_sim.ptys import PtyError
from floor_sim.run_folder import RunError
from floor_sim.shell import RunOptions, run_floor
from protocols.sas.capture_reader import read_capture

NAME: Final = "slotsim judge"
PROBLEMS_MAX: Final = 20
CAPTURE_TOLERANCE_MS: Final = 2.0
LIVE_TOLERANCE_MS: Final = 20.0


def _write_rules(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value:
        PAGE.write_text(page(), "utf-8")
        click.echo(f"wrote {PAGE}")
        ctx.exit()


def _show_rules(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value:
        click.echo(page(), nl=False)
        ctx.exit()


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=0), default=EXAM_S, show_default=True,
              help="How long a floor is judged, from the host's first byte; 0: until it is "
                   "stopped.")  # fmt: skip
@click.option("--exam/--no-exam", default=True, show_default=True,
              help="Let things happen and go wrong on the lines of a floor, so that rules come "
                   "up: doors, handpays, lost and damaged answers, a power cut, a pulled "
                   "cable.")  # fmt: skip
@click.option("--play/--no-play", default=False, show_default=True,
              help="Let people play on the floor besides.")  # fmt: skip
@click.option("--control", is_flag=True,
              help="Control polls are expected: they are no finding.")  # fmt: skip
@click.option("--line", "lines", multiple=True, metavar="NAME",
              help="Judge this line of a floor; may be given again.")  # fmt: skip
@click.option("--tolerance-ms", type=click.FloatRange(0, 1000),
              help=f"By how much times may be wrong, in milliseconds; {LIVE_TOLERANCE_MS:g} on a "
                   f"floor, {CAPTURE_TOLERANCE_MS:g} in a capture.")  # fmt: skip
@click.option("--egms", is_flag=True, help="Judge the EGMs of a capture instead of its host.")
@click.option("--run-folder", type=click.Path(path_type=Path), default="run/judge",
              show_default=True, envvar="SLOTSIM_RUN_FOLDER",
              help="Folder for lines and ledger of a floor.")  # fmt: skip
@click.option("--write-rules", is_flag=True, is_eager=True, expose_value=False,
              callback=_write_rules, help="Write the page of rules that comes with slotsim anew.",
              )  # fmt: skip
@click.option("--rules", is_flag=True, is_eager=True, expose_value=False, callback=_show_rules,
              help="Print all rules, and end.")  # fmt: skip
@report_options
def judge(
    source: Path, *, seconds: float, exam: bool, play: bool, control: bool, lines: tuple[str, ...],
    tolerance_ms: float | None, egms: bool, run_folder: Path, **told: Any,
) -> None:  # fmt: skip
    """Judge the host that polls a floor, or that a capture has heard.

    SOURCE is a floor file (it ends in .toml): its machines wait for a host on their ptys, serial
    ports and bridges as with slotsim run, and the host is judged from its first byte on. Or it is a
    capture (slotgw capture): the host in it is judged.

    A rule is broken, kept, or not exercised because it never came up. The wakeup bits of a host are
    seen on bridges, serial ports and in captures that have them; on a pty there are none.

    Exit status: 0 no error or warning beyond the baseline, 1 there is one, 2 wrong usage or file.

    Example: slotsim judge edge_config/floors/demo_floor.toml --control --junit host.xml
    """
    rows = EGM_RULES if egms else HOST_RULES
    baseline = known_findings(NAME, told.pop("baseline_path"), (*HOST_RULES, *EGM_RULES))
    floor = source.suffix == ".toml"
    if tolerance_ms is None:
        tolerance_ms = LIVE_TOLERANCE_MS if floor else CAPTURE_TOLERANCE_MS
    settings = Settings(tolerance_ms / 1000, control)
    if not floor:
        report = _of_capture(source, settings, egms=egms)
    elif egms:
        give_up(NAME, "--egms is for captures: the EGMs of a floor are slotsim's own")
    else:
        judging = LiveJudging(rows, settings, seconds, exam=exam, only=lines)
        report = _of_floor(source, judging, lines, run_folder, play=play)
    tell(NAME, report, baseline=baseline, **told)


def _of_capture(path: Path, settings: Settings, *, egms: bool) -> Report:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            captures, problems = read_capture(file)
    except OSError as error:
        give_up(NAME, f"{path}: {error.strerror}")
    for problem in problems[:PROBLEMS_MAX]:
        click.echo(f"{NAME}: {path}, {problem}", err=True)
    if not any(capture.bursts for capture in captures):
        give_up(NAME, f"{path}: nothing that was said is in it")
    return judge_captures(captures, EGM_RULES if egms else HOST_RULES, settings)


def _of_floor(
    path: Path, judging: LiveJudging, lines: tuple[str, ...], folder: Path, *, play: bool
) -> Report:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s"
    )
    try:
        file = load_toml(path, FloorFile)
    except ConfigError as error:
        give_up(NAME, str(error))
    unknown = set(lines) - {line.name for line in file.lines if line.transport != "certified"}
    if unknown:
        give_up(NAME, f"{path}: no line {', '.join(sorted(unknown))} that a host could poll")
    try:
        run_floor(file, RunOptions(folder.absolute(), playing=play, begun=judging.begin))
    except (RunError, LedgerError, PtyError) as error:
        give_up(NAME, str(error))
    return judging.report()
