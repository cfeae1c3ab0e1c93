"""``slotgw console``: the floor in a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import Places, find_places, read_password
from edge_config.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.bus.calls import CallsNews
    from gateway.console.app import ConsoleApp

# What keeps Textual light on a slow line; whoever sets them otherwise is heeded.
_LIGHT = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "TEXTUAL_SMOOTH_SCROLL": "0"}


@click.command(
    epilog="Example: slotgw console edge_config/sites/demo_floor.toml --run-folder run/demo",
)
@click.argument("site_file", metavar="SITE.toml")
@click.option(
    "--run-folder", help="Folder of this site's ports and files; overrides the site file."
)
@click.option("--nats-url", help="NATS server that has the open calls; overrides the site file.")
@click.option("--user", default="console", show_default=True, help="NATS user, read-only.")
@click.option("--password-file", help="File with the NATS user's password; without it, no calls.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Send ASCII only to the terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print one snapshot as JSON and leave.")
@click.pass_context
def console(
    ctx: click.Context,
    site_file: str,
    *,
    run_folder: str | None,
    nats_url: str | None,
    user: str,
    password_file: str | None,
    ascii_only: bool,
    as_json: bool,
) -> None:
    """Show the floor as the gateway beside it sees it: EGMs, events, open calls, lines, NATS.

    Reads only. Waits for a gateway that does not run, and outlives one that restarts. ? shows the
    keys, q leaves. Exit status: 0 done, 1 no gateway answers (--json), 2 wrong usage or
    configuration.
    """
    try:
        site = load_toml(site_file, Site)
        places = find_places(site, site_file, run_folder=run_folder, nats_url=nats_url)
        password = None
        if password_file is not None:
            password = read_password(Path(password_file), site_file, "--password-file", user)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    if as_json:
        ctx.exit(_print_snapshot(places.status_socket))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo("slotgw console: needs a terminal; for a program there is --json", err=True)
        ctx.exit(2)
    app = _app(places, user, password, ascii_only=ascii_only)
    app.run()
    ctx.exit(app.return_code or 0)


def _print_snapshot(socket: Path) -> int:
    # imported late: each way of running pays only for its own imports
    from gateway.console.source import (  # noqa: PLC0415
        AwayError,
        UnreadableError,
        take_snapshot,
    )

    try:
        snapshot = asyncio.run(take_snapshot(socket))
    except (AwayError, UnreadableError) as error:
        click.echo(f"slotgw console: {error}", err=True)
        return 1
    click.echo(snapshot.model_dump_json(indent=2))
    return 0


def _app(places: Places, user: str, password: str | None, *, ascii_only: bool) -> ConsoleApp:
    for name, value in _LIGHT.items():
        os.environ.setdefault(name, value)
    # imported late: Textual reads its environment when it is imported
    from gateway.console.app import ConsoleApp, Job  # noqa: PLC0415
    from gateway.console.calls import Calls, follow  # noqa: PLC0415
    from gateway.console.floor import Floor  # noqa: PLC0415
    from gateway.console.glyphs import ASCII, glyphs_for  # noqa: PLC0415
    from gateway.console.source import StatusSource  # noqa: PLC0415

    now = partial(datetime.now, UTC)
    glyphs = ASCII if ascii_only else glyphs_for(os.environ, sys.stdout.encoding)
    floor, socket = Floor(now()), places.status_socket
    jobs: list[Job] = [StatusSource(socket, floor, now).run]
    if password is None:
        calls = Calls(now(), "no NATS password was given; see --password-file")
    else:
        calls = Calls(now())
        watch = partial(_watch, places, user, password)
        jobs.append(partial(follow, calls, watch, now))
    return ConsoleApp(
        floor,
        calls,
        jobs,
        now=now,
        zone=ZoneInfo(places.site.site.time_zone),
        glyphs=glyphs,
        socket=os.path.relpath(socket) if socket.is_relative_to(Path.cwd()) else str(socket),
        capture=places.capture_socket,
        request=places.request_socket,
    )


def _watch(places: Places, user: str, password: str) -> AsyncIterator[CallsNews]:
    from gateway.bus.calls import watch_calls  # noqa: PLC0415 (after the first picture)

    return watch_calls(places.nats_url, user, password, site=places.site.site.id)
