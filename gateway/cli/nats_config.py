"""``slotgw nats-config``: the server's users, permissions and streams, printed or applied."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.site import Site

EPILOG = (
    "Example: slotgw nats-config SITE.toml --data /srv/nats --port 4222 > nats-server.conf; "
    "then, with the server running: slotgw nats-config SITE.toml --data /srv/nats --apply"
)


@click.command("nats-config", epilog=EPILOG)
@click.argument("site_file", metavar="SITE.toml")
@click.option(
    "--data",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The server's folder: passwords, configuration, JetStream's files.",
)
@click.option(
    "--port",
    default=4222,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="TCP port for clients, on loopback.",
)
@click.option(
    "--monitor-port",
    default=8222,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="HTTP port for monitoring, on loopback; 0 for none.",
)
@click.option(
    "--gateway",
    "gateways",
    multiple=True,
    help="Another gateway of the site that publishes here; may be repeated.",
)
@click.option("--apply", "apply", is_flag=True,
              help="Make what is missing on the running server, as user admin.")  # fmt: skip
@click.pass_context
def nats_config(
    ctx: click.Context,
    site_file: str,
    data: Path,
    port: int,
    monitor_port: int,
    gateways: tuple[str, ...],
    *,
    apply: bool,
) -> None:
    """Print the nats-server configuration of a site; with --apply ensure its streams.

    Passwords are made once and kept in DATA/<user>.password, each readable by its owner only.
    Streams get the room that slotgw check computes; one that is there grows, and never shrinks.
    What else differs is reported and left as it is. The contract goes into the bucket slot_schemas.

    Exit status: 0 done, 1 failed or a stream differs, 2 wrong usage or configuration.
    """
    try:
        site = load_toml(site_file, Site)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    # imported late: a wrong site file is told before a second of imports
    from gateway.bus.passwords import keep_passwords  # noqa: PLC0415
    from gateway.bus.server_config import ServerPlan, server_config  # noqa: PLC0415

    try:
        passwords = keep_passwords(data)
    except OSError as error:
        click.echo(f"slotgw nats-config: {error}", err=True)
        ctx.exit(1)
    if apply:
        ctx.exit(asyncio.run(_apply(site, f"nats://127.0.0.1:{port}", passwords["admin"])))
    plan = ServerPlan(
        site.site.id,
        (site.gateway.id, *gateways),
        data.absolute(),
        port,
        monitor_port or None,
        passwords,
    )
    try:
        click.echo(server_config(plan), nl=False)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


async def _apply(site: Site, url: str, password: str) -> int:
    from gateway.bus.streams import StreamsError, apply_streams  # noqa: PLC0415
    from gateway.cli.stream_size import stream_limits, stream_sizes  # noqa: PLC0415
    from gateway.contracts.export import bucket_values, catalogue_version  # noqa: PLC0415

    limits = stream_limits(stream_sizes(site))
    schemas = bucket_values(catalogue_version())
    try:
        reports = await apply_streams(url, "admin", password, limits, schemas)
    except StreamsError as error:
        click.echo(f"slotgw nats-config: {error}", err=True)
        return 1
    for report in reports:
        click.echo(f"{report.name:<20} {report.state}")
        for line in report.differences:
            click.echo(f"{'':<20}   {line}")
    return 1 if any(report.state == "differs" for report in reports) else 0
