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
    from gateway.bus.tail import Told, Wanted


@click.command(
    epilog="Example: slotgw tail SITE.toml --family handpay --family door --severity warning"
)
@click.argument("site_file", metavar="SITE.toml")
@click.option("--family", "families", multiple=True,
              help="Only this family, or this service that derives; may be repeated.")  # fmt: skip
@click.option(
    "--derived",
    is_flag=True,
    help="Also what our services derive: calls, surveillance records, points ...",
)
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
    derived: bool,
    **options: Any,
) -> None:
    """Print the floor's events as they come; over every reconnect, without leaving one out.

    With --derived, or --family dispatch (surveillance, loyalty, inbound), what our services make
    of them too. What a user may not read (cards, sessions, points are for consumers) is left out.
    Ends with Ctrl-C.

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

    subjects = _subjects(site.site.id, user, options["families"], derived=derived)
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


def _subjects(
    site: str, user: str, families: tuple[str, ...], *, derived: bool
) -> dict[str, tuple[str, ...]]:
    """Return what is read, by stream: what this user may, of the families wanted."""
    from gateway.bus.tail import DERIVED  # noqa: PLC0415
    from gateway.events.streams import STREAM_OF_FAMILY, STREAMS  # noqa: PLC0415

    services = _services(user)
    unknown = [one for one in families if one not in STREAM_OF_FAMILY and one not in services]
    if unknown:
        known = ", ".join(sorted(STREAM_OF_FAMILY) + sorted(services))
        raise click.BadParameter(f"{unknown[0]!r} is none of {known}", param_hint="--family")
    readers = {row.name: row.readers for row in STREAMS}
    found: dict[str, tuple[str, ...]] = {}
    for family in families or STREAM_OF_FAMILY:
        if family in services:
            subject = f"floor.v1.{site}.{family}.>"
            stream, allowed = DERIVED, services[family]
        else:
            subject = f"slot.v1.{site}.*.{family}.>" if families else f"slot.v1.{site}.>"
            stream = STREAM_OF_FAMILY[family].name
            allowed = user in ("admin", *readers[stream])
        if not allowed and families:
            who = "consumer" if family in services else ", ".join(readers[stream])
            raise click.BadParameter(
                f"{family} is for {who} only; you are {user}", param_hint="--family"
            )
        if allowed and subject not in found.get(stream, ()):
            found[stream] = (*found.get(stream, ()), subject)
    if derived:
        found[DERIVED] = tuple(
            f"floor.v1.{site}.{service}.>" for service, allowed in services.items() if allowed
        )
    return found


def _services(user: str) -> dict[str, bool]:
    """Return the services that derive something, and whether ``user`` may read it."""
    from gateway.bus.users import PERSONAL  # noqa: PLC0415
    from gateway.contracts.entries import DERIVED  # noqa: PLC0415

    personal = {subject.split(".")[3] for subject in PERSONAL}
    names = dict.fromkeys(row.service for row in DERIVED)
    return {name: user in ("admin", "consumer") or name not in personal for name in names}


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


def _line(event: Told) -> str:
    when = event.time.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
    mark = "?" if event.possiblerepeat else " "
    place = event.location or event.asset or event.source.split("/")[-1]
    return f"{when}{mark} {event.severity:<8} {place:<12} {_words(event)}"


def _words(event: Told) -> str:
    from gateway.contracts.entries import DERIVED  # noqa: PLC0415
    from gateway.events.envelope import Envelope  # noqa: PLC0415
    from gateway.events.text import one_line, said  # noqa: PLC0415

    if isinstance(event, Envelope):
        return one_line(event)
    says = next((row.says for row in DERIVED if row.name == event.name), "")
    return f"{event.name}: {said(says, event.data, event.name)}" if says else event.name
