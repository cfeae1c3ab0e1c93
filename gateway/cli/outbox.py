"""``slotgw outbox``: what is kept beside the machines, and what became of it."""

from __future__ import annotations

import json
import time
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli.outbox_files import export, salvage, verify
from gateway.cli.outbox_replay import replay
from gateway.cli.outbox_target import one_outbox, some_events, stop
from gateway.events.encode import time_text
from gateway.outbox.browse import Browser, Kept, Wanted
from gateway.outbox.reader import Reader

LIST_ROWS = 50


@click.group()
def outbox() -> None:
    """Look into the outbox, prove it, take events out of it, have events sent again.

    All but replay only read, and may be used while the gateway runs.
    Exit status: 0 done, 1 failed or faults found, 2 wrong usage or configuration.
    """


@outbox.command(epilog="Example: slotgw outbox status edge_config/sites/demo_floor.toml")
@one_outbox
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def status(path: Path, *, as_json: bool) -> None:
    """Say how many events wait, for whom and since when, and what was given up."""
    with closing(Reader(path)) as reader:
        counts, losses = reader.counts(), reader.losses()
        sequence, chain = reader.head()
    oldest_ns = counts.oldest_pending_ns
    age_s = None if oldest_ns is None else round(max(0.0, time.time() - oldest_ns / 1e9), 1)
    size = sum(
        one.stat().st_size for one in (path, path.with_name(path.name + "-wal")) if one.exists()
    )
    if as_json:
        data = asdict(counts) | {
            "path": str(path), "bytes": size, "oldest_age_s": age_s, "chain": chain.hex(),
            "losses": [asdict(loss) for loss in losses.losses],
        }  # fmt: skip
        click.echo(json.dumps(data, indent=2))
        return
    click.echo(f"outbox {path}, {size / 2**20:.1f} MiB, newest event {sequence}")
    click.echo(
        f"{counts.depth} pending" + (f", the oldest for {age_s:g} s" if age_s is not None else "")
    )
    for stream, depth in counts.depth_by_stream.items():
        click.echo(f"  {stream:16} {depth}")
    click.echo(
        f"{counts.acknowledged} acknowledged, {counts.refused} refused, {counts.shed} shed, ever"
    )
    for loss in losses.losses:
        click.echo(f"not yet told: {loss.rows} events of {loss.asset or '_'} {loss.cause}")
    click.echo(f"seal {sequence}:{chain.hex()}")


@outbox.command(
    "list",
    epilog='Example: slotgw outbox list site.toml --type "handpay.*" --from 2026-11-21T18:00:00Z',
)
@one_outbox
@some_events
@click.option("--limit", default=LIST_ROWS, show_default=True, type=click.IntRange(1, 1_000_000),
              help="Events at most.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines for a program.")
def list_events(path: Path, wanted: Wanted, *, limit: int, as_json: bool) -> None:
    """List events, the oldest first, with what became of them."""
    with closing(Browser(path)) as browser:
        for kept in browser.rows(wanted, limit):
            click.echo(json.dumps(summary(kept)) if as_json else _line(kept))


@outbox.command(epilog="Example: slotgw outbox show 206 edge_config/sites/demo_floor.toml")
@click.argument("event", metavar="SEQUENCE|ID")
@one_outbox
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def show(path: Path, event: str, *, as_json: bool) -> None:
    """Show one event whole: its envelope, its delivery, its place in the chain."""
    with closing(Browser(path)) as browser:
        kept = browser.one(event)
        if kept is None:
            absent = browser.absent(int(event)) if event.isdecimal() and len(event) < 19 else ""
            stop(absent or f"there is no event {event}", 1)
    body: object = kept.row.body.decode("utf-8", "replace")
    with suppress(ValueError):  # then it is shown as it is
        body = json.loads(kept.row.body)
    if as_json:
        click.echo(json.dumps(summary(kept) | {"chain": kept.chain.hex(), "event": body}, indent=2))
        return
    click.echo(_line(kept))
    click.echo(f"subject {kept.row.subject}, stream {kept.row.stream}, seal {kept.chain.hex()}")
    click.echo(json.dumps(body, indent=2, ensure_ascii=False))


def summary(kept: Kept) -> dict[str, object]:
    """Return what a program is told of an event in a list."""
    row = kept.row
    return {
        "sequence": row.sequence, "id": row.id, "type": row.type, "asset": row.asset,
        "time": time_text(row.time_ns), "stream": row.stream, "state": kept.state,
        "stream_seq": kept.stream_seq, "duplicate": kept.duplicate, "reason": kept.reason,
        "replays": row.replays, "intact": kept.intact,
    }  # fmt: skip


def _line(kept: Kept) -> str:
    row = kept.row
    end = kept.state
    if kept.stream_seq is not None:
        end += f" {row.stream}:{kept.stream_seq}" + (" (duplicate)" if kept.duplicate else "")
    if kept.reason:
        end += f": {kept.reason}"
    if row.replays:
        end += f", sent again {row.replays} times"
    if not kept.intact:
        end += ", DAMAGED: it is not what was stored"
    return f"{row.sequence:>9}  {time_text(row.time_ns)}  {row.asset or '_':8} {row.type:24} {end}"


for _command in (replay, verify, export, salvage):
    outbox.add_command(_command)
