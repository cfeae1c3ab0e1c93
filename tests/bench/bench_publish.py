"""From outbox row to JetStream acknowledgement, beside bare nats-py on the same server.

Ours: a backlog in a real outbox, read in pages, published by the publisher (one event of an asset
at a time, a lane a stream, message id and headers, own time-outs), outcomes marked in the outbox.
Bare: ``publish_async`` of the same bodies with a message id and a window of 256, from a list in
memory, nothing kept; once as it is, and once with our rule of one event of an asset at a time.
Rounds are interleaved; printed are the medians, the ratios, and the client's CPU an event.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from pathlib import Path

import nats
from nats.aio.client import Client

from gateway.bus.link import NatsLink
from gateway.bus.passwords import make_passwords
from gateway.bus.publisher import Publisher
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from gateway.bus.users import inbox_prefix
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import Acknowledged, Commit, Row
from tests.bench.told import Told, tell

ASSETS = 1000
WINDOW = 256
STREAMS = (("game", "SLOT_PLAY"), ("meter", "SLOT_METERS"), ("door", "SLOT_SIGNIFICANT"))


MARKED = 500
"""Outcomes that wait for the disk at once: a transaction takes 512."""


class Bench:
    """One server, one outbox, and the two ways to publish."""

    def __init__(self, server: NatsServer, folder: Path, events: int, body_bytes: int) -> None:
        self.server = server
        self.events = events
        self.body = b"{" + b"x" * (body_bytes - 2) + b"}"
        self.store = Store.open(folder / "outbox.db")
        self.writer = ThreadWriter(self.store)
        self.reader = Reader(folder / "outbox.db")
        self.sequence = 0
        self.families: dict[str, int] = defaultdict(int)

    def connection(self) -> dict[str, str]:
        password = self.server.plan.passwords["edge"]
        return {"user": "edge", "password": password, "inbox_prefix": inbox_prefix("edge")}

    def rows(self, count: int | None = None) -> list[Row]:
        """Return the next events: every asset in turn, each third to another stream."""
        made = []
        for _ in range(self.events if count is None else count):
            self.sequence += 1
            family, stream = STREAMS[self.sequence // ASSETS % len(STREAMS)]
            self.families[family] += 1
            asset = str(10_000 + self.sequence % ASSETS)
            made.append(
                Row(
                    self.sequence, f"edge1.b1.{self.sequence}", f"{family}.x", family,
                    self.families[family], f"slot.v1.demo.edge1.{family}.x.{asset}", asset, stream,
                    time.time_ns(), self.body,
                )
            )  # fmt: skip
        return made

    async def fill(self) -> None:
        """Let the next events wait in the outbox."""
        for at in range(0, self.events, 500):
            await self.writer.submit(Commit(tuple(self.rows(min(500, self.events - at)))))

    async def ours(self) -> tuple[float, float]:
        await self.fill()
        return await self.drain()

    async def drain(self) -> tuple[float, float]:
        """Publish what waits in the outbox."""
        link = NatsLink(self.server.url, **self.connection())
        publisher = Publisher(link, self.reader, self.writer, self.sequence)
        jobs = [asyncio.create_task(link.run())]
        await link.ready()
        began = clock()
        jobs.append(asyncio.create_task(publisher.run()))
        await publisher.drained()
        took = since(began)
        assert publisher.totals.acknowledged == self.events
        assert not publisher.totals.duplicates
        await self.marked()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        return took

    async def bare(
        self, publish: Callable[[Client, list[Row]], Awaitable[None]]
    ) -> tuple[float, float]:
        rows = self.rows()
        client = await nats.connect(self.server.url, **self.connection())
        began = clock()
        await publish(client, rows)
        took = since(began)
        await client.close()
        # the outbox continues where the bare rounds left off
        for at in range(0, len(rows), 500):
            await self.writer.submit(Commit(tuple(rows[at : at + 500])))
        for at in range(0, len(rows), MARKED):
            self.mark_all(rows[at : at + MARKED])
            await self.writer.submit(Commit())
        await self.marked()
        return took

    async def marked(self) -> None:
        """Return when the marks are on disk, so that they burden no other round."""
        while self.reader.counts().depth:
            await self.writer.submit(Commit())

    def mark_all(self, rows: list[Row]) -> None:
        self.writer.mark([Acknowledged(row.sequence, row.stream, row.sequence) for row in rows])


async def as_it_is(client: Client, rows: list[Row]) -> None:
    """Publish with a window of 256 and no rule about assets."""
    js = client.jetstream(publish_async_max_pending=WINDOW)
    for row in rows:
        await js.publish_async(row.subject, row.body, headers={"Nats-Msg-Id": row.id})
    await js.publish_async_completed()


async def by_asset(client: Client, rows: list[Row]) -> None:
    """Publish with a window of 256, one event of an asset at a time."""
    js = client.jetstream(publish_async_max_pending=WINDOW)
    waiting: dict[str | None, deque[Row]] = defaultdict(deque)
    for row in rows:
        waiting[row.asset].append(row)
    ready = deque(waiting)
    wake = asyncio.Event()
    left = len(rows)

    def answered(future: asyncio.Future[object], asset: str | None) -> None:
        nonlocal left
        future.result()
        left -= 1
        if waiting[asset]:
            ready.append(asset)
        wake.set()

    while left:
        while ready:
            asset = ready.popleft()
            row = waiting[asset].popleft()
            future = await js.publish_async(row.subject, row.body, headers={"Nats-Msg-Id": row.id})
            future.add_done_callback(lambda done, asset=asset: answered(done, asset))
        wake.clear()
        if left and not ready:
            await wake.wait()


def clock() -> tuple[float, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


def since(began: tuple[float, float]) -> tuple[float, float]:
    now = clock()
    return now[0] - began[0], now[1] - began[1]


async def measure(folder: Path, arguments: argparse.Namespace, *, sync_always: bool) -> None:
    plan = ServerPlan(
        "demo", ("edge1",), folder / "nats", free_port(), None, make_passwords(), sync_always
    )
    server = NatsServer(plan)
    await server.start()
    try:
        await apply_streams(server.url, "admin", plan.passwords["admin"])
        bench = Bench(server, folder, arguments.events, arguments.bytes)
        ways = {
            "publisher, from the outbox": bench.ours,
            "bare, one of an asset at a time": lambda: bench.bare(by_asset),
            "bare publish_async": lambda: bench.bare(as_it_is),
        }
        took: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for number in range(arguments.rounds + 1):
            for way, run in ways.items():
                result = await run()
                if number:  # the first round warms up
                    took[way].append(result)
        await bench.writer.close(10)
        bench.reader.close()
    finally:
        await server.stop()
    sync = "synced before each acknowledgement" if sync_always else "synced every 2 minutes"
    print(f"{sync}: {arguments.events} events of {arguments.bytes} bytes, {ASSETS} assets, "
          f"{len(STREAMS)} streams, median of {arguments.rounds} rounds")  # fmt: skip
    ours = statistics.median(one for one, _ in took["publisher, from the outbox"])
    for way, rounds in took.items():
        seconds = statistics.median(one for one, _ in rounds)
        cpu_us = statistics.median(cpu for _, cpu in rounds) / arguments.events * 1e6
        print(f"  {way:34}{arguments.events / seconds:9.0f} events/s{cpu_us:7.1f} us CPU an event"
              f"   ours is {seconds / ours:.2f} of it")  # fmt: skip
    bare = statistics.median(one for one, _ in took["bare, one of an asset at a time"])
    if sync_always:
        what = "publishing a backlog from the outbox, of bare nats-py"
        tell(Told(what, bare / ours, 0.85, at_least=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000, help="in a round")
    parser.add_argument("--bytes", type=int, default=1000, help="of an envelope")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to measure")
    arguments = parser.parse_args()
    for sync_always in (True, False):
        with tempfile.TemporaryDirectory(dir=arguments.folder, prefix=".bench-publish-") as folder:
            asyncio.run(measure(Path(folder), arguments, sync_always=sync_always))


if __name__ == "__main__":
    main()
