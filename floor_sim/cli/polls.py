"""``slotsim polls``: what a simulated machine does with each poll."""

from __future__ import annotations

import json

import click

from floor_sim.machine.answers import row_of
from floor_sim.polls_table import PAGE, polls_page
from protocols.sas.tables.polls import POLLS


@click.command("polls")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Write the page that comes with slotsim anew.")
def polls(as_json: bool, write: bool) -> None:
    """List what a simulated machine does with each poll, and what raises each exception.

    Example: slotsim polls --json
    """
    if write:
        PAGE.write_text(polls_page(), "utf-8")
        click.echo(f"wrote {PAGE}")
    elif as_json:
        click.echo(json.dumps([_row(command) for command in POLLS], indent=2))
    else:
        click.echo(polls_page(), nl=False)


def _row(command: int) -> dict[str, object]:
    row, poll = row_of(command), POLLS[command]
    assert row is not None, f"no row for poll {command:02X}"
    kind = "silence" if row.function is None else "obeyed" if row.order else "answered"
    return {
        "poll": f"{command:02X}",
        "type": poll.kind,
        "asks": poll.meaning,
        "machine": kind,
        "does": row.does,
        "optional": row.needs is not None,
        "else": row.without,
    }
