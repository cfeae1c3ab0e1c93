"""What polls cost at their pace: 2,000 EGMs every 200 ms by one process, beside bare programs.

Three ways to hang them up, each with its yardsticks in the same run, rounds interleaved:

* 500 single lines on ptys, beside pymodbus's async serial client that reads two registers as many
  times a second from 100 ptys (it cannot have more), and beside a bare task per pty that sends the
  same general poll (``add_reader``, a future, ``call_later`` for the time-out);
* 2,000 single lines on ptys, beside the bare task per pty;
* 250 lines of eight on one bridge, beside the CPU of pymodbus's read and a bare host on a socket.

Ours is the whole line as the daemon runs it, idle: session, allow-list in session and writer,
mapped page, lateness, figures. A line of one EGM sends ``80`` before each general poll (two
different polls acknowledge an exception); the bare one does not. Printed are CPU of the process
for each answered poll, its share of a core, and how late answers are: from the moment a poll was
due to its answer, the time-out of what the responder in another process needs included.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from edge_config.site import LineInfo
from gateway.edge.bridge_link import BridgeLink
from gateway.edge.bridge_port import BridgePort
from gateway.edge.clock import RealClock
from gateway.edge.line import LineJob
from gateway.edge.page import LinePage
from gateway.edge.port import Port
from gateway.edge.pty_port import PtyPort
from gateway.edge.supervise import Backoff, Herald
from protocols.sas.host.steps import Send
from tests.bench.bare_polls import bare, bare_bridge, pymodbus
from tests.bench.bench_floor import free_ports
from tests.bench.bench_poll import NoWork, responder
from tests.bench.paced import (
    EGMS,
    INTERVAL_S,
    PYMODBUS_LINES,
    TIMEOUT_S,
    Measured,
    measured,
    rounds,
)
from tests.bench.told import Told, tell

ROOT = Path(__file__).parents[2]


class TimedLine(LineJob):
    """A line that takes note of how late its answers are."""

    def watch(self, out: Measured, first_s: float) -> None:
        self._out, self._due = out, 0.0
        now = self._clock.monotonic()
        for place, link in enumerate(self.session.links.values()):
            link.state = type(link.state).UP  # no link.up event: there is no outbox here
            link.due = now + first_s + INTERVAL_S * place / len(self.session.links)
        self._cadence.put_off(1e18)
        self._unpolled = False  # there is no outbox to have it in

    def _put(self, step: Send) -> None:
        self._out.sent += 1
        if step.address is not None:
            self._due = self.session.links[step.address].due
        super()._put(step)

    def _answered(self, step: Send, heard_at: float) -> None:
        self._out.late_s.append(heard_at - self._due)
        super()._answered(step, heard_at)


def line(
    number: int, egms: int, port: Port, folder: Path, out: Measured, first: float
) -> TimedLine:
    info = LineInfo.model_construct(
        name="L", port="x", transport="pty", mode="host", allow="any_line",
        poll_interval_s=INTERVAL_S, reply_timeout_s=TIMEOUT_S, reply_gap_s=0.02, retry_max_s=1.0,
        meter_interval_s=1e9, confirm=(), real_time=False,
    )  # fmt: skip
    works = {address: NoWork(str(address)) for address in range(1, egms + 1)}
    job = TimedLine(
        info, works, port, LinePage(folder / f"{number}.page"), None, RealClock(),
        polls_committed=0, last_codes={}, was_up=frozenset(),
    )  # fmt: skip
    job.watch(out, first)
    return job


async def run_lines(jobs: list[TimedLine], out: Measured, seconds: float) -> None:
    tasks = [asyncio.create_task(job.run(Backoff("a line", Herald("line")))) for job in jobs]
    await measured(out, seconds)
    for job in jobs:
        job.stop()
    await asyncio.wait(tasks, timeout=2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def ours(names: list[str], seconds: float) -> Measured:
    out = Measured()
    with tempfile.TemporaryDirectory() as folder:
        jobs = [
            line(n, 1, PtyPort(Path(name), "any_line"), Path(folder), out,
                 INTERVAL_S * n / len(names))
            for n, name in enumerate(names)
        ]  # fmt: skip
        await run_lines(jobs, out, seconds)
    return out


@contextmanager
def echo(port: int, lines: int) -> Iterator[None]:
    """A bare responder on a bridge, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bridge_echo", str(port), str(lines)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == "ready"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class LivePolls:
    """Lines of eight EGMs on a bridge, polled at their pace while something else goes on."""

    def __init__(self, port: int, lines: int) -> None:
        self.out = Measured()
        self._link = BridgeLink("127.0.0.1", port)
        self._lines = lines
        self._stack = ExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._kept = asyncio.create_task(self._link.run(Backoff("it", Herald("bridge"))))
        self._ports = [BridgePort(self._link, n, "any_line") for n in range(1, self._lines + 1)]
        await self.go_on()
        return self

    async def go_on(self) -> None:
        """Poll."""
        end = time.monotonic() + 60
        while len(self._link._states) < self._lines:
            assert time.monotonic() < end, "the bridge does not open its lines"
            await asyncio.sleep(0.01)
        share_s = INTERVAL_S / EGMS / self._lines
        jobs = [
            line(n, EGMS, port, self._folder, self.out, share_s * n)
            for n, port in enumerate(self._ports)
        ]
        run = (job.run(Backoff("a line", Herald("line"))) for job in jobs)
        self._tasks = [asyncio.create_task(each) for each in run]

    async def pause(self) -> None:
        """Poll no more for a while."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def taken(self) -> list[float]:
        """Return how late answers were since the last call."""
        late_s = list(self.out.late_s)
        self.out.late_s.clear()
        return late_s

    async def __aexit__(self, *_: object) -> None:
        await self.pause()
        self._kept.cancel()
        await asyncio.gather(self._kept, return_exceptions=True)
        self._stack.close()


async def our_bridge(port: int, lines: int, seconds: float) -> Measured:
    async with LivePolls(port, lines) as polls:
        await measured(polls.out, seconds)
    return polls.out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--single-lines", type=int, default=500)
    parser.add_argument("--many-lines", type=int, default=2000)
    parser.add_argument("--bridge-lines", type=int, default=250)
    options = parser.parse_args()
    seconds = options.seconds
    with ExitStack() as stack:
        few = options.single_lines
        sas = stack.enter_context(responder("sas", few))
        theirs = min(few, PYMODBUS_LINES)
        modbus, pace_s = stack.enter_context(responder("modbus", theirs)), INTERVAL_S * theirs / few
        print(f"{few} lines of one EGM on ptys, every {1000 * INTERVAL_S:.0f} ms:")
        found = rounds(
            {
                "ours": lambda: ours(sas, seconds),
                "pymodbus": lambda: pymodbus(modbus, pace_s, seconds),
                "bare task": lambda: bare(sas, seconds),
            },
            options.rounds,
        )
    read_us, mine = found["pymodbus"].cpu_us, found["ours"]
    tell(
        Told("CPU of an answer, 500 ptys, of pymodbus's read", mine.cpu_us / read_us, 1 / 3),
        Told("CPU of a poll sent, 500 ptys, of pymodbus's read",
             mine.cpu_us * mine.polls / mine.sent / read_us, 1 / 3),
        Told("lateness p99, 500 ptys, of a bare task's",
             found["ours"].late_ms() / found["bare task"].late_ms(), 2),
    )  # fmt: skip
    with ExitStack() as stack:
        many = options.many_lines
        sas = stack.enter_context(responder("sas", many))
        print(f"{many} lines of one EGM on ptys, every {1000 * INTERVAL_S:.0f} ms:")
        found = rounds(
            {"ours": lambda: ours(sas, seconds), "bare task": lambda: bare(sas, seconds)},
            options.rounds,
        )
    tell(
        Told("CPU of an idle poll, 2,000 ptys, of a bare task's",
             found["ours"].cpu_us / found["bare task"].cpu_us, 2.5),
    )  # fmt: skip
    bridged(options, read_us)


def bridged(options: argparse.Namespace, read_us: float) -> None:
    lines = options.bridge_lines
    print(f"{lines} lines of {EGMS} EGMs on a bridge, every {1000 * INTERVAL_S:.0f} ms:")

    async def on_bridge(
        way: Callable[[int, int, float], Coroutine[Any, Any, Measured]],
    ) -> Measured:
        port = free_ports(1)[0]
        with echo(port, lines):
            return await way(port, lines, options.seconds)

    found = rounds(
        {"ours": lambda: on_bridge(our_bridge), "bare host": lambda: on_bridge(bare_bridge)},
        options.rounds,
    )
    tell(
        Told("CPU of a poll, 250 lines of 8, of pymodbus's read",
             found["ours"].cpu_us / read_us, 1 / 3),
        Told("lateness p99, 250 lines of 8, of a bare host's",
             found["ours"].late_ms() / found["bare host"].late_ms(), 2),
    )  # fmt: skip


if __name__ == "__main__":
    main()
