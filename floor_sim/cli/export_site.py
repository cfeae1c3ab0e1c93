"""``slotsim export-site``: the gateway's site file for a floor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, cast

import click

from edge_config.loader import ConfigError, load_toml
from floor_sim.export_site import SiteWords, site_text
from floor_sim.floor_file import FloorFile


@click.command("export-site")
@click.argument("floor_toml", type=click.Path(path_type=Path))
@click.option("--site", default="demo", show_default=True, help="Short name of the casino.")
@click.option("--name", default="Simulated Casino", show_default=True,
              help="Name of the casino, for people.")  # fmt: skip
@click.option("--jurisdiction", default="US-NV", show_default=True, help="Regulator's area.")
@click.option("--currency", default="USD", show_default=True, help="Money of the machines.")
@click.option("--gateway", default="edge1", show_default=True, help="Short name of the gateway.")
@click.option("--run-folder", help="The gateway's run folder; nothing: the floor's own, in which "
                                   "its ptys are.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 2), default=1, show_default=True,
              help="Which SAS port of the machines the gateway polls.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Write there instead of printing.")
def export_site(
    floor_toml: Path, site: str, name: str, jurisdiction: str, currency: str, gateway: str,
    run_folder: str | None, port: int, out: Path | None,
) -> None:  # fmt: skip
    """Print the site file with which a gateway polls the floor of FLOOR_TOML.

    Example: slotsim export-site floor.toml --out site.toml && slotgw check site.toml
    """
    words = SiteWords(
        site, name, jurisdiction, currency, gateway, run_folder, cast("Literal[1, 2]", port)
    )
    try:
        text = site_text(load_toml(floor_toml, FloorFile), words)
    except (ConfigError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        click.echo(f"slotsim export-site: {out}: {error.strerror}", err=True)
        sys.exit(1)
