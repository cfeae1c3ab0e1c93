"""``slotgw demo``: a simulated bank, end to end, under one parent."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from edge_config.loader import ConfigError

HEADLESS_S = 20.0
"""Seconds of a demo without a terminal and without ``--seconds``."""


@click.command(epilog="Example: slotgw demo --seconds 20")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1, max=86_400),
    help="Run for so long without a console, then give a verdict.  "
    "[default: the console in a terminal, else 20]",
)
@click.option(
    "--run-folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("run/demo"),
    show_default=True,
    help="Folder for everything that the demo writes; what an earlier demo left is deleted.",
)
@click.pass_context
def demo(ctx: click.Context, seconds: float | None, run_folder: Path) -> None:
    """Run 24 simulated EGMs through to NATS, three consumers and the console.

    A real nats-server, the simulated floor, the edge gateway, dispatch, loyalty, surveillance and
    the console, each as its own process; one that dies is started again. q in the console ends
    everything. Without a console: at the end play stops, everything drains, and the floor's own
    ledger is compared with the streams event for event.

    Exit status: 0 all was well, 1 it was not (the last lines say why), 2 wrong usage.
    """
    # imported late: --help needs no server
    from gateway.bus.server import ServerError  # noqa: PLC0415
    from gateway.demo.cast import LONGEST_SOCKET  # noqa: PLC0415
    from gateway.demo.folder import FolderError, demo_folder  # noqa: PLC0415
    from gateway.demo.parent import DemoFailedError, DemoStoppedError  # noqa: PLC0415

    if seconds is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        seconds = HEADLESS_S
    try:
        with demo_folder(run_folder, LONGEST_SOCKET) as folder:
            well = asyncio.run(_run(folder, seconds))
    except FolderError as error:
        click.echo(f"slotgw demo: {error}", err=True)
        ctx.exit(2)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    except DemoStoppedError as error:
        click.echo(f"slotgw demo: stopped by {error}, without a verdict", err=True)
        ctx.exit(1)
    except (DemoFailedError, ServerError, OSError) as error:
        click.echo(f"slotgw demo: {error}", err=True)
        ctx.exit(1)
    if seconds is None:
        click.echo(f"slotgw demo: everything has stopped; logs are in {run_folder}/logs")
    ctx.exit(0 if well else 1)


async def _run(folder: Path, seconds: float | None) -> bool:
    from gateway.demo.cast import make_cast  # noqa: PLC0415 (see demo)
    from gateway.demo.parent import Demo  # noqa: PLC0415

    return await Demo(make_cast(folder), click.echo, seconds).run()
