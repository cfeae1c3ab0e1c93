"""``slotsim list``: what comes with it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

import edge_config
from edge_config.loader import load_toml
from floor_sim.floor_file import FloorFile


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_floors(as_json: bool) -> None:
    """List the floors that come with slotsim.

    Example: slotsim list --json
    """
    folder = Path(edge_config.__file__).parent / "floors"
    rows = [_row(path) for path in sorted(folder.glob("*.toml"))]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        size = f"{row['machines']} machines on {row['lines']} lines"
        click.echo(f"{row['name']}: {size}; {row['path']}")


def _row(path: Path) -> dict[str, object]:
    file = load_toml(path, FloorFile)
    return {
        "name": file.floor.name,
        "path": str(path),
        "lines": len(file.lines),
        "machines": len(file.egms),
        "profiles": dict(Counter(egm.profile for egm in file.egms)),
        "seed": file.floor.seed,
    }
