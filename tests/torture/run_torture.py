"""Kill everything, again and again, and compare what was delivered with what happened.

    .venv/bin/python tests/torture/run_torture.py --kills 500 --seed 1

The demonstration's programs, as processes, over ptys: nats-server, the simulated floor, the
gateway, dispatch, loyalty, surveillance. They are killed with SIGKILL, the gateway mostly from
inside at a named crash point; sometimes one stands still for seconds, or the gateway's disk fails
(with a C compiler). Machines play on while nobody
polls them, so that queues overflow. At the end play stops, all comes to rest, and

* the floor's ledger equals the streams, event for event, less what machines themselves lost, and
  what a gap tells of because noise took an answer and its repeat (counted);
* each such loss is covered by a gap; marks and gaps that were not needed are counted;
* the consumers' tables equal those of fresh consumers that read the same streams undisturbed.

Exit status 0: all of that holds. 1: it does not, or the campaign could not be brought to its end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, os.fspath(ROOT))

import nats  # noqa: E402

from gateway.bus.users import inbox_prefix  # noqa: E402
from gateway.bus.whole_stream import WholeBus, whole_bus  # noqa: E402
from gateway.demo import processes  # noqa: E402
from gateway.demo.cast import (  # noqa: E402
    FLOOR_FILE,
    GATEWAY,
    LONGEST_SOCKET,
    SERVICES,
    SLOTSIM,
    Cast,
    make_cast,
)  # fmt: skip
from gateway.demo.folder import demo_folder  # noqa: E402
from gateway.demo.ledger import read_ledger  # noqa: E402
from gateway.demo.parent import Demo  # noqa: E402
from gateway.demo.processes import Program  # noqa: E402
from gateway.demo.rest import SLOT_STREAMS, bring_to_rest, wait_for  # noqa: E402
from gateway.demo.summary import collect, shortcomings, text_of  # noqa: E402
from gateway.events.envelope import Envelope, decode  # noqa: E402
from tests.powercut.disk import Disk, build, compiler  # noqa: E402
from tests.torture.account import (  # noqa: E402
    Excuses,
    differences,
    gaps,
    handed_over,
    losses,
    marks,
    pulled,
    results,
)
from tests.torture.killing import ArmedEnvironment, Points, Strike, strikes  # noqa: E402

NEEDLESS_PER_FAULT = 2
AVERAGE = 100
"""A campaign of so many kills has enough of them for an average."""
BACK_MAX_S = 180.0
PATIENCE_S = 8.0
"""Seconds in which an armed gateway may reach its point before it dies from outside."""
CATCH_UP_MAX_S = 240.0
STOP_MAX_S = 60.0
"""Bounds of waits for a condition: as long as a slow and busy computer may need."""
LONG = 500
"""A campaign of so many kills must have hit each crash point ``HITS_MIN`` times."""
HITS_MIN = 10


def bad_disk(folder: Path, outbox: Path) -> Disk | None:
    """Return the disk under the outbox, whose writes can be made to fail; None: no compiler."""
    if compiler() is None:
        return None
    tools = folder / "disk"
    tools.mkdir()
    return Disk(build(tools), outbox, tools / "logs")


def torture_cast(folder: Path, points: Points) -> tuple[Cast, Disk | None]:
    """Return the demonstration's cast, with machines that play on and a gateway that is armed."""
    cast = make_cast(folder)
    floor = folder / "floor.toml"
    text = FLOOR_FILE.read_text("utf-8")
    floor.write_text(text.replace('without_host = "stay away"', 'without_host = "play on"'))
    programs = dict(cast.programs)
    sim = programs[SLOTSIM]
    programs[SLOTSIM] = replace(
        sim, argv=tuple(str(floor) if part == str(FLOOR_FILE) else part for part in sim.argv)
    )
    gateway = programs[GATEWAY]
    disk = bad_disk(folder, cast.places.outbox)
    environment = {**gateway.environment, **(disk.environment if disk else {})}
    programs[GATEWAY] = replace(gateway, environment=ArmedEnvironment(environment, points))
    return replace(cast, programs=programs), disk


