"""``slotgw central``: the consumers of the floor's events."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import find_places, read_password
from edge_config.site import Site
from gateway.cli.ask import answers, metrics_listen_option
from gateway.cli.inbound import inbound

if TYPE_CHECKING:
    from gateway.bus.consumer import ConsumerStatus
    from gateway.central.service import Service

DEFAULT_USER = "consumer"


@click.group()
def central() -> None:
    """Central consumers: dispatch, loyalty, surveillance, the index, answers, inbound.

    Each reads the site's events from JetStream, keeps what follows from them in a SQLite file of
    its own, and publishes it. Kill one at any time: it goes on where it was.
    """


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what all consumers take."""
    for decorator in reversed((
        click.argument("site_file", metavar="SITE.toml"),
        click.option("--data", required=True, metavar="FOLDER",
                     help="Folder of the consumer's files; made if it is missing."),
        click.option("--run-folder", help="Run folder of the site; overrides the site file."),
        click.option("--nats-url", help="NATS server; overrides the site file."),
        click.option("--user", default=DEFAULT_USER, show_default=True, help="NATS user."),
        click.option("--password-file", metavar="FILE",
                     help="File with that user's password; nats/USER.password in the run folder "
                     "if not given."),
        metrics_listen_option,
        click.option("--json", "as_json", is_flag=True,
                     help="Print the figures as JSON when it stops."),
        click.option("--log-level", default="error", show_default=True,
                     help="What to log; how it stands is told in any case.",
                     type=click.Choice(["debug", "info", "warning", "error"])),
    )):  # fmt: skip
        command = decorator(command)
    return command


@central.command(
    epilog="Example: slotgw central dispatch edge_config/sites/demo_floor.toml --data run/central"
)
@_options
@click.pass_context
def dispatch(ctx: click.Context, /, **options: Any) -> None:
    """Open one call for each handpay, tilt or lamp; the machine's own reset ends it.

    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration.
    """

    def made(site: Site) -> Service:
        from gateway.central.dispatch.service import Dispatch  # noqa: PLC0415 (see _run)

        del site
        return Dispatch()

    _run(ctx, made, **options)


@central.command(
    epilog="Example: slotgw central loyalty edge_config/sites/demo_floor.toml --data run/central"
)
@_options
@click.option(
    "--rules",
    metavar="RULES.toml",
    help="Points for a unit of each currency; 1 point for 1.00 if not given.",
)
@click.pass_context
def loyalty(ctx: click.Context, /, *, rules: str | None, **options: Any) -> None:
    """Credit points for carded coin in, once for each carded session.

    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration.
    """

    def made(site: Site) -> Service:
        from gateway.central.loyalty.rules import PointsRules, default_rules  # noqa: PLC0415
        from gateway.central.loyalty.service import Loyalty  # noqa: PLC0415

        found = load_toml(rules, PointsRules) if rules else default_rules(site.site.currency)
        return Loyalty(found)

    _run(ctx, made, **options)


@central.command(
    epilog="Example: slotgw central surveillance edge_config/sites/demo_floor.toml "
    "--data run/central"
)
@_options
@click.pass_context
def surveillance(ctx: click.Context, /, **options: Any) -> None:
    """Record security events with place, cameras and the stretch of video to keep.

    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration.
    """

    def made(site: Site) -> Service:
        from gateway.central.surveillance.service import Surveillance  # noqa: PLC0415 (see _run)

        return Surveillance(site)

    _run(ctx, made, **options)


@central.command(
    epilog="Example: slotgw central index edge_config/sites/demo_floor.toml --data run/central"
)
@_options
@click.option(
    "--days", default=30.0, show_default=True, type=click.FloatRange(0.01, 3650),
    help="Days that events are kept; games are kept for three at most.",
)  # fmt: skip
@click.pass_context
def index(ctx: click.Context, /, *, days: float, **options: Any) -> None:
    """Keep every event for a while, to be found with slotgw find; cards and sessions are left out.

    Exit status: 0 stopped on request, 1 failed, 2 wrong usage or configuration.
    """

    def made(site: Site) -> Service:
        from gateway.central.index.service import PLAY_DAYS, Index  # noqa: PLC0415 (see _run)

        del site
        return Index(days, min(days, PLAY_DAYS))

    _run(ctx, made, **options)


central.add_command(answers)
central.add_command(inbound)


@central.command(epilog="Example: slotgw central summary --data run/central --json")
@click.option("--data", required=True, metavar="FOLDER", help="Folder of the consumers' files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.pass_context
def summary(ctx: click.Context, *, data: str, as_json: bool) -> None:
    """Say what the consumers have done so far; may be asked while they run.

    Exit status: 0 done, 1 there is nothing to read, 2 wrong usage.
    """
    from gateway.central.summary import (  # noqa: PLC0415 (see _run)
        SummaryError,
        summary,
        summary_text,
    )

    try:
        found = summary(Path(data))
    except SummaryError as error:
        click.echo(f"slotgw central summary: {error}", err=True)
        ctx.exit(1)
    if not any(found.values()):
        click.echo(
            f"slotgw central summary: no consumer's file in {data}; give the folder that the "
            "consumers were given with --data",
            err=True,
        )
        ctx.exit(1)
    click.echo(json.dumps(found, indent=2) if as_json else summary_text(found))


def _run(
    ctx: click.Context,
    made: Callable[[Site], Service],
    *,
    site_file: str,
    data: str,
    run_folder: str | None,
    nats_url: str | None,
    user: str,
    password_file: str | None,
    metrics_listen: str | None,
    as_json: bool,
    log_level: str,
) -> None:
    name = ctx.info_name
    logging.basicConfig(
        level=log_level.upper(), format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    # imported late: a wrong site file is told before a second of imports
    try:
        site = load_toml(site_file, Site)
        places = find_places(site, site_file, run_folder=run_folder, nats_url=nats_url)
        service = made(site)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    from gateway.bus.consumer_store import StoreError  # noqa: PLC0415
    from gateway.central.shell import Connection, Latest, run  # noqa: PLC0415
    from gateway.metrics.consumer import ConsumerCollector  # noqa: PLC0415
    from gateway.metrics.server import MetricsServer  # noqa: PLC0415

    path = Path(password_file or places.run_folder / "nats" / f"{user}.password")

    def password() -> str:
        try:
            return read_password(path, site_file, "--password-file", user)
        except ConfigError as error:  # a server may be set up after us: it is waited for
            raise FileNotFoundError(str(error)) from error

    def metrics(latest: Latest[ConsumerStatus]) -> Coroutine[None, None, None]:
        collector = ConsumerCollector(service.name, lambda: latest.status)
        return MetricsServer(metrics_listen, collector, "--metrics-listen").run()

    def tell(words: str) -> None:
        click.echo(f"slotgw central {name}: {words}", err=True)

    connection = Connection(places.nats_url, user, password)
    try:
        status = asyncio.run(run(service, site.site.id, connection, Path(data), tell, metrics))
    except StoreError as error:
        click.echo(f"slotgw central {name}: {error}", err=True)
        ctx.exit(1)
    if as_json:
        click.echo(json.dumps({"service": service.name, **asdict(status)}))
    else:
        click.echo(
            f"{service.name}: {status.handled} events handled, {status.duplicates} came again, "
            f"{status.dead} to the dead letters, {status.outgoing} messages not sent yet"
        )
