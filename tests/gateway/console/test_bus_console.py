"""The console over NATS: the same screens, and what cannot be shown from there."""

import asyncio
from datetime import UTC

import pytest

from gateway.bus.floor_watch import Earlier, FloorAway, FloorThere, Told
from gateway.console.app import ConsoleApp
from gateway.console.bus_source import BusSource, take_floor
from gateway.console.calls import Calls, follow
from gateway.console.floor import Floor
from gateway.console.glyphs import UNICODE
from gateway.console.keys import PAGES
from gateway.console.source import AwayError
from tests.gateway.console.open_console import Bench, Clock, FakeCalls, until
from tests.gateway.console.test_bus_floor import known, told

URL = "nats://10.0.0.1:4222"
STATES = (known("10101"), known("10102"), known("20101", gateway="edge2"))


class BusBench(Bench):
    """A console whose floor is told by a fake watch."""

    def __init__(self):
        self.clock = Clock()
        self.floor = Floor(self.clock(), over_nats=True)
        self.calls = Calls(self.clock())
        self.news = asyncio.Queue()
        calls = FakeCalls({})
        self.app = ConsoleApp(
            self.floor,
            self.calls,
            [BusSource(self.floor, self.watch, self.clock, URL).run,
             lambda: follow(self.calls, calls.watch, self.clock)],
            now=self.clock, zone=UTC, glyphs=UNICODE, socket=URL,
        )  # fmt: skip

    async def watch(self):
        while True:
            yield await self.news.get()

    def tell(self, *news):
        for one in news:
            self.news.put_nowait(one)


@pytest.fixture
def bench():
    return BusBench()


async def there(bench, pilot):
    lives = (told("gateway.heartbeat", 9, None), told("gateway.heartbeat", 9, None, "edge2"))
    bench.tell(FloorThere("demo", STATES, lives))
    await until(lambda: bench.floor.known)
    await bench.drawn(pilot)


def screen(bench):
    return "\n".join(bench.text())


@pytest.mark.parametrize("size", [(60, 18), (120, 40)], ids=str)
async def test_every_page_fits_and_says_what_it_cannot_show(bench, size):
    async with bench.app.run_test(size=size) as pilot:
        assert "waiting" in bench.text()[0]
        await there(bench, pilot)
        assert "demo/2 gateways live" in bench.text()[0]
        assert "edge1, edge2 live" in screen(bench)
        said = {"lines": "Over NATS nobody tells of ports", "outbox": "is not told over NATS",
                "nats": "follows the floor on NATS"}  # fmt: skip
        for page in PAGES[1:]:
            await pilot.press(page.key)
            await bench.drawn(pilot)
            lines = bench.text()
            assert max(map(len, lines)) <= size[0], page.name
            assert said.get(page.name, "") in " ".join(line.strip() for line in lines), page.name


async def test_a_machine_says_that_wire_and_readings_need_its_gateways_computer(bench):
    async with bench.app.run_test(size=(80, 24)) as pilot:
        await there(bench, pilot)
        await pilot.press("enter")
        await bench.drawn(pilot)
        assert "polls and errors are not told over NATS" in screen(bench)
        await pilot.press("w")
        await bench.drawn(pilot)
        assert "The wire can be seen on the gateway's own computer only." in screen(bench)


async def test_nats_that_is_away_is_said_on_top_and_the_floor_is_old(bench):
    async with bench.app.run_test(size=(80, 24)) as pilot:
        await there(bench, pilot)
        bench.tell(FloorAway("nothing answers at nats://10.0.0.1:4222"))
        await until(lambda: bench.floor.stale)
        await bench.drawn(pilot)
        assert "NATS AWAY" in bench.text()[0]
        assert "nothing answers at" in screen(bench)
        assert "? idle" in screen(bench)
        await there(bench, pilot)
        await until(lambda: not bench.floor.stale)
        await bench.drawn(pilot)
        assert "NATS AWAY" not in screen(bench)


async def test_before_nats_answers_the_floor_says_where_it_looks_and_why_not(bench):
    async with bench.app.run_test(size=(80, 24)) as pilot:
        bench.tell(FloorAway("NATS refused user console: look at the password file"))
        await until(lambda: bench.floor.reach.reason)
        await bench.drawn(pilot)
        assert "Waiting for NATS: NATS refused user console" in screen(bench)


async def test_a_thousand_events_at_once_leave_the_keys_alive(bench):
    async with bench.app.run_test(size=(80, 24)) as pilot:
        await there(bench, pilot)
        bench.tell(*(Told(told("door.opened", 11 + n)) for n in range(1_000)))
        await pilot.press("question_mark")
        await until(lambda: "keys and words" in bench.text()[0])
        await until(lambda: len(bench.floor.events(games=False)) == 1_000)


async def test_a_snapshot_for_a_program_has_the_whole_floor_or_says_why_not(bench):
    bench.tell(FloorThere("demo", STATES, ()), Earlier((told("door.opened", 9),)))
    snapshot = await take_floor(bench.watch, URL, 30)
    assert sorted(egm.asset for egm in snapshot.egms) == ["10101", "10102", "20101"]
    assert [event.type for event in snapshot.events] == ["door.opened"]
    bench.tell(FloorAway("nothing answers"))
    with pytest.raises(AwayError, match="nothing answers"):
        await take_floor(bench.watch, URL, 30)
