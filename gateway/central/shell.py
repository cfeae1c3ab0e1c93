"""Runs one consumer as a process: NATS in, SQLite between, derived messages out."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from gateway.bus.consumer import Consumer, ConsumerStatus, Handler
from gateway.bus.durable import Source
from gateway.bus.link import NatsLink
from gateway.bus.outgoing import Outgoing
from gateway.bus.seen import HEARTBEAT
from gateway.bus.users import inbox_prefix
from gateway.central.service import Service
from gateway.events.envelope import Envelope
from gateway.events.streams import STREAM_OF_FAMILY

TELL_EVERY_S: Final = 0.5
"""Seconds between two looks at the consumer's figures; they are written when they changed."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where and as whom a consumer connects.

    Attributes:
        url: address of the NATS server, without credentials.
        user: NATS user.
        password: asked for at each attempt to connect; an OSError says that there is none yet.
            Never logged.
    """

    url: str
    user: str
    password: Callable[[], str]


def database_of(data: Path, service: str) -> Path:
    """Return the SQLite file of a service below the data folder."""
    return data / f"{service}.sqlite"


def figures_of(data: Path, service: str) -> Path:
    """Return the file in which a running service tells how it stands."""
    return data / f"{service}.figures.json"


def sources(service: Service, site: str) -> tuple[Source, ...]:
    """Return what ``service`` reads: the families of the types that it wants, and heartbeats.

    Families are read whole, because only then a number that is missing is an event that is missing;
    the heartbeats say how far the numbers have come.
    """
    wanted: dict[str, list[str]] = {}
    for family in dict.fromkeys(name.partition(".")[0] for name in service.reads):
        subject = f"slot.v1.{site}.*.{family}.>"
        wanted.setdefault(STREAM_OF_FAMILY[family].name, []).append(subject)
    if "gateway" not in {name.partition(".")[0] for name in service.reads}:
        heartbeats = f"slot.v1.{site}.*.{HEARTBEAT}.*"
        wanted.setdefault(STREAM_OF_FAMILY["gateway"].name, []).append(heartbeats)
    return tuple(Source(stream, tuple(subjects)) for stream, subjects in wanted.items())


def handler(service: Service) -> Handler:
    """Return what handles the types that ``service`` wants, and passes the others over."""
    wanted = frozenset(service.reads)

    def handle(event: Envelope, connection: sqlite3.Connection) -> Iterable[Outgoing]:
        return service.handle(event, connection) if event.name in wanted else ()

    return handle


StatusT = TypeVar("StatusT")


class Latest(Generic[StatusT]):
    """How a service stood at the last look; may be read from any thread."""

    def __init__(self, status: StatusT) -> None:
        self.status = status


Beside = Callable[[Latest[StatusT]], Coroutine[None, None, None]]
"""A job that runs beside a service, and may look how it stands."""


async def run(
    service: Service,
    site: str,
    connection: Connection,
    data: Path,
    tell: Callable[[str], None],
    beside: Beside[ConsumerStatus] | None = None,
) -> ConsumerStatus:
    """Consume until SIGTERM or SIGINT; return how the consumer stood then.

    Args:
        service: what is done with the events.
        site: token of the site.
        connection: where the events come from.
        data: folder of the service's files; made if it is missing.
        tell: told in words how the consumer stands, whenever that changes.
        beside: a job beside it, its metrics for example.

    Raises:
        StoreError: the service's database cannot be opened.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    link = NatsLink(
        connection.url,
        user=connection.user,
        password=connection.password,
        inbox_prefix=inbox_prefix(connection.user),
        name=f"slotgw central {service.name}",
    )
    consumer = Consumer(
        link,
        service=service.name,
        site=site,
        sources=sources(service, site),
        handle=handler(service),
        database=database_of(data, service.name),
        schema=service.schema,
        buckets=service.buckets,
    )
    figures = figures_of(data, service.name)
    latest = Latest(consumer.status())
    async with asyncio.TaskGroup() as group:
        jobs = [
            group.create_task(consumer.run()),
            group.create_task(_tell(consumer, figures, tell, latest)),
        ]
        if beside is not None:
            jobs.append(group.create_task(beside(latest)))
        await stopping.wait()
        status = consumer.status()
        for job in jobs:
            job.cancel()
    _write(figures, status)
    return status


async def _tell(
    consumer: Consumer, figures: Path, tell: Callable[[str], None], latest: Latest[ConsumerStatus]
) -> None:
    told = latest.status
    while True:
        _write(figures, told)
        status = told
        while status == told:
            await asyncio.sleep(TELL_EVERY_S)
            status = latest.status = consumer.status()
        if status.words != told.words:
            tell(status.words)
        told = status


def _write(path: Path, status: ConsumerStatus) -> None:
    """Replace the file of figures; it is for information only, so a full disk is passed over."""
    fresh = path.with_suffix(".new")
    with suppress(OSError):
        fresh.write_text(json.dumps({"pid": os.getpid(), **asdict(status)}) + "\n", "utf-8")
        fresh.replace(path)
