"""A console of 3,000 machines: how soon it shows them, and what it takes while they change.

Each program is a process of its own on a pty of 80x24. From its start until rows stand in the
terminal, on the wall and in CPU: ``slotgw console SITE`` with a site file of 3,000 machines and a
gateway that is only its socket, ``slotgw console --nats`` with a server that has their states, and
beside them the least: Textual's own table with 3,000 rows that are made up. Rounds interleaved,
medians. Then CPU and memory of a console while 3,000 machines change each second, beside a process
that only parses the same lines.

The wall's time is the computer's too: the shares of it that other programs left are printed.
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
from pathlib import Path

import nats

from gateway.bus.passwords import make_passwords
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from gateway.bus.users import inbox_prefix
from tests.bench.terminals import ROOT, Terminal, cpu_s, idle_s, memory_mb
from tests.bench.told import Told, tell
from tests.gateway.console import sample_floors

FIRST = b"01-01-01"
"""Location in the first row."""
GOAL_CPU_S, GOAL_RATIO = 0.6, 1.6

SITE_HEAD = """
[site]
id = "demo"
name = "Bench"
jurisdiction = "US-NV"
time_zone = "America/Denver"
currency = "USD"
[gateway]
id = "edge1"
run_folder = "unused"
"""
NATS = '[nats]\npassword_file = "none"\n'


def site_text(machines: int) -> str:
    """Return a site file of so many machines."""
    parts = [SITE_HEAD, NATS]
    floor = sample_floors.big(machines)  # type: ignore[no-untyped-call]
    parts += [
        f'[[lines]]\nname = "{line}"\nport = "lines/{line}"\ntransport = "pty"\n'
        for line in dict.fromkeys(egm.line for egm in floor.egms)
    ]
    parts += [
        f'[[egms]]\nasset = "{egm.asset}"\nline = "{egm.line}"\naddress = {egm.address}\n'
        f'location = "{egm.location}"\nbank = "{egm.bank}"\nzone = "{egm.zone}"\n'
        f'denomination = "0.01"\ntheme = "Lucky {egm.asset}"\nmaker = "Acme"\n'
        f'cameras = ["C-{egm.bank}-1"]\n'
        for egm in floor.egms
    ]
    return "\n".join(parts)


@contextlib.contextmanager
def gateway(folder: Path, per_second: int) -> Iterator[Path]:
    """A gateway that is only its status socket."""
    command = [sys.executable, "-m", "tests.gateway.console.fake_daemon", os.fspath(folder), "big",
               "--per-second", str(per_second)]  # fmt: skip
    socket = folder / "gateway" / "status.sock"
    socket.unlink(missing_ok=True)
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        end = time.monotonic() + 60
        while not socket.exists():
            assert process.poll() is None, "it does not start"
            assert time.monotonic() < end, "it is slow to start"
            time.sleep(0.02)
        yield socket
    finally:
        process.terminate()
        process.wait(60)


def first_pictures(ways: dict[str, Callable[[], Terminal]], rounds: int) -> dict[str, float]:
    """Print how soon each shows its rows; return the CPU until then, seconds."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    idle_before, began = idle_s(), time.perf_counter()
    for number in range(rounds + 1):
        for name, start in ways.items():
            with start() as terminal:
                took = terminal.shows(FIRST)
            if number:  # the first round warms the disk's cache up
                found[name].append(took)
    cores = os.cpu_count() or 1
    idle = 100 * (idle_s() - idle_before) / (time.perf_counter() - began) / cores
    for name, many in found.items():
        wall, cpu = (statistics.median(one[at] for one in many) for at in (0, 1))
        print(f"  {name:34} {wall:6.2f} s on the wall, {cpu:6.2f} s CPU")
    print(f"  median of {rounds} rounds; {idle:.0f} % of the cores' time was idle")
    best = {name: min(one[0] for one in many) for name, many in found.items()}
    print("  soonest: " + ", ".join(f"{name} {wall:.2f} s" for name, wall in best.items()))
    return {name: statistics.median(one[1] for one in many) for name, many in found.items()}


