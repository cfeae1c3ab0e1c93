"""Which machines stand in the floor table, and where."""

from gateway.status.model import EgmDelta
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until


async def test_a_machine_that_moves_or_comes_stands_at_its_new_place(tmp_path):
    bench = Bench(tmp_path, sample_floors.healthy(), {})
    async with bench.open((80, 24)) as pilot:
        egm = bench.floor.egms["10602"]
        new = egm.model_copy(update={"asset": "99", "location": "00-01-01"})
        bench.daemon.tell(EgmDelta(egm=egm.model_copy(update={"location": "00-09-09"})),
                          EgmDelta(egm=new))  # fmt: skip
        await until(lambda: "99" in bench.floor.egms)
        await bench.drawn(pilot)
        first = [line.split()[0] for line in bench.text("#floor")[1:4]]
        assert first == ["00-01-01", "00-09-09", "01-01-01"]


async def test_a_floor_on_which_all_is_well_says_so_under_faults_only(tmp_path):
    bench = Bench(tmp_path, sample_floors.healthy(), {})
    async with bench.open((80, 24)) as pilot:
        await pilot.press("f")
        await bench.drawn(pilot)
        assert "No EGM needs anybody. f lists all." in "\n".join(bench.text("#floor"))


async def test_a_floor_without_egms_says_what_to_do(tmp_path):
    bench = Bench(tmp_path, sample_floors.empty(), {})
    async with bench.open((80, 24)) as pilot:
        assert "name them in the site file" in "\n".join(bench.text("#floor"))
        for key in ("down", "pagedown", "end", "enter", "e", "enter", "c", "enter", "s", "f"):
            await pilot.press(key)
            await bench.drawn(pilot)
        assert "name them in the site file" in "\n".join(bench.text("#floor"))
