"""``slotsim faults``: what can go wrong."""

from __future__ import annotations

import json
import textwrap

import click

from floor_sim.faults.table import FAULTS, page

WIDTH = 78


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print the page that stands in the project.")
def faults(as_json: bool, markdown: bool) -> None:
    """List the faults that a simulated floor can have.

    In a floor file each is a table headed [[faults]]; on a floor that runs it is added with
    POST /faults of the control API, whose address is in RUN_FOLDER/control.json.

    Example: slotsim faults --json
    """
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
