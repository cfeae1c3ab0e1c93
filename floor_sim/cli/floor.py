"""``slotsim floor``: floors made to measure."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from floor_sim.presets import MACHINES_MAX, Transport, preset


@click.group()
def floor() -> None:
    """Make floor files.

    Example: slotsim floor preset 24 > floor.toml
    """


@floor.command("preset")
@click.argument("machines", type=click.IntRange(1, MACHINES_MAX))
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True,
              help="Who stands where, and what happens.")  # fmt: skip
@click.option("--transport", type=click.Choice(["pty", "bridge"]),
              help="How the lines are carried; nothing: pty up to 64 machines, else a "
                   "bridge.")  # fmt: skip
@click.option(
    "--bridge",
    default="127.0.0.1:7400",
    show_default=True,
    help="First bridge; each takes 250 lines, and the next one a TCP port more.",
)
@click.option("--certified", is_flag=True,
              help="A second SAS port for each machine, polled by a certified host.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Write there instead of printing.")
def make_preset(
    machines: int, seed: int, transport: str | None, bridge: str, certified: bool, out: Path | None
) -> None:
    """Print the file of a floor of MACHINES machines: 24, 500, 2000, 5000, or any number.

    With zones, banks, locations, lines, par sheets, cameras, a crowd that comes by hour and
    weekday, a crew and a drop team. One size and one seed are one file.

    Example: slotsim floor preset 500 --out floor500.toml
    """
    carried = transport or ("pty" if machines <= 64 else "bridge")
    text = preset(
        machines, seed, transport=cast("Transport", carried), bridge=bridge, certified=certified
    )
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
        click.echo(f"slotsim floor: {machines} machines in {out}", err=True)
