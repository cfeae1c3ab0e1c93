"""Pictures of the console, compared with those that were looked at and found good.

``pytest tests/gateway/console/test_snapshots.py --snapshot-update`` takes new ones: look at them.
"""

import pytest

from tests.gateway.console import sample_floors
from tests.gateway.console.draw_picture import PICTURE, drawn
from tests.gateway.console.open_console import SOCKET, Bench, until

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)

    def made(floor):
        return Bench(tmp_path, sample_floors.FLOORS[floor](), sample_floors.calls(floor))

    return made


@SIZES
@pytest.mark.parametrize("floor", ["healthy", "troubled", "empty"])
def test_a_floor_looks_as_it_did(bench, snap_compare, floor, size):
    one = bench(floor)

    async def live(pilot):
        await one.live(pilot)
        await one.settle()

    assert snap_compare(one.app, terminal_size=size, run_before=live)


@SIZES
@pytest.mark.parametrize(
    "keys",
    [["s", "f"], ["slash", *"link !10601"], ["c"], ["down", "enter"], ["question_mark"],
     ["e", "z"]],
    ids=["worst", "filter", "calls", "machine", "help", "zoom"],
)  # fmt: skip
def test_what_the_keys_show_looks_as_it_did(bench, snap_compare, keys, size):
    one = bench("troubled")

    async def pressed(pilot):
        await one.live(pilot)
        one.app.screen.query_one("#filter").cursor_blink = False
        await pilot.press(*keys)
        await one.drawn(pilot)
        await one.settle()

    assert snap_compare(one.app, terminal_size=size, run_before=pressed)


@SIZES
def test_a_gateway_that_is_away_looks_as_it_did(bench, snap_compare, size):
    one = bench("troubled")

    async def gone(pilot):
        await one.live(pilot)
        one.source._path = SOCKET
        await one.daemon.stop()
        await until(lambda: f"nothing at {SOCKET}" in one.floor.reach.reason)
        one.clock.move(seconds=42)
        await one.drawn(pilot)

    assert snap_compare(one.app, terminal_size=size, run_before=gone)


@SIZES
def test_a_gateway_that_does_not_run_looks_as_it_did(bench, snap_compare, size):
    one = bench("troubled")
    one.source._path = SOCKET

    async def waiting(pilot):
        await until(lambda: one.floor.reach.reason)
        one.clock.move(seconds=5)
        await one.drawn(pilot)

    assert snap_compare(one.app, terminal_size=size, run_before=waiting)


def test_the_picture_of_the_readme_is_what_the_console_shows(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert PICTURE.read_text("utf-8") == drawn()
