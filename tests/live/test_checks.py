"""A whole absence test in the console: a floor, a gateway that is killed, a technician's keys."""

import asyncio
import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.commissioning.signature import verify
from gateway.console.app import ConsoleApp
from gateway.console.calls import Calls
from gateway.console.desk import Desk
from gateway.console.floor import Contact, Floor
from gateway.console.glyphs import UNICODE
from gateway.console.source import StatusSource
from gateway.events.envelope import decode
from gateway.outbox.reader import Reader
from gateway.status.model import LinkWord
from tests.gateway.console.open_console import until
from tests.live.test_transports import Pair

ASSET = "101"
OUT_S = 10.0
"""Seconds for which the cable is out: the link is down after five of them."""


@pytest.fixture
def pair(tmp_path):
    one = Pair(tmp_path)
    yield one
    for name in tuple(one.running):
        one.stop(name, signal.SIGKILL)


class Technician:
    """The console on the gateway's computer, and hands at the machine."""

    def __init__(self, pair):
        self.pair = pair
        run = pair.folder / "run"
        (pair.folder / "reports").mkdir()
        now = partial(datetime.now, UTC)
        self.floor = Floor(now())
        desk = Desk(
            load_toml(str(pair.folder / "site.toml"), Site), pair.folder / "drafts",
            pair.folder / "reports", "tech17", absence_s=2.0,
        )  # fmt: skip
        self.app = ConsoleApp(
            self.floor, Calls(now(), "none here"),
            [StatusSource(run / "gateway/status.sock", self.floor, now).run],
            now=now, zone=UTC, glyphs=UNICODE, socket="status.sock", desk=lambda: desk,
            capture=run / "gateway/capture.sock", request=run / "gateway/request.sock",
        )  # fmt: skip

    @property
    def check(self):
        return self.app.screen.check

    async def act(self, *words):
        for word in words:
            path = f"/machines/{ASSET}/do"
            assert (await asyncio.to_thread(self.pair.asks, path, {"action": word}))["done"], word

    async def comes_to(self, step):
        await until(lambda: self.check.step is None or self.check.step.name == step, 60)

    async def says(self, pilot, *steps):
        """Say yes at each of these steps."""
        for step in steps:
            await self.comes_to(step)
            await pilot.press("y")

    async def lives_through(self, pilot):
        await until(lambda: ASSET in self.floor.egms)
        await until(lambda: self.floor.egms[ASSET].link is LinkWord.UP)
        await self.app.run_action(f"check('absence', {ASSET!r})")
        await self.act("bill 50", "game start 40", "game end")
        await self.comes_to("unplug")
        await until(lambda: any(one.kind == "reading" for one in self.check.told))
        await asyncio.to_thread(self.pair.asks, "/lines/L1/pull", {"seconds": OUT_S})
        await until(lambda: self.floor.egms[ASSET].link is LinkWord.DOWN)
        await self.act(*["game start 40", "game end"] * 12, "bill 20", "cash out", "bill 20")
        await self.says(pilot, "play", "bills", "tickets", "certified")
        await self.comes_to("kill")
        self.pair.stop("gateway", signal.SIGKILL)
        await until(lambda: self.floor.reach.contact is Contact.AWAY)
        self.pair.start_gateway()
        await self.says(pilot, "playkill", "restkill")
        await until(lambda: self.check.step is None)


def told(pair, kind):
    reader = Reader(pair.folder / "run" / "gateway" / "outbox.sqlite")
    rows = reader.pending(0, 10_000)
    reader.close()
    return [decode(row.body) for row in rows if row.type == kind]


async def story(pair):
    technician = Technician(pair)
    async with technician.app.run_test(size=(80, 24)) as pilot:
        await technician.lives_through(pilot)
        await pilot.press("S")
        await until(lambda: len(list((pair.folder / "reports").iterdir())) == 2)
        return technician.check


def test_an_absence_test_ends_in_a_report_that_proves_itself_though_the_daemon_was_killed(pair):
    keys = 'port = "lines/L{line}"\n'
    pair.write(
        f'{keys}transport = "pty"\nninth_bit = "parmrk"\nretry_max_s = 1',
        f'{keys}ninth_bit = "parmrk"',
    )
    pair.start_floor()
    pair.start_gateway()
    pair.until(lambda: pair.all_are(LinkWord.UP))
    check = asyncio.run(story(pair))
    assert {name: str(one.verdict) for name, one in check.records.items()} == {
        step.name: "PASS" for step in check.steps
    }
    key = (pair.folder / "run" / "report.pub").read_text().strip()
    files = sorted(Path(pair.folder / "reports").iterdir())
    for file in files:
        found = verify(file.read_bytes(), frozenset({key}))
        assert (found.trusted, str(found.statement.verdict)) == (True, "PASS")
    assert pair.stop("gateway") == 0
    (event,) = told(pair, "egm.checked")
    assert (event.data["check"], event.data["verdict"]) == ("absence", "pass")
    assert event.id == found.statement.event
    assert "Traceback" not in pair.log("gateway") + pair.log("floor")
