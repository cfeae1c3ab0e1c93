"""How often the console draws, and how little."""

import subprocess
import sys

import pytest

from gateway.console.app import DRAWS_PER_S
from gateway.console.floor_screen import FloorScreen
from gateway.console.row_table import RowTable
from gateway.status.model import EgmDelta
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until


def counted(monkeypatch, kind, name):
    calls = []
    method = getattr(kind, name)

    def counting(self, *args, **kwargs):
        calls.append((self, args))
        return method(self, *args, **kwargs)

    monkeypatch.setattr(kind, name, counting)
    return calls


async def test_ten_thousand_changes_are_drawn_a_few_times(tmp_path, monkeypatch):
    bench = Bench(tmp_path, sample_floors.big(), {})
    async with bench.open((80, 24)):
        draws = counted(monkeypatch, FloorScreen, "draw")
        began = bench.app._loop.time()
        version = bench.floor.version
        egms = list(bench.floor.egms.values())
        for start in range(0, 10_000, 1_000):
            bench.daemon.tell(
                *(EgmDelta(egm=egms[(start + one) % len(egms)]) for one in range(1_000))
            )
        await until(lambda: bench.floor.version >= version + 10_000, 20.0)
        spent_s = bench.app._loop.time() - began
        assert len(draws) <= spent_s * DRAWS_PER_S + 2


async def test_where_nothing_happens_nothing_is_drawn(tmp_path, monkeypatch):
    bench = Bench(tmp_path, sample_floors.troubled(), {})
    async with bench.open((80, 24)) as pilot:
        await pilot.pause(2 / DRAWS_PER_S)
        draws = counted(monkeypatch, FloorScreen, "draw")
        await pilot.pause(3 / DRAWS_PER_S)
        assert draws == []
        bench.clock.move(seconds=1)
        await until(lambda: draws)


async def test_only_the_lines_that_differ_are_sent(tmp_path, monkeypatch):
    bench = Bench(tmp_path, sample_floors.troubled(), {})
    async with bench.open((80, 24)) as pilot:
        egm = bench.floor.egms["10103"].model_copy(update={"credits": 77})
        bench.daemon.tell(EgmDelta(egm=egm))
        await until(lambda: bench.floor.egms["10103"].credits == 77)
        refreshes = counted(monkeypatch, RowTable, "refresh")
        await bench.drawn(pilot)
        regions = [region for _, args in refreshes for region in args]
        assert [(region.y, region.height) for region in regions] == [(3, 1)]
        assert " 77 " in bench.text("#floor")[3]


@pytest.mark.parametrize("no_color", [None, "1"])
async def test_no_color_takes_every_colour_away_and_no_word(tmp_path, monkeypatch, no_color):
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))
    async with bench.open((80, 24)):
        strips = bench.app.screen._compositor.render_strips()
        nothing = bench.app.screen.background_colors[1]
        filtered = [
            segment
            for strip in strips
            for segment in strip.apply_filter(bench.app._filters[-1], nothing)
        ]  # fmt: skip
        colours = {segment.style.color.name for segment in filtered
                   if segment.style and segment.style.color}  # fmt: skip
        assert (colours <= {"default"}) == bool(no_color)
        assert "▲ tilt" in "\n".join(bench.text())


def test_the_first_picture_waits_for_no_module_that_it_does_not_show():
    code = (
        "import sys, gateway.console.app\n"
        "late = ('nats', 'gateway.events.catalogue', 'gateway.commissioning', 'protocols.sas',\n"
        "        'gateway.console.machine_screen')\n"
        "print([name for name in late if name in sys.modules])\n"
        "import gateway.console.rest\n"
        "print([name for name in late if name not in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.split("\n")[:2] == ["[]", "['nats']"]


async def test_what_is_wrong_with_the_start_ends_it_after_the_first_picture(tmp_path):
    words = "site.toml, line 7: egms[0].address: found 128"
    bench = Bench(tmp_path, sample_floors.troubled(), {}, trouble=lambda: words)
    async with bench.app.run_test(size=(80, 24)) as pilot:
        await bench.daemon.start()
        await until(lambda: bench.app.return_code == 2)
        assert bench.floor.known
        await bench.daemon.stop()
        await pilot.pause()


async def test_the_first_picture_waits_for_no_page_and_no_machine_of_the_site_file(tmp_path):
    asked = []

    class Cameras(dict):
        def __len__(self):
            asked.append("cameras")
            return 0

    bench = Bench(tmp_path, sample_floors.troubled(), {}, cameras=Cameras(),
                  desk=lambda: asked.append("desk"))  # fmt: skip
    async with bench.open((80, 24)):
        assert asked == []
