"""``slotgw tail``: the floor's events as they come."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import find_places, read_password
from edge_config.site import Site

if TYPE_CHECKING:
    from gateway.bus.link import NatsLink
    from gateway.bus.tail import Wanted


@click.command(
    epilog="Example: slotgw tail SITE.toml --family handpay --family door --severity warning"
)
@click.argument("site_file", metavar="SITE.toml")
@click.option("--family", "families", multiple=True, help="Only this family; may be repeated.")
@click.option("--asset", default="", help="Only this asset number.")
@click.option("--bank", default="", help="Only this bank.")
@click.option("--location", default="", help="Only the machine that stands there.")
@click.option("--severity", default="info", show_default=True, help="At least so urgent.",
              type=click.Choice(["info", "notice", "warning", "critical"]))  # fmt: skip
@click.option("--minutes", type=click.FloatRange(0, 525_600),
              help="Begin so long ago; with what comes from now on if not given.")  # fmt: skip
@click.option("--count", type=click.IntRange(1), help="End after so many events.")
@click.option("--json", "as_json", is_flag=True, help="Print whole events, one a line.")
@click.option("--run-folder", help="Run folder of the site; overrides the site file.")
@click.option("--nats-url", help="NATS server; overrides the site file.")
@click.option("--user", default="console", show_default=True, help="NATS user.")
@click.option("--password-file", metavar="FILE",
              help="File with that user's password; nats/USER.password in the run folder if not "
              "given.")  # fmt: skip
@click.pass_context
def tail(
    ctx: click.Context,
    /,
    *,
    site_file: str,
    run_folder: str | None,
    nats_url: str | None,
    user: str,
    password_file: str | None,
    **options: Any,
) -> None:
    """Print the floor's events as they come; over every reconnect, without leaving one out.

    Ends with Ctrl-C. What a user may not read (cards and sessions are for consumers) is left out.

    Exit status: 0 ended on request, 2 wrong usage or configuration.
    """
    try:
        site = load_toml(site_file, Site)
        places = find_places(site, site_file, run_folder=run_folder, nats_url=nats_url)
    except ConfigError as error:
        click.echo(error, err=True)
        ctx.exit(2)
    from gateway.bus.link import NatsLink  # noqa: PLC0415 - after what can be wrong
    from gateway.bus.tail import Wanted  # noqa: PLC0415
    from gateway.bus.users import inbox_prefix  # noqa: PLC0415

    subjects = _subjects(site.site.id, user, options["families"])
    path = Path(password_file or places.run_folder / "nats" / f"{user}.password")

    def password() -> str:
        try:
            return read_password(path, site_file, "--password-file", user)
        except ConfigError as error:
            raise FileNotFoundError(str(error)) from error

    names = ("families", "asset", "bank", "location", "severity")
    wanted = Wanted(**{name: options[name] for name in names})
    since = None
    if options["minutes"] is not None:
        moment = datetime.now(UTC) - timedelta(minutes=options["minutes"])
        since = moment.isoformat().replace("+00:00", "Z")

    async def main() -> None:
        link = NatsLink(
            places.nats_url, user=user, password=password, inbox_prefix=inbox_prefix(user),
            name="slotgw tail",
        )  # fmt: skip
        await _print(link, subjects, wanted, since, options["count"], as_json=options["as_json"])

    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(main())


def _subjects(site: str, user: str, families: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return what is read, by stream: what this user may, of the families wanted."""
    from gateway.events.streams import STREAM_OF_FAMILY  # noqa: PLC0415

    unknown = [family for family in families if family not in STREAM_OF_FAMILY]
    if unknown:
        known = ", ".join(sorted(STREAM_OF_FAMILY))
        raise click.BadParameter(f"{unknown[0]!r} is none of {known}", param_hint="--family")
    found: dict[str, tuple[str, ...]] = {}
    for family in families or STREAM_OF_FAMILY:
        row = STREAM_OF_FAMILY[family]
        if user not in ("admin", *row.readers):
            if families:
                raise click.BadParameter(
                    f"{family} is for {', '.join(row.readers)} only; you are {user}",
                    param_hint="--family",
                )
            continue
        found[row.name] = (*found.get(row.name, ()), f"slot.v1.{site}.*.{family}.>")
    return found if families else dict.fromkeys(found, (f"slot.v1.{site}.>",))


async def _print(
    link: NatsLink,
    subjects: dict[str, tuple[str, ...]],
    wanted: Wanted,
    since: str | None,
    count: int | None,
    *,
    as_json: bool,
) -> None:
    from gateway.bus.tail import tail as events  # noqa: PLC0415

    left = count
    running = asyncio.ensure_future(link.run())
    try:
        async with contextlib.aclosing(
            events(link, subjects, wanted, since, lambda words: click.echo(words, err=True))
        ) as told:
            async for event in told:
                click.echo(event.model_dump_json(exclude_none=True) if as_json else _line(event))
                left = None if left is None else left - 1
                if left == 0:
                    return
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _line(event: Any) -> str:
    from gateway.events.text import one_line  # noqa: PLC0415

    when = event.time.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
    mark = "?" if event.possiblerepeat else " "
    place = event.location or event.asset or event.gateway
    return f"{when}{mark} {event.severity:<8} {place:<12} {one_line(event)}"
