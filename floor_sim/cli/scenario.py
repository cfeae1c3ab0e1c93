"""``slotsim scenario``: what happens on a floor, and whether a host and its stream have seen it."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from edge_config.loader import ConfigError, load_toml
from floor_sim.export_site import SiteWords, site_text
from floor_sim.ledger import LedgerError
from floor_sim.ptys import PtyError
from floor_sim.run_folder import RunError
from floor_sim.scenarios.library import path_of, scenarios, shipped_names
from floor_sim.scenarios.plan import SEED, Played, plan
from floor_sim.scenarios.report import json_of, junit_of, text_of
from floor_sim.scenarios.shape import Shape
from floor_sim.scenarios.verdict import Result, Verdict

RUN_FOLDER = "run/scenarios"
OURS = ("slot.v1.>", "floor.v1.>")

names_argument = click.argument("names", nargs=-1, metavar="[NAME|FILE]...")


@click.group()
def scenario() -> None:
    """Scenarios with a verdict: what happens, and what must be seen by when.

    Exit status: 0 all PASS, 1 FAIL or BLOCKED, 2 wrong usage or file.
    """


@scenario.command("list")
@click.option("--tag", help="Only those with this tag.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the page on scenarios.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_scenarios(tag: str | None, *, as_markdown: bool, as_json: bool) -> None:
    """List the scenarios that come with slotsim.

    Example: slotsim scenario list --tag doors
    """
    if as_markdown:
        from floor_sim.scenarios.docs import markdown  # noqa: PLC0415 - seldom

        click.echo(markdown(), nl=False)
        return
    wanted = [one for one in scenarios() if tag is None or tag in one.file.tags]
    if as_json:
        rows = [
            {"name": one.name, "title": one.file.title, "about": one.file.about,
             "tags": one.file.tags, "machines": dict(one.assets)}
            for one in wanted
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=1))
        return
    width = max(len(name) for name in shipped_names())
    for one in wanted:
        click.echo(f"{one.name:{width}}  {one.file.title} [{', '.join(one.file.tags)}]")


@scenario.command()
@click.argument("name", metavar="NAME|FILE")
def show(name: str) -> None:
    """Print the file of a scenario: copy it to write one of your own.

    Example: slotsim scenario show door-slot
    """
    _load((name,))
    click.echo(path_of(name).read_text("utf-8"), nl=False)


@scenario.command()
@names_argument
@click.option("--run-folder", default=RUN_FOLDER, show_default=True, help="Folder of the ptys.")
@click.option("--bridge", metavar="HOST:PORT", help="On a bridge there instead of ptys.")
@click.option("--site", default="demo", show_default=True, help="Short name of the casino.")
@click.option("--out", type=click.Path(path_type=Path), help="Write there instead of printing.")
def site(names: tuple[str, ...], run_folder: str, bridge: str | None, site: str,
         out: Path | None) -> None:  # fmt: skip
    """Print the site file with which our gateway polls the machines of scenarios.

    Another host finds there which machine is on which line, at which address.

    Example: slotsim scenario site --out run/scenarios.toml
    """
    try:
        on = plan(_load(names), bridge=bridge, run_folder=run_folder)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    text = site_text(on.floor, SiteWords(site=site, run_folder=run_folder))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        _give_up(f"{out}: {error.strerror}")


@scenario.command()
@names_argument
@click.option("--virtual", is_flag=True,
              help="On a clock that jumps, against a host of slotsim's own, as fast as it goes; "
                   "without an event stream.")  # fmt: skip
@click.option("--host", type=click.Choice(["plain", "certified"]), default="plain",
              show_default=True, help="With --virtual: which host.")  # fmt: skip
@click.option("--run-folder", type=click.Path(path_type=Path), default=RUN_FOLDER,
              show_default=True, envvar="SLOTSIM_RUN_FOLDER",
              help="Folder for ptys, card readers and ledger.")  # fmt: skip
@click.option("--bridge", metavar="HOST:PORT", help="Serve a bridge there instead of ptys.")
@click.option("--events", "event_sources", multiple=True, metavar="URL|FILE|-",
              help="Where the events are: nats://HOST:PORT, a file or pipe with a JSON object a "
                   "line, or - for standard input; may be repeated.")  # fmt: skip
@click.option("--subject", "subjects", multiple=True, default=OURS, show_default=True,
              help="NATS subjects of the events; may be repeated.")  # fmt: skip
@click.option(
    "--stream",
    "streams",
    multiple=True,
    help="JetStream stream that is read instead of subjects; may be repeated.",
)
@click.option("--user", default="", help="NATS user.")
@click.option("--password-file", type=click.Path(path_type=Path), help="With its password.")
@click.option("--shape", type=click.Path(path_type=Path),
              help="TOML file that says how a stranger's events are read.")  # fmt: skip
@click.option("--only-wire", is_flag=True,
              help="Leave out what must be seen in the event stream.")  # fmt: skip
@click.option(
    "--faster",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    help="How many times shorter people's pauses are; the wire keeps its pace.",
)
@click.option("--host-wait", "host_wait_s", type=click.FloatRange(1, 3_600), default=30.0,
              show_default=True, help="Seconds that a host has to begin to poll.")  # fmt: skip
@click.option("--at-once", type=click.IntRange(1), default=1_000, show_default=True,
              help="Scenarios that are played at the same time, at the most.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=SEED, show_default=True,
              help="Whatever is left to chance depends on it.")  # fmt: skip
@click.option("--tag", help="Only those with this tag.")
@click.option("--steps", is_flag=True, help="Show every step.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML there.")
@click.option("--blocked-ok", is_flag=True, help="BLOCKED is no failure.")
def run(names: tuple[str, ...], **options: Any) -> None:
    """Play scenarios (all that come with slotsim, without NAME) and say what came of each.

    PASS: all was seen. FAIL: something was not. BLOCKED: it could not come about, for example
    because no host polls or no event stream was named. In real time the machines wait on
    RUN_FOLDER/lines/... for whoever is the host; slotsim scenario site says where each is.

    Exit status: 0 all PASS, 1 FAIL or BLOCKED, 2 wrong usage or file.

    Example: slotsim scenario run door-slot handpay-single --events nats://127.0.0.1:4222
    """
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s"
    )
    played = [
        one for one in _load(names) if options["tag"] is None or options["tag"] in one.file.tags
    ]
    if options["only_wire"]:
        played = [one.without_events() for one in played]
    results = _play(played, options)
    if options["as_json"]:
        click.echo(json_of(results, options["seed"]))
    else:
        click.echo(text_of(results, options["seed"], steps=options["steps"]))
    if options["junit"] is not None:
        text = junit_of(results, blocked_ok=options["blocked_ok"])
        try:
            options["junit"].write_text(text, "utf-8")
        except OSError as error:
            _give_up(f"{options['junit']}: {error.strerror}")
    good = {Verdict.PASS, Verdict.BLOCKED} if options["blocked_ok"] else {Verdict.PASS}
    sys.exit(0 if all(result.verdict in good for result in results) else 1)


def _play(played: list[Played], options: dict[str, Any]) -> list[Result]:
    from floor_sim.scenarios.live_run import LiveOptions, run_live  # noqa: PLC0415 - asyncio, nats
    from floor_sim.scenarios.sources import SourceError, source_of  # noqa: PLC0415
    from floor_sim.scenarios.virtual_run import run_scenarios  # noqa: PLC0415

    try:
        shape = load_toml(options["shape"], Shape) if options["shape"] else None
        if options["virtual"]:
            return run_scenarios(
                played, host=options["host"], seed=options["seed"], faster=options["faster"]
            )
        password = _password(options["password_file"])
        user = options["user"]
        sources = tuple(
            source_of(
                name, options["subjects"], user=user, password=password,
                streams=options["streams"], inbox_prefix=f"_INBOX_{user}" if user else "",
            )
            for name in options["event_sources"]
        )  # fmt: skip
        live = LiveOptions(
            options["run_folder"].absolute(), sources, shape, options["bridge"],
            options["faster"], options["host_wait_s"], options["at_once"], options["seed"],
        )  # fmt: skip
        return run_live(played, live)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except SourceError as error:
        click.echo(f"slotsim scenario: {error}", err=True)
        sys.exit(2)
    except (RunError, LedgerError, PtyError) as error:
        _give_up(str(error))
        raise


def _password(path: Path | None) -> str:
    try:
        return "" if path is None else path.read_text("utf-8").strip()
    except OSError as error:
        click.echo(f"slotsim scenario: {path}: {error.strerror}", err=True)
        sys.exit(2)


def _load(names: tuple[str, ...]) -> list[Played]:
    try:
        return scenarios(names)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _give_up(why: str) -> None:
    click.echo(f"slotsim scenario: {why}", err=True)
    sys.exit(1)
