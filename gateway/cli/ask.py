"""``slotgw ask`` and ``slotgw central answers``: questions about the floor as it is now."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import find_places, read_password
from edge_config.site import Site

if TYPE_CHECKING:
    from gateway.central.shell import Connection

QUESTIONS = ("state", "meters", "ping")


def connection_options(user: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add what says where and as whom a command connects."""

    def added(command: Callable[..., None]) -> Callable[..., None]:
        for decorator in reversed((
            click.option("--run-folder", help="Run folder of the site; overrides the site file."),
            click.option("--nats-url", help="NATS server; overrides the site file."),
            click.option("--user", default=user, show_default=True, help="NATS user."),
            click.option("--password-file", metavar="FILE",
                         help="File with that user's password; nats/USER.password in the run "
                         "folder if not given."),
        )):  # fmt: skip
            command = decorator(command)
        return command

    return added


def _listen(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Take an address such as 127.0.0.1:9465."""
    del ctx, param
    host, colon, port = (value or "").rpartition(":")
    if value is not None and not (host and colon and port.isascii() and port.isdigit()):
        raise click.BadParameter('an address such as "127.0.0.1:9465"')
    return value


metrics_listen_option = click.option(
    "--metrics-listen", metavar="HOST:PORT", callback=_listen,
    help="Serve figures for Prometheus there; not at all if not given.",
)  # fmt: skip
"""Adds where a service that runs for long serves its figures."""


@click.command(epilog='Example: slotgw ask SITE.toml "state of 14-07"')
@click.argument("site_file", metavar="SITE.toml")
@click.argument("question", nargs=-1, required=True)
@connection_options("console")
@click.pass_context
def ask(ctx: click.Context, /, site_file: str, question: tuple[str, ...], **options: Any) -> None:
    """Ask what the floor is like now: "state of 14-07", "meters of bank 7", "ping".

    The service slotgw central answers replies, from memory; the answer is JSON. A program asks
    the same by a NATS request on ask.v1.SITE.state, .meters or .ping.

    Exit status: 0 answered, 1 nobody answers or nothing is known by that name, 2 wrong usage.
    """
    words = " ".join(question).strip()
    verb = words.partition(" ")[0]
    if verb not in QUESTIONS:
        raise click.BadParameter(f"begin with {', '.join(QUESTIONS)}", param_hint="QUESTION")
    site, connection = connected(ctx, site_file, **options)
    from gateway.bus.question import QuestionError  # noqa: PLC0415 - after what can be wrong
    from gateway.bus.question import ask as put  # noqa: PLC0415

    try:
        told = asyncio.run(
            put(connection.url, connection.user, connection.password(), site.site.id, verb, words)
        )
    except (QuestionError, OSError) as error:
        click.echo(f"slotgw ask: {error}", err=True)
        ctx.exit(1)
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@click.command(
    "answers", epilog="Example: slotgw central answers edge_config/sites/demo_floor.toml"
)
@click.argument("site_file", metavar="SITE.toml")
@connection_options("consumer")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON at the end.")
@click.pass_context
def answers(ctx: click.Context, /, site_file: str, *, as_json: bool, **options: Any) -> None:
    """Answer questions about the floor as it is now, from memory; see slotgw ask.

    Keeps no file. Several may run at once.

    Exit status: 0 stopped on request, 2 wrong usage or configuration.
    """
    logging.basicConfig(level="ERROR", format="%(asctime)s %(levelname)s %(message)s", force=True)
    site, connection = connected(ctx, site_file, **options)
    from gateway.central.answers.shell import run  # noqa: PLC0415 - after what can be wrong
    from gateway.contracts.export import catalogue_version  # noqa: PLC0415

    done = asyncio.run(
        run(
            site.site.id, catalogue_version(), connection,
            lambda words: click.echo(f"slotgw central answers: {words}", err=True),
        )
    )  # fmt: skip
    text = f"answers: {done['answered']} questions answered, {done['machines']} machines known"
    click.echo(json.dumps(done) if as_json else text)


def connected(
    ctx: click.Context,
    site_file: str,
    *,
    run_folder: str | None,
    nats_url: str | None,
    user: str,
    password_file: str | None,
) -> tuple[Site, Connection]:
    """Return the site and how to connect; a wrong site file ends the command."""
    try:
        site = load_toml(site_file, Site)
        places = find_places(site, site_file, run_folder=run_folder, nats_url=nats_url)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    from gateway.central.shell import Connection  # noqa: PLC0415 - after what can be wrong

    path = Path(password_file or places.run_folder / "nats" / f"{user}.password")

    def password() -> str:
        try:
            return read_password(path, site_file, "--password-file", user)
        except ConfigError as error:
            raise FileNotFoundError(str(error)) from error

    return site, Connection(places.nats_url, user, password)
