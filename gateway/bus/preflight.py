"""How durable is an acknowledgement of this server, in words for the console: seen, not assumed.

The sync interval shows only on the server's monitoring port: without it the honest word is
"unknown". Nothing here refuses to go on; who reads it decides.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from nats.aio.client import Client

from gateway.bus.streams import StreamReport, look_at_streams
from gateway.events.streams import DEDUP_WINDOW_S, STREAMS

OLDEST_VERSION = (2, 12, 3)
"""Servers before it lost acknowledged messages in known ways (Jepsen's report on 2.12.1)."""
MONITOR_TIMEOUT_S = 2.0
MONITOR_BYTES_MAX = 1_000_000
MONITOR_NOT_GIVEN = "monitoring port not given ([nats] monitor_url in the site file)"
_WORST_FIRST = ("storage", "persistence", "sync")
"""Of several weaknesses the one that loses most is told first."""


class Level(StrEnum):
    """How a finding is to be taken; worst last."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        check: what was looked at, a word or two.
        level: how it is to be taken.
        words: one line for the console.
    """

    check: str
    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the server says about one stream.

    Attributes:
        name: the stream's name.
        storage: ``file`` or ``memory``.
        replicas: copies in a cluster.
        discard: ``new`` or ``old``: what goes when the stream is full.
        window_s: dedup window in seconds.
        persist_async: acknowledged before it is written, whatever the sync interval.
    """

    name: str
    storage: str
    replicas: int
    discard: str
    window_s: float
    persist_async: bool


@dataclass(frozen=True, slots=True)
class SyncFacts:
    """What the monitoring port says about syncing.

    Attributes:
        always: each message is synced before it is acknowledged.
        interval_s: else so often.
    """

    always: bool
    interval_s: float


async def preflight(client: Client, monitor_url: str | None = None) -> list[Finding]:
    """Look at a connected server; the first finding is the sum in one line.

    Args:
        client: connected as a user that may ask for the streams' settings (``edge`` may).
        monitor_url: ``http://127.0.0.1:8222`` if the monitoring port can be reached.

    Raises:
        nats.errors.Error: the server does not answer.
    """
    facts = [fact for row in STREAMS if (fact := await _facts(client, row.name)) is not None]
    differences = await look_at_streams(client.jetstream())
    sync: SyncFacts | str = MONITOR_NOT_GIVEN
    if monitor_url is not None:
        found = await asyncio.to_thread(read_sync, monitor_url)
        sync = found or f"the monitoring port {monitor_url} does not answer"
    version = str(client._server_info.get("version", ""))  # noqa: SLF001 - the text as it came
    return judge(version, facts, sync, differences)


def judge(
    version: str,
    facts: Iterable[StreamFacts],
    sync: SyncFacts | str,
    streams: Iterable[StreamReport] = (),
) -> list[Finding]:
    """Return the findings; pure. The first is the sum in one line.

    Args:
        version: of the server, as it says it.
        facts: of the streams that are there.
        sync: of the monitoring port, or why nothing was seen there.
        streams: how they differ from the table.
    """
    streams_facts = tuple(facts)
    findings = [_version(version), *_streams(streams_facts), _sync(streams_facts, sync)]
    for report in streams:
        if report.state == "missing":
            words = f"{report.name} is missing: events for it wait; run slotgw nats-config --apply"
            findings.append(Finding(f"stream {report.name}", Level.WARN, words))
        elif report.differences:
            words = f"{report.name}: {'; '.join(report.differences)}"
            findings.append(Finding(f"stream {report.name}", Level.WARN, words))
    return [_sum(findings), *findings]


def read_sync(monitor_url: str) -> SyncFacts | None:
    """Return what the monitoring port says about syncing, or None if it says nothing."""
    parts = urlsplit(monitor_url)
    connection = http.client.HTTPConnection(
        parts.hostname or "127.0.0.1", parts.port or 8222, timeout=MONITOR_TIMEOUT_S
    )
    try:
        connection.request("GET", "/jsz?config=true")
        body = json.loads(connection.getresponse().read(MONITOR_BYTES_MAX))
        config = body["config"]
        always = bool(config.get("sync_always", False))
        return SyncFacts(always, config.get("sync_interval", 0) / 1e9)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


async def _facts(client: Client, stream: str) -> StreamFacts | None:
    # The raw answer: nats-py drops settings that it does not know.
    answer = await client.request(f"$JS.API.STREAM.INFO.{stream}", timeout=5.0)
    config = json.loads(answer.data).get("config")
    if config is None:
        return None
    return StreamFacts(
        stream,
        config.get("storage", ""),
        config.get("num_replicas", 1),
        config.get("discard", ""),
        config.get("duplicate_window", 0) / 1e9,
        config.get("persist_mode", "") == "async",
    )


def _version(version: str) -> Finding:
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if numbers is None:
        return Finding("version", Level.UNKNOWN, f"server version {version or 'not told'}")
    if tuple(int(number) for number in numbers.groups()) < OLDEST_VERSION:
        oldest = ".".join(map(str, OLDEST_VERSION))
        words = f"server {version} is older than {oldest}, which mended known losses: update it"
        return Finding("version", Level.WARN, words)
    return Finding("version", Level.OK, f"server {version}")


def _streams(facts: tuple[StreamFacts, ...]) -> Iterable[Finding]:
    checks = (
        ("storage", [one.name for one in facts if one.storage != "file"],
         "kept in memory: a restart of the server loses acknowledged events", "kept in files"),
        ("persistence", [one.name for one in facts if one.persist_async],
         "acknowledged before they are written (persist mode async): a server that dies loses some",
         "written, then acknowledged"),
        ("discard", [one.name for one in facts if one.discard != "new"],
         "old events go when they are full: discard should be new", "refuse new events when full"),
        ("dedup window", [one.name for one in facts if one.window_s < DEDUP_WINDOW_S],
         f"message ids are forgotten before {DEDUP_WINDOW_S} s: more duplicates are possible",
         f"know message ids for {DEDUP_WINDOW_S} s or more"),
    )  # fmt: skip
    for check, bad, words, good in checks:
        if bad:
            yield Finding(check, Level.WARN, f"{', '.join(bad)}: {words}")
        else:
            yield Finding(check, Level.OK, f"streams {good}")


def _sync(facts: tuple[StreamFacts, ...], sync: SyncFacts | str) -> Finding:
    replicas = min((one.replicas for one in facts), default=1)
    copies = "one copy" if replicas == 1 else f"{replicas} copies"
    if isinstance(sync, str):
        return Finding("sync", Level.UNKNOWN, sync)
    if sync.always:
        return Finding("sync", Level.OK, f"{copies}, synced to disk before it is acknowledged")
    whose = "the server's computer loses" if replicas == 1 else "the servers' computers lose"
    words = (
        f"an acknowledged event may be lost if {whose} power within {_span(sync.interval_s)}: "
        "sync_interval not always"
    )
    return Finding("sync", Level.WARN, words)


def _span(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:g} min" if minutes >= 1 and minutes == int(minutes) else f"{seconds:g} s"


def _sum(findings: list[Finding]) -> Finding:
    bad = [finding for finding in findings if finding.level is Level.WARN]
    if bad:
        bad.sort(key=lambda one: one.check not in _WORST_FIRST)
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return Finding("durability", Level.WARN, f"weak: {bad[0].words}{more}")
    unknown = [finding for finding in findings if finding.level is Level.UNKNOWN]
    if unknown:
        return Finding("durability", Level.UNKNOWN, f"unknown: {unknown[0].words}")
    sync = next(finding for finding in findings if finding.check == "sync")
    return Finding("durability", Level.OK, f"sound: {sync.words}")
