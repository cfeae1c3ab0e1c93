"""How late the daemon's polls leave while ten consoles are attached, and what they cost it.

One simulated floor at play and one daemon, as processes of their own; the same floor goes on while
three states take turns in every round: nobody attached; ten that only read the status socket (one
process, which throws away what it reads); ten consoles on ptys, each a process as people run it.
What the second state adds is the daemon's own price for those who look. What the third adds to the
second is that ten programs want the same cores: how idle these were is printed.

Lateness is what the daemon itself notes at each poll: by our doing, not by machines that are slow.

First, in memory and in CPU alone: the longest step for which telling people holds the loop up, of
2,000 machines of which every one changes each second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.edge.status_server import StatusServer
from tests.bench.bench_console import SITE_HEAD
from tests.bench.bench_floor import floor_text, free_ports, slotsim
from tests.bench.bridge_load import MACHINES
from tests.bench.terminals import ROOT, Terminal, cpu_s, idle_s
from tests.bench.told import Told, tell
from tests.gateway.edge.watched_floor import Floor

NATS = '[nats]\nurl = "nats://127.0.0.1:1"\npassword_env = "NOBODY_LISTENS"\n'
SETTLE_S = 2.0
SETTLED = 0.15
"""Share of a core from which on an attached program still starts, as seen over a second."""


@dataclass(frozen=True)
class Seen:
    """One state for some seconds.

    Attributes:
        p50_ms: half of the polls left so late at most.
        p99_ms: 99 of 100.
        p999_ms: 999 of 1,000.
        daemon: CPU of the daemon, share of a core.
        attached: of those attached, likewise.
        idle: of all cores, 0 to 1.
        polls: how many.
    """

    p50_ms: float
    p99_ms: float
    p999_ms: float
    daemon: float
    attached: float
    idle: float
    polls: float


def site_text(lines: int, port: int) -> str:
    parts = [SITE_HEAD, NATS]
    for index in range(lines):
        parts.append(
            f'[[lines]]\nname = "L{index}"\ntransport = "bridge"\n'
            f'port = "127.0.0.1:{port}/{index + 1}"\n'
        )
        parts += [
            f'[[egms]]\nasset = "{10_000 + MACHINES * index + at}"\nline = "L{index}"\n'
            f'address = {at + 1}\nlocation = "01-{index + 1:02}-{at + 1:02}"\n'
            f'bank = "{index + 1:02}"\n'
            for at in range(MACHINES)
        ]
    return "\n".join(parts)


class Daemon:
    """The daemon under test."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.timed_daemon", os.fspath(site), os.fspath(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env={**os.environ, "NOBODY_LISTENS": "x"},
        )  # fmt: skip
        self.socket = folder / "gateway" / "status.sock"
        end = time.monotonic() + 60
        while not self.socket.exists():
            assert self.process.poll() is None, "it does not start"
            assert time.monotonic() < end, "it is slow to start"
            time.sleep(0.05)

    def lateness(self) -> list[float]:
        """Return percentiles in ms and the number of polls since the last call."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told: list[float] = json.loads(self.process.stdout.readline())
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)


@contextlib.contextmanager
def nobody() -> Iterator[list[int]]:
    """Nobody is attached."""
    yield []


@contextlib.contextmanager
def readers(socket: Path, number: int) -> Iterator[list[int]]:
    """So many that only read."""
    command = [sys.executable, "-m", "tests.bench.bare_readers", os.fspath(socket), str(number)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == "there"
        yield [process.pid]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def consoles(site: Path, folder: Path, number: int) -> Iterator[list[int]]:
    """So many consoles that show the floor."""
    command = ["-m", "gateway", "console", os.fspath(site), "--run-folder", os.fspath(folder)]
    with contextlib.ExitStack() as stack:
        terminals = [stack.enter_context(Terminal(command)) for _ in range(number)]
        for terminal in terminals:
            terminal.shows(b"01-01-01")
            terminal.drain()
        yield [terminal.process.pid for terminal in terminals]


State = Callable[[], contextlib.AbstractContextManager[list[int]]]


def seen(daemon: Daemon, state: State, seconds: float) -> Seen:
    """Return what is seen in one state, once it has settled."""
    with state() as pids:
        settle(pids)
        daemon.lateness()
        before = [cpu_s(pid) for pid in (daemon.process.pid, *pids)]
        idle, began = idle_s(), time.perf_counter()
        time.sleep(seconds)
        took = time.perf_counter() - began
        used = [cpu_s(pid) - one for pid, one in zip((daemon.process.pid, *pids), before,
                                                     strict=True)]  # fmt: skip
        idle = (idle_s() - idle) / took / (os.cpu_count() or 1)
        p50, p99, p999, polls = daemon.lateness()
    return Seen(p50, p99, p999, used[0] / took, sum(used[1:]) / took, idle, polls / took)


def settle(pids: list[int], limit_s: float = 60.0) -> None:
    """Wait until all has started: a console reads more once its first picture stands."""
    time.sleep(SETTLE_S)
    end, used = time.monotonic() + limit_s, [cpu_s(pid) for pid in pids]
    while time.monotonic() < end:
        time.sleep(1.0)
        now = [cpu_s(pid) for pid in pids]
        if all(after - before < SETTLED for after, before in zip(now, used, strict=True)):
            return
        used = now


def rounds(
    daemon: Daemon, states: dict[str, State], options: argparse.Namespace
) -> dict[str, Seen]:
    """Let the states take turns; return their medians."""
    found: dict[str, list[Seen]] = {name: [] for name in states}
    for _ in range(options.rounds):
        for name, state in states.items():
            found[name].append(seen(daemon, state, options.seconds))
    return {
        name: Seen(*(statistics.median(column) for column in zip(
            *((one.p50_ms, one.p99_ms, one.p999_ms, one.daemon, one.attached, one.idle, one.polls)
              for one in many), strict=True)))
        for name, many in found.items()
    }  # fmt: skip


async def in_memory(machines: int, seconds: int = 10) -> tuple[float, float]:
    """Return ms of CPU of the longest step with nobody and with somebody attached, at the best."""
    floor = Floor(machines // MACHINES)  # type: ignore[no-untyped-call]
    server = StatusServer(Path("unused"), floor.board)
    longest: dict[bool, list[float]] = {False: [], True: []}
    for told, steps in longest.items():
        for _ in range(seconds):
            floor.polls()  # type: ignore[no-untyped-call]
            for _ in range(5):
                began = time.process_time()
                if told:
                    b"".join(map(server._line, floor.board.changes()))
                else:
                    floor.board.look()
                steps.append(1000 * (time.process_time() - began))
    nobody_ms, told_ms = (statistics.median(steps) for steps in longest.values())
    floor.board.forget()
    began = time.process_time()
    making = asyncio.ensure_future(server._snapshot())
    held: list[float] = []
    while not making.done():
        step = time.process_time()
        await asyncio.sleep(0)
        held.append(1000 * (time.process_time() - step))
    made_ms = 1000 * (time.process_time() - began)
    print(
        f"{machines} machines in memory: a step five times a second of {nobody_ms:.2f} ms, with "
        f"somebody attached {told_ms:.2f} ms; a snapshot for who attaches {made_ms:.1f} ms, "
        f"in {len(held)} steps, the longest {max(held):.1f} ms (CPU)"
    )
    return told_ms, max(held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=50, help="of eight machines each")
    parser.add_argument("--attached", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--warm", type=float, default=8.0, help="seconds until guests play")
    options = parser.parse_args()
    number = options.attached
    told_ms, held_ms = asyncio.run(in_memory(2000))
    tell(
        Told("one step of telling people, 2,000 machines", told_ms, 5, unit="ms CPU"),
        Told("longest step of a snapshot, 2,000 machines", held_ms, 20, unit="ms CPU"),
    )
    with contextlib.ExitStack() as stack:
        port = free_ports(1)[0]
        sim = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = folder / "site.toml"
        site.write_text(site_text(options.lines, port))
        stack.enter_context(slotsim(sim, floor_text(options.lines, [port], options.lines), None))
        daemon = stack.enter_context(Daemon(site, folder))
        time.sleep(options.warm)
        states: dict[str, State] = {
            "nobody": nobody,
            f"{number} that only read": lambda: readers(daemon.socket, number),
            f"{number} consoles": lambda: consoles(site, folder, number),
        }
        medians = rounds(daemon, states, options)
    print(
        f"{options.lines * MACHINES} machines at play, a poll each every 200 ms; median of "
        f"{options.rounds} rounds of {options.seconds:g} s\n"
        f"{'attached':20}{'late p50':>10}{'p99':>10}{'p99.9 ms':>10}{'polls/s':>9}"
        f"{'daemon':>9}{'attached':>10}{'idle':>8}"
    )
    for name, one in medians.items():
        print(
            f"{name:20}{one.p50_ms:10.2f}{one.p99_ms:10.2f}{one.p999_ms:10.2f}{one.polls:9.0f}"
            f"{100 * one.daemon:8.1f}%{100 * one.attached:9.1f}%{100 * one.idle:7.1f}%"
        )
    alone, read, watched = medians.values()
    each = 100 * (read.daemon - alone.daemon) / number
    print(
        f"the daemon spends {each:.2f} % of a core for each that is attached; daemon and attached "
        "are shares of a core, idle is of all cores"
    )
    tell(
        Told(f"polls' lateness p99 beside {number} that read, of alone",
             read.p99_ms / alone.p99_ms, 1.5),
        Told(f"polls' lateness p99 beside {number} consoles, of alone",
             watched.p99_ms / alone.p99_ms, 3),
        Told("daemon's CPU for one attached", each, 0.5, unit="% core"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
