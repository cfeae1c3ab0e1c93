"""Kill who listens, who polls and the floor, again and again: what is lost stands in a gap.

    .venv/bin/python tests/torture/run_listening.py --kills 200 --seed 1

Real processes on ptys: a simulated floor with a tap on every line, a gateway that polls it, and one
that only listens, mostly killed from inside at a named crash point. At the end play stops, and
what the machines handed over to their host, by the floor's ledger, is compared with what stands in
the listener's outbox. Neither gateway has a server: storing needs none.

Bytes on a pty have no moment of their own. A listener that a busy computer lets read them some
polls late can no longer tell whose answer is whose: then less is told, and more stands in gaps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import urllib.request
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, os.fspath(ROOT))

from edge_config.loader import load_toml  # noqa: E402
from edge_config.places import NATS_URL_VARIABLE, RUN_FOLDER_VARIABLE  # noqa: E402
from edge_config.site import Site  # noqa: E402
from gateway.demo import processes  # noqa: E402
from gateway.demo.cast import FLOOR_FILE, LONGEST_SOCKET, SITE_FILE  # noqa: E402
from gateway.demo.folder import demo_folder  # noqa: E402
from gateway.demo.ledger import ledger_files  # noqa: E402
from gateway.demo.processes import Child, Program  # noqa: E402
from gateway.demo.rest import wait_for  # noqa: E402
from gateway.edge.keys import gap_key, heard_key  # noqa: E402
from gateway.events.envelope import Envelope, decode  # noqa: E402
from tests.torture.account import pulled  # noqa: E402
from tests.torture.heard_account import Heard, Told, settle  # noqa: E402
from tests.torture.killing import WAIT_S, ArmedEnvironment, Points  # noqa: E402

SIM, HOST, EAR = "slotsim", "host", "listener"
WEIGHTS = {(EAR,): 5, (HOST,): 2, (SIM,): 3, (EAR, SIM): 1, (EAR, HOST): 1}
LATE_S = 5.0
"""On a busy computer bytes lie in a pty for seconds before they are read and get their moment."""
SLACK_S = 1.5
QUIET_S = 8.0
"""Gaps are told once the line has been calm for a second, and answers have come."""
PATIENCE_S = 8.0
REST_MAX_S = 400.0
HEARD = "SELECT body FROM event ORDER BY sequence"


def site_that_listens(folder: Path) -> Path:
    """Write the demonstration's site as a gateway has it that hears the taps of ``folder``."""
    text = SITE_FILE.read_text("utf-8").replace('mode = "host"', 'mode = "listen"')
    for number in range(1, 7):
        taps = folder / "taps" / f"L{number}"
        text = text.replace(
            f'port = "lines/L{number}"', f'port = "{taps}.host"\nport_egm = "{taps}.egm"'
        )
    path = folder / "listens.toml"
    path.write_text(text, "utf-8")
    return path


def programs(folder: Path, points: Points) -> dict[str, Program]:
    """Return who plays."""
    (folder / "logs").mkdir()
    (folder / "listens").mkdir()
    floor = folder / "floor.toml"
    text = FLOOR_FILE.read_text("utf-8").replace("[[lines]]\n", "[[lines]]\ntap = true\n")
    floor.write_text(text.replace('without_host = "stay away"', 'without_host = "play on"'))
    environment = {**os.environ, NATS_URL_VARIABLE: "nats://127.0.0.1:1"}

    def program(name: str, *argv: str | Path, run_folder: Path = folder) -> Program:
        mine = {**environment, RUN_FOLDER_VARIABLE: str(run_folder)}
        return Program(name, tuple(map(str, argv)), folder / "logs" / f"{name}.log", mine)

    python, slotgw = sys.executable, (sys.executable, "-m", "gateway")
    ear = program(EAR, *slotgw, "run", site_that_listens(folder), run_folder=folder / "listens")
    return {
        SIM: program(SIM, python, "-m", "floor_sim", "run", floor, "--run-folder", folder),
        HOST: program(HOST, *slotgw, "run", SITE_FILE),
        EAR: replace(ear, environment=ArmedEnvironment(ear.environment, points)),
    }


