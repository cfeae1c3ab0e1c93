"""What a simulated floor costs: 2,000 machines at peak play, polled every 200 ms over bridges.

``slotsim run`` is a process of its own; 250 lines of eight machines hang on one bridge. It plays as
a floor of 2,000 does at its peak: 271 games a second (75 % of the seats taken, 650 games an hour
each), 542 exceptions a second. Printed are its CPU as a share of one core, its memory, and the
share of answers later than 20 ms, beside those of a bare echo that is polled by the same load at
the same time: what the echo misses is the computer's and the load's, not the floor's.

``--lines 625 --processes 2 --every 1`` is a floor of 5,000 machines on two cores.

Then one poll in memory: the poll is encoded, heard by the eight machines of a line, answered, and
the answer decoded.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from floor_sim.line import Line, LineSettings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings
from floor_sim.memory_line import MemoryLine
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import Reply
from tests.bench import bridge_load
from tests.bench.bridge_load import Figures, LoadedBridge
from tests.bench.told import Told, tell

ROOT = Path(__file__).parents[2]
ECHO_LINES = 10
GOAL_CPU_PERCENT, GOAL_MB = 70, 600
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

PACE = """
[floor]
name = "bench"
seed = 4
run_folder = "unused"

[pace]
between_guests_s = [2.0, 6.0]
settle_s = [1.0, 4.0]
game_s = [2.0, 4.0]
think_s = [2.6, 5.4]
games = [100, 500]

