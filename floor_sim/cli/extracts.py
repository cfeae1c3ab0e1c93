"""``slotsim extracts``: what a certified system would have written about a floor."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from edge_config.loader import ConfigError, load_toml
from floor_sim.certified.extracts import SHAPES
from floor_sim.certified.mistakes import MISTAKES
from floor_sim.certified.write import write_extracts
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.tally import Tally


@click.command()
@click.argument("floor_toml", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), default=Path("sms"), show_default=True,
              help="Folder in which the extracts are written, one folder a shape.")  # fmt: skip
@click.option("--begins", default="2026-11-19T04:00", show_default=True,
              help="Local time at which the run begins.")  # fmt: skip
@click.option("--hours", type=click.FloatRange(0.1, 24 * 31), default=25.0, show_default=True,
              help="Hours of the floor's time.")  # fmt: skip
@click.option("--shape", "shapes", multiple=True, type=click.Choice([*SHAPES]),
              help="Shape of the files; nothing: all.")  # fmt: skip
@click.option("--error", "errors", multiple=True, type=click.Choice([*MISTAKES]),
              help="An error that is put in; may be given again.")  # fmt: skip
@click.option("--list-errors", is_flag=True, help="List the errors that can be put in.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Seed, instead of the file's.")
def extracts(
    floor_toml: Path | None, out: Path, begins: str, hours: float, shapes: tuple[str, ...],
    errors: tuple[str, ...], list_errors: bool, seed: int | None,
) -> None:  # fmt: skip
    """Let a certified host poll the floor of FLOOR_TOML in virtual time; write its extracts as CSV.

    The floor has second SAS ports on lines with transport = "certified": slotsim floor preset
    --certified makes one. Meters by gaming day, handpays and slips, tickets, ratings, drop and
    count, in two shapes. A floor that runs in real time writes them into its run folder.

    Example: slotsim extracts floor.toml --error "slip missing" --out sms
    """
    if list_errors:
        for name, mistake in MISTAKES.items():
            click.echo(f"{name:18} {mistake.table:8} {mistake.does}")
        return
    if floor_toml is None:
        raise click.UsageError("Missing argument 'FLOOR_TOML'.")
    try:
        file = load_toml(floor_toml, FloorFile)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    try:
        moment = datetime.fromisoformat(begins).replace(tzinfo=ZoneInfo(file.floor.time_zone))
    except ValueError:
        raise click.UsageError(f"--begins {begins}: a time such as 2026-11-19T04:00") from None
    floor = Floor(file, Tally(), {}, seed=seed, wall_at_zero=moment)
    floor.start(0.0)
    if floor.certified is None:
        click.echo(f"slotsim extracts: {floor_toml} has no certified line", err=True)
        sys.exit(2)
    while (due := floor.next_due()) is not None and due <= hours * 3600:
        floor.run(due)
    try:
        books = floor.certified.clerk.books
        written = write_extracts(out, books, shapes or [*SHAPES], errors, floor.seed)
    except OSError as error:
        click.echo(f"slotsim extracts: {out}: {error.strerror}", err=True)
        sys.exit(1)
    click.echo(f"{len(written)} files in {out}: {len(books.meters)} readings, "
               f"{len(books.slips)} slips, {len(books.tickets)} tickets, "
               f"{len(books.ratings)} ratings, {len(books.drops)} cashboxes")  # fmt: skip
