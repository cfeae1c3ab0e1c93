"""Faults over the control API: added, listed, removed; every mistake of a wrong one at once."""

import asyncio
import json
from functools import partialmethod

import pytest

from edge_config.loader import parse_toml
from floor_sim.control import build_app
from floor_sim.faults import FaultKind
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal

FLOOR = """
[floor]
name = "small"
seed = 3
run_folder = "unused"
[profiles.penny]
[[lines]]
name = "L1"
port = "lines/L1"
[[egms]]
asset = "10101"
line = "L1"
address = 1
profile = "penny"
bank = "B1"
"""


class Answer:
    """What came back."""

    def __init__(self):
        self.status_code = 0
        self.body = b""

    def json(self):
        return json.loads(self.body)


class Api:
    """Asks the app itself, without a socket."""

    def __init__(self, app):
        self.app = app

    def asks(self, method, path, json=None):
        return asyncio.run(self._ask(method, path, json))

    get = partialmethod(asks, "GET")
    post = partialmethod(asks, "POST")
    delete = partialmethod(asks, "DELETE")

    async def _ask(self, method, path, body):
        answer = Answer()
        said = b"" if body is None else json.dumps(body).encode()

        async def receive():
            return {"type": "http.request", "body": said, "more_body": False}

        async def send(message):
            answer.status_code = message.get("status", answer.status_code)
            answer.body += message.get("body", b"")

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "scheme": "http", "headers": [(b"content-type", b"application/json")],
            "client": None, "server": None,
        }  # fmt: skip
        await self.app(scope, receive, send)
        return answer


@pytest.fixture
def floor():
    one = Floor(parse_toml(FLOOR, FloorFile, "floor.toml"), MemoryJournal(), {})
    one.start(0.0, playing=False)
    return one


@pytest.fixture
def api(floor):
    return Api(build_app(floor, lambda: 1.0, lambda: None))


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
    assert sorted(mistake["key"] for mistake in answer.json()["detail"]) == [
        "delay_s", "gap_s", "line", "probability",
    ]  # fmt: skip
    assert floor.faults.active(1.0) == {}
    assert api.post("/faults", json=[1]).status_code == 422


def test_the_description_of_the_api_lists_every_fault(api):
    text = api.get("/openapi.json").json()["paths"]["/faults"]["post"]["description"]
    assert [kind for kind in FaultKind if f"| `{kind}` |" not in text] == []
    assert [row["kind"] for row in api.get("/faults/kinds").json()] == [*FaultKind]


def test_what_a_wrong_host_says_is_counted_where_everybody_can_see_it(api, floor):
    floor.lines["L1"].host_write(bytes.fromhex("0102ffff"), 1.0)
    assert api.get("/state").json()["lines"][0]["bad"] == 1
