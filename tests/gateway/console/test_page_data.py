"""What each screen shows, as data for scripts."""

import json

import pytest

from gateway.console.calls import Calls
from gateway.console.floor import Contact, Floor, Reach
from gateway.console.glyphs import UNICODE
from gateway.console.keys import PAGES
from gateway.console.page import World
from gateway.console.page_data import WITHOUT_DATA, NoPageError, page_data
from gateway.console.sight import Sight
from tests.gateway.console import sample_floors
from tests.gateway.console.sample_floors import NOW
from tests.gateway.console.test_bus_floor import told
from tests.gateway.console.test_meter_words import count, read
from tests.gateway.console.test_surveillance import CARDCAGE, SLOT, Past, acknowledged


def world(name="troubled"):
    floor = Floor(NOW)
    floor.reached(Reach(Contact.LIVE, NOW))
    floor.apply(sample_floors.FLOORS[name]())
    calls = Calls(NOW)
    calls.replace(sample_floors.calls(name) or {}, NOW)
    reading = read(3, -30, coin_in=count(1_000)).model_copy(update={"subject": "10401"})
    beat = told("gateway.heartbeat", 9, None, seconds=-5)
    past = Past(CARDCAGE, SLOT, acknowledged(), reading, beat)
    sight = Sight(NOW, NOW.tzinfo, UNICODE)
    return World(floor, calls, lambda: sight, "socket", archive=past,
                 cameras={"10401": ("cam-4",)})  # fmt: skip


@pytest.mark.parametrize("floor", sorted(sample_floors.FLOORS))
async def test_every_page_that_is_not_for_people_alone_has_data_of_every_floor(floor):
    for page in PAGES:
        if page.name in WITHOUT_DATA:
            continue
        data = await page_data(page.name, world(floor))
        assert json.loads(json.dumps(data))["page"] == page.name
        assert data["authority"] == "observed"


async def test_the_floor_is_listed_worst_first_under_the_filter_that_was_typed():
    data = await page_data("floor", world(), "bank:04")
    assert {egm["bank"] for egm in data["egms"]} == {"04"}
    assert data["of"] == 24
    assert data["egms"][0]["state"] == (await page_data("map", world()))["banks"][3]["worst"]


async def test_lines_have_their_findings_and_calls_their_verdict():
    lines = {one["name"]: one for one in (await page_data("lines", world()))["lines"]}
    assert any("fails 29% of its polls" in one for one in lines["L4"]["findings"])
    assert lines["L1"]["findings"] == []
    assert "open" in (await page_data("calls", world()))["verdict"][0]


async def test_surveillance_has_who_looked_and_on_which_camera():
    data = await page_data("surveillance", world())
    by_asset = {one["asset"]: one for one in data["events"]}
    assert by_asset["10401"]["cameras"] == ["cam-4"]
    assert by_asset["10401"]["disposition"] is None
    assert by_asset["10402"]["disposition"] == "authorised"
    assert by_asset["10402"]["remarks"][0]["by"] == "kim"
    assert (await page_data("surveillance", world(), "kim"))["events"] == [by_asset["10402"]]


@pytest.mark.parametrize("name", ["machine:10401", "machine:01-04-01"])
async def test_a_machine_is_found_by_number_and_place_and_has_everything(name):
    data = await page_data(name, world())
    assert data["egm"]["asset"] == "10401"
    assert data["meters"]["coin_in"]["count"] == 1_000
    (opened,) = [one for one in data["events"] if one["text"] == "card cage door opened"]
    assert opened["first_check"].startswith("An order for the logic area?")
    assert {"facts", "handpays", "coverage", "identity"} <= set(data)


@pytest.mark.parametrize("name", ["cellar", "machine", "machine:", "floor:3", "machine:99999"])
async def test_what_there_is_not_is_told_with_what_there_is(name):
    with pytest.raises(NoPageError, match=r"there are floor, map|no machine has"):
        await page_data(name, world())
