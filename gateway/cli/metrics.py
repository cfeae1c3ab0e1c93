"""``slotgw metrics``: every figure that is served for Prometheus."""

from __future__ import annotations

import json

import click

from gateway.metrics.families import ROWS
from gateway.metrics.page import PAGE, metrics_page


@click.command("metrics", epilog="Example: slotgw metrics --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.option("--write", is_flag=True, help="Write the page that comes with slotgw anew.")
def metrics(*, as_json: bool, write: bool) -> None:
    """List every metric with its type, labels and meaning.

    Exit status: 0 done, 2 wrong usage.
    """
    if write:
        PAGE.write_text(metrics_page(), "utf-8")
        click.echo(f"wrote {PAGE}")
    elif as_json:
        rows = [
            {"name": row.full_name, "type": row.kind, "help": row.help, "labels": row.labels}
            for row in ROWS.values()
        ]
        click.echo(json.dumps(rows, indent=2))
    else:
        click.echo(metrics_page(), nl=False)
