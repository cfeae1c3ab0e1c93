"""``slotsim host``: the certified host alone, against any EGM; the EGM is judged."""

from __future__ import annotations

import signal
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from floor_sim.cli.judging import known_findings, report_options, tell
from floor_sim.host_port import open_host_port
from floor_sim.judge.egm_exam import ROUND_S, ExaminingHost
from floor_sim.judge.egm_rules import EGM_RULES
from floor_sim.judge.egm_run import judge_egms
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.judge import Judge
from floor_sim.judge.report import Report
from floor_sim.judge.rule import Settings
from floor_sim.port_line import PortGoneError

NAME: Final = "slotsim host"
SECONDS: Final = 30.0
TOLERANCE_MS: Final = 15.0
NO_BITS: Final = "The EGM's ninth bits are not known: chirps and wakeup bits were hardly judged."


@click.command()
@click.argument("port")
@click.option("--address", "addresses", type=click.IntRange(1, 127), multiple=True, required=True,
              help="SAS address of an EGM on the line; may be given again.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(min=1),
              help=f"For how long; {SECONDS:g}, and {ROUND_S:g} more for each further "
                   "EGM.")  # fmt: skip
@click.option("--exam/--no-exam", default=True, show_default=True,
              help="Ask what few hosts ask: answers again, a poll with a wrong CRC, one that "
                   "nobody knows, and nothing at all for 6.5 s, so that rules come up. It changes "
                   "nothing in a machine.")  # fmt: skip
@click.option("--control", is_flag=True,
              help="Send the control polls of a certified host too: date and time, validation "
                   "numbers, tickets. Not on a bridge, which refuses them.")  # fmt: skip
@click.option("--tolerance-ms", type=click.FloatRange(0, 1000), default=TOLERANCE_MS,
              show_default=True,
              help="By how much the times of this computer may be wrong, in milliseconds.",
              )  # fmt: skip
@report_options
def host(
    port: str, *, addresses: tuple[int, ...], seconds: float | None, exam: bool, control: bool,
    tolerance_ms: float, **told: Any,
) -> None:  # fmt: skip
    """Poll the EGMs on PORT as a certified host, and judge them.

    PORT is a serial port (its parity is the ninth bit), a pty (none), a TCP port that carries a
    line's bytes as HOST:PORT (none), or one line of a bridge on this computer as HOST:PORT/LINE.
    Ctrl-C ends it early, with a report.

    Exit status: 0 no error or warning beyond the baseline, 1 there is one, 2 wrong usage or port.

    Example: slotsim host run/demo_floor/lines/L1 --address 1 --address 2 --junit egms.xml
    """
    rows = EGM_RULES
    baseline = known_findings(NAME, told.pop("baseline_path"), (*HOST_RULES, *EGM_RULES))
    seconds = seconds or SECONDS + ROUND_S * (len(set(addresses)) - 1)
    zero = datetime.now().astimezone()
    name = port if ":" in port else Path(port).name
    judge = Judge(name, rows, Settings(tolerance_ms / 1000, control))
    polls = ExaminingHost(
        dict.fromkeys(addresses), lambda now: zero + timedelta(seconds=now), exam=exam,
        control=control,
    )  # fmt: skip
    stopped: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        with closing(open_host_port(port)) as end:
            took = judge_egms(end, polls, judge, seconds, lambda: stopped)
    except PortGoneError as error:
        click.echo(f"{NAME}: {error}", err=True)
        sys.exit(2)
    finally:
        signal.signal(signal.SIGINT, before)
    tallies = judge.end()
    remarks = [f"EGM {address} has never answered." for address in dict.fromkeys(addresses)
               if judge.conversation.machine(address).said_s is None]  # fmt: skip
    if not judge.conversation.egm_bits:
        remarks.append(NO_BITS)
    report = Report(tallies, (judge.line,), took, judge.messages, tuple(remarks))
    tell(NAME, report, baseline=baseline, **told)
