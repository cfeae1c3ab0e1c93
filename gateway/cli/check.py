"""``slotgw check``: what is wrong with a site file, and what it means for its lines."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.plan import LinePlan, line_plans, warnings
from edge_config.site import LineInfo, Site


@click.command(
    epilog="Example: slotgw check edge_config/sites/demo_floor.toml",
)
@click.argument("site_file", metavar="SITE.toml")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.pass_context
def check(ctx: click.Context, site_file: str, *, as_json: bool) -> None:
    """Read a site file; report every mistake at once, or what its lines will do.

    Opens no port and needs no server. Exit status: 0 the file is right, 2 it is wrong.
    """
    try:
        site = load_toml(site_file, Site)
    except ConfigError as error:
        if as_json:
            report = {"ok": False, "problems": [asdict(problem) for problem in error.problems]}
            click.echo(json.dumps(report, indent=2))
        else:
            click.echo(error, err=True)
            count = len(error.problems)
            click.echo(f"{count} mistake{'s' if count > 1 else ''}", err=True)
        ctx.exit(2)
    if as_json:
        click.echo(json.dumps(_as_json(site), indent=2))
    else:
        click.echo(_as_text(site))


def _as_json(site: Site) -> dict[str, object]:
    return {
        "ok": True,
        "site": site.site.id,
        "gateway": site.gateway.id,
        "lines": [asdict(plan) for plan in line_plans(site)],
        "warnings": list(warnings(site)),
    }


def _as_text(site: Site) -> str:
    rows = [f"{site.site.name} ({site.site.id}), gateway {site.gateway.id}"]
    width = max(len(line.name) for line in site.lines)
    for line, plan in zip(site.lines, line_plans(site), strict=True):
        rows.append(f"  {line.name:{width}}  {plan.egms:2} EGMs  {_line_words(line, plan)}")
    found = warnings(site)
    rows += [f"warning: {text}" for text in found]
    count = f"{len(found)} warning{'s' if len(found) > 1 else ''}" if found else "no warnings"
    rows.append(f"{len(site.egms)} EGMs on {len(site.lines)} lines, {count}")
    return "\n".join(rows)


def _line_words(line: LineInfo, plan: LinePlan) -> str:
    if plan.cycle_s is None or plan.poll_period_s is None:
        wires = line.port if line.port_egm is None else f"{line.port} and {line.port_egm}"
        return f"{line.mode}: sends nothing, hears another host's polls, {line.transport} {wires}"
    return (
        f"cycle {plan.cycle_s * 1000:4.0f} ms  "
        f"each polled every {plan.poll_period_s * 1000:4.0f} ms  "
        f"{line.mode}, {line.allow}, {line.transport} {line.port}"
    )
