"""``slotgw outbox verify | export | salvage``: whole files."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final

import click

from gateway.cli.outbox_target import one_outbox, some_events, stop
from gateway.events.encode import time_text
from gateway.outbox.browse import Browser, Kept, Wanted
from gateway.outbox.database import open_for_writing
from gateway.outbox.reader import Reader
from gateway.outbox.salvage import salvage as salvage_file
from gateway.outbox.types import OpenError

LABEL: Final = "observed, not official"
COLUMNS: Final = (
    "sequence", "id", "type", "asset", "time", "stream", "state", "stream_seq", "body",
)  # fmt: skip


class Seal(click.ParamType):  # type: ignore[type-arg]  # generic since 8.2
    """A published seal: sequence and chain value."""

    name = "SEQUENCE:HASH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Return sequence and the 32 bytes."""
        if not isinstance(value, str):
            return value
        sequence, _, text = value.partition(":")
        try:
            chain = bytes.fromhex(text)
        except ValueError:
            chain = b""
        if not sequence.isdecimal() or len(chain) != 32:
            self.fail(f"{value!r} is no seal: a sequence, a colon, 64 hex digits", param, ctx)
        return int(sequence), chain


@click.command(epilog="Example: slotgw outbox verify edge_config/sites/demo_floor.toml")
@one_outbox
@click.option("--seal", "seals", type=Seal(), multiple=True,
              help="What gateway.sealed told once: the chain must lead there.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def verify(path: Path, *, seals: tuple[tuple[int, bytes], ...], as_json: bool) -> None:
    """Check every stored event against its hash and the chain, and the books of delivery.

    Reads the whole file. Exit status: 0 all is well, 1 faults were found, 2 wrong usage.
    """
    with closing(Reader(path)) as reader:
        found = reader.verify(dict(seals))
    if as_json:
        click.echo(json.dumps(asdict(found) | {"head": found.head.hex()}, indent=2))
    else:
        for fault in found.faults:
            click.echo(fault)
        if found.faults_untold:
            click.echo(f"and {found.faults_untold} more")
        click.echo(
            f"{found.rows} events checked, {found.pruned} pruned, {found.shed} shed, {found.lost} "
            f"lost, up to {found.last_sequence}: {'FAULTS' if found.faults else 'all is well'}"
        )
    raise click.exceptions.Exit(1 if found.faults else 0)


@click.command(epilog="Example: slotgw outbox export site.toml --from 100 --to 200 -o night.jsonl")
@one_outbox
@some_events
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl",
              show_default=True, help="JSON lines, or comma-separated values.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
              default=Path("-"), help="File to write; without it, the output.")  # fmt: skip
def export(path: Path, wanted: Wanted, *, form: str, output: Path) -> None:
    """Write events into a file for others: observed, not official, with their number and hash.

    The last line tells the first and last sequence, the number of events, how many were left out
    because they are damaged, and the SHA-256 over their bodies, each followed by a line feed.
    """
    digest, rows, damaged = hashlib.sha256(), 0, 0
    first = last = None
    with closing(Browser(path)) as browser, _opened(output) as file:
        write = _jsonl(file) if form == "jsonl" else _csv(file)
        next(write)
        write.send({"about": LABEL, "outbox": str(path)})
        for kept in browser.rows(wanted):
            if not kept.intact:
                damaged += 1
                continue
            rows += 1
            first, last = first or kept.row.sequence, kept.row.sequence
            digest.update(kept.row.body + b"\n")
            write.send(kept)
        end = {
            "about": LABEL, "events": rows, "first_sequence": first, "last_sequence": last,
            "damaged": damaged, "sha256": digest.hexdigest(),
        }  # fmt: skip
        write.send(end)
    click.echo(f"{rows} events, {LABEL}", err=True)


@click.command(
    epilog="Example: slotgw outbox salvage outbox.sqlite.broken-20260921T141320Z --into new.sqlite"
)
@click.argument("damaged", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="File that is made; there must be none yet.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def salvage(damaged: Path, into: Path, *, as_json: bool) -> None:
    """Take all that can be read and proven out of a damaged outbox FILE into a new one.

    The gateway does so by itself at its start with what was not delivered; this takes everything,
    for list, show and export with --file. FILE stays as it is.
    """
    if not damaged.exists():
        stop(f"there is no file {damaged}", 2)
    if into.exists():
        stop(f"{into} is there already: name a new file", 2)
    try:
        opened = open_for_writing(into.absolute(), "FULL", 0)
        with closing(opened.connection) as connection:
            done = salvage_file(damaged, connection, delivered=True)
    except (OpenError, sqlite3.Error, OSError) as error:
        stop(f"cannot make {into}: {error}", 1)
    if as_json:
        click.echo(json.dumps(asdict(done), indent=2))
        return
    for one, other in done.ranges:
        click.echo(f"lost: events {one} to {other}")
    click.echo(
        f"{done.rows} events are in {into} now, {done.pending} of them not delivered; "
        f"{done.lost} could not be read, or not proven"
    )


@contextmanager
def _opened(output: Path) -> Iterator[IO[str]]:
    if str(output) == "-":
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        stop(f"cannot write {output}: {error.strerror or error}", 1)


Write = Generator[None, Kept | dict[str, object], None]


def _jsonl(file: IO[str]) -> Write:
    while True:
        one = yield
        told = _told(one) if isinstance(one, Kept) else one
        file.write(json.dumps(told, ensure_ascii=False) + "\n")


def _csv(file: IO[str]) -> Write:
    writer = csv.writer(file)
    while True:
        one = yield
        if isinstance(one, Kept):
            told = _told(one)
            writer.writerow([told[name] for name in COLUMNS[:-1]] + [one.row.body.decode()])
        else:
            writer.writerow([f"# {name}: {value}" for name, value in one.items()])
            if "outbox" in one:
                writer.writerow(COLUMNS)


def _told(kept: Kept) -> dict[str, object]:
    row = kept.row
    return {
        "sequence": row.sequence, "id": row.id, "type": row.type, "asset": row.asset,
        "time": time_text(row.time_ns), "stream": row.stream, "state": kept.state,
        "stream_seq": kept.stream_seq, "event": json.loads(row.body),
    }  # fmt: skip
