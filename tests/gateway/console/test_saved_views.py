"""Views of the floor that a person keeps by name, and what is copied."""

import json

import pytest

from gateway.console.command_screen import fitting
from gateway.console.floor import Floor
from gateway.console.saved_views import VIEWS_MAX, SavedViews, ViewsError, views_file
from gateway.console.view import Order, View
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until

NIGHT = View(Order.WORST, faults_only=True, text="bank:7")


def test_what_is_kept_is_there_at_the_next_start(tmp_path):
    path = tmp_path / "slotgw" / "views.json"
    SavedViews(path).keep("night", NIGHT)
    assert SavedViews(path).views == {"night": NIGHT}
    SavedViews(path).forget("night")
    assert SavedViews(path).views == {}
    assert list(path.parent.iterdir()) == [path], "no half file is left"


@pytest.mark.parametrize("name", ["", "Night", "a b", "7", "x" * 21, "../a"])
def test_a_name_that_does_not_fit_is_refused_with_what_fits(name):
    with pytest.raises(ViewsError, match="a-z"):
        SavedViews(None).keep(name, NIGHT)


def test_there_is_an_end_to_views_but_not_to_changes_of_one():
    kept = SavedViews(None)
    for number in range(VIEWS_MAX):
        kept.keep(f"v{number}", NIGHT)
    with pytest.raises(ViewsError, match="forget one first"):
        kept.keep("more", NIGHT)
    kept.keep("v0", View())
    assert kept.views["v0"] == View()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"night": 3}', '{"../x": {"filter": "a"}}', "\udcff"],
)
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path, text):
    path = tmp_path / "views.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    kept = SavedViews(path)
    assert kept.views == {}
    kept.keep("night", NIGHT)
    assert SavedViews(path).views == {"night": NIGHT}


def test_what_another_version_wrote_is_read_as_far_as_it_fits(tmp_path):
    path = tmp_path / "views.json"
    path.write_text(json.dumps({"night": {"order": "by moon", "filter": 3, "faults_only": True}}))
    assert SavedViews(path).views == {"night": View(faults_only=True)}


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ViewsError, match="file"):
        SavedViews(tmp_path / "file" / "views.json").keep("night", NIGHT)


def test_the_file_is_where_the_person_has_such_files(tmp_path):
    assert views_file({"XDG_CONFIG_HOME": "/c"}).as_posix() == "/c/slotgw/console_views.json"
    assert views_file({}).name == "console_views.json"


def test_save_and_forget_are_commands_and_so_is_every_view():
    floor, views = Floor(sample_floors.NOW), {"night": NIGHT, "noon": View()}
    assert [one.action for one in fitting("save late", floor, views)] == ["keep_view('late')"]
    assert [one.name for one in fitting("forget n", floor, views)] == [
        "forget night", "forget noon"
    ]  # fmt: skip
    (one, *_) = fitting("nig", floor, views)
    assert (one.action, one.meaning) == ("view('night')", f"floor: {NIGHT.words()}")


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"),
                 views=SavedViews(tmp_path / "views.json"))  # fmt: skip


def listed(bench):
    return [line.split()[1] for line in bench.text("#floor")[1:] if line.strip()]


async def test_a_view_is_kept_by_key_and_comes_back_by_its_name(bench, tmp_path):
    async with bench.open((80, 24)) as pilot:
        await pilot.press("slash", *"10304", "enter", "s")
        await pilot.press("colon", *"save one", "enter")
        await bench.drawn(pilot)
        assert "one" in SavedViews(tmp_path / "views.json").views
        await pilot.press("escape", "escape")
        await bench.drawn(pilot)
        assert len(listed(bench)) > 1
        await pilot.press("6", "colon", *"one", "enter")
        await bench.drawn(pilot)
        assert listed(bench) == ["10304"]


async def test_a_name_that_does_not_fit_is_told(bench):
    async with bench.open((80, 24)) as pilot:
        await pilot.press("colon", *"save 7", "enter")
        await until(lambda: any("Not kept" in one.message for one in bench.app._notifications))


async def test_y_copies_the_row_whole(bench):
    async with bench.open((80, 24)) as pilot:
        await pilot.press("down", "y")
        await bench.drawn(pilot)
        assert bench.app.clipboard.startswith("01-01-02  10102  $ handpay")
        assert "1,250.00 USD jackpot" in bench.app.clipboard


async def test_a_console_may_begin_with_a_page_a_machine_or_a_filter(bench):
    bench.app.begin_with("lines", "bank:03")
    async with bench.open((80, 24)) as pilot:
        await until(lambda: bench.app.screen.query("#lines-table"))
        await pilot.press("escape")
        await bench.drawn(pilot)
        assert all(one.startswith("103") for one in listed(bench))


def test_a_page_that_there_is_not_is_told_before_the_screen_is_taken(bench):
    with pytest.raises(LookupError, match="there are floor, map"):
        bench.app.begin_with("cellar", "")
