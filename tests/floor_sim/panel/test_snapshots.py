"""Pictures of the panel, compared with those that were looked at and found good.

``pytest tests/floor_sim/panel/test_snapshots.py --snapshot-update`` takes new ones: look at them.
"""

import pytest

from tests.floor_sim.panel.draw_picture import PICTURE, busy, drawn
from tests.floor_sim.panel.open_panel import Bench

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Bench()


@SIZES
@pytest.mark.parametrize(
    "keys", [[], ["d"], ["j"], ["question_mark"]], ids=["floor", "doors", "words", "help"]
)
def test_what_the_keys_show_looks_as_it_did(bench, snap_compare, keys, size):
    async def pressed(pilot):
        await busy(bench)
        await bench.drawn(pilot)
        await bench.press(pilot, *keys)

    assert snap_compare(bench.app, terminal_size=size, run_before=pressed)


@SIZES
def test_faults_look_as_they_did(bench, snap_compare, size):
    async def pressed(pilot):
        await busy(bench)
        await bench.press(pilot, "x")
        await bench.press(pilot, "a", *"power_cut bank=01-02", "enter")

    assert snap_compare(bench.app, terminal_size=size, run_before=pressed)


@SIZES
def test_a_floor_that_has_gone_looks_as_it_did(bench, snap_compare, size):
    async def gone(pilot):
        await busy(bench)
        await bench.drawn(pilot)
        bench.away = True
        bench.now_s += 42
        await bench.drawn(pilot)

    assert snap_compare(bench.app, terminal_size=size, run_before=gone)


def test_the_picture_in_the_docs_is_what_the_panel_shows(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert PICTURE.read_text("utf-8") == drawn()
