"""From a reply to its JetStream acknowledgement, beside bare nats-py, in one run.

Ours: every reply is an exception of one of 100 EGMs; engine, state, envelope, both sequences,
chain, commit (synchronous=FULL) and publish with a message id, one unacknowledged event an EGM; its
next reply waits for its commit. Theirs: ``js.publish`` of equal payloads with a message id, 100
tasks, each waiting for its acknowledgement: the same rule of one unacknowledged event an EGM. One
nats-server, file storage, ``sync_interval: always``. Rounds are short and take turns in who is
first; printed are medians, the median of the ratios of neighbours, and where our CPU goes.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nats

from edge_config.loader import load_toml
from edge_config.site import EgmInfo, Site
from gateway.bus import publisher as publisher_module
from gateway.bus.link import NatsLink
from gateway.bus.passwords import make_passwords
from gateway.bus.publisher import Publisher
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from gateway.bus.users import inbox_prefix
from gateway.edge import recorder as recorder_module
from gateway.edge.clock import RealClock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.recorder import Recorder
from gateway.events.encode import Place
from gateway.meaning.egm import EgmFacts
from gateway.meaning.observation import Observation
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from protocols.sas.replies import ExceptionReply
from tests.bench.told import Told, tell

SITE = Path(__file__).parents[2] / "edge_config" / "sites" / "demo_floor.toml"
EGMS = 100
CODES = (0x7E, 0x7F)


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Split:
    """CPU of the calls of some functions, those that they call left out if they are timed too."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self._inner_s = 0.0
        self._undo: list[tuple[type, str, Callable[..., Any]]] = []

    def time(self, what: str, owner: Any, name: str) -> None:
        """Time ``owner.name``; an async one must not really wait."""
        call = getattr(owner, name)
        self._undo.append((owner, name, call))
        self.cpu_s.setdefault(what, 0.0)

        def ended(began_s: float, outer_s: float) -> None:
            took_s = time.thread_time() - began_s
            self.cpu_s[what] += took_s - self._inner_s
            self._inner_s = outer_s + took_s

        def timed(*args: Any, **more: Any) -> Any:
            outer_s, self._inner_s, began_s = self._inner_s, 0.0, time.thread_time()
            try:
                return call(*args, **more)
            finally:
                ended(began_s, outer_s)

        async def timed_too(*args: Any, **more: Any) -> Any:
            outer_s, self._inner_s, began_s = self._inner_s, 0.0, time.thread_time()
            try:
                return await call(*args, **more)
            finally:
                ended(began_s, outer_s)

        setattr(owner, name, timed_too if inspect.iscoroutinefunction(call) else timed)

    def over(self) -> None:
        """Time nothing any more."""
        for owner, name, call in reversed(self._undo):
            setattr(owner, name, call)


def split() -> Split:
    """Time the stages of an event."""
    made = Split()
    made.time("meaning, state and view", EgmWork, "observe")
    made.time("sequences and rows", Recorder, "record")
    made.time("envelope", recorder_module, "encode")
    made.time("handing to the outbox", ThreadWriter, "submit")
    made.time("publisher: lanes, marks", Publisher, "offer")
    made.time("publisher: lanes, marks", Publisher, "_send")
    made.time("publisher: lanes, marks", Publisher, "_answered")
    made.time("headers", publisher_module, "headers_of")
    made.time("nats-py, sending", NatsLink, "send")
    made.time("nats-py, reading answers", NatsLink, "_on_answer")
    return made


