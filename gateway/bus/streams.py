"""Makes the streams and buckets of the catalogue on the server, or says how they differ."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from gateway.bus.users import (
    FLOOR_CALLS,
    SLOT_GATEWAY,
    SLOT_SCHEMAS,
    SLOT_STATE,
    inbox_prefix,
)
from gateway.events.streams import DEDUP_WINDOW_S, STREAMS, StreamRow

_MIB = 1024 * 1024
BUCKET_BYTES = 64 * _MIB
"""Most a KV bucket holds; it keeps one value a key."""
MESSAGE_BYTES_MAX = 128 * 1024
"""Largest message a stream takes: an envelope of 64 KiB with its headers, and a dead letter
around one."""

BUCKETS: tuple[tuple[str, str], ...] = (
    (SLOT_STATE, "Last known state of each EGM, with the sequences it includes"),
    (FLOOR_CALLS, "Calls that are open"),
    (SLOT_SCHEMAS, "The contract: schema, example and subject of each type"),
    (SLOT_GATEWAY, "Which process is live as each gateway; a key lapses when it is not renewed"),
)


CONNECT_TIMEOUT_S = 5.0
_GROWS = ("max_bytes", "max_age")


class StreamsError(Exception):
    """The streams cannot be seen to; says why and what to do."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long and how much one stream keeps at a site.

    Attributes:
        retention_s: seconds a message is kept.
        max_bytes: size at which new messages are refused.
    """

    retention_s: float
    max_bytes: int


Limits = Mapping[str, StreamLimits]
"""By name of the stream; one that is not named is as its row says: enough for a test floor."""
_AS_THE_TABLE: Limits = {}


@dataclass(frozen=True, slots=True)
class StreamReport:
    """How one stream of the server stands.

    Attributes:
        name: the stream's name.
        state: ``created``, ``present``, ``grown``, ``differs`` or ``missing``.
        differences: what is not as the table says, one line each.
    """

    name: str
    state: str
    differences: tuple[str, ...] = ()


def stream_config(row: StreamRow, limits: StreamLimits | None = None) -> StreamConfig:
    """Return the server's configuration of a stream of the catalogue."""
    limits = limits or StreamLimits(row.retention_s, row.max_mib * _MIB)
    return StreamConfig(
        name=row.name,
        description=row.meaning,
        subjects=list(row.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=limits.retention_s,
        max_bytes=limits.max_bytes,
        max_msg_size=MESSAGE_BYTES_MAX,
        duplicate_window=DEDUP_WINDOW_S,
        num_replicas=1,
        allow_direct=False,
    )


def bucket_config(bucket: str, meaning: str) -> StreamConfig:
    """Return the configuration of the stream behind a KV bucket: file storage, one value a key."""
    return StreamConfig(
        name=f"KV_{bucket}",
        description=meaning,
        subjects=[f"$KV.{bucket}.>"],
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_msgs_per_subject=1,
        max_bytes=BUCKET_BYTES,
        max_msg_size=MESSAGE_BYTES_MAX,
        duplicate_window=DEDUP_WINDOW_S,
        num_replicas=1,
        allow_rollup_hdrs=True,
        allow_msg_ttl=True,  # what a deletion leaves behind goes by itself
        allow_direct=True,
        deny_delete=True,
    )


def configs(limits: Limits = _AS_THE_TABLE) -> tuple[StreamConfig, ...]:
    """Return every stream that the server should have, buckets last."""
    return (
        *(stream_config(row, limits.get(row.name)) for row in STREAMS),
        *(bucket_config(bucket, meaning) for bucket, meaning in BUCKETS),
    )


async def ensure_streams(
    js: JetStreamContext, limits: Limits = _AS_THE_TABLE
) -> list[StreamReport]:
    """Create what is missing, give more room or time where only that differs; report the rest.

    A stream is never made smaller and never keeps less: that would throw events away.

    Raises:
        nats.errors.Error: the server does not answer, or refuses.
    """
    reports = []
    for config in configs(limits):
        report, found = await _look(js, config)
        if found is None:
            await js.add_stream(config)
            report = StreamReport(report.name, "created")
        elif report.differences and _only_grows(config, found):
            await js.update_stream(config)
            report = StreamReport(report.name, "grown", report.differences)
        reports.append(report)
    return reports


async def apply_streams(
    url: str,
    user: str,
    password: str,
    limits: Limits = _AS_THE_TABLE,
    schemas: Mapping[str, bytes] | None = None,
) -> list[StreamReport]:
    """Connect, create what is missing, and report; see :func:`ensure_streams`.

    Args:
        url: the server.
        user: who may do it: ``admin``.
        password: of that user.
        limits: what the streams of this site keep.
        schemas: the contract, by key of the bucket ``slot_schemas``; None leaves it.

    Raises:
        StreamsError: it cannot be done; says what to do.
    """
    told: list[str] = []

    async def noted(error: Exception) -> None:
        told.append(str(error))

    client = Client()
    try:
        await client.connect(
            url, user=user, password=password, inbox_prefix=inbox_prefix(user), error_cb=noted,
            allow_reconnect=False, connect_timeout=int(CONNECT_TIMEOUT_S),
            max_reconnect_attempts=1, reconnect_time_wait=0,
        )  # fmt: skip
        js = client.jetstream(timeout=CONNECT_TIMEOUT_S)
        reports = await ensure_streams(js, limits)
        await put_schemas(js, schemas or {})
        return reports  # noqa: TRY300 - the connection is closed below in any case
    except APIError as error:
        raise StreamsError(
            f"{url} as {user}: {error.description or error}; if it lacks room: slotgw check says "
            "how much the streams need, and [streams] in the site file how long they keep it"
        ) from error
    except (nats.errors.Error, OSError, TimeoutError) as error:
        words = next((one for one in told if one), "") or str(error) or type(error).__name__
        raise StreamsError(f"{url} as {user}: {words}; is nats-server running there?") from error
    finally:
        await client.close()


async def put_schemas(js: JetStreamContext, schemas: Mapping[str, bytes]) -> int:
    """Write what changed of the contract into ``slot_schemas``; return how many keys.

    A type that is no longer in the contract keeps its key: somebody may still read its events.

    Raises:
        nats.errors.Error: the server does not answer, or refuses.
    """
    written = await asyncio.gather(*(_put_schema(js, *one) for one in schemas.items()))
    return sum(written)


async def _put_schema(js: JetStreamContext, key: str, value: bytes) -> bool:
    subject = f"$KV.{SLOT_SCHEMAS}.{key}"
    try:
        if (await js.get_last_msg(f"KV_{SLOT_SCHEMAS}", subject)).data == value:
            return False
    except NotFoundError:
        pass
    await js.publish(subject, value)
    return True


async def look_at_streams(js: JetStreamContext) -> list[StreamReport]:
    """Report how the server's streams stand, without changing anything.

    How much and how long they keep is the site's to say, and no difference here.

    Raises:
        nats.errors.Error: the server does not answer, or refuses.
    """
    return [
        (await _look(js, replace(config, max_bytes=None, max_age=None)))[0] for config in configs()
    ]


async def _look(
    js: JetStreamContext, config: StreamConfig
) -> tuple[StreamReport, StreamConfig | None]:
    name = str(config.name)
    try:
        found = (await js.stream_info(name)).config
    except NotFoundError:
        return StreamReport(name, "missing"), None
    differences = tuple(compare(config, found))
    return StreamReport(name, "differs" if differences else "present", differences), found


def _only_grows(want: StreamConfig, have: StreamConfig) -> bool:
    """Return whether ``want`` is as ``have``, but for more room or a longer time."""
    grown = [getattr(want, key) >= getattr(have, key) for key in _GROWS]
    others = [line for line in compare(want, have) if not line.startswith(_GROWS)]
    return all(grown) and not others


# what a difference in each setting means to somebody who reads it
_SETTINGS = (
    "subjects", "retention", "storage", "discard", "max_age", "max_bytes", "max_msg_size",
    "max_msgs_per_subject", "duplicate_window", "num_replicas", "allow_msg_ttl",
)  # fmt: skip


def compare(want: StreamConfig, have: StreamConfig) -> list[str]:
    """Return how ``have`` differs from ``want``, one line a setting."""
    lines = []
    for setting in _SETTINGS:
        wanted, found = getattr(want, setting), getattr(have, setting)
        if wanted is not None and _plain(wanted) != _plain(found):
            lines.append(f"{setting} is {_plain(found)}, expected {_plain(wanted)}")
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value)
    return getattr(value, "value", value)