class Campaign:
    """The three programs, and who dies when."""

    def __init__(self, folder: Path, kills: int, seed: int) -> None:
        self.folder = folder
        self.points = Points(seed)
        self.killed: Counter[str] = Counter()
        self._kills = kills
        self._chance = random.Random(f"listening {seed}")
        self._gone = asyncio.Event()
        self._by_us: set[str] = set()
        self._rest_ns = 0
        self.children = {
            name: Child(one, print, died=lambda name=name: self._died(name))
            for name, one in programs(folder, self.points).items()
        }

    def _died(self, name: str) -> None:
        if name == EAR:
            self._gone.set()
        if name in self._by_us:
            self._by_us.discard(name)
        elif name == EAR and self.points.died():
            self.killed[name] += 1

    async def run(self) -> Heard:
        """Kill; bring the floor to rest; settle."""
        async with asyncio.TaskGroup() as group:
            tasks = [self._start(group, name) for name in (SIM, EAR)]
            try:
                await self._must(self._listens)  # what was said before is not its business
                tasks.append(self._start(group, HOST))
                await self._must(self._both_speak)
                while self.killed.total() < self._kills:
                    await self._strike()
                self.points.disarm()
                self._kill(EAR)
                await self._must(self._at_rest)
                self._rest_ns = time.time_ns()
                await asyncio.sleep(QUIET_S)
                await self._must(self._gaps_told)
            finally:
                for child in self.children.values():
                    child.ask_to_stop()
                await asyncio.wait(tasks, timeout=20)
                for child in self.children.values():
                    child.kill()
        return self.account()

    def _start(self, group: asyncio.TaskGroup, name: str) -> asyncio.Task[None]:
        return group.create_task(self.children[name].keep_running())

    async def _must(self, check) -> None:
        if why := await wait_for(check, REST_MAX_S):
            raise SystemExit(f"the campaign cannot go on: {why}")

    async def _strike(self) -> None:
        await asyncio.sleep(self._chance.uniform(*WAIT_S))  # the pace of a campaign
        (names,) = self._chance.choices([*WEIGHTS], [*WEIGHTS.values()])
        if EAR in names and self.points.hopeful():
            self._gone.clear()
            with suppress(TimeoutError):  # a busy computer takes seconds to start it
                await asyncio.wait_for(self._gone.wait(), PATIENCE_S)
        for name in names:
            self._kill(name)

    def _kill(self, name: str) -> None:
        pid = self.children[name].pid
        if pid is not None:
            self._by_us.add(name)
            self.killed[name] += 1
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _listens(self) -> str:
        lines = {heard_key(line.name) for line in load_toml(SITE_FILE, Site).lines}
        left = lines - self._kept().keys()
        return f"nobody listens yet: {sorted(left)}" if left else ""

    async def _both_speak(self) -> str:
        return "" if any(one.sascode for one in self.events()) else "the listener hears nothing"

    async def _at_rest(self) -> str:
        try:
            state = await asyncio.to_thread(self._asked, "/state")
            if state["play"] is not False:
                await asyncio.to_thread(self._asked, "/play", {"on": False})
                return "play goes on"
        except OSError as error:
            return str(error)
        left = state["queued"], state["pending"]
        return "" if left == (0, 0) else f"queued and pending {left}"

    async def _gaps_told(self) -> str:
        """Wait for gaps that began before all came to rest; a busy computer tells no later one."""
        kept = self._kept()
        if not kept:
            return "the outbox cannot be read"
        names = {gap_key(egm.asset) for egm in load_toml(SITE_FILE, Site).egms}
        left = [
            name for name in sorted(names & kept.keys())
            if kept[name] and int(kept[name].split()[1]) < self._rest_ns
        ]  # fmt: skip
        return f"gaps are not told yet: {left}" if left else ""

    def _asked(self, path: str, body: dict[str, bool] | None = None):
        url = json.loads((self.folder / "control.json").read_text())["url"]
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            url + path, data=data, headers={"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def _outbox(self) -> Path | None:
        return next((self.folder / "listens").rglob("outbox.sqlite"), None)

    def _kept(self) -> dict[str, str]:
        """Return what the listener keeps for its next process."""
        outbox = self._outbox()
        if outbox is None:
            return {}
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(outbox)) as database:
            return dict(database.execute("SELECT name, text FROM fact"))
        return {}

    def events(self) -> list[Envelope]:
        """Return what the listener has stored."""
        outbox = self._outbox()
        if outbox is None:
            return []
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(outbox)) as database:
            return [decode(body) for (body,) in database.execute(HEARD)]
        return []

    def account(self) -> Heard:
        """Compare what was handed over with what was told."""
        told, gaps = {}, {}
        for one in self.events():
            at = one.time.timestamp()
            if one.sascode is not None:
                said = Told(one.sascode, at, one.possiblerepeat)
                told.setdefault(one.asset, []).append(said)
            elif one.name == "link.gap":
                gap = (one.data["cause"], at - one.data["gap_s"], at)
                gaps.setdefault(one.asset, []).append(gap)
        return settle(told, gaps, self._handed_over(), late_s=LATE_S, slack_s=SLACK_S)

    def _handed_over(self):
        records = [
            json.loads(line) for path in ledger_files(self.folder)
            for line in path.read_text("utf-8").split("\n")[:-1]
        ]  # fmt: skip
        lost = {record["of"] for record in records if record["what"] == "lost"}
        found = {}
        for record in records:
            if record["what"] == "acked" and record.get("port", 0) == 0:
                at = datetime.fromisoformat(record["t"]).timestamp()
                one = (record["code"], at, record["of"] not in lost)
                found.setdefault(record["egm"], []).append(one)
        return found


