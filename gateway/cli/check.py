"""``slotgw check``: what is wrong with a site file, and what it means for its lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import Places, find_places
from edge_config.plan import LinePlan, line_plans, warnings
from edge_config.site import LineInfo, Site
from gateway.edge.rules import check_event_rules, year_warnings

if TYPE_CHECKING:
    from gateway.cli.outbox_size import Sizing
    from gateway.cli.stream_size import StreamSize


@click.command(
    epilog="Example: slotgw check edge_config/sites/demo_floor.toml",
)
@click.argument("site_file", metavar="SITE.toml")
@click.option("--run-folder", help="Folder of this site's files; overrides the site file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.pass_context
def check(ctx: click.Context, site_file: str, *, run_folder: str | None, as_json: bool) -> None:
    """Read a site file; report every mistake at once, or what its lines and its disk will do.

    Opens no port and needs no server. Exit status: 0 the file is right, 2 it is wrong, or the disk
    holds fewer days of unsent events than it asks for.
    """
    try:
        site = load_toml(site_file, Site)
        places = find_places(site, site_file, run_folder=run_folder)
        check_event_rules(site, site_file)
    except ConfigError as error:
        if as_json:
            report = {"ok": False, "problems": [asdict(problem) for problem in error.problems]}
            click.echo(json.dumps(report, indent=2))
        else:
            click.echo(error, err=True)
            count = len(error.problems)
            click.echo(f"{count} mistake{'s' if count > 1 else ''}", err=True)
        ctx.exit(2)
    sizing = _sized(ctx, places)
    from gateway.cli.stream_size import stream_sizes  # noqa: PLC0415 (see _sized)

    sizes = stream_sizes(site)
    if as_json:
        streams = [asdict(one) for one in sizes]
        report = _as_json(site) | _disk_json(sizing) | {"streams": streams}
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(_as_text(site, sizing, sizes))
    if not sizing.enough:
        click.echo(
            f"{site_file}: the disk of {places.gateway_folder} is too small: {sizing.days:.1f} "
            f"days of unsent events, {sizing.wanted_days:g} wanted; give a larger disk, raise "
            "outbox.max_mib, or ask for fewer days in outbox.unsent_days",
            err=True,
        )
        ctx.exit(2)


def _sized(ctx: click.Context, places: Places) -> Sizing:
    # imported late: a wrong file is told without the outbox
    from gateway.cli.outbox_size import size  # noqa: PLC0415

    try:
        return size(places)
    except OSError as error:
        click.echo(f"slotgw check: cannot ask the disk: {error}", err=True)
        ctx.exit(2)


def _disk_json(sizing: Sizing) -> dict[str, object]:
    return {"ok": sizing.enough, "outbox": asdict(sizing)}


def _as_json(site: Site) -> dict[str, object]:
    return {
        "ok": True,
        "site": site.site.id,
        "gateway": site.gateway.id,
        "lines": [asdict(plan) for plan in line_plans(site)],
        "warnings": list(_warnings(site)),
    }


def _as_text(site: Site, sizing: Sizing, sizes: tuple[StreamSize, ...]) -> str:
    rows = [f"{site.site.name} ({site.site.id}), gateway {site.gateway.id}"]
    width = max(len(line.name) for line in site.lines)
    for line, plan in zip(site.lines, line_plans(site), strict=True):
        rows.append(f"  {line.name:{width}}  {plan.egms:2} EGMs  {_line_words(line, plan)}")
    rows.append(f"  {sizing.words()}")
    rows += [f"  {line}" for line in _streams_words(sizes)]
    found = _warnings(site)
    rows += [f"warning: {text}" for text in found]
    count = f"{len(found)} warning{'s' if len(found) > 1 else ''}" if found else "no warnings"
    rows.append(f"{len(site.egms)} EGMs on {len(site.lines)} lines, {count}")
    return "\n".join(rows)


def _warnings(site: Site) -> tuple[str, ...]:
    today = datetime.now(ZoneInfo(site.site.time_zone)).date()
    return (*warnings(site), *year_warnings(site, today))


def _streams_words(sizes: tuple[StreamSize, ...]) -> Iterator[str]:
    from gateway.cli.stream_size import gib  # noqa: PLC0415 (see _sized)

    machines = sizes[0].machines
    yield f"streams of the NATS server, for {machines} EGMs ([streams] in the site file):"
    yield from (f"  {one.words()}" for one in sizes)
    yield f"  {gib(sum(one.max_bytes for one in sizes))} in all, on the server's disk"


def _line_words(line: LineInfo, plan: LinePlan) -> str:
    if plan.cycle_s is None or plan.poll_period_s is None:
        wires = line.port if line.port_egm is None else f"{line.port} and {line.port_egm}"
        return f"{line.mode}: sends nothing, hears another host's polls, {line.transport} {wires}"
    return (
        f"cycle {plan.cycle_s * 1000:4.0f} ms  "
        f"each polled every {plan.poll_period_s * 1000:4.0f} ms  "
        f"{line.mode}, {line.allow}, {line.transport} {line.port}"
    )
