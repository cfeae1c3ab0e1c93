"""CPU of one poll over ptys: our line beside pymodbus's async serial client, in one run.

Ours is a whole line as the daemon runs it: session, allow-list in session and writer, mapped
page, engine, eight EGMs a line, idle. Theirs reads two holding registers. Both talk to the same
kind of bare responder in another process, closed loop, rounds interleaved; medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from pymodbus.client import AsyncModbusSerialClient

from edge_config.site import LineInfo
from gateway.edge.clock import RealClock
from gateway.edge.line import LineJob
from gateway.edge.page import LinePage
from gateway.edge.pty_port import PtyPort
from gateway.edge.supervise import Backoff, Herald
from tests.bench.told import Told, tell

RESPONDER = Path(__file__).with_name("responder.py")
EGMS = 8


@contextlib.contextmanager
def responder(kind: str, links: int) -> Iterator[list[str]]:
    process = subprocess.Popen(
        [sys.executable, str(RESPONDER), kind, str(links)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        names = []
        while (line := process.stdout.readline().strip()) != "ready":
            names.append(line)
        yield names
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class NoWork:
    """Stands where an EGM's work would: an idle EGM gives it nothing to do."""

    def __init__(self, asset: str) -> None:
        self.info = type("Info", (), {"asset": asset})


async def ours(names: list[str], seconds: float, folder: Path) -> tuple[int, float]:
    clock = RealClock()
    info = LineInfo.model_construct(
        name="L", port="x", transport="pty", mode="host", allow="any_line", poll_interval_s=0.0,
        reply_timeout_s=0.5, reply_gap_s=0.2, retry_max_s=1.0, meter_interval_s=1e9, confirm=(),
        real_time=False,
    )  # fmt: skip
    jobs = []
    for number, name in enumerate(names):
        works = {address: NoWork(str(address)) for address in range(1, EGMS + 1)}
        job = LineJob(
            info, works, PtyPort(Path(name), "any_line"),
            LinePage(folder / f"{number}.page"), None, clock,
            polls_committed=0, last_codes={}, was_up=frozenset(),
        )  # fmt: skip
        job._cadence.put_off(1e18)
        job._unpolled = False  # there is no outbox to have it in
        for link in job.session.links.values():
            link.state = type(link.state).UP  # no link.up event: there is no outbox here
        jobs.append(job)
    before = cpu_s()
    tasks = [asyncio.create_task(job.run(Backoff("it", Herald("line")))) for job in jobs]
    await asyncio.sleep(seconds)
    used = cpu_s() - before
    answers = sum(link.figures.answers for job in jobs for link in job.session.links.values())
    for job in jobs:
        job.stop()
    await asyncio.gather(*tasks)
    return answers, used


async def theirs(names: list[str], seconds: float, folder: Path) -> tuple[int, float]:
    del folder
    clients = [AsyncModbusSerialClient(name, baudrate=19200) for name in names]
    for client in clients:
        assert await client.connect()

    async def poll(client: AsyncModbusSerialClient, until: float) -> int:
        reads = 0
        while time.monotonic() < until:
            answer = await client.read_holding_registers(0, count=2, device_id=1)
            assert not answer.isError()
            reads += 1
        return reads

    until = time.monotonic() + seconds
    before = cpu_s()
    reads = sum(await asyncio.gather(*(poll(client, until) for client in clients)))
    used = cpu_s() - before
    for client in clients:
        client.close()
    return reads, used


Way = Callable[[list[str], float, Path], Awaitable[tuple[int, float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--links", type=int, nargs="*", default=[1, 50])
    options = parser.parse_args()
    for links in options.links:
        micros: dict[str, list[float]] = {"ours": [], "pymodbus": []}
        rates: dict[str, list[float]] = {"ours": [], "pymodbus": []}
        ways: dict[str, tuple[str, Way]] = {"ours": ("sas", ours), "pymodbus": ("modbus", theirs)}
        for _ in range(options.rounds):
            for way, (kind, run) in ways.items():
                with tempfile.TemporaryDirectory() as folder, responder(kind, links) as names:
                    polls, used = asyncio.run(run(names, options.seconds, Path(folder)))
                micros[way].append(1e6 * used / polls)
                rates[way].append(polls / options.seconds)
        mine, peer = statistics.median(micros["ours"]), statistics.median(micros["pymodbus"])
        my_rate, peer_rate = (statistics.median(rates[way]) for way in ways)
        print(
            f"{links:4d} links: ours {mine:6.1f} us CPU a poll at {my_rate:8,.0f}/s, "
            f"pymodbus {peer:6.1f} us a read at {peer_rate:8,.0f}/s, ratio {mine / peer:.2f}"
        )
        tell(Told(f"CPU of a poll, {links} busy ptys, of pymodbus's read", mine / peer, 1 / 3))


if __name__ == "__main__":
    main()
