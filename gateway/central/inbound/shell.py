"""Runs the inbound service as a process: NATS requests in, SQLite between, answers out."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edge_config.site import Site
from gateway.bus.consumer_store import ConsumerStore
from gateway.bus.hearing import Hearing
from gateway.bus.link import NatsLink
from gateway.bus.publisher import Publisher
from gateway.bus.users import inbox_prefix
from gateway.central.inbound.service import Inbound
from gateway.central.inbound.store import SCHEMA
from gateway.central.shell import Connection, database_of

TELL_EVERY_S: Final = 0.5
QUEUE: Final = "inbound"


async def run(
    site: Site, connection: Connection, data: Path, tell: Callable[[str], None]
) -> Mapping[str, object]:
    """Take what others send until SIGTERM or SIGINT; return what was done.

    Args:
        site: what the messages may be about.
        connection: where and as whom it connects.
        data: folder of the service's files; made if it is missing.
        tell: told in words how it stands, whenever that changes.

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
    async with asyncio.TaskGroup() as group:
        jobs = [
            group.create_task(job)
            for job in (link.run(), publisher.run(), hearing.run(), _tell(hearing, link, tell))
        ]
        await stopping.wait()
        for job in jobs:
            job.cancel()
    waiting = rows.depth
    store.close()
    return {
        "service": Inbound.name, "accepted": service.accepted, "duplicates": service.duplicates,
        "refused": service.refused, "outgoing": waiting,
    }  # fmt: skip


async def _tell(hearing: Hearing, link: NatsLink, tell: Callable[[str], None]) -> None:
    told = ""
    while True:
        words = "taking what others send" if hearing.ready else link.words
        if words != told:
            tell(words)
        told = words
        await asyncio.sleep(TELL_EVERY_S)
