"""``slotgw find``: events of the last thirty days, by machine, place, code or type."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from gateway.central.index.search import Found, Search

NOTICE: Final = "observed, not official"
DAYS: Final = 30
LIMIT_MOST: Final = 1_000_000
_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z",
                   "%Y-%m-%dT%H:%M:%S.%f%z")  # fmt: skip
COLUMNS: Final = (
    "time", "occurredafter", "occurredbefore", "location", "subject", "type", "sascode", "severity",
    "possiblerepeat", "id", "data",
)  # fmt: skip


@click.command(
    epilog="Example: slotgw find --data run/central --location 01-02-03 --type handpay --csv"
)
@click.option("--data", required=True, metavar="FOLDER", type=click.Path(path_type=Path),
              help="Folder of the central consumers; slotgw central index fills it.")  # fmt: skip
@click.option("--asset", default="", help="Asset number.")
@click.option("--location", default="", help="Where the machine stood when it happened.")
@click.option("--code", default="", help="SAS exception code in hex, 51.")
@click.option("--type", "kind", default="", help="Type or family: handpay.pending, door.")
@click.option("--from", "begin", metavar="WHEN", type=click.DateTime(_FORMATS),
              help="Not before; UTC if it says nothing. 30 days ago if not given.")  # fmt: skip
@click.option("--to", "end", metavar="WHEN", type=click.DateTime(_FORMATS),
              help="Before; now if not given.")  # fmt: skip
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, LIMIT_MOST),
              help="Events told at most, the oldest of the range first.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON: whole events.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def find(
    ctx: click.Context,
    *,
    data: Path,
    asset: str,
    location: str,
    code: str,
    kind: str,
    begin: datetime | None,
    end: datetime | None,
    limit: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Find events, oldest first; an export says its range, its rows and their hash.

    The hash is SHA-256 over the data lines, each with its line feed: of CSV the head line and the
    rows, of JSON the lines between the brackets of "events" without their commas.

    Exit status: 0 done (also if nothing was found), 1 there is no index, 2 wrong usage.
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    from gateway.central.index.search import Search, SearchError, search  # noqa: PLC0415

    now = datetime.now(UTC)
    first, last = _aware(begin) or now - timedelta(days=DAYS), _aware(end) or now
    wanted = Search(asset, location, _code(code), kind, _ns(first), _ns(last))
    started = time.perf_counter()
    try:
        found = search(data / "index.sqlite", wanted, limit)
    except SearchError as error:
        click.echo(f"slotgw find: {error}", err=True)
        ctx.exit(1)
    spent_s = time.perf_counter() - started
    head = _head(found, first, last, wanted)
    if as_json:
        click.echo(_json(found, head), nl=False)
    elif as_csv:
        click.echo(_csv(found, head), nl=False)
    else:
        click.echo(_text(found, spent_s))
    if found.more:
        click.echo(f"slotgw find: there are more than {limit}: give a later --from", err=True)


def _head(found: Found, first: datetime, last: datetime, wanted: Search) -> dict[str, Any]:
    filters = {"asset": wanted.asset, "location": wanted.location, "type": wanted.type,
               "code": "" if wanted.code is None else f"{wanted.code:02X}"}  # fmt: skip
    return {
        "notice": NOTICE,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "filters": {name: value for name, value in filters.items() if value},
        "rows": len(found.events),
        "complete": not found.more,
    }


def _json(found: Found, head: dict[str, Any]) -> str:
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in found.events]
    top = json.dumps(head | {"sha256": _hash(lines)}, ensure_ascii=False)
    return f'{top[:-1]}, "events": [\n' + ",\n".join(lines) + "\n]}\n"


def _csv(found: Found, head: dict[str, Any]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for event in found.events:
        writer.writerow(_cell(event.get(name, "")) for name in COLUMNS)
    body = buffer.getvalue()
    filters = " ".join(f"{name}={value}" for name, value in head["filters"].items()) or "none"
    top = (
        f"# {head['notice']}\n# from {head['from']} to {head['to']}; filters: {filters}\n"
        f"# rows {head['rows']}{'' if head['complete'] else ', there are more'}; "
        f"sha256 {hashlib.sha256(body.encode()).hexdigest()}\n"
    )
    return top + body


def _text(found: Found, spent_s: float) -> str:
    from gateway.events.envelope import Envelope  # noqa: PLC0415 - only people need words
    from gateway.events.text import one_line  # noqa: PLC0415

    lines = []
    for one in found.events:
        event = Envelope.model_validate(one)
        when = event.time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        mark = "?" if event.possiblerepeat else " "
        place = event.location or event.asset or "-"
        lines.append(f"{when}{mark} {place:<12} {event.asset or '':<10} {one_line(event)}")
    lines.append(f"{len(found.events)} events in {spent_s:.2f} s; {NOTICE}")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = str(value)
    # a spreadsheet takes a cell that begins so for a formula
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _code(text: str) -> int | None:
    if not text:
        return None
    try:
        code = int(text, 16)
    except ValueError:
        code = 0
    if not 0 < code <= 0xFF:
        raise click.BadParameter("an exception code in hex, 01 to FF", param_hint="--code")
    return code


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000
