"""Reads a stream from end to end, and how far its durables are: for whoever judges a whole run.

For the user ``admin``, who may read everything and acknowledges nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import nats
import nats.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError

from gateway.bus.users import inbox_prefix

CONNECT_TIMEOUT_S = 5
FETCH_TIMEOUT_S = 5.0
BATCH = 500


class BusError(Exception):
    """The server does not answer, or refuses; says what."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as a stream keeps it.

    Attributes:
        stream: name of the stream.
        sequence: the stream's own number of it.
        subject: its subject.
        body: its bytes.
    """

    stream: str
    sequence: int
    subject: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a durable consumer is behind.

    Attributes:
        stream: name of the stream.
        durable: name of the durable.
        waiting: messages not delivered yet.
        unacknowledged: messages delivered and not acknowledged yet.
    """

    stream: str
    durable: str
    waiting: int
    unacknowledged: int


class WholeBus:
    """All streams of a server, as the user ``admin`` sees them."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js

    async def read(self, stream: str) -> list[StoredMessage]:
        """Return every message of ``stream`` that is there now, oldest first."""
        last = (await self._js.stream_info(stream)).state.last_seq
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL)
        reading = await self._js.pull_subscribe("", stream=stream, config=config)
        found: list[StoredMessage] = []
        try:
            left = (await reading.consumer_info()).num_pending or 0
            while left and (not found or found[-1].sequence < last):
                for message in await reading.fetch(min(BATCH, left), timeout=FETCH_TIMEOUT_S):
                    number = message.metadata.sequence.stream
                    found.append(StoredMessage(stream, number, message.subject, message.data))
                    left = message.metadata.num_pending
        finally:
            await reading.unsubscribe()
        return [message for message in found if message.sequence <= last]

    async def lags(self, stream: str) -> list[Lag]:
        """Return how far each durable of ``stream`` is."""
        return [
            Lag(stream, info.config.durable_name, info.num_pending or 0, info.num_ack_pending or 0)
            for info in await self._js.consumers_info(stream)
            if info.config.durable_name
        ]


@asynccontextmanager
async def whole_bus(url: str, password: str) -> AsyncIterator[WholeBus]:
    """Be connected as ``admin``.

    Raises:
        BusError: it cannot be connected, or something asked of it failed.
    """
    try:
        client = await nats.connect(
            url,
            user="admin",
            password=password,
            inbox_prefix=inbox_prefix("admin"),
            connect_timeout=CONNECT_TIMEOUT_S,
            allow_reconnect=False,
            max_reconnect_attempts=1,  # 0 would mean for ever
            reconnect_time_wait=0,
            error_cb=_silent,
        )
        try:
            yield WholeBus(client.jetstream(timeout=FETCH_TIMEOUT_S))
        finally:
            await client.close()
    except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
        raise BusError(f"NATS at {url}: {error!r}") from None


async def _silent(error: Exception) -> None:
    """Say nothing: what fails is raised where it was asked for."""
    del error
