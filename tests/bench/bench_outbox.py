"""From submitted to on disk: the outbox with 100 busy lines, beside a bare append and fdatasync.

Both run on the same disk in the same run, rounds interleaved, at the same rate: lines in an event
loop each submit one event and the EGM's state, wait until it is committed, and come back a period
later; the bare program appends the same number of bytes to a file and calls fdatasync, one event
after the other, in a process without threads. Printed are the medians of the rounds, the ratio,
and then what the outbox can do when nobody pauses.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from gateway.outbox.store import Store
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import Acknowledged, Commit, Row
from tests.bench.told import Told, tell

BODY = b"{" + b"x" * 1198 + b"}"
STATE = b"{" + b"s" * 798 + b"}"


@dataclass
class Round:
    """Latencies of one round in seconds, and what it took."""

    latencies_s: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0
    cpu_s: float = 0.0

    def quantile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_s)
        return ordered[int(len(ordered) * share)] * 1000


class Lines:
    """Lines that submit and wait, on one writer."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "outbox.db")
        self.writer = ThreadWriter(self.store)
        self.sequence = self.store.last_sequence
        self.until_s = 0.0

    def commit(self, line: int) -> Commit:
        self.sequence += 1
        row = Row(
            sequence=self.sequence,
            id=f"gw1.01J0.{self.sequence}",
            type="door.opened",
            family="door",
            familysequence=self.sequence,
            subject=f"slot.v1.demo.gw1.door.opened.{line}",
            asset=str(line),
            stream="SLOT_SIGNIFICANT",
            time_ns=time.time_ns(),
            body=BODY,
        )
        return Commit((row,), {str(line): STATE}, {f"L{line}": self.sequence})

    async def line(self, number: int, offset_s: float, period_s: float, out: Round) -> None:
        """Commit every ``period_s`` from ``offset_s`` on until the round is over."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + offset_s
        until_s = self.until_s
        while due_s < until_s:
            await asyncio.sleep(due_s - loop.time())
            began_s = time.perf_counter()
            commit = self.commit(number)
            await self.writer.submit(commit)
            out.latencies_s.append(time.perf_counter() - began_s)
            sequence = commit.rows[0].sequence
            self.writer.mark([Acknowledged(sequence, "SLOT_SIGNIFICANT", sequence)])
            due_s = max(due_s + period_s, loop.time()) if period_s else loop.time()

    async def run(self, lines: int, rate: float, seconds: float) -> Round:
        """Let ``lines`` commit ``rate`` events a second together; 0: as fast as they can."""
        out = Round()
        period_s = lines / rate if rate else 0.0
        began_s, cpu_s = time.perf_counter(), cpu()
        self.until_s = asyncio.get_running_loop().time() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(lines):
                group.create_task(self.line(number, period_s * number / lines, period_s, out))
        out.elapsed_s = time.perf_counter() - began_s
        out.cpu_s = cpu() - cpu_s
        return out


def bare(folder: Path, rate: float, seconds: float) -> Round:
    """Append and fdatasync at ``rate`` a second."""
    out = Round()
    payload = BODY + STATE
    descriptor = os.open(folder / "bare.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    due_s = began_s = time.perf_counter()
    while due_s < began_s + seconds:
        time.sleep(max(due_s - time.perf_counter(), 0.0))
        before_s = time.perf_counter()
        os.write(descriptor, payload)
        os.fdatasync(descriptor)
        out.latencies_s.append(time.perf_counter() - before_s)
        due_s += 1 / rate
    out.elapsed_s = time.perf_counter() - began_s
    os.close(descriptor)
    return out


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def measure(folder: Path, arguments: argparse.Namespace) -> None:
    lines = Lines(folder)
    ours: list[Round] = []
    theirs: list[Round] = []
    rate, seconds = arguments.rate, arguments.seconds
    for number in range(arguments.rounds + 1):
        round_ours = await lines.run(arguments.lines, rate, seconds)
        round_bare = bare(folder, rate, seconds)
        if number:  # the first round warms up
            ours.append(round_ours)
            theirs.append(round_bare)
    done = len(ours[0].latencies_s) / ours[0].elapsed_s
    print(f"{arguments.lines} lines, {done:.0f} events/s, median of {arguments.rounds} rounds")
    print(f"{'':26}{'p50 ms':>9}{'p99 ms':>9}")
    medians: dict[str, list[float]] = {}
    for name, rounds in (("submitted to on disk", ours), ("bare append + fdatasync", theirs)):
        medians[name] = [
            statistics.median(one.quantile_ms(share) for one in rounds) for share in (0.5, 0.99)
        ]
        print(f"{name:26}{medians[name][0]:9.2f}{medians[name][1]:9.2f}")
    ratios = [mine / peer for mine, peer in zip(*medians.values(), strict=True)]
    print(f"{'ratio':26}{ratios[0]:9.2f}{ratios[1]:9.2f}")
    tell(Told("submitted to on disk, 100 lines, p99, of bare fdatasync", ratios[1], 3))
    cpu_us = statistics.median(one.cpu_s / len(one.latencies_s) for one in ours) * 1e6
    print(f"CPU {cpu_us:.0f} us an event, lines and writer together")
    print("as fast as they can:")
    for count in (1, 10, 100):
        best = await lines.run(count, 0, seconds)
        events = len(best.latencies_s)
        print(
            f"{count:5} lines {events / best.elapsed_s:8.0f} events/s"
            f"{best.quantile_ms(0.5):9.2f} ms p50{best.quantile_ms(0.99):9.2f} ms p99"
            f"{best.cpu_s / events * 1e6:8.0f} us CPU an event"
        )
    left = await lines.writer.close(10)
    assert left.commits == 0, left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1000.0, help="events a second, all lines")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to measure")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix=".bench-outbox-") as folder:
        asyncio.run(measure(Path(folder), arguments))


if __name__ == "__main__":
    main()
