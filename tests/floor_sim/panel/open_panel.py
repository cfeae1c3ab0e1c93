"""A panel in front of a floor in memory, with clocks that stand still until they are moved."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import edge_config
from floor_sim.cli.running_floor import NotDoneError
from floor_sim.control import build_app
from floor_sim.ledger_tail import tail_of_memory
from floor_sim.panel.app import PanelApp
from floor_sim.panel.floor import Floor
from floor_sim.panel.sight import Lines
from floor_sim.panel.source import Source
from tests.floor_sim.control_api import Api, small_floor

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DEMO = Path(edge_config.__file__).parent / "floors" / "demo_floor.toml"
AWAY = (
    "no floor runs in run/demo_floor (its control.json is not there); start one with slotsim run, "
    "or name its folder with --run-folder"
)


class Bench:
    """The panel, the floor in front of it, and their clock."""

    def __init__(self, text=None):
        self.text = DEMO.read_text() if text is None else text
        self.now_s = 0.0
        self.away = False
        self.asked = []
        self.start_floor()
        self.floor = Floor()
        self.source = Source(self.ask, self.floor, lambda: self.now_s, look_s=3600)
        self.app = PanelApp(
            self.ask, self.floor, self.source,
            now=lambda: NOON + timedelta(seconds=self.now_s), clock=lambda: self.now_s,
        )  # fmt: skip

    def start_floor(self):
        """Begin another floor: its ledger is empty, nothing was done on it."""
        self.sim = small_floor(self.text)
        told = tail_of_memory(self.sim._journal)

        def tail(*asked):
            return [{**row, "t": _utc(row["t"])} for row in told(*asked)]

        self.api = Api(build_app(self.sim, lambda: self.now_s, lambda: None, tail))

    async def ask(self, method, path, body):
        if self.away:
            raise NotDoneError(AWAY)
        self.asked.append((method, path, body))
        answer = await self.api.ask(method, path, body)
        if answer.status_code != 200:
            raise NotDoneError(answer.json()["detail"])
        return answer.json()

    @contextlib.asynccontextmanager
    async def open(self, size=(80, 24)):
        """Open the panel; yields its pilot once it shows the floor."""
        async with self.app.run_test(size=size) as pilot:
            await until(lambda: self.floor.state or self.floor.away)
            await self.drawn(pilot)
            yield pilot

    async def press(self, pilot, *keys):
        """Press keys; whatever they ask for is answered and shown."""
        await pilot.press(*keys)
        await self.drawn(pilot)

    async def drawn(self, pilot):
        """Wait until whatever was asked is answered, the floor looked at again, and shown."""
        await pilot.pause()
        for worker in [worker for worker in self.app.workers if worker.name != "source"]:
            await worker.wait()
        await self.source.look()
        self.app.draw()
        await pilot.pause()

    def text_of(self, selector=None):
        """Return what the screen on top shows, or one part of it, as lines of text."""
        lines = [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]
        if selector is None:
            return lines
        region = self.app.screen.query_one(selector).region
        return lines[region.y : region.bottom]

    @property
    def said(self):
        """What the panel said last."""
        lines = self.app.screen_stack[0].query_one("#said", Lines)._lines
        return " ".join(line.text.strip() for line in lines)


def _utc(seconds):
    moment = NOON + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def until(holds, wait_s=60.0):
    """Wait until ``holds()``; a condition that never comes fails the test."""
    end = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)
