"""Prints for scripts what a console would show: everything at once, or one screen."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from gateway.cli.console_open import (
    NO_PASSWORD,
    Settled,
    reach_of,
    watch_calls_of,
    watch_floor_of,
)

if TYPE_CHECKING:
    from gateway.console.calls import Calls
    from gateway.status.model import Snapshot

SNAPSHOT_S = 15.0
"""Seconds that a look over NATS may take."""


def print_json(settled: Settled, page: str, filter_text: str) -> int:
    """Print what is known now as JSON, or what ``page`` shows of it; return the exit status."""
    # imported late: each way of running pays only for its own imports
    from gateway.console.source import AwayError, UnreadableError  # noqa: PLC0415

    try:
        if not page:
            click.echo(asyncio.run(_snapshot(settled)).model_dump_json(indent=2))
            return 0
        data = asyncio.run(_page(settled, page, filter_text))
    except (AwayError, UnreadableError) as error:
        click.echo(f"slotgw console: {error}", err=True)
        return 1
    except LookupError as error:
        click.echo(f"slotgw console: {error.args[0]}", err=True)
        return 2
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    return 0


async def _snapshot(settled: Settled) -> Snapshot:
    from gateway.console.source import take_snapshot  # noqa: PLC0415 (as above)

    if settled.over_nats:
        from gateway.console.bus_source import take_floor  # noqa: PLC0415

        return await take_floor(partial(watch_floor_of, settled), settled.url, SNAPSHOT_S)
    assert settled.places is not None
    return await take_snapshot(settled.places.status_socket)


async def _page(settled: Settled, page: str, filter_text: str) -> dict[str, object]:
    from gateway.console.calls import Calls  # noqa: PLC0415 (as above)
    from gateway.console.floor import Contact, Floor, Reach  # noqa: PLC0415
    from gateway.console.glyphs import UNICODE  # noqa: PLC0415
    from gateway.console.page import World  # noqa: PLC0415
    from gateway.console.page_data import NoPageError, page_data  # noqa: PLC0415
    from gateway.console.sight import Sight  # noqa: PLC0415

    now = datetime.now(UTC)
    snapshot = await _snapshot(settled)
    floor = Floor(now, over_nats=settled.over_nats)
    floor.reached(Reach(Contact.LIVE, now))
    floor.apply(snapshot)
    calls = Calls(now, "" if settled.watched else NO_PASSWORD)
    if settled.watched and page == "calls":
        await _take_calls(settled, floor.site, calls, now)
    reach = reach_of(settled, floor)
    world = World(
        floor, calls, lambda: Sight(datetime.now(UTC), settled.zone, UNICODE), settled.url,
        archive=reach.archive, cameras=reach.cameras, followers=reach.followers,
    )  # fmt: skip
    try:
        return await page_data(page, world, filter_text)
    except NoPageError as error:
        raise LookupError(str(error)) from None


async def _take_calls(settled: Settled, site: str, calls: Calls, now: datetime) -> None:
    from gateway.bus.calls import CallsAway, CallsThere  # noqa: PLC0415 (as above)

    with suppress(TimeoutError):
        async with asyncio.timeout(SNAPSHOT_S):
            async for news in watch_calls_of(settled, site):
                if isinstance(news, CallsThere):
                    calls.replace(news.values, now)
                    return
                if isinstance(news, CallsAway):
                    calls.away(news.reason, now)
                    return
