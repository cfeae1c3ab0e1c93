"""Which outbox a command is about, and which of its events: options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import Places, find_places
from edge_config.site import Site
from gateway.outbox.browse import SEQUENCE_MAX, Wanted
from gateway.outbox.types import ReadError

F = TypeVar("F", bound=Callable[..., Any])
SECOND_NS: Final = 1_000_000_000


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic since 8.2
    """A sequence, or a moment as ISO 8601; a moment without a zone is UTC."""

    name = "SEQUENCE|TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Return a sequence as int, a moment as an aware datetime."""
        if not isinstance(value, str):
            return value
        if value.isdecimal():
            if not 0 < int(value) <= SEQUENCE_MAX:
                self.fail(f"{value} is no sequence: they begin at 1", param, ctx)
            return int(value)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is neither a sequence nor a time such as 2026-11-21T18:00:00Z",
                param, ctx,
            )  # fmt: skip
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def one_outbox(command: F) -> F:
    """Give a command the outbox that it reads: of a site, or a file of its own."""

    @click.argument("site_file", metavar="[SITE.toml]", required=False)
    @click.option("--run-folder", help="Run folder of the site; overrides the site file.")
    @click.option(
        "--file", "file", type=click.Path(path_type=Path, dir_okay=False),
        help="An outbox file itself, for example one that was set aside.",
    )  # fmt: skip
    @functools.wraps(command)
    def wrapped(
        *args: object,
        site_file: str | None,
        run_folder: str | None,
        file: Path | None,
        **options: object,
    ) -> object:
        path = file if file is not None else places_of(site_file, run_folder).outbox
        if file is not None and site_file is not None:
            stop("give a site file or --file, not both", 2)
        if not path.exists():
            stop(f"there is no outbox {path}: has the gateway ever run there?", 2)
        try:
            return command(*args, path=path, **options)
        except ReadError as error:
            stop(str(error), 1)

    return wrapped  # type: ignore[return-value]


def some_events(command: F) -> F:
    """Give a command the events that it is about, as ``Wanted``."""

    @click.option("--from", "first", type=Moment(), help="From this event or moment on.")
    @click.option("--to", "last", type=Moment(), help="Up to this event or moment.")
    @click.option("--asset", help="Only of this EGM (asset number).")
    @click.option("--type", "type_", help='Only of this type; "door.*" is all of a family.')
    @click.option(
        "--state", type=click.Choice(["pending", "acknowledged", "refused"]),
        help="Only those whose delivery stands so.",
    )  # fmt: skip
    @functools.wraps(command)
    def wrapped(
        *args: object,
        first: int | datetime | None,
        last: int | datetime | None,
        asset: str | None,
        type_: str | None,
        state: str | None,
        **options: object,
    ) -> object:
        return command(*args, wanted=wanted_of(first, last, asset, type_, state), **options)

    return wrapped  # type: ignore[return-value]


def wanted_of(
    first: int | datetime | None,
    last: int | datetime | None,
    asset: str | None = None,
    type_: str | None = None,
    state: str | None = None,
) -> Wanted:
    """Return which events are meant."""
    return Wanted(
        first=first if isinstance(first, int) else 1,
        last=last if isinstance(last, int) else SEQUENCE_MAX,
        began_ns=_ns(first) if isinstance(first, datetime) else 0,
        ended_ns=_ns(last) if isinstance(last, datetime) else SEQUENCE_MAX,
        state=state,
        asset=asset,
        type=type_,
    )


def places_of(site_file: str | None, run_folder: str | None) -> Places:
    """Return where a site's files are; leaves with status 2 if that cannot be told."""
    if site_file is None:
        stop("give a site file, or --file with an outbox", 2)
    try:
        return find_places(load_toml(site_file, Site), site_file, run_folder=run_folder)
    except ConfigError as error:
        stop(str(error), 2)


def stop(words: str, status: int) -> NoReturn:
    """Leave with one line that says why."""
    click.echo(f"{click.get_current_context().command_path}: {words}", err=True)
    raise click.exceptions.Exit(status)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
