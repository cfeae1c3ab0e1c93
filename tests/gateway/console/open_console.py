"""A console in front of a fake gateway, with a clock that stands still until it is moved."""

import asyncio
import contextlib
import tempfile
import time
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

from gateway.bus.calls import CallsThere
from gateway.console.app import ConsoleApp
from gateway.console.calls import Calls, follow
from gateway.console.floor import Contact, Floor
from gateway.console.glyphs import UNICODE
from gateway.console.source import Pauses, StatusSource
from tests.gateway.console import sample_floors
from tests.gateway.console.fake_daemon import FakeDaemon

SOCKET = "run/sample/gateway/status.sock"
QUICK = Pauses(first_s=0.01, longest_s=0.02)


class Clock:
    """Stands still at ``sample_floors.NOW`` until it is moved."""

    def __init__(self):
        self.now = sample_floors.NOW

    def __call__(self):
        return self.now

    def move(self, **span):
        self.now += timedelta(**span)


class FakeCalls:
    """Dispatch's calls: tells what it is told to tell."""

    def __init__(self, values=None):
        self._news = asyncio.Queue()
        if values is not None:
            self._news.put_nowait(CallsThere(values))

    def tell(self, news):
        self._news.put_nowait(news)

    async def watch(self):
        while True:
            yield await self._news.get()


class Bench:
    """The console, the gateway in front of it, and their clock."""

    def __init__(self, folder, snapshot, calls=None, *, glyphs=UNICODE, why_no_calls="", **sockets):
        self.clock = Clock()
        self.daemon = FakeDaemon(Path(folder) / "gateway" / "status.sock", snapshot)
        self.floor = Floor(self.clock())
        self.calls = Calls(self.clock(), why_no_calls)
        self.fake_calls = FakeCalls(calls)
        self.source = StatusSource(self.daemon.path, self.floor, self.clock, QUICK)
        self.app = ConsoleApp(
            self.floor,
            self.calls,
            [self.source.run, partial(follow, self.calls, self.fake_calls.watch, self.clock)],
            now=self.clock,
            zone=UTC,
            glyphs=glyphs,
            socket=SOCKET,
            **sockets,
        )

    async def live(self, pilot):
        """Start the gateway and wait until the console shows what it said."""
        await self.daemon.start()
        await until(lambda: self.floor.reach.contact is Contact.LIVE)
        if self.calls.reach.reason == "":
            await until(lambda: self.calls.known)
        await self.drawn(pilot)

    async def drawn(self, pilot):
        """Wait until the screen shows everything that is known."""
        await pilot.pause()
        self.app.screen.draw()
        await pilot.pause()

    async def settle(self):
        """Stop the sources, then the gateway: the screen stays as it is."""
        workers = list(self.app.workers)
        self.app.workers.cancel_all()
        await until(lambda: all(worker.is_finished for worker in workers))
        await self.daemon.stop()

    @contextlib.asynccontextmanager
    async def open(self, size):
        """Open the console; yields its pilot once it is live."""
        async with self.app.run_test(size=size) as pilot:
            await self.live(pilot)
            try:
                yield pilot
            finally:
                await self.daemon.stop()

    def text(self, selector=None):
        """Return what the screen shows, or one part of it, as lines of text."""
        if selector is None:
            return shown(self.app)
        region = self.app.screen.query_one(selector).region
        lines = shown(self.app)[region.y : region.bottom]
        return [line[region.x : region.right] for line in lines]


def shown(app):
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]


async def until(holds, wait_s=30.0):
    """Wait until ``holds()``; a condition that never comes fails the test."""
    end = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)


async def picture(floor, size, press=()):
    """Return one sample floor as an SVG picture."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, sample_floors.FLOORS[floor](), sample_floors.calls(floor))
        async with bench.open(size) as pilot:
            await pilot.press(*press)
            await bench.drawn(pilot)
            return bench.app.export_screenshot(title="slotgw console")
