"""``slotgw central inbound``: takes what the SMS and the player system send."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import click

from gateway.cli.ask import connected, connection_options


@click.command("inbound", epilog="Example: slotgw central inbound site.toml --data run/central")
@click.argument("site_file", metavar="SITE.toml")
@click.option("--data", required=True, metavar="FOLDER",
              help="Folder of the service's file; made if it is missing.")  # fmt: skip
@connection_options("consumer")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON at the end.")
@click.pass_context
def inbound(
    ctx: click.Context, /, site_file: str, *, data: str, as_json: bool, **options: Any
) -> None:
    """Take, check and keep what the SMS and the player system send, and answer each message.

    What is taken is told as inbound.accepted, what is refused as inbound.refused; a message that
    comes again is taken once. Nothing that is sent reaches a machine.

    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration.
    """
    logging.basicConfig(level="ERROR", format="%(asctime)s %(levelname)s %(message)s", force=True)
    site, connection = connected(ctx, site_file, **options)
    from gateway.bus.consumer_store import StoreError  # noqa: PLC0415 - after what can be wrong
    from gateway.central.inbound.shell import run  # noqa: PLC0415

    def tell(words: str) -> None:
        click.echo(f"slotgw central inbound: {words}", err=True)

    try:
        done = asyncio.run(run(site, connection, Path(data), tell))
    except StoreError as error:
        tell(str(error))
        ctx.exit(1)
    text = (
        f"inbound: {done['accepted']} messages taken, {done['duplicates']} came again, "
        f"{done['refused']} refused"
    )
    click.echo(json.dumps(done) if as_json else text)