[profiles.bench]
"""


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def floor_text(lines: int, ports: list[int], a_bridge: int) -> str:
    parts = [PACE]
    for index in range(lines):
        port, number = ports[index // a_bridge], index % a_bridge + 1
        parts.append(
            f'[[lines]]\nname = "L{index}"\ntransport = "bridge"\n'
            f'port = "127.0.0.1:{port}/{number}"\n'
        )
    for index in range(lines * bridge_load.MACHINES):
        line, address = divmod(index, bridge_load.MACHINES)
        parts.append(
            f'[[egms]]\nasset = "{10_000 + index}"\nline = "L{line}"\naddress = {address + 1}\n'
            'profile = "bench"\n'
        )
    return "\n".join(parts)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the kernel tells no memory")


def busy_share() -> tuple[int, int]:
    """Return what all cores did and could have done, in clock ticks."""
    fields = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


@contextlib.contextmanager
def echo(port: int) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.bench.bridge_echo", str(port), str(ECHO_LINES)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == "ready"
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def slotsim(folder: Path, text: str, profile: Path | None) -> Iterator[int]:
    (folder / "floor.toml").write_text(text)
    extra = ["-m", "cProfile", "-o", os.fspath(profile)] if profile else []
    process = subprocess.Popen(
        [sys.executable, *extra, "-m", "floor_sim.cli.main", "run", "floor.toml",
         "--run-folder", "run"],
        cwd=folder, env={**os.environ, "PYTHONPATH": os.fspath(ROOT)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not (folder / "run" / "control.json").exists():
            assert process.poll() is None, "slotsim does not start"
            assert time.monotonic() < end, "slotsim is slow to start"
            time.sleep(0.05)
        yield process.pid
        assert process.poll() is None, "slotsim ended"
    finally:
        process.terminate()
        process.wait(60)


def games(folder: Path) -> int:
    """Return how many games began, by the ledger."""
    texts = [path.read_text() for path in folder.glob("ledger*.jsonl")]
    told = [json.loads(line) for text in texts for line in text.splitlines() if '"7E"' in line]
    return sum(record["what"] == "exception" for record in told)


def added(bridges: list[LoadedBridge]) -> Figures:
    total = Figures()
    for bridge in bridges:
        total.polls += bridge.figures.polls
        total.answers += bridge.figures.answers
        total.events += bridge.figures.events
        total.late += bridge.figures.late
        total.longest_s = max(total.longest_s, bridge.figures.longest_s)
    return total


def shares(lines: int, processes: int) -> list[int]:
    """Return how many lines each process of slotsim has."""
    return [lines // processes + (n < lines % processes) for n in range(processes)]


def whole_floor(options: argparse.Namespace) -> None:
    a_bridge = options.bridge_lines
    plans = [
        [min(a_bridge, lines - a_bridge * n) for n in range(-(-lines // a_bridge))]
        for lines in shares(options.lines, options.processes)
    ]
    *ports, echo_port = free_ports(sum(map(len, plans)) + 1)
    turn_s = options.every / bridge_load.MACHINES
    with contextlib.ExitStack() as stack:
        folders, pids, places = [], [], []
        echo_pid = stack.enter_context(echo(echo_port))
        for sizes in plans:
            own = [ports.pop(0) for _ in sizes]
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            text = floor_text(sum(sizes), own, a_bridge)
            pids.append(stack.enter_context(slotsim(folder, text, options.profile)))
            folders.append(folder / "run")
            places += zip(own, sizes, strict=True)
        # a bridge drops a host that is silent: connect once all are there
        floor = [LoadedBridge(port, size) for port, size in places]
        bare = LoadedBridge(echo_port, ECHO_LINES)
        bridge_load.run([*floor, bare], options.warm, turn_s)
        for bridge in [*floor, bare]:
            bridge.figures = Figures()
        games_before, busy_before = sum(map(games, folders)), busy_share()
        cpu_before, echo_before = [cpu_s(pid) for pid in pids], cpu_s(echo_pid)
        took_s = bridge_load.run([*floor, bare], options.seconds, turn_s)
        used_s = [cpu_s(pid) - before for pid, before in zip(pids, cpu_before, strict=True)]
        echo_s = cpu_s(echo_pid) - echo_before
        busy_after = busy_share()
        played = sum(map(games, folders)) - games_before
        mb = sum(map(memory_mb, pids))
        total, echoed = added(floor), bare.figures
        for bridge in [*floor, bare]:
            bridge.socket.close()
    busy = 100 * (busy_after[0] - busy_before[0]) / (busy_after[1] - busy_before[1])
    cores = ", ".join(f"{100 * one / took_s:.1f}" for one in used_s)
    goals = f" (goal {GOAL_CPU_PERCENT})" if options.lines == 250 else ""
    machines, polls = options.lines * bridge_load.MACHINES, total.polls
    print(
        f"{machines} machines on {options.lines} lines, {a_bridge} on a bridge, each polled every "
        f"{options.every:g} s: {cores} % of a core{goals}, "
        f"{mb:.0f} MB at most (goal {GOAL_MB * options.lines / 250:.0f})\n"
        f"  {polls / took_s:,.0f} polls/s, {played / took_s:.0f} games/s, "
        f"{total.events / took_s:.0f} exceptions/s; CPU a poll with all play "
        f"{1e6 * sum(used_s) / polls:.1f} us, bare echo {1e6 * echo_s / echoed.polls:.1f} us\n"
        f"  answers later than 20 ms: {total.late_percent:.3f} %, longest "
        f"{1e3 * total.longest_s:.1f} ms; bare echo {echoed.late_percent:.3f} %, longest "
        f"{1e3 * echoed.longest_s:.1f} ms; all cores were {busy:.0f} % busy with all programs"
    )
    if total.answers < 0.9 * polls:
        print("  too busy a computer: most polls went unanswered, so its share is no figure")
    elif options.lines == 250 and options.every == bridge_load.TURN_S * bridge_load.MACHINES:
        core = 100 * sum(used_s) / took_s
        tell(
            Told("simulator of 2,000 machines", core, GOAL_CPU_PERCENT, unit="% core"),
            Told("simulator of 2,000 machines", mb, GOAL_MB, unit="MB"),
        )


def bank() -> MemoryLine:
    ports = []
    for address in range(1, bridge_load.MACHINES + 1):
        machine = Machine(MachineSettings(f"{address}", address), MemoryJournal(), {})
        ports += machine.ports
    return MemoryLine(Line("L1", ports, LineSettings(chirp=False)))


def in_memory(polls: int, command: int | None) -> float:
    """Return microseconds of CPU for one poll, from encoding it to the values of its answer."""
    end, now = bank(), 1.0
    end.host_write(SYNC, now)
    before = time.process_time()
    for turn in range(polls):
        now += bridge_load.TURN_S
        address = turn % bridge_load.MACHINES + 1
        poll = general_poll(address) if command is None else long_poll(address, command)
        end.host_write(poll, now)
        reader, reply = ReplyReader(poll), None
        for _, data in end.host_read(now + 0.02):
            reply = reader.feed(data)
        assert isinstance(reply, Reply), reply
    return 1e6 * (time.process_time() - before) / polls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=250)
    parser.add_argument("--processes", type=int, default=1, help="slotsim processes")
    parser.add_argument("--every", type=float, default=0.2, help="seconds between two polls of one")
    parser.add_argument("--bridge-lines", type=int, default=250, help="lines on one bridge")
    parser.add_argument("--warm", type=float, default=12.0, help="seconds until guests play")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--polls", type=int, default=20_000)
    parser.add_argument("--profile", type=Path, help="write slotsim's cProfile there; it slows it")
    options = parser.parse_args()
    if options.lines:
        whole_floor(options)
    kinds = {"general poll": None, "poll 1A (credits)": 0x1A, "poll 0F (six meters)": 0x0F}
    for name, command in kinds.items():
        micros = statistics.median(in_memory(options.polls // 5, command) for _ in range(5))
        print(f"  in memory, eight machines on the line: {name} {micros:.1f} us CPU")


if __name__ == "__main__":
    main()
