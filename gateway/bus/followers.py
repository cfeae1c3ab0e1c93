"""How the services that read the streams keep up: for people who look. Read-only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import ConsumerInfo

from gateway.bus.reading import API_TIMEOUT_S
from gateway.bus.users import SERVICES
from gateway.bus.visit import Visitor, once
from gateway.events.streams import STREAMS

DEAD: Final = "DEAD"
READER: Final = "console"


@dataclass(frozen=True, slots=True)
class Follower:
    """One service that reads streams.

    Attributes:
        name: of its durables.
        streams: that it reads, as far as this user may see.
        waiting: messages that it has not been given yet.
        in_hand: given and not acknowledged.
        again: given more than once, of those.
        reading: somebody waits for messages now.
        dead: messages that it could not take, kept as dead letters.
    """

    name: str
    streams: tuple[str, ...]
    waiting: int
    in_hand: int
    again: int
    reading: bool
    dead: int = 0


async def look_at_followers(who: Visitor, site: str) -> tuple[Follower, ...]:
    """Return every service that ever read the streams of this server, by name.

    Raises:
        LostError: the server does not answer or refuses; says why.
    """

    async def look(client: Client) -> tuple[Follower, ...]:
        js = client.jetstream(timeout=API_TIMEOUT_S)
        there: dict[str, list[ConsumerInfo]] = {}
        for row in STREAMS:
            if READER not in row.readers:
                continue
            try:
                found = await js.consumers_info(row.name)
            except (nats.js.errors.NotFoundError, nats.errors.TimeoutError):
                continue  # not made yet, or not this user's to see
            for info in found:
                if info.config.durable_name:
                    there.setdefault(info.config.durable_name, []).append(info)
        dead = await _dead(client, site)
        names = sorted({*SERVICES, *there, *dead})
        return tuple(_follower(name, there.get(name, ()), dead.get(name, 0)) for name in names)

    return await once(who, look)


async def _dead(client: Client, site: str) -> dict[str, int]:
    """Return how many dead letters there are of each service, or gateway."""
    js = client.jetstream(timeout=API_TIMEOUT_S)
    try:
        info = await js.stream_info(DEAD, subjects_filter=f"dead.v1.{site}.>")
    except (nats.js.errors.NotFoundError, nats.errors.TimeoutError):
        return {}
    return {subject.split(".")[3]: count for subject, count in (info.state.subjects or {}).items()}


def _follower(name: str, infos: Iterable[ConsumerInfo], dead: int) -> Follower:
    found = tuple(infos)
    return Follower(
        name,
        tuple(sorted(info.stream_name for info in found)),
        sum(info.num_pending or 0 for info in found),
        sum(info.num_ack_pending or 0 for info in found),
        sum(info.num_redelivered or 0 for info in found),
        bool(found) and all((info.num_waiting or 0) > 0 for info in found),
        dead,
    )
