"""``slotsim do``: what a person does at a machine of a floor that runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import quote

import click

from floor_sim.cli.running_floor import NotDoneError, RunningFloor, give_up, run_folder_option
from floor_sim.doings_table import TABLE, example, listing


@click.command("do")
@click.argument("place", required=False)
@click.argument("words", nargs=-1)
@run_folder_option
@click.option("--list", "listed", is_flag=True, help="List what can be done, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def do_at(
    place: str | None, words: tuple[str, ...], run_folder: Path, listed: bool, as_json: bool
) -> None:
    """Do WORDS at the machine at PLACE, an asset number or a location, on a floor that runs.

    slotsim do --list says which words there are. Exit status: 0 done, 1 the machine was not in a
    state for it, 2 no such floor, machine or words.

    Example: slotsim do 01-01-01 door open slot
    """
    if listed:
        rows = [
            {"words": name, "takes": row.takes, "example": example(name), "does": row.does}
            for name, row in TABLE.items()
        ]
        click.echo(json.dumps(rows, indent=2) if as_json else listing())
        return
    if place is None or not words:
        raise click.UsageError("say a machine and what to do there, such as 10101 bill 20")
    action = " ".join(words)
    try:
        told = RunningFloor(run_folder).ask(
            "POST", f"/machines/{quote(place, safe='')}/do", {"action": action}
        )
    except NotDoneError as error:
        give_up("slotsim do", error)
        return
    if as_json:
        click.echo(json.dumps({"asset": told["asset"], "action": action, "done": told["done"],
                               "stands": told["stands"]}))  # fmt: skip
    elif not told["done"]:
        as_it_stands = ", ".join(told["stands"]) or "nobody there, nothing open"
        click.echo(
            f"slotsim do: machine {told['asset']} is not in a state for that: {as_it_stands}",
            err=True,
        )
    sys.exit(0 if told["done"] else 1)
