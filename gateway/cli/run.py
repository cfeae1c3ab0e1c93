"""``slotgw run``: the edge daemon."""

from __future__ import annotations

import asyncio
import logging

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import find_places
from edge_config.site import Site


@click.command(epilog="Example: slotgw run edge_config/sites/demo_floor.toml")
@click.argument("site_file", metavar="SITE.toml")
@click.option(
    "--run-folder", help="Folder of this site's ports and files; overrides the site file."
)
@click.option("--nats-url", help="NATS server; overrides the site file.")
@click.option(
    "--log-level",
    default="warning",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="What is worth a line on standard error.",
)
@click.pass_context
def run(
    ctx: click.Context,
    site_file: str,
    run_folder: str | None,
    nats_url: str | None,
    log_level: str,
) -> None:
    """Poll the lines of a site, keep what they say, publish it.

    Ports and servers that are away are waited for. SIGTERM stops it within five seconds. A second
    gateway of the same name, or on the same run folder, is refused before it polls.
    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration, or refused.
    """
    logging.basicConfig(
        level=log_level.upper(), format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    try:
        site = load_toml(site_file, Site)
        places = find_places(site, site_file, run_folder=run_folder, nats_url=nats_url)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    # imported late: a wrong site file is told before a second of imports
    from gateway.bus.lease import RivalError  # noqa: PLC0415
    from gateway.edge.daemon import Daemon  # noqa: PLC0415
    from gateway.outbox.types import OpenError, OutboxLockedError  # noqa: PLC0415

    try:
        daemon = Daemon(places)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    except OutboxLockedError as error:
        click.echo(f"slotgw run: {error}", err=True)
        ctx.exit(2)
    except OpenError as error:
        click.echo(f"slotgw run: {error}", err=True)
        ctx.exit(1)
    click.echo(
        f"slotgw: {len(site.lines)} lines, {len(site.egms)} EGMs; run folder {places.run_folder}; "
        f"status on {places.status_socket}",
        err=True,
    )
    try:
        asyncio.run(daemon.run())
    except RivalError as error:
        click.echo(f"slotgw run: {error}", err=True)
        ctx.exit(2)