async def ours(
    url: str, password: str, folder: Path, replies: int, cpu: dict[str, float] | None = None
) -> tuple[float, float, list[bytes]]:
    """Return seconds, CPU seconds and the payloads."""
    site, clock = load_toml(SITE, Site), RealClock()
    store = Store.open(folder / "outbox.sqlite")
    restored = store.restore()
    writer = ThreadWriter(store)
    reader = Reader(folder / "outbox.sqlite")
    link = NatsLink(url, user="edge", password=password, inbox_prefix=inbox_prefix("edge"))
    publisher = Publisher(link, reader, writer)
    birthid = f"b{time.monotonic_ns()}"
    payloads: list[bytes] = []

    def committed(rows, _pairs):
        payloads.extend(row.body for row in rows)
        publisher.offer(rows)

    recorder = Recorder(site, birthid, restored, writer, clock, committed)
    works = []
    for number in range(EGMS):
        info = EgmInfo.model_construct(asset=f"{number:05d}", location="01-01-01")
        facts = EgmFacts(asset=info.asset, birthid=birthid)
        place = Place("demo", "edge1", "US-NV", "L1", 1, "01", "main", "01-01-01", "host")
        works.append(EgmWork(info, facts, place, None, recorder, clock, lambda *_: None))
    jobs = [asyncio.create_task(link.run()), asyncio.create_task(publisher.run())]
    await link.ready()

    async def play(work: EgmWork, count: int) -> None:
        for turn in range(count):
            code = CODES[turn % 2]
            now = moment(clock)
            seen = Observation(
                asset=work.info.asset, line="L1", address=1, poll=b"\x81", asked=now,
                reply=ExceptionReply(1, code, raw=bytes((code,))), observed=now,
            )  # fmt: skip
            done = work.observe([seen])
            assert done.recorded is not None
            await done.recorded.on_disk()

    began, used = time.perf_counter(), cpu_s()
    await asyncio.gather(*(play(work, replies // EGMS) for work in works))
    await publisher.drained()
    took, used = time.perf_counter() - began, cpu_s() - used
    if cpu is not None:
        cpu["outbox's thread"] = time.clock_gettime(
            time.pthread_getcpuclockid(writer._thread.ident or 0)
        )
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    reader.close()
    await writer.close(5)
    return took, used, payloads


async def theirs(url: str, password: str, payloads: list[bytes]) -> tuple[float, float]:
    """Return seconds and CPU seconds."""
    client = await nats.connect(
        url, user="edge", password=password, inbox_prefix=inbox_prefix("edge").encode()
    )
    js = client.jetstream()
    stamp = time.monotonic_ns()

    async def send(asset: int) -> None:
        for number, body in enumerate(payloads[asset::EGMS]):
            headers = {"Nats-Msg-Id": f"bare.{stamp}.{asset}.{number}"}
            subject = f"slot.v1.demo.edge1.game.started.{asset:05d}"
            await js.publish(subject, body, headers=headers, timeout=30)

    began, used = time.perf_counter(), cpu_s()
    await asyncio.gather(*(send(asset) for asset in range(EGMS)))
    took, used = time.perf_counter() - began, cpu_s() - used
    await client.close()
    return took, used


async def run(replies: int, rounds: int) -> None:
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    micros: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-end-") as name:
        folder, passwords = Path(name), make_passwords()
        plan = ServerPlan("demo", ("edge1",), folder / "nats", free_port(), None, passwords)
        server = NatsServer(plan)
        await server.start()
        password = passwords["edge"]
        try:
            await apply_streams(server.url, "admin", passwords["admin"])
            _, _, payloads = await ours(server.url, password, folder / "warm", replies)
            for turn in range(rounds):
                for way in ("ours", "bare") if turn % 2 else ("bare", "ours"):
                    if way == "ours":
                        here = folder / f"round{turn}"
                        took, used, payloads = await ours(server.url, password, here, replies)
                    else:
                        took, used = await theirs(server.url, password, payloads)
                    rates[way].append(len(payloads) / took)
                    micros[way].append(1e6 * used / len(payloads))
            stages = split()
            cpu = stages.cpu_s
            _, used, payloads = await ours(server.url, password, folder / "split", replies, cpu)
            stages.over()
        finally:
            await server.stop()
    mine, bare = (statistics.median(rates[way]) for way in rates)
    my_cpu, bare_cpu = (statistics.median(micros[way]) for way in micros)
    ratio = statistics.median(a / b for a, b in zip(*rates.values(), strict=True))
    print(
        f"  reply to JetStream ack: ours {mine:7,.0f} events/s at {my_cpu:5.0f} us CPU, "
        f"bare nats-py {bare:7,.0f}/s at {bare_cpu:5.0f} us CPU, of {rounds} rounds of {replies}"
    )
    rest = used - sum(cpu.values())
    told = [*sorted(cpu.items(), key=lambda each: -each[1]), ("tasks, loop, the rest", rest)]
    for what, each in told:
        print(f"    {1e6 * each / len(payloads):6.1f} us  {what}")
    tell(Told("end to end, every poll an event, of bare nats-py", ratio, 0.85, at_least=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    asyncio.run(run(options.replies, options.rounds))


if __name__ == "__main__":
    main()
