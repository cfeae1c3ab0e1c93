"""``slotsim day``: hours of a floor in virtual time, and what they came to."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from edge_config.loader import ConfigError, load_toml
from floor_sim.day import Day, run_day
from floor_sim.figures import figures, table
from floor_sim.floor_file import FloorFile


@click.command()
@click.argument("floor_toml", type=click.Path(path_type=Path))
@click.option("--begins", default="2026-11-19T04:00", show_default=True,
              help="Local time at which it begins.")  # fmt: skip
@click.option("--hours", type=click.FloatRange(0.1, 24 * 31), default=24.0, show_default=True,
              help="Hours of the floor's time.")  # fmt: skip
@click.option("--wire/--no-wire", default=False, show_default=True,
              help="Poll every machine once a second, each poll encoded and decoded.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Seed, instead of the file's.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def day(
    floor_toml: Path, begins: str, hours: float, wire: bool, seed: int | None, as_json: bool
) -> None:
    """Run the floor of FLOOR_TOML in virtual time; print its figures beside the usual ones.

    Nothing is written, no port is opened. The floor needs a table headed [crowd]. Times of day are
    those of the floor's time zone.

    Example: slotsim day floor.toml --hours 24
    """
    try:
        file = load_toml(floor_toml, FloorFile)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if file.crowd is None:
        click.echo(f"slotsim day: {floor_toml} has no [crowd]: nobody keeps hours", err=True)
        sys.exit(2)
    try:
        moment = datetime.fromisoformat(begins).replace(tzinfo=ZoneInfo(file.floor.time_zone))
    except ValueError:
        raise click.UsageError(f"--begins {begins}: a time such as 2026-11-19T04:00") from None
    cpu_s = time.process_time()

    def progress(now: float) -> None:
        used = time.process_time() - cpu_s
        click.echo(f"slotsim day: {now / 3600:.0f} of {hours:g} h, {used:.0f} s CPU", err=True)

    done = run_day(file, moment, hours, wired=wire, seed=seed, progress=progress)
    used_s = time.process_time() - cpu_s
    if as_json:
        click.echo(json.dumps(_json(done, used_s), indent=2))
        return
    click.echo(f"{len(done.floor.machines)} machines, {hours:g} hours from {begins}, "
               f"{'every poll on the wire' if wire else 'without wire'}, "
               f"seed {done.floor.seed}: {used_s:.1f} s CPU")  # fmt: skip
    click.echo(table(done))
    if done.heard is not None:
        click.echo(_wire_words(done, used_s))


def _wire_words(done: Day, used_s: float) -> str:
    heard = done.heard
    assert heard is not None, "a floor with a wire"
    return (
        f"{heard.polls:,} polls: {heard.idle:,} idle, {heard.codes.total():,} exceptions, "
        f"{heard.handpays} handpays read, {heard.silent} silent, {heard.wrong} wrong; "
        f"{1e6 * used_s / heard.polls:.1f} us CPU a poll with all play"
    )


def _json(done: Day, used_s: float) -> dict[str, object]:
    heard = done.heard
    return {
        "machines": len(done.floor.machines),
        "hours": done.hours,
        "seed": done.floor.seed,
        "cpu_s": round(used_s, 1),
        "figures": [
            {"name": row.name, "measured": row.measured, "usual": row.usual, "note": row.remark}
            for row in figures(done)
        ],
        "wire": None if heard is None else {
            "polls": heard.polls, "idle": heard.idle, "exceptions": heard.codes.total(),
            "handpays": heard.handpays, "silent": heard.silent, "wrong": heard.wrong,
        },
    }  # fmt: skip
