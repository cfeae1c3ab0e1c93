"""The whole floor, as all gateways of a site tell it on NATS: for consoles. Read-only.

Begins with the last known state of every EGM and goes on with what the streams tell since, without
a hole (:mod:`gateway.bus.start`); then follows the bucket as well, which has what no event of these
streams tells: credits, coin in, play. What lies a little back in the streams comes once, after the
states, so that the first picture does not wait for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from gateway.bus.firmly import firmly
from gateway.bus.pull import PullError
from gateway.bus.reading import API_TIMEOUT_S, From, read_on, read_there, stored_ns
from gateway.bus.start import BUCKET, KnownState, StartError, StateStart, known_state
from gateway.bus.state import HORIZON_KEY
from gateway.bus.users import SLOT_STATE
from gateway.bus.visit import LostError, Visitor, visit_again
from gateway.events.envelope import Envelope, decode
from gateway.events.errors import SchemaError
from gateway.events.streams import STREAM_OF_FAMILY

STREAMS: Final = tuple(STREAM_OF_FAMILY[one].name for one in ("door", "bill", "link"))
"""Significant events, money, links and gateways; games and meters are too many for a console."""
LOOK_BACK: Final = 20_000
"""Messages of a stream that are read again at most to make the states whole."""
EARLIER_MOST: Final = 1_500
"""Messages of a stream that are looked at for events before the beginning."""
QUEUE_MOST: Final = 1_000
_EARLIER: Final = {STREAM_OF_FAMILY["link"].name: "slot.v1.{site}.*.link.>"}
"""Of the stream of links, heartbeats would be most of what lies a little back."""


@dataclass(frozen=True, slots=True)
class FloorAway:
    """The floor cannot be seen; ``reason`` says why and what to do. Told once for each reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class FloorThere:
    """Everything as it is now; replaces what was known.

    Attributes:
        site: token of the site.
        states: the last known state of every EGM.
        gateways: the last event of each kind of every gateway's own life.
    """

    site: str
    states: tuple[KnownState, ...]
    gateways: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Events of before the beginning, those observed first first; the states include them."""

    events: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class StateChanged:
    """A newer state of one EGM."""

    state: KnownState


@dataclass(frozen=True, slots=True)
class Told:
    """An event that no state told before includes; a later state may."""

    event: Envelope


_Queue = asyncio.Queue[StateChanged | Told | Exception]
FloorNews = FloorAway | FloorThere | Earlier | StateChanged | Told


def watch_floor(
    url: str, user: str, password: str, *, site: str = ""
) -> AsyncGenerator[FloorNews, None]:
    """Yield the floor of ``site``, or of the one site that there is, for ever.

    Raises nothing of the connection's: trouble is news too.
    """
    missing = f"NATS has no bucket {SLOT_STATE} yet: no gateway has run here"
    who = Visitor(url, user, password, f"{SLOT_STATE} or the streams", missing)
    return visit_again(who, partial(_news, site), FloorAway)


async def _news(site: str, client: Client) -> AsyncGenerator[FloorNews, None]:
    js = client.jetstream(timeout=API_TIMEOUT_S)
    info = await js.stream_info(BUCKET, subjects_filter=f"$KV.{SLOT_STATE}.>")
    there = sorted({subject.split(".")[2] for subject in info.state.subjects or ()})
    site = _chosen(site, there)
    try:
        start = StateStart(client, site, STREAMS, look_back=LOOK_BACK)
        states = await start.begin()
        link = STREAM_OF_FAMILY["gateway"].name
        lives = await read_there(
            client, link, f"slot.v1.{site}.*.gateway.*._", From(last_of_each=True)
        )
        yield FloorThere(site, states, _decoded(lives))
        async with aclosing(_merged(client, site, start, info.state.last_seq)) as news:
            yield Earlier(await earlier(client, site))
            async for one in news:
                yield one
    except (StartError, PullError, SchemaError, KeyError) as error:
        raise LostError(f"{error}"[:200]) from error


def _chosen(site: str, there: list[str]) -> str:
    """Return the site to look at.

    Raises:
        LostError: there is none, or one has to be named.
    """
    if site:
        return site
    if not there:
        raise LostError(f"the bucket {SLOT_STATE} is empty: no gateway has told of an EGM yet")
    if len(there) > 1:
        raise LostError(f"this server has the sites {', '.join(there)}: say which with --site-id")
    return there[0]


async def _merged(
    client: Client, site: str, start: StateStart, bucket_seq: int
) -> AsyncGenerator[StateChanged | Told, None]:
    """Yield what the streams and the bucket tell from now on, as it comes."""
    queue: _Queue = asyncio.Queue(QUEUE_MOST)
    jobs = (_events(start, queue), _values(client, site, bucket_seq, queue))
    tasks = [asyncio.ensure_future(firmly(_watched(job, queue))) for job in jobs]
    try:
        while True:
            news = await queue.get()
            if isinstance(news, Exception):
                lost = not client.is_connected or isinstance(news, PullError)
                raise LostError("NATS closed the connection" if lost else str(news)) from news
            yield news
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watched(job: Coroutine[Any, Any, None], queue: _Queue) -> None:
    """Run ``job``; what ends it goes where its news go."""
    try:
        await job
    except (PullError, StartError, SchemaError, nats.errors.Error, OSError, ValueError,
            KeyError) as error:  # fmt: skip
        await queue.put(error)


async def _events(start: StateStart, queue: _Queue) -> None:
    async with aclosing(start.events()) as told:
        async for event in told:
            await queue.put(Told(event))


async def _values(client: Client, site: str, bucket_seq: int, queue: _Queue) -> None:
    async def take(message: Msg) -> None:
        if message.data and not message.subject.endswith(f".{HORIZON_KEY}"):
            found = known_state(message.subject, json.loads(message.data), stored_ns(message))
            await queue.put(StateChanged(found))

    wanted = f"$KV.{SLOT_STATE}.{site}.>"
    await read_on(client, BUCKET, wanted, From(sequence=bucket_seq + 1), take)


async def earlier(client: Client, site: str) -> tuple[Envelope, ...]:
    """Return events that lie a little back in the streams, those observed first first."""
    js = client.jetstream(timeout=API_TIMEOUT_S)
    events: list[Envelope] = []
    for stream in STREAMS:
        last = (await js.stream_info(stream)).state.last_seq
        subject = _EARLIER.get(stream, "slot.v1.{site}.>").format(site=site)
        begin = From(sequence=max(1, last + 1 - EARLIER_MOST))
        events += _decoded(await read_there(client, stream, subject, begin))
    events.sort(key=lambda event: (event.time, event.gateway, event.sequence))
    return tuple(events)


def _decoded(messages: list[Msg]) -> tuple[Envelope, ...]:
    return tuple(decode(message.data) for message in messages)
