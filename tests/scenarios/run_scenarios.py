"""Every scenario that comes with slotsim, against our gateway, with verdicts.

    .venv/bin/python tests/scenarios/run_scenarios.py            # virtual time, then real time
    .venv/bin/python tests/scenarios/run_scenarios.py --tag short --only live

In virtual time the gateway and its consumers run in this process, on a clock that jumps. In real
time everybody is a process of their own, over ptys and a real NATS server: slotsim, the gateway,
dispatch, loyalty, surveillance; slotsim reads the event stream as a consumer does.

Exit status 0: every scenario passed; in real time those that need another day on the wall's clock
are left out, and told. 1: one did not pass.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, os.fspath(ROOT))

from edge_config.loader import load_toml  # noqa: E402
from edge_config.places import (  # noqa: E402
    NATS_MONITOR_VARIABLE,
    NATS_URL_VARIABLE,
    RUN_FOLDER_VARIABLE,
)
from edge_config.site import Site  # noqa: E402
from floor_sim.export_site import SiteWords, site_text  # noqa: E402
from floor_sim.scenarios.library import scenarios  # noqa: E402
from floor_sim.scenarios.plan import SEED, Played, plan  # noqa: E402
from floor_sim.scenarios.report import text_of  # noqa: E402
from floor_sim.scenarios.verdict import Verdict  # noqa: E402
from gateway.bus.passwords import keep_passwords, password_file  # noqa: E402
from gateway.bus.server import find_server, free_port, wait_ready, write_config  # noqa: E402
from gateway.bus.server_config import ServerPlan  # noqa: E402
from gateway.bus.streams import apply_streams  # noqa: E402
from gateway.contracts.export import bucket_values, catalogue_version  # noqa: E402
from gateway.demo.cast import SERVICES  # noqa: E402
from gateway.demo.processes import Child, Program  # noqa: E402
from gateway.events.streams import STREAMS  # noqa: E402
from tests.scenarios.gateway_world import play_all, results  # noqa: E402

USER = "consumer"
HOST_WAIT_S = 90.0
WAIT_S = 0.3
"""Reply time-out of the gateway: a computer that is busy lets machines answer late, and then a host
that gives up sooner is to blame for what it misses."""
START_MAX_S = 60.0


def virtual(played: list[Played]) -> bool:
    """Play them in virtual time; return whether all passed."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        found = results(play_all(played, Path(folder)))
    print(text_of(list(found.values()), SEED))
    print(f"virtual time: {time.process_time() - began:.1f} s of CPU", flush=True)
    return all(result.verdict is Verdict.PASS for result in found.values())


class Live:
    """Everybody as processes, in one run folder."""

    def __init__(self, folder: Path, played: list[Played]) -> None:
        self._folder = folder
        self._played = played
        self._logs = folder / "logs"
        self._logs.mkdir()
        self._site = folder / "site.toml"
        words = SiteWords(run_folder=str(folder))
        text = site_text(plan(played).floor, words)
        self._site.write_text(text.replace("reply_timeout_s = 0.2", f"reply_timeout_s = {WAIT_S}"))
        self._nats = folder / "nats"
        self._passwords = keep_passwords(self._nats)
        self._port, monitor = free_port(), free_port()
        site = load_toml(self._site, Site)
        self._plan = ServerPlan(
            site.site.id, (site.gateway.id,), self._nats, self._port, monitor, self._passwords
        )
        self._url = f"nats://127.0.0.1:{self._port}"
        self._environment = {
            **os.environ, "PYTHONPATH": os.fspath(ROOT), RUN_FOLDER_VARIABLE: str(folder),
            NATS_URL_VARIABLE: self._url,
            NATS_MONITOR_VARIABLE: f"http://127.0.0.1:{monitor}",
        }  # fmt: skip

    async def run(self) -> int:
        """Play; return the exit status of slotsim."""
        children: list[Child] = []
        tasks: list[asyncio.Task[object]] = []

        def start(name: str, *argv: str | Path) -> None:
            log = self._logs / f"{name}.log"
            program = Program(name, tuple(map(str, argv)), log, self._environment, frozenset())
            children.append(Child(program, print))
            tasks.append(asyncio.create_task(children[-1].keep_running()))

        slotgw = (sys.executable, "-m", "gateway")
        try:
            start("nats-server", find_server(), "-c", write_config(self._plan))
            await wait_ready(self._port)
            schemas = bucket_values(catalogue_version())
            await apply_streams(self._url, "admin", self._passwords["admin"], schemas=schemas)
            data = self._folder / "central"
            for name in SERVICES:
                start(name, *slotgw, "central", name, self._site, "--data", data)
            slotsim = await self._slotsim()
            await self._machines_wait(slotsim)
            start("gateway", *slotgw, "run", self._site)
            return await slotsim.wait()
        finally:
            for child in children:
                child.ask_to_stop()
            _, deaf = await asyncio.wait(tasks, timeout=8.0)
            for child in children if deaf else ():
                child.kill()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _slotsim(self) -> asyncio.subprocess.Process:
        streams = [row.name for row in STREAMS if USER in row.readers and row.name != "DEAD"]
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "floor_sim", "scenario", "run",
            *(played.name for played in self._played), "--run-folder", str(self._folder),
            "--events", self._url, "--user", USER,
            "--password-file", str(password_file(self._nats, USER)),
            *(word for name in streams for word in ("--stream", name)),
            "--host-wait", str(HOST_WAIT_S), "--junit", str(self._folder / "scenarios.xml"),
            env=self._environment, cwd=ROOT,
        )  # fmt: skip

    async def _machines_wait(self, slotsim: asyncio.subprocess.Process) -> None:
        until = time.monotonic() + START_MAX_S
        while not (self._folder / "control.json").exists() and slotsim.returncode is None:
            assert time.monotonic() < until, "slotsim does not start"
            await asyncio.sleep(0.05)


def live(played: list[Played], folder: Path | None, most: int) -> bool:
    """Play them in real time, ``most`` at a time; return whether none failed."""
    good = True
    for one in [one for one in played if one.file.begins is not None]:
        print(f"left out in real time: {one.name}, which begins at {one.file.begins} on the wall")
    played = [one for one in played if one.file.begins is None]
    for first in range(0, len(played), most):
        some = played[first : first + most]
        good &= live_group(some, None if folder is None else folder / f"{first + 1}")
    return good


def live_group(played: list[Played], folder: Path | None) -> bool:
    """Play some in real time; return whether none failed."""
    own = Path(tempfile.mkdtemp(prefix="scn")) if folder is None else folder
    own.mkdir(parents=True, exist_ok=True)
    try:
        return asyncio.run(Live(own, played).run()) == 0
    finally:
        if folder is None:
            with contextlib.suppress(OSError):
                shutil.rmtree(own)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="scenarios; nothing: all")
    parser.add_argument("--tag", help="only those with this tag")
    parser.add_argument("--only", choices=("virtual", "live"), help="only one of both runs")
    parser.add_argument("--run-folder", type=Path, help="folder of the run in real time, kept")
    parser.add_argument(
        "--at-once", type=int, default=16, metavar="N",
        help="scenarios that are played at once in real time: each has lines that are polled",
    )  # fmt: skip
    options = parser.parse_args()
    played = [one for one in scenarios(options.names) if options.tag in {None, *one.file.tags}]
    good = True
    if options.only != "live":
        good &= virtual(played)
    if options.only != "virtual":
        good &= live(played, options.run_folder, options.at_once)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
