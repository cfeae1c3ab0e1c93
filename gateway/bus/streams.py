"""Makes the streams and buckets of the catalogue on the server, or says how they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from gateway.bus.users import FLOOR_CALLS, SLOT_GATEWAY, SLOT_STATE, inbox_prefix
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
    (SLOT_GATEWAY, "Which process is live as each gateway; a key lapses when it is not renewed"),
)


CONNECT_TIMEOUT_S = 5.0


class StreamsError(Exception):
    """The streams cannot be seen to; says why and what to do."""


@dataclass(frozen=True, slots=True)
class StreamReport:
    """How one stream of the server stands.

    Attributes:
        name: the stream's name.
        state: ``created``, ``present``, ``differs`` or ``missing``.
        differences: what is not as the table says, one line each.
    """

    name: str
    state: str
    differences: tuple[str, ...] = ()


def stream_config(row: StreamRow) -> StreamConfig:
    """Return the server's configuration of a stream of the catalogue."""
    return StreamConfig(
        name=row.name,
        description=row.meaning,
        subjects=list(row.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=row.retention_s,
        max_bytes=row.max_mib * _MIB,
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


def configs() -> tuple[StreamConfig, ...]:
    """Return every stream that the server should have, buckets last."""
    return (
        *(stream_config(row) for row in STREAMS),
        *(bucket_config(bucket, meaning) for bucket, meaning in BUCKETS),
    )


async def ensure_streams(js: JetStreamContext) -> list[StreamReport]:
    """Create what is missing; report what differs, without changing it.

    Raises:
        nats.errors.Error: the server does not answer, or refuses.
    """
    reports = []
    for config in configs():
        report = await _look(js, config)
        if report.state == "missing":
            await js.add_stream(config)
            report = StreamReport(report.name, "created")
        reports.append(report)
    return reports


async def apply_streams(url: str, user: str, password: str) -> list[StreamReport]:
    """Connect, create what is missing, and report.

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
        return await ensure_streams(client.jetstream(timeout=CONNECT_TIMEOUT_S))
    except (nats.errors.Error, OSError, TimeoutError) as error:
        words = next((one for one in told if one), "") or str(error) or type(error).__name__
        raise StreamsError(f"{url} as {user}: {words}; is nats-server running there?") from error
    finally:
        await client.close()


async def look_at_streams(js: JetStreamContext) -> list[StreamReport]:
    """Report how the server's streams stand, without changing anything.

    Raises:
        nats.errors.Error: the server does not answer, or refuses.
    """
    return [await _look(js, config) for config in configs()]


async def _look(js: JetStreamContext, config: StreamConfig) -> StreamReport:
    name = str(config.name)
    try:
        info = await js.stream_info(name)
    except NotFoundError:
        return StreamReport(name, "missing")
    differences = tuple(compare(config, info.config))
    return StreamReport(name, "differs" if differences else "present", differences)


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
