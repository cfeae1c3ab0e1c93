"""``slotgw say``: tell the running gateway what no wire tells."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import Places, find_places
from edge_config.site import Site

ANSWER_S: Final = 20.0
"""How long the gateway may take to answer."""

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def say() -> None:
    """Tell the running gateway what people know: amounts, payments, corrections.

    What is said becomes an event with your user name in it, as the kernel knows it.
    """


def _to_gateway(command: F) -> F:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON for a program."),
        click.option("--run-folder", help="Folder of this site's files; overrides the site file."),
        click.argument("asset", metavar="ASSET"),
        click.argument("site_file", metavar="SITE.toml"),
    ):
        command = option(command)
    return command


@say.command(epilog="Example: slotgw say amount site.toml 10101 1250.00")
@_to_gateway
@click.argument("amount", metavar="AMOUNT")
@click.option("--handpay", help="Which one, by its correlation; without it, the one at hand.")
def amount(site_file: str, asset: str, amount: str, handpay: str | None, **how: Any) -> None:
    """Say what amount a handpay's display shows, where the gateway could not read it."""
    _ask(site_file, {"do": "amount", "asset": asset, "amount": amount, "handpay": handpay}, **how)


@say.command(epilog="Example: slotgw say paid site.toml 10101")
@_to_gateway
@click.option("--handpay", help="Which one, by its correlation; without it, the one at hand.")
def paid(site_file: str, asset: str, handpay: str | None, **how: Any) -> None:
    """Say that the guest of a handpay was paid: the guest's wait ends."""
    _ask(site_file, {"do": "paid", "asset": asset, "handpay": handpay}, **how)


@say.command(
    epilog="Example: slotgw say session site.toml 10101 session-10101-b1-7 900 --reason slip"
)
@_to_gateway
@click.argument("session", metavar="SESSION")
@click.argument("coin_in_credits", metavar="CREDITS", type=click.IntRange(min=0))
@click.option("--reason", required=True, help="Why, in words.")
def session(
    site_file: str, asset: str, session: str, coin_in_credits: int, reason: str, **how: Any
) -> None:
    """Correct the coin in of a carded session that was closed lately."""
    asked = {
        "do": "session", "asset": asset, "session": session, "coin_in_credits": coin_in_credits,
        "reason": reason,
    }  # fmt: skip
    _ask(site_file, asked, **how)


@say.command(epilog="Example: slotgw say mended site.toml 10101 --kind billjam")
@_to_gateway
@click.option("--kind", help="Which kind of tilt or fault, such as billjam; without it, all.")
def mended(site_file: str, asset: str, kind: str | None, **how: Any) -> None:
    """Say that a machine's tilts and faults are over: SAS has no word for it."""
    _ask(site_file, {"do": "mended", "asset": asset, "kind": kind}, **how)


@say.command(epilog="Example: slotgw say read site.toml 10101")
@_to_gateway
def read(site_file: str, asset: str, **how: Any) -> None:
    """Have a machine's meters read now, as soon as its pace allows."""
    _ask(site_file, {"do": "read", "asset": asset}, **how)


def _ask(
    site_file: str, asked: dict[str, object], *, run_folder: str | None, as_json: bool
) -> None:
    ctx = click.get_current_context()
    try:
        places = find_places(load_toml(site_file, Site), site_file, run_folder=run_folder)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    try:
        said = _answer(places, {name: what for name, what in asked.items() if what is not None})
    except OSError as error:
        reason = error.strerror or str(error)
        click.echo(f"slotgw say: {places.request_socket}: {reason}; does it run?", err=True)
        ctx.exit(1)
    if as_json:
        click.echo(json.dumps(said))
    elif "error" not in said:
        for event in said["events"]:
            click.echo(f"{event['id']}  {event['text']}")
        if not said["events"]:
            click.echo("asked")
    if "error" in said:
        click.echo(f"slotgw say: {said['error']}", err=True)
        ctx.exit(1)


def _answer(places: Places, asked: dict[str, object]) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as gateway:
        gateway.settimeout(ANSWER_S)
        gateway.connect(str(places.request_socket))
        gateway.sendall(json.dumps(asked).encode() + b"\n")
        with gateway.makefile("rb") as lines:
            found = json.loads(lines.readline() or b'{"error": "it hung up"}')
    assert isinstance(found, dict)
    return found
