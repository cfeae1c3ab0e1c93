"""Two gateways of one name as programs, beside a real nats-server: one of them polls."""

import asyncio
import signal
import subprocess
import sys
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from gateway.bus.lease import Holder, Lease, Standing, take_at_start
from gateway.bus.passwords import keep_passwords
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from gateway.console.source import AwayError, UnreadableError, take_snapshot
from gateway.outbox.reader import Reader

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
SITE = (
    (ROOT / "tests/smallest_site.toml")
    .read_text()
    .replace('"none"', '"../nats/edge.password"\n[outbox]\nunsent_days = 1')
)


class Pair:
    """Two run folders of one site, and its server."""

    def __init__(self, folder):
        self.folder = folder
        self.running = {}
        self.site = folder / "site.toml"
        self.site.write_text(SITE)
        passwords = keep_passwords(folder / "nats")
        self.monitor = free_port()
        self.server = NatsServer(
            ServerPlan("t", ("g",), folder / "nats", free_port(), self.monitor, passwords)
        )

    async def make_streams(self):
        await apply_streams(self.server.url, "admin", self.server.plan.passwords["admin"])

    def start(self, name):
        environment = {
            "PATH": "/usr/bin",
            "SLOTGW_NATS_URL": self.server.url,
            "SLOTGW_NATS_MONITOR_URL": f"http://127.0.0.1:{self.monitor}",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run", self.site, "--run-folder",
                 self.folder / name],
                cwd=ROOT, stderr=log, env=environment,
            )  # fmt: skip

    def stop(self, name, number):
        process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(PATIENCE_S)

    async def ended(self, name):
        process = self.running.pop(name)
        return await asyncio.to_thread(process.wait, PATIENCE_S)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    async def seen(self, name):
        try:
            return await take_snapshot(self.folder / name / "gateway" / "status.sock")
        except (AwayError, UnreadableError):
            return None

    async def until(self, name, condition):
        async with asyncio.timeout(PATIENCE_S):
            while (seen := await self.seen(name)) is None or not condition(seen):
                assert self.running[name].poll() is None, self.log(name)
                await asyncio.sleep(0.02)
        return seen

    def last_sequence(self, name):
        with closing(Reader(self.folder / name / "gateway" / "outbox.sqlite")) as reader:
            return reader.counts().last_sequence


@pytest.fixture
async def pair(tmp_path):
    async with AsyncExitStack() as stack:
        one = Pair(tmp_path)
        stack.push_async_callback(one.server.kill)
        yield one
        for name in tuple(one.running):
            one.stop(name, signal.SIGKILL)


def holds(seen):
    return seen.nats.name == "held"


async def test_a_second_one_is_refused_before_it_polls_and_a_killed_one_comes_back_at_once(pair):
    await pair.server.start()
    await pair.make_streams()
    pair.start("a")
    seen = await pair.until("a", lambda seen: holds(seen) and seen.nats.durability_words)
    assert (seen.nats.durability, seen.nats.name_words) == ("sound", "")

    pair.start("b")
    assert await pair.ended("b") == 2
    told = pair.log("b").splitlines()[-1]
    assert told.startswith("slotgw run: another gateway t/g is live: process ")
    assert "Stop that one" in told
    assert pair.last_sequence("b") == 0  # nothing was polled, nothing was told

    pair.stop("a", signal.SIGKILL)
    pair.start("a")
    again = await pair.until("a", holds)
    assert again.birthid != seen.birthid
    assert pair.stop("a", signal.SIGTERM) == 0
    late = Lease("t", "g", Holder("x", "elsewhere", 1, "there", 0, 0))
    password = pair.server.plan.passwords["edge"]
    await take_at_start(late, pair.server.url, "edge", lambda: password)  # given back: free at once
    assert late.standing is Standing.HELD


async def test_of_two_that_began_without_the_server_the_later_one_stops_polling_and_says_so(pair):
    pair.start("a")
    seen = await pair.until("a", lambda seen: seen.lines[0].state == "waiting for the port")
    assert seen.nats.name == "unconfirmed"  # no server: it polls all the same
    pair.start("b")
    await pair.until("b", lambda seen: seen.nats.name == "unconfirmed")
    await pair.server.start()
    await pair.make_streams()
    await pair.until("a", holds)
    seen = await pair.until("b", lambda seen: seen.lines[0].state.startswith("stopped: another"))
    assert seen.nats.name == "yielded"
    assert "NOT POLLING: another gateway t/g is live" in seen.nats.name_words
    await pair.until("b", lambda seen: "gateway.yielded" in [one.type for one in seen.events])
    assert pair.log("b").count("NOT POLLING") == 1
    assert pair.stop("b", signal.SIGTERM) == 0
    await pair.until("a", holds)
    assert "Traceback" not in pair.log("a") + pair.log("b")
