"""Reads a stream as it comes, without a durable: for readers that keep their own place.

Messages are not acknowledged; one that is lost on the way shows as a hole in the server's own
count of deliveries, and ends the reading with an error, so that the reader begins again where it
was.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from gateway.bus.pull import Pull, PullError

API_TIMEOUT_S: Final = 5.0
INACTIVE_S: Final = 60.0
"""Seconds after which the server forgets a reader that was lost."""
BATCH: Final = 500
"""Messages that are asked for at once."""
LOOK_S: Final = 0.25
"""Seconds between two looks at the connection."""
REPLY_TOKENS: Final = 9
"""Tokens of a reply subject of JetStream without a domain."""


@dataclass(frozen=True, slots=True)
class From:
    """Where a reading begins; one field at most, or with what comes from now on.

    Attributes:
        sequence: with this number of the stream.
        time: with the first message stored at or after this moment, RFC 3339.
        last_of_each: with the last message of each subject.
    """

    sequence: int | None = None
    time: str | None = None
    last_of_each: bool = False


async def read_on(
    client: Client,
    stream: str,
    subject: str,
    begin: From,
    take: Callable[[Msg], Awaitable[None]],
    there: Callable[[int], None] = lambda _: None,
) -> None:
    """Hand each message of ``subject`` in ``stream`` to ``take``, for ever.

    Args:
        client: a connected client.
        stream: the stream's name.
        subject: which of its messages.
        begin: where to begin.
        take: gets each message, in order.
        there: told how many messages were there at the beginning.

    Raises:
        PullError: the server was lost, or a message on the way.
        nats.errors.Error: the server does not answer, refuses, or has no such stream.
    """
    config = _config(subject, begin, name=secrets.token_hex(8))
    info = await client.jetstream(timeout=API_TIMEOUT_S).add_consumer(stream, config)
    there(info.num_pending or 0)
    due = 1
    async with Pull(client, stream, str(config.name)) as pull:
        watching = asyncio.ensure_future(_watch(client, pull))
        try:
            while True:
                for message in await pull.batch():
                    if message.metadata.sequence.consumer != due:
                        raise PullError("a message was lost on the way")
                    due += 1
                    await take(message)
        finally:
            watching.cancel()


async def read_there(
    client: Client, stream: str, subject: str, begin: From, most: int | None = None
) -> list[Msg]:
    """Return the messages of ``subject`` in ``stream`` from ``begin`` to what is there now.

    Args:
        client: a connected client.
        stream: the stream's name.
        subject: which of its messages.
        begin: where to begin.
        most: how many are read, about; None for all.

    Raises:
        nats.errors.Error: the server does not answer or refuses.
    """
    js = client.jetstream(timeout=API_TIMEOUT_S)
    reading = await js.pull_subscribe(subject, stream=stream, config=_config(subject, begin))
    found: list[Msg] = []
    try:
        left = (await reading.consumer_info()).num_pending or 0
        while left and (most is None or len(found) < most):
            found += await reading.fetch(min(BATCH, left), timeout=API_TIMEOUT_S)
            left = found[-1].metadata.num_pending
    finally:
        await reading.unsubscribe()
    return found


def _config(subject: str, begin: From, name: str | None = None) -> ConsumerConfig:
    config = ConsumerConfig(
        name=name,
        ack_policy=AckPolicy.NONE,
        filter_subject=subject,
        inactive_threshold=INACTIVE_S,
    )
    if begin.sequence is not None:
        config.deliver_policy = DeliverPolicy.BY_START_SEQUENCE
        config.opt_start_seq = begin.sequence
    elif begin.time is not None:
        config.deliver_policy = DeliverPolicy.BY_START_TIME
        config.opt_start_time = begin.time  # type: ignore[assignment]  # goes out as it is
    else:
        policy = DeliverPolicy.LAST_PER_SUBJECT if begin.last_of_each else DeliverPolicy.NEW
        config.deliver_policy = policy
    return config


async def _watch(client: Client, pull: Pull) -> None:
    """Let the reader know at once that the connection is gone, or was."""
    before = client.stats["reconnects"]
    while client.is_connected and client.stats["reconnects"] == before:  # noqa: ASYNC110 - no event
        await asyncio.sleep(LOOK_S)
    pull.give_up()


def stored_ns(message: Msg) -> int:
    """Return when the server stored a message, nanoseconds since 1970."""
    tokens = message.reply.split(".")
    return int(tokens[7] if len(tokens) == REPLY_TOKENS else tokens[9])
