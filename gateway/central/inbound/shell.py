"""Runs the inbound service as a process: NATS requests in, SQLite between, answers out."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_config.site import Site
from gateway.bus.consumer_store import ConsumerStore, keep_pruned
from gateway.bus.hearing import Hearing
from gateway.bus.link import NatsLink
from gateway.bus.publisher import Publisher
from gateway.bus.users import inbox_prefix
from gateway.central.inbound.service import Inbound
from gateway.central.inbound.store import SCHEMA
from gateway.central.shell import Beside, Connection, Latest, database_of

TELL_EVERY_S: Final = 0.5
QUEUE: Final = "inbound"


@dataclass(frozen=True, slots=True)
class InboundStatus:
    """How the service stands.

    Attributes:
        connected: whether NATS is there.
        ready: whether it hears what others send.
        words: one line for a person.
        accepted: messages taken since the start.
        duplicates: messages that came again.
        refused: messages refused.
        outgoing: derived messages that NATS has not taken yet.
    """

    connected: bool
    ready: bool
    words: str
    accepted: int
    duplicates: int
    refused: int
    outgoing: int


async def run(
    site: Site,
    connection: Connection,
    data: Path,
    tell: Callable[[str], None],
    beside: Beside[InboundStatus] | None = None,
) -> InboundStatus:
    """Take what others send until SIGTERM or SIGINT; return how the service stood then.

    Args:
        site: what the messages may be about.
        connection: where and as whom it connects.
        data: folder of the service's files; made if it is missing.
        tell: told in words how it stands, whenever that changes.
        beside: a job beside it, its metrics for example.

    Raises:
        StoreError: the service's database cannot be opened.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    link = NatsLink(
        connection.url, user=connection.user, password=connection.password,
        inbox_prefix=inbox_prefix(connection.user), name="slotgw central inbound",
    )  # fmt: skip
    store = ConsumerStore(database_of(data, Inbound.name), SCHEMA, time.time_ns)
    rows = store.outgoing
    publisher = Publisher(link, rows, rows, rows.last, streams=rows.streams)
    service = Inbound(site, store, time.time_ns, publisher.look_again)
    hearing = Hearing(link, service.subjects, QUEUE, service.answer)

    def status() -> InboundStatus:
        words = "taking what others send" if hearing.ready else link.words
        counts = (service.accepted, service.duplicates, service.refused)
        return InboundStatus(link.connected, hearing.ready, words, *counts, rows.depth)

    latest = Latest(status())
    jobs = [link.run(), publisher.run(), hearing.run(), keep_pruned(store)]
    jobs += [_tell(status, tell, latest)]
    if beside is not None:
        jobs += [beside(latest)]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
            await stopping.wait()
            for task in tasks:
                task.cancel()
        return status()
    finally:
        store.close()


async def _tell(
    status: Callable[[], InboundStatus], tell: Callable[[str], None], latest: Latest[InboundStatus]
) -> None:
    told = ""
    while True:
        latest.status = now = status()
        if now.words != told:
            tell(now.words)
        told = now.words
        await asyncio.sleep(TELL_EVERY_S)
