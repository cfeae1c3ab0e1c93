"""``slotgw console``: the floor in a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Final

import click

from edge_config.loader import ConfigError
from gateway.cli.console_data import print_json
from gateway.cli.console_open import Wish, console_app, settle

BEHIND_POLLING: Final = 10
"""By how much a console steps back behind the gateway that shares its computer: ten consoles on two
busy cores made polls late before they did."""


@click.command(
    epilog="Example: slotgw console edge_config/sites/demo_floor.toml --run-folder run/demo; "
    "slotgw console --nats nats://10.1.2.3:4222 --password-file console.password; "
    "slotgw console SITE.toml --json --page lines",
)
@click.argument("site_file", metavar="[SITE.toml]", required=False)
@click.option(
    "--run-folder", help="Folder of this site's ports and files; overrides the site file."
)
@click.option("--nats", metavar="URL",
              help="Instead: the whole floor, all gateways, from this NATS server.")  # fmt: skip
@click.option("--site-id", default="", help="With --nats: which site, where there are several.")
@click.option("--nats-url", help="NATS server that has the open calls; overrides the site file.")
@click.option("--user", default="console", show_default=True, help="NATS user, read-only.")
@click.option("--password-file", help="File with the NATS user's password; without it, no calls.")
@click.option(
    "--staff-password-file", help="With --nats: acknowledge and note too, as NATS user staff."
)
@click.option("--ascii", "ascii_only", is_flag=True, help="Send ASCII only to the terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print one snapshot as JSON and leave.")
@click.option("--page", default="",
              help="Begin with this screen; with --json print only what it shows. machine:ASSET is "
              "everything about one EGM.")  # fmt: skip
@click.option("--filter", "filter_text", default="", help="As typed after /: bank:7 !state:idle")
@click.pass_context
def console(
    ctx: click.Context,
    /,
    *,
    ascii_only: bool,
    as_json: bool,
    page: str,
    filter_text: str,
    **given: str | None,
) -> None:
    """Show the floor as the gateway beside it sees it: EGMs, events, open calls, lines, NATS.

    With --nats URL it shows from anywhere what all gateways tell; ports, turns and the wire are
    seen with SITE.toml on the gateway's own computer only. Reads only. Waits for what does not run
    yet, and outlives what restarts. ? shows the keys, q leaves. Exit status: 0 done, 1 nobody
    answers (--json), 2 wrong usage or configuration.
    """
    if not given["site_file"] and not given["nats"]:
        raise click.UsageError("name the site's file, or with --nats URL the NATS server")
    try:
        settled = settle(Wish(**given))
        if as_json and settled.file is not None:
            settled.file.whole()  # nobody waits for a first picture
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    if as_json:
        ctx.exit(print_json(settled, page, filter_text))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo("slotgw console: needs a terminal; for a program there is --json", err=True)
        ctx.exit(2)
    if not settled.over_nats:  # before the imports, too: ten that start at once are a second of CPU
        with suppress(OSError):
            os.nice(BEHIND_POLLING)
    app = console_app(settled, ascii_only=ascii_only)
    try:
        app.begin_with(page, filter_text)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    app.run()
    ctx.exit(app.return_code or 0)