class Torture(Demo):
    """A demonstration whose programs are killed."""

    def __init__(
        self, cast: Cast, disk: Disk | None, say: Callable[[str], None], kills: int, seed: int
    ) -> None:
        super().__init__(cast, say, 1.0)
        self._disk = disk
        self.points: Points = cast.programs[GATEWAY].environment._points  # type: ignore[attr-defined]
        self.killed: Counter[str] = Counter()
        self.stood_still: Counter[str] = Counter()
        self.disk_errors = 0
        self._kills = kills
        self._strikes = strikes(seed)
        self._by_us: set[str] = set()
        self._gateway_gone = asyncio.Event()
        self._seed = seed

    def _start(self, group, name, died=lambda: None):
        def gone() -> None:
            died()
            if name == GATEWAY:
                self._gateway_gone.set()
            if name in self._by_us:
                self._by_us.discard(name)
            elif name == GATEWAY and self.points.died():
                self.killed[name] += 1

        super()._start(group, name, gone)

    async def _run_headless(self, seconds: float) -> bool:
        await self._must(self._every_line_polled, BACK_MAX_S)
        began = time.monotonic()
        while self.killed.total() < self._kills:
            await self._strike(next(self._strikes))
        self.points.disarm()
        await self._must(self._every_line_polled, BACK_MAX_S)
        await self._restart_unarmed()
        self.say(f"{self.killed.total()} kills in {time.monotonic() - began:.0f} s; play stops")
        rest = await bring_to_rest(self._cast)
        async with whole_bus(self._cast.places.nats_url, self._cast.passwords["admin"]) as bus:
            events = await all_events(bus)
        excuses = Excuses(events, handed_over(self._cast.folder))
        summary = await collect(self._cast, rest, self.restarts)
        verdict = excuses.sift(summary.verdict, read_ledger(self._cast.folder))
        summary = replace(summary, verdict=verdict)
        self.say(text_of(summary))
        self.say(f"told as gaps  {excuses.causes.total()} exceptions whose answers were spoiled")
        if summary.verdict.agree:
            self.say("agreement     floor and stream agree event for event")
        wrong = [
            one for one in shortcomings(summary) if self._kills >= LONG or "no points" not in one
        ]
        wrong += self._account(events, summary.verdict.repeats)
        wrong += await self._clean_consumers()
        wrong += self._hits()
        for one in wrong:
            self.say(f"WRONG: {one}")
        self.say(f"seed {self._seed}: {'not well' if wrong else 'all is well'}")
        return not wrong

    async def _must(self, check, limit_s: float) -> None:
        if why := await wait_for(check, limit_s):
            raise SystemExit(f"the floor does not come back: {why}")

    async def _strike(self, strike: Strike) -> None:
        await asyncio.sleep(strike.after_s)  # the pace of a campaign, not a wait for anything
        if strike.writes_fail:
            self._fail_disk(strike)
            return
        if GATEWAY in strike.names and self.points.hopeful():
            self._gateway_gone.clear()
            with suppress(TimeoutError):  # a busy computer takes seconds to start it
                await asyncio.wait_for(self._gateway_gone.wait(), PATIENCE_S)
        pids = {name: self._running[name].child.pid for name in strike.names}
        if not strike.stands_still_s:
            for name, pid in pids.items():
                if pid is not None:
                    self._by_us.add(name)
                    self.killed[name] += 1
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            return
        for name, pid in pids.items():
            if pid is not None:
                self.stood_still[name] += 1
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(strike.stands_still_s)
        for pid in pids.values():
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _fail_disk(self, strike: Strike) -> None:
        if self._disk is not None:
            self.disk_errors += 1
            what = {"syncs" if strike.syncs else "writes": strike.writes_fail}
            self._disk.fail(**what, error=strike.error)

    async def _restart_unarmed(self) -> None:
        """Let the last gateway be one that no crash point kills."""
        before = self._running[GATEWAY].child.pid
        if before is not None:
            self._by_us.add(GATEWAY)
            with suppress(ProcessLookupError):
                os.kill(before, signal.SIGKILL)

        async def another() -> str:
            pid = self._running[GATEWAY].child.pid
            return "the old gateway is there" if pid in {None, before} else ""

        await self._must(another, BACK_MAX_S)
        await self._must(self._every_line_polled, BACK_MAX_S)

    def _account(self, events: list[Envelope], repeats: int) -> list[str]:
        cables = pulled(self._cast.folder)
        faults = self.killed.total() + self.stood_still.total() + self.disk_errors + cables
        told_marks, told_gaps = marks(events, repeats), gaps(events, losses(self._cast.folder))
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        still = ", ".join(f"{name} {count}" for name, count in sorted(self.stood_still.items()))
        causes = ", ".join(f"{name} {count}" for name, count in sorted(told_gaps.by_cause.items()))
        self.say(f"kills         {self.killed.total()}: {killed}")
        self.say(f"stood still   {still or 'nobody'}")
        failed = self._disk.counts()[2] if self._disk else "no compiler, so no"
        self.say(f"disk errors   {self.disk_errors}, {failed} calls failed")
        self.say(f"cables        {cables} pulled by the floor itself")
        self.say(
            f"marks         needed {told_marks.needed}, present {told_marks.present}, missing 0, "
            f"needless {told_marks.needless} ({told_marks.needless / faults:.2f} a fault)"
        )
        self.say(
            f"gaps          needed for {told_gaps.needed} losses, present "
            f"{sum(told_gaps.by_cause.values())} ({causes}), missing {len(told_gaps.missing)}, "
            f"needless {told_gaps.needless} ({told_gaps.needless / faults:.2f} a fault)"
        )
        wrong = [f"no gap covers {loss}" for loss in told_gaps.missing[:20]]
        if self._kills < AVERAGE:
            return wrong
        for what, needless in (("marks", told_marks.needless), ("gaps", told_gaps.needless)):
            if needless > NEEDLESS_PER_FAULT * faults:
                wrong.append(f"{needless} needless {what} for {faults} faults")
        return wrong

    def _hits(self) -> list[str]:
        self.say("crash point                     hits")
        for name, hits in self.points.hits.items():
            self.say(f"  {name:30}{hits:4}")
        if self._kills < LONG:
            return []
        return [f"{name} was hit {hits} times" for name, hits in self.points.hits.items()
                if hits < HITS_MIN]  # fmt: skip

    async def _clean_consumers(self) -> list[str]:
        """Let fresh consumers read the same streams, and compare."""
        clean = self._cast.folder / "central_clean"
        gateway = self._running[GATEWAY]
        gateway.child.ask_to_stop()  # what it tells from now on only the fresh ones would read
        await asyncio.wait({gateway.task}, timeout=STOP_MAX_S)
        behind = await wait_for(self._caught_up, CATCH_UP_MAX_S)
        for name in SERVICES:
            self._running[name].child.ask_to_stop()
        stopping = {self._running[name].task for name in SERVICES}
        await asyncio.wait(stopping, timeout=STOP_MAX_S)
        await self._forget_durables()
        children = []
        for name in SERVICES:
            program: Program = self._cast.programs[name]
            argv = tuple(str(clean) if part == str(self._cast.central_folder) else part
                         for part in program.argv)  # fmt: skip
            children.append(processes.Child(replace(program, argv=argv), self.say))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(child.keep_running()) for child in children]
            why = await wait_for(self._caught_up, CATCH_UP_MAX_S)
            for child in children:
                child.ask_to_stop()
            await asyncio.wait(tasks, timeout=STOP_MAX_S)
        wrong = [f"fresh consumers: {why}"] if why else []
        wrong += [f"tortured consumers: {behind}"] if behind else []
        for name in SERVICES:
            tortured = results(self._cast.central_folder, name)
            fresh = results(clean, name)
            found = differences(tortured, fresh)
            self.say(f"{name:13} {len(tortured)} rows, {len(found)} unlike a clean run's")
            wrong += [f"{name}: {one}" for one in found[:5]]
        return wrong

    async def _forget_durables(self) -> None:
        """Delete the bookmarks of the services, so that fresh ones begin at the beginning."""
        url, password = self._cast.places.nats_url, self._cast.passwords["admin"]
        client = await nats.connect(url, user="admin", password=password,
                                    inbox_prefix=inbox_prefix("admin"))  # fmt: skip
        js = client.jetstream()
        for stream in SLOT_STREAMS:
            for info in await js.consumers_info(stream):
                if info.config.durable_name in SERVICES:
                    await js.delete_consumer(stream, info.config.durable_name)
        await client.close()

    async def _caught_up(self) -> str:
        async with whole_bus(self._cast.places.nats_url, self._cast.passwords["admin"]) as bus:
            lags = [lag for stream in SLOT_STREAMS for lag in await bus.lags(stream)]
        read = {lag.durable for lag in lags}
        behind = [lag for lag in lags if lag.waiting or lag.unacknowledged]
        return str(behind) if behind or not read >= set(SERVICES) else ""


async def all_events(bus: WholeBus) -> list[Envelope]:
    """Return every event of the slot streams once."""
    found = {}
    for stream in SLOT_STREAMS:
        for message in await bus.read(stream):
            event = decode(message.body)
            found[event.id] = event
    return list(found.values())


async def torture(folder: Path, kills: int, seed: int) -> bool:
    """Run one campaign in ``folder``."""
    cast, disk = torture_cast(folder, Points(seed))
    return await Torture(cast, disk, print, kills, seed).run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run-folder", type=Path, default=Path("run/torture"))
    options = parser.parse_args()
    processes.HEALTHY_S = 0.0  # here no number of deaths is too many
    with demo_folder(options.run_folder, LONGEST_SOCKET) as folder:
        well = asyncio.run(torture(folder, options.kills, options.seed))
    if well:
        shutil.rmtree(options.run_folder, ignore_errors=True)
    else:
        print(f"everything is kept in {options.run_folder}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