class Server:
    """A NATS server that has the states of all machines, as gateways leave them there."""

    def __init__(self, folder: Path) -> None:
        self.plan = ServerPlan(
            "demo", ("edge1",), folder / "nats", free_port(), free_port(), make_passwords()
        )
        self._server = NatsServer(self.plan)
        self.password_file = folder / "console.password"
        self.password_file.write_text(self.plan.passwords["console"])

    @property
    def url(self) -> str:
        """Where it is."""
        return self._server.url

    async def start(self, machines: int) -> None:
        """Start it, and put the states there."""
        await self._server.start()
        await apply_streams(self.url, "admin", self.plan.passwords["admin"])
        client = await nats.connect(
            self.url, user="edge", password=self.plan.passwords["edge"],
            inbox_prefix=inbox_prefix("edge"),
        )  # fmt: skip
        puts = [client.request(subject, body, timeout=60) for subject, body in values(machines)]
        for answer in await asyncio.gather(*puts):
            assert b'"error"' not in answer.data, answer.data
        await client.close()

    async def stop(self) -> None:
        """Stop it."""
        await self._server.stop()


def values(machines: int) -> Iterator[tuple[str, bytes]]:
    """Yield subject and value of each machine's state."""
    floor = sample_floors.big(machines)  # type: ignore[no-untyped-call]
    for number, egm in enumerate(floor.egms, 1):
        state = egm.model_dump(mode="json") | {
            "in_play": egm.state == "in play", "lamp": False, "out_of_service": False,
            "quarantined": False,
        }  # fmt: skip
        value = {"birthid": "b1", "sequence": number, "state": state}
        yield f"$KV.slot_state.demo.edge1.{egm.asset}", json.dumps(value).encode()
    horizon = {"birthid": "b1", "sequence": machines, "streams": {}}
    yield "$KV.slot_state.demo.edge1._", json.dumps(horizon).encode()


def changing(console: list[str], folder: Path, per_second: int, seconds: float) -> None:
    """Print what a console takes while so many machines change each second."""
    with gateway(folder, per_second) as socket, Terminal(console) as terminal:
        listening = [sys.executable, "-m", "tests.bench.bare_listener", os.fspath(socket)]
        bare = subprocess.Popen(listening, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert bare.stdout is not None
        try:
            assert bare.stdout.readline().strip() == "there"
            terminal.shows(FIRST)
            terminal.drain()
            time.sleep(2.0)  # what comes right after the first picture is no part of it
            pids = {"the console": terminal.process.pid, "only parsing the lines": bare.pid}
            before = {name: cpu_s(pid) for name, pid in pids.items()}
            began = time.perf_counter()
            time.sleep(seconds)
            took = time.perf_counter() - began
            used = {name: (cpu_s(pid) - before[name]) / took for name, pid in pids.items()}
            for name, pid in pids.items():
                print(f"  {name:34} {100 * used[name]:6.1f} % of a core, {memory_mb(pid):.0f} MB")
        finally:
            bare.kill()
            bare.wait()
            bare.stdout.close()
    mine, least = used.values()
    tell(
        Told(f"console, {per_second:,} changes/s, CPU of parsing them", mine / least, 3),
        Told(f"console, {per_second:,} changes/s", 100 * mine, 15, unit="% core"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--per-second", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = folder / "site.toml"
        site.write_text(site_text(options.machines))
        start = ["-m", "gateway", "console"]
        local = [*start, os.fspath(site), "--run-folder", os.fspath(folder)]
        server = Server(folder)
        over_nats = [*start, "--nats", server.url, "--password-file",
                     os.fspath(server.password_file)]  # fmt: skip
        bare = ["-m", "tests.bench.bare_table", str(options.machines)]
        compiled = {"PYTHONPYCACHEPREFIX": os.fspath(folder / "compiled")}
        print(f"{options.machines:,} machines, from start to rows in the terminal:")
        with asyncio.Runner() as runner, gateway(folder, 0):
            runner.run(server.start(options.machines))
            try:
                cpu = first_pictures(
                    {"slotgw console SITE": lambda: Terminal(local, compiled),
                     "slotgw console --nats": lambda: Terminal(over_nats, compiled),
                     "a bare Textual table": lambda: Terminal(bare, compiled)},
                    options.rounds,
                )  # fmt: skip
            finally:
                runner.run(server.stop())
        mine, far, least = cpu.values()
        tell(
            Told("console's first picture, of a bare Textual table's", mine / least, GOAL_RATIO),
            Told("console's first picture", mine, GOAL_CPU_S, unit="s CPU"),
            Told("console's first picture over NATS", far, GOAL_CPU_S * 1.5, unit="s CPU"),
        )
        print(f"{options.per_second:,} changes a second:")
        changing(local, folder, options.per_second, options.seconds)


if __name__ == "__main__":
    main()