def report(campaign: Campaign, heard: Heard) -> bool:
    """Print the account; return whether nothing is wrong."""
    told = sum(one.sascode is not None for one in campaign.events())
    numbers = [one.sequence for one in campaign.events()]
    cables = pulled(campaign.folder)
    faults = max(campaign.killed.total() + cables, 1)
    needless = heard.gaps.total() - heard.covering
    print(f"kills         {dict(campaign.killed)}; the floor itself pulled {cables} cables")
    print(f"told          {told} exceptions, {heard.repeats} of them once more with a mark")
    print(f"told as gaps  {heard.covered.total()} exceptions: {dict(heard.covered)}")
    print(
        f"gaps          present {heard.gaps.total()} {dict(heard.gaps)}, missing "
        f"{len(heard.missing)}, needless {needless} ({needless / faults:.2f} a fault)"
    )
    for point, hits in campaign.points.hits.items():
        print(f"  {point:30}{hits:4}")
    wrong = [f"lost in no gap: {one}" for one in heard.missing[:20]]
    wrong += [f"invented: {one}" for one in heard.invented[:20]]
    if numbers != [*range(1, len(numbers) + 1)]:
        wrong.append("the outbox has a hole in its sequences")
    if not told:
        wrong.append("nothing was told")
    for one in wrong:
        print(f"WRONG: {one}")
    return not wrong


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run-folder", type=Path, default=Path("run/torture-listening"))
    options = parser.parse_args()
    processes.HEALTHY_S = 0.0  # here no number of deaths is too many
    began = time.monotonic()

    async def campaign(folder: Path) -> bool:
        one = Campaign(folder, options.kills, options.seed)
        return report(one, await one.run())

    with demo_folder(options.run_folder, LONGEST_SOCKET) as folder:
        well = asyncio.run(campaign(folder.absolute()))
    print(f"seed {options.seed}: {'all is well' if well else 'not well'}, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    if well:
        shutil.rmtree(options.run_folder, ignore_errors=True)
    else:
        print(f"everything is kept in {options.run_folder}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
