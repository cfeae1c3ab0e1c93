"""``:`` goes anywhere, and what is on the screen can be written into a file."""

import csv
import re

import pytest

from gateway.console.command_screen import ACTIONS, fitting
from gateway.console.export import csv_text, write_new
from gateway.console.floor import Floor
from gateway.console.glyphs import UNICODE
from gateway.console.lists import floor_columns
from gateway.console.sight import Sight
from gateway.console.view import View
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench
from tests.gateway.console.sample_floors import NOW


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))


@pytest.fixture
def floor():
    known = Floor(NOW)
    known.apply(sample_floors.troubled())
    return known


async def press(bench, pilot, *keys):
    await pilot.press(*keys)
    await bench.drawn(pilot)


def names(typed, floor):
    return [one.name for one in fitting(typed, floor)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [("li", "lines"), ("3-04", "01-03-04"), ("10304", "01-03-04"), ("q", "quit"),
     ("/bank:6 !10601", "/bank:6 !10601"), ("NATS", "nats")],
)  # fmt: skip
def test_what_is_meant_stands_in_front(typed, first, floor):
    assert names(typed, floor)[0] == first


def test_nothing_typed_lists_every_command_and_no_machine(floor):
    assert names("", floor) == [one.name for one in ACTIONS]


def test_what_nothing_is_called_finds_nothing(floor):
    assert names("no such thing", floor) == []


def test_a_location_of_its_own_comes_before_those_that_contain_it(floor):
    longer = floor.egms["10304"].model_copy(update={"location": "01-01-03-04", "asset": "9"})
    floor.egms["9"] = longer
    floor.egms["10304"] = floor.egms["10304"].model_copy(update={"location": "3-04"})
    assert names("3-04", floor)[:2] == ["3-04", "01-01-03-04"]


async def test_a_location_and_enter_shows_the_machine(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "colon", *"6-02", "enter")
        assert "01-06-02  asset 10602" in bench.text()[0]


async def test_a_filter_may_be_typed_as_a_command_from_any_page(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "3", "colon", *"/tilt:jam", "enter")
        listed = [line.split()[1] for line in bench.text("#floor")[1:] if line.strip()]
        assert listed == ["10203"]


async def test_faults_lists_those_in_trouble_and_all_lists_all(bench):
    async with bench.open((120, 40)) as pilot:
        await press(bench, pilot, "colon", *"faults", "enter")
        assert len([line for line in bench.text("#floor")[1:] if line.strip()]) == 11
        await press(bench, pilot, "colon", *"all", "enter")
        assert len([line for line in bench.text("#floor")[1:] if line.strip()]) == 24


async def test_arrows_choose_while_one_types_and_escape_does_nothing(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "colon", "down", "down", "enter")
        assert "plan s" in bench.text("#lines-table")[0]
        await press(bench, pilot, "colon", *"quit", "escape")
        assert bench.app.is_running


async def test_the_list_is_written_whole_as_it_is_filtered(bench, tmp_path):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "slash", *"bank:6", "enter", "X")
    (path,) = tmp_path.glob("slotgw-list-*.csv")
    assert f"Written: {path.name} in {tmp_path}" in [one.message for one in
                                                     bench.app._notifications]  # fmt: skip
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert [row["asset"] for row in rows] == ["10601", "10602", "10603", "10604"]
    assert all(row["coin in"].isdigit() for row in rows)  # no commas for a spreadsheet to misread
    assert rows[0]["because"] == "no answer to 5 polls"  # a column that 80 cells have no room for


async def test_the_screen_is_written_as_it_stands(bench, tmp_path):
    async with bench.open((80, 24)) as pilot:
        shown = bench.text()
        await press(bench, pilot, "D")
    (path,) = tmp_path.glob("slotgw-screen-*.txt")
    assert path.read_text("utf-8").split("\n")[1:20] == shown[1:20]


async def test_a_folder_that_cannot_be_written_to_is_told(bench, monkeypatch):
    def refused(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("gateway.console.app.write_new", refused)
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "X")
        told = [one.message for one in bench.app._notifications]
        assert told == ["Cannot write here: Permission denied"]


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless():
    egm = sample_floors.troubled().egms[0].model_copy(update={"last_event": "=cmd()"})
    text = csv_text(floor_columns(), [egm], Sight(NOW, NOW.tzinfo, UNICODE))
    assert "'=cmd()" in text


def test_two_exports_of_one_second_are_two_files(tmp_path):
    first, second = (write_new(tmp_path, "a", ".csv", "x", NOW) for _ in range(2))
    assert re.fullmatch(r"a-\d{8}T\d{6}\.csv", first.name)
    assert second.name == first.name.replace(".csv", "-2.csv")


def test_every_row_of_the_view_is_in_the_csv_and_in_its_order(floor):
    rows = View(text="bank:4").rows(floor.egms.values())
    text = csv_text(floor_columns(), rows, Sight(NOW, NOW.tzinfo, UNICODE))
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == [row.asset for row in rows]
