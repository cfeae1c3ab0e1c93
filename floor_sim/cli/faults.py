"""``slotsim faults``: what can go wrong, and on a floor that runs: what does."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import click

from floor_sim.cli.running_floor import NotDoneError, RunningFloor, give_up, run_folder_option
from floor_sim.faults.table import FAULTS, page
from floor_sim.faults.words import read_settings, said

WIDTH = 78


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print the page that stands in the project.")
def faults(context: click.Context, as_json: bool, markdown: bool) -> None:
    """List the faults that a simulated floor can have.

    In a floor file each is a table headed [[faults]]; on a floor that runs it is added and removed
    with the commands below, or over the control API, whose address is in RUN_FOLDER/control.json.

    Example: slotsim faults --json
    """
    if context.invoked_subcommand is not None:
        return
    if markdown:
        click.echo(page(), nl=False)
        return
    if as_json:
        rows = [
            {"kind": kind, "acts_on": row.place, "does": row.does, "needs": row.needs,
             "takes": row.takes}
            for kind, row in FAULTS.items()
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    for kind, row in FAULTS.items():
        click.echo(f"{kind}: acts on the {row.place}")
        click.echo(textwrap.fill(row.does, WIDTH, initial_indent="  ", subsequent_indent="  "))
        for word, keys in (("needs", row.needs), ("takes", row.takes)):
            if keys:
                click.echo(f"  {word}: {', '.join(keys)}")


@faults.command()
@click.argument("kind")
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@run_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(kind: str, settings: tuple[str, ...], run_folder: Path, as_json: bool) -> None:
    """Add a fault to a floor that runs; its number is printed.

    Exit status 2: no such floor, kind or key.

    Example: slotsim faults add drop line=L1 probability=0.01 seconds=60
    """
    try:
        given = {"kind": kind, **read_settings(settings)}
        told = RunningFloor(run_folder).ask("POST", "/faults", given)
    except (NotDoneError, ValueError) as error:
        give_up("slotsim faults add", error)
        return
    click.echo(json.dumps(told) if as_json else f"fault {told['number']}: {kind}")


@faults.command()
@click.argument("number", type=click.IntRange(min=1))
@run_folder_option
def remove(number: int, run_folder: Path) -> None:
    """Remove the fault NUMBER of a floor that runs.

    Exit status 1: it is over, or there never was one of that number.

    Example: slotsim faults remove 3
    """
    try:
        told = RunningFloor(run_folder).ask("DELETE", f"/faults/{number}")
    except NotDoneError as error:
        give_up("slotsim faults remove", error)
        return
    if not told["done"]:
        click.echo(f"slotsim faults remove: there is no fault {number}", err=True)
        sys.exit(1)


@faults.command()
@run_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def active(run_folder: Path, as_json: bool) -> None:
    """List the faults of a floor that runs.

    Example: slotsim faults active --run-folder run/demo_floor
    """
    try:
        told = RunningFloor(run_folder).get("/faults")
    except NotDoneError as error:
        give_up("slotsim faults active", error)
        return
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for number, fault in told.items():
        click.echo(f"{number}: {said(fault)}")
