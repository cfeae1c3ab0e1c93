"""Faults over the control API: added, listed, removed; every mistake of a wrong one at once."""

import pytest

from floor_sim.faults import FaultKind
from tests.floor_sim.control_api import api_of, small_floor


@pytest.fixture
def floor():
    return small_floor()


@pytest.fixture
def api(floor):
    return api_of(floor)


def test_a_fault_is_added_listed_and_removed(api, floor):
    number = api.post("/faults", json={"kind": "power_cut", "bank": "B1"}).json()["number"]
    assert not floor.machines["10101"].live
    assert not api.get("/state").json()["machines"][0]["live"]
    assert api.get("/faults").json()[str(number)]["bank"] == "B1"
    assert api.delete(f"/faults/{number}").json() == {"done": True}
    assert api.delete(f"/faults/{number}").json() == {"done": False}
    assert floor.machines["10101"].live


def test_a_line_has_its_own_faults(api, floor):
    number = api.post("/lines/L1/faults", json={"kind": "vanish", "seconds": 5}).json()["number"]
    other = api.post("/faults", json={"kind": "power_cut", "asset": "10101"}).json()["number"]
    assert api.get("/state").json()["lines"][0]["gone"]
    assert [*api.get("/lines/L1/faults").json()] == [str(number)]
    assert api.delete(f"/lines/L1/faults/{other}").json() == {"done": False}
    assert api.delete("/lines/L1/faults").json() == {"done": True}
    assert [*floor.faults.active(1.0)] == [other]
    assert api.delete("/faults").json() == {"done": True}
    assert api.get("/faults").json() == {}
    assert api.get("/lines/L9/faults").status_code == 404


def test_every_mistake_of_a_wrong_fault_is_in_one_answer(api, floor):
    wrong = {"kind": "split", "line": "L7", "gap_s": 0, "delay_s": 1.0, "probability": 3}
    answer = api.post("/faults", json=wrong)
    assert answer.status_code == 422
    told = answer.json()
    keys = [mistake["key"] for mistake in told["mistakes"]]
    assert sorted(keys) == ["delay_s", "gap_s", "line", "probability"]
    assert all(f"{key}: found " in told["detail"] for key in keys)
    assert "\n" not in told["detail"]
    assert floor.faults.active(1.0) == {}
    assert api.post("/faults", json=[1]).status_code == 422


def test_the_description_of_the_api_lists_every_fault(api):
    text = api.get("/openapi.json").json()["paths"]["/faults"]["post"]["description"]
    assert [kind for kind in FaultKind if f"| `{kind}` |" not in text] == []
    assert [row["kind"] for row in api.get("/faults/kinds").json()] == [*FaultKind]


def test_what_a_wrong_host_says_is_counted_where_everybody_can_see_it(api, floor):
    floor.lines["L1"].host_write(bytes.fromhex("0102ffff"), 1.0)
    assert api.get("/state").json()["lines"][0]["bad"] == 1
