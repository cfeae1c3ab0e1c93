"""``slotsim run``: a floor in real time, or in virtual time."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from edge_config.loader import ConfigError, load_toml
from floor_sim.floor_file import FloorFile
from floor_sim.ledger import LEDGER, LedgerError
from floor_sim.ptys import PtyError
from floor_sim.run_folder import RunError
from floor_sim.shell import RunOptions, run_floor
from floor_sim.virtual import VirtualOptions, VirtualRun, run_virtual


@click.command()
@click.argument("floor_toml", type=click.Path(path_type=Path))
@click.option(
    "--run-folder",
    type=click.Path(path_type=Path),
    envvar="SLOTSIM_RUN_FOLDER",
    help="Folder for lines, card readers and ledger, instead of the floor file's.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Seed, instead of the file's.")
@click.option(
    "--speed",
    type=click.FloatRange(0.01, 100),
    default=1.0,
    show_default=True,
    help="How many times faster people are; the wire keeps its pace.",
)
@click.option("--play/--no-play", default=True, show_default=True,
              help="Whether people are there from the start; without them, whatever is done by "
                   "hand stays as it is.")  # fmt: skip
@click.option(
    "--sync",
    is_flag=True,
    help="Write each line of the ledger to the disk before the machines act on it; slow.",
)
@click.option("--virtual", "virtual_s", type=click.FloatRange(0, 10**7, min_open=True),
              metavar="SECONDS",
              help="Run so many seconds on a clock that jumps, as fast as this computer can; a "
                   "plain host polls the lines, and the same seed is the same run.")  # fmt: skip
@click.option("--begins", type=click.DateTime(["%Y-%m-%dT%H:%M:%S"]),
              default="2025-01-01T00:00:00", show_default=True,
              help="With --virtual: UTC on the wall at the beginning.")  # fmt: skip
def run(
    floor_toml: Path, run_folder: Path | None, seed: int | None, speed: float, play: bool,
    sync: bool, virtual_s: float | None, begins: datetime,
) -> None:  # fmt: skip
    """Run the floor of FLOOR_TOML until SIGTERM or Ctrl-C.

    Machines answer on ptys (RUN_FOLDER/lines/...), card readers send on others
    (RUN_FOLDER/cards/...). RUN_FOLDER/ledger.jsonl tells what really happened;
    RUN_FOLDER/control.json says where the control API is.

    With --virtual there are no ptys and no control API, only the ledger.

    Example: slotsim run edge_config/floors/demo_floor.toml --run-folder run/demo_floor
    """
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s"
    )
    try:
        file = load_toml(floor_toml, FloorFile)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    folder = (run_folder or Path(file.floor.run_folder)).absolute()
    try:
        if virtual_s is None:
            run_floor(file, RunOptions(folder, seed, speed, playing=play, sync=sync))
            return
        begins = begins.replace(tzinfo=UTC)
        options = VirtualOptions(folder, virtual_s, begins, seed, speed, playing=play)
        _introduce(run_virtual(file, options, _progress), folder)
    except (RunError, LedgerError, PtyError) as error:
        click.echo(f"slotsim: {error}", err=True)
        sys.exit(1)


def _progress(now: float, took_s: float) -> None:
    click.echo(f"slotsim: {now:,.0f} s of the floor's time in {took_s:.0f} s", err=True)


def _introduce(done: VirtualRun, folder: Path) -> None:
    click.echo(
        f"slotsim: {done.virtual_s:g} s in {done.real_s:.1f} s; {done.records} records in "
        f"{folder / LEDGER}; {done.polls} polls, {done.heard} exceptions told, {done.queued} wait; "
        f"seed {done.seed}",
        err=True,
    )
