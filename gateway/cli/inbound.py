"""``slotgw central inbound``: takes what the SMS and the player system send."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.ask import connected, connection_options, metrics_listen_option

if TYPE_CHECKING:
    from gateway.central.inbound.shell import InboundStatus
    from gateway.central.shell import Latest


@click.command("inbound", epilog="Example: slotgw central inbound site.toml --data run/central")
@click.argument("site_file", metavar="SITE.toml")
@click.option("--data", required=True, metavar="FOLDER",
              help="Folder of the service's file; made if it is missing.")  # fmt: skip
@connection_options("consumer")
@metrics_listen_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON at the end.")
@click.pass_context
def inbound(
    ctx: click.Context,
    /,
    site_file: str,
    *,
    data: str,
    metrics_listen: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Take, check and keep what the SMS and the player system send, and answer each message.

    What is taken is told as inbound.accepted, what is refused as inbound.refused; a message that
    comes again is taken once. Nothing that is sent reaches a machine. What was accepted is kept for
    good; that it was told to the others, for a week.

    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration.
    """
    logging.basicConfig(level="ERROR", format="%(asctime)s %(levelname)s %(message)s", force=True)
    site, connection = connected(ctx, site_file, **options)
    from gateway.bus.consumer_store import StoreError  # noqa: PLC0415 - after what can be wrong
    from gateway.central.inbound.shell import run  # noqa: PLC0415
    from gateway.metrics.inbound import SERVICE, InboundCollector  # noqa: PLC0415
    from gateway.metrics.server import MetricsServer  # noqa: PLC0415

    def metrics(latest: Latest[InboundStatus]) -> Coroutine[None, None, None]:
        collector = InboundCollector(lambda: latest.status)
        return MetricsServer(metrics_listen, collector, "--metrics-listen").run()

    def tell(words: str) -> None:
        click.echo(f"slotgw central inbound: {words}", err=True)

    try:
        done = asyncio.run(run(site, connection, Path(data), tell, metrics))
    except StoreError as error:
        tell(str(error))
        ctx.exit(1)
    text = (
        f"inbound: {done.accepted} messages taken, {done.duplicates} came again, "
        f"{done.refused} refused"
    )
    click.echo(json.dumps({"service": SERVICE, **asdict(done)}) if as_json else text)
