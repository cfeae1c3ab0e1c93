"""``slotsim do``: what a person does at a machine of a floor that runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import quote

import click

from floor_sim.cli.running_floor import NotDoneError, RunningFloor, give_up, run_folder_option


@click.command("do")
@click.argument("asset")
@click.argument("words", nargs=-1, required=True)
@run_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def do_at(asset: str, words: tuple[str, ...], run_folder: Path, as_json: bool) -> None:
    """Do WORDS at the machine ASSET of a floor that runs: door open slot, bill 20, jackpot 1250.

    Words that name nothing get the list of those that do. Exit status: 0 done, 1 the machine was
    not in a state for it, 2 no such floor, machine or words.

    Example: slotsim do 10101 door open slot
    """
    try:
        told = RunningFloor(run_folder).ask(
            "POST", f"/machines/{quote(asset, safe='')}/do", {"action": " ".join(words)}
        )
    except NotDoneError as error:
        give_up("slotsim do", error)
        return
    if as_json:
        click.echo(json.dumps({"asset": asset, "action": " ".join(words), **told}))
    elif not told["done"]:
        click.echo(f"slotsim do: machine {asset} is not in a state for that", err=True)
    sys.exit(0 if told["done"] else 1)
