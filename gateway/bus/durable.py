"""Finds or makes a consumer's durable on the server, so that it agrees with the consumer's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy
from nats.js.errors import NotFoundError

from gateway.bus.consumer_store import ConsumerStore, ReadTo
from gateway.events.streams import STREAMS

API_TIMEOUT_S = 5.0
ACK_WAIT_S = 30
"""Seconds until the server delivers a message again that was not acknowledged."""
ACK_PENDING_MOST = 512
"""Messages delivered and not acknowledged; also how far back a new durable begins, since below
the highest message handled so many may still have been open."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a consumer reads from one stream.

    Attributes:
        stream: the stream's name.
        subjects: which of its messages; empty for all.
    """

    stream: str
    subjects: tuple[str, ...] = ()


def whole_families(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return the event families of which ``sources`` read every event of every gateway."""
    found = []
    for source in sources:
        row = next((row for row in STREAMS if row.name == source.stream), None)
        if row is None:
            continue
        found += [
            family
            for family in row.families
            if not source.subjects or any(_is_whole(one, family) for one in source.subjects)
        ]
    return tuple(found)


def _is_whole(subject: str, family: str) -> bool:
    return subject.split(".")[3:] == ["*", family, ">"]


async def bind(
    client: Client,
    source: Source,
    name: str,
    store: ConsumerStore,
    lag: MutableMapping[str, int],
) -> str:
    """See to it that the durable ``name`` is there and does not skip anything.

    A durable with deliveries that a killed process or a lost connection left unacknowledged is
    made anew: otherwise the server keeps them back until ``ACK_WAIT_S`` is over.

    Returns when the stream was created, as the server says it; ``lag`` learns how much waits.

    Raises:
        nats.errors.Error: the server does not answer, refuses, or has no such stream.
    """
    js = client.jetstream(timeout=API_TIMEOUT_S)
    born = await _born(client, source.stream)
    read_to = store.read_to(source.stream)
    if read_to.born != born:
        read_to = ReadTo(born, 0)
    info = await _found(js, source, name)
    if info is not None and (_skips(info, source, read_to) or info.num_ack_pending):
        await js.delete_consumer(source.stream, name)
        info = None
    if info is None:
        info = await js.add_consumer(source.stream, _config(source, name, read_to))
    lag[source.stream] = _held(info)
    return born


async def held_for(client: Client, stream: str, service: str) -> int:
    """Return how many messages of ``stream`` the server still holds for a service's durable.

    Raises:
        nats.errors.Error: the server does not say, or there is none.
    """
    return _held(await client.jetstream().consumer_info(stream, service))


def _held(info: ConsumerInfo) -> int:
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def _born(client: Client, stream: str) -> str:
    # nats-py drops the creation time of a stream
    answer = await client.request(f"$JS.API.STREAM.INFO.{stream}", timeout=API_TIMEOUT_S)
    body = json.loads(answer.data)
    if "error" in body:
        raise NotFoundError(description=f"stream {stream}: {body['error'].get('description')}")
    return str(body["created"])


async def _found(js: JetStreamContext, source: Source, name: str) -> ConsumerInfo | None:
    try:
        info: ConsumerInfo = await js.consumer_info(source.stream, name)
        return info  # noqa: TRY300
    except NotFoundError:
        return None


def _skips(info: ConsumerInfo, source: Source, read_to: ReadTo) -> bool:
    """Whether the durable has gone past what the file has, or hears other subjects."""
    floor = info.ack_floor.stream_seq if info.ack_floor is not None else 0
    heard = info.config.filter_subjects or [info.config.filter_subject or ""]
    return floor > read_to.sequence or sorted(heard) != sorted(source.subjects or ("",))


def _config(source: Source, name: str, read_to: ReadTo) -> ConsumerConfig:
    config = ConsumerConfig(
        name=name,
        durable_name=name,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_ack_pending=ACK_PENDING_MOST,
    )
    if len(source.subjects) == 1:
        config.filter_subject = source.subjects[0]
    elif source.subjects:
        config.filter_subjects = list(source.subjects)
    if read_to.sequence > ACK_PENDING_MOST:
        config.deliver_policy = DeliverPolicy.BY_START_SEQUENCE
        config.opt_start_seq = read_to.sequence - ACK_PENDING_MOST + 1
    else:
        config.deliver_policy = DeliverPolicy.ALL
    return config
