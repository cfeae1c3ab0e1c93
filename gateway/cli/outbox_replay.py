"""``slotgw outbox replay``: have stored events sent again."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from gateway.cli.outbox_target import Moment, places_of, stop, wanted_of
from gateway.outbox.browse import Browser, Wanted
from gateway.outbox.reading import is_sound
from gateway.outbox.store import Store
from gateway.outbox.types import OutboxError, OutboxLockedError

BATCH_ROWS = 256
ANSWER_S = 60.0
"""How long the gateway may be silent."""


@click.command(epilog="Example: slotgw outbox replay site.toml --from 1200 --to 1450")
@click.argument("site_file", metavar="SITE.toml")
@click.option("--run-folder", help="Run folder of the site; overrides the site file.")
@click.option("--from", "first", type=Moment(), required=True, help="First event, or moment.")
@click.option("--to", "last", type=Moment(), required=True, help="Last event, or moment.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def replay(
    site_file: str,
    *,
    run_folder: str | None,
    first: int | datetime,
    last: int | datetime,
    as_json: bool,
) -> None:
    """Have stored events sent again whose delivery has ended: a stream lost them, or refused them.

    The running gateway sends them among the live ones, in small batches, under fresh message ids
    and their old event ids: consumers that have them already pass them over. Without a running
    gateway they are made pending, and it sends them at its next start. Ctrl-C stops.
    """
    places = places_of(site_file, run_folder)
    if not places.outbox.exists():
        stop(f"there is no outbox {places.outbox}: has the gateway ever run there?", 2)
    try:
        bounds = _bounds(places.outbox, wanted_of(first, last))
        if bounds is None:
            stop("no event is stored in that range", 1)
        try:
            events = _by_ourselves(places.outbox, *bounds)
            how = "are pending again; the gateway sends them at its next start"
        except OutboxLockedError:
            events = _by_the_gateway(places.replay_socket, *bounds)
            how = "were given to the running gateway to be sent again"
    except OutboxError as error:
        stop(str(error), 1)
    if as_json:
        click.echo(json.dumps({"events": events, "first": bounds[0], "last": bounds[1]}))
    else:
        click.echo(f"{events} events {how}")


def _bounds(path: Path, wanted: Wanted) -> tuple[int, int] | None:
    """Return the first and last stored sequence of those meant."""
    if wanted.ended_ns >= wanted.began_ns == 0 and wanted.last < 2**62:
        return (wanted.first, wanted.last) if wanted.first <= wanted.last else None
    found: tuple[int, int] | None = None
    with closing(Browser(path)) as browser:
        for kept in browser.rows(wanted):
            found = (found[0] if found else kept.row.sequence, kept.row.sequence)
    return found


def _by_ourselves(path: Path, first: int, last: int) -> int:
    """No gateway runs: make them pending in its outbox."""
    if not is_sound(path):
        stop(f"{path} is damaged: start the gateway, which salvages it and tells the loss", 1)
    store = Store.open(path)
    events = 0
    try:
        while rows := store.replay(first, last, BATCH_ROWS):
            events += len(rows)
            first = rows[-1].sequence + 1
    finally:
        store.close()
    return events


def _by_the_gateway(path: Path, first: int, last: int) -> int:
    events = 0
    for said in _answers(path, f"{first} {last}\n"):
        if "error" in said:
            stop(str(said["error"]), 1)
        events = int(str(said["events"]))
        if said.get("done"):
            break
    else:
        stop(f"the gateway went away after {events} events; ask again", 1)
    return events


def _answers(path: Path, asked: str) -> Iterator[dict[str, object]]:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_S)
            client.connect(str(path))
            client.sendall(asked.encode())
            with client.makefile("r", encoding="utf-8") as lines:
                for line in lines:
                    yield json.loads(line)
    except OSError as error:
        stop(f"the gateway that holds the outbox does not answer on {path}: {error}", 1)
