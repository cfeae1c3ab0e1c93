"""Pictures of every page on a healthy, a troubled and an empty floor, at 80x24 and 120x40.

One console a floor and size goes through all pages. With ``--snapshot-update`` new ones are taken:
look at them.
"""

from pathlib import Path

import pytest

from gateway.bus.floor_watch import Earlier, FloorThere, Told
from tests.gateway.console.open_console import until
from tests.gateway.console.sample_past import with_past
from tests.gateway.console.test_bus_console import BusBench
from tests.gateway.console.test_bus_floor import known, told

PICTURES = Path(__file__).parent / "pictures"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
FLOORS = ("healthy", "troubled", "empty")

PAGES = {
    "map": ["2"], "lines": ["3"], "calls-page": ["4"], "surveillance": ["5"], "outbox": ["6"],
    "nats": ["7"], "consumers": ["8"], "clock": ["9"], "command": ["1", "colon"],
    "worst-link": ["escape", "s", "s"], "faults": ["s", "f"],
}  # fmt: skip
MACHINE = {
    "machine": ["f", "enter"], "meters": ["m"], "past": ["escape", "p"],
    "wire": ["escape", "w"], "note": ["escape", "n"],
}  # fmt: skip
OVER_NATS = {
    "floor": [], "lines": ["3"], "nats": ["7"], "clock": ["9"], "machine": ["1", "enter"],
}  # fmt: skip


class Album:
    """Pictures that were looked at, beside those of now.

    Args:
        name: of the console that is shown.
        update: the pictures of now are the ones to be looked at.
        folder: gets the pictures of now that differ; ``otherwise`` names them.
    """

    def __init__(self, name, update, folder):
        self._name, self._update, self._folder = name, update, folder
        self.otherwise = []

    def put(self, page, svg):
        path = PICTURES / f"{self._name}-{page}.svg"
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != svg:
            (self._folder / path.name).write_text(svg, "utf-8")
            self.otherwise.append(path.name)


@pytest.fixture
def album(request, tmp_path, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    update = request.config.getoption("--snapshot-update")
    return lambda name: Album(name, update, tmp_path)


async def go_through(bench, pilot, pages, album):
    for page, keys in pages.items():
        for key in keys:
            await pilot.press(key)
            await bench.drawn(pilot)
        await until(lambda: not any(words in screen(bench) for words in ("looking them", "Asking")))
        for line in bench.app.screen.query("Input"):
            line.cursor_blink = False
        await bench.drawn(pilot)
        album.put(page, bench.app.export_screenshot(title="slotgw console"))


def screen(bench):
    return "\n".join(bench.text())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("floor", FLOORS)
async def test_every_page_looks_as_it_did(tmp_path, album, floor, size):
    pictures = album(f"{floor}-{size}")
    bench = with_past(tmp_path, floor, request=tmp_path / "request.sock")
    async with bench.app.run_test(size=SIZES[size]) as pilot:
        await bench.live(pilot)
        await bench.settle()
        pages = PAGES if floor == "empty" else PAGES | MACHINE
        await go_through(bench, pilot, pages, pictures)
    assert pictures.otherwise == []


STATES = {
    "healthy": (known("10101"), known("10102", state="in play", in_play=True),
                known("20101", gateway="edge2")),
    "troubled": (known("10101", doors_open=["slot"]), known("10102", link="down", link_reason="no "
                 "answer to 5 polls"), known("10103", tilts=["bill jam"]),
                 known("20101", gateway="edge2")),
    "empty": (),
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("floor", FLOORS)
async def test_every_page_over_nats_looks_as_it_did(album, floor, size):
    bench, pictures = BusBench(), album(f"nats-{floor}-{size}")
    silent = -300 if floor == "troubled" else 0
    lives = (told("gateway.heartbeat", 9, None),
             told("gateway.heartbeat", 9, None, "edge2", seconds=silent))  # fmt: skip
    async with bench.app.run_test(size=SIZES[size]) as pilot:
        bench.tell(FloorThere("demo", STATES[floor], lives if STATES[floor] else ()), Earlier(()))
        if floor == "troubled":
            bench.tell(Told(told("handpay.pending", 20, "10103")))
        await until(lambda: bench.floor.known)
        await bench.drawn(pilot)
        pages = dict(list(OVER_NATS.items())[:-1]) if floor == "empty" else OVER_NATS
        await go_through(bench, pilot, pages, pictures)
    assert pictures.otherwise == []
