"""The control API says what it does, does what it says, and refuses in one clear line."""

import asyncio
import json
from datetime import UTC, datetime

import jsonschema
import pytest

from floor_sim.control_models import SLICE
from floor_sim.doings import DOINGS
from floor_sim.ledger import Ledger
from floor_sim.ledger_tail import TAIL_BYTES, tail_of_folder
from tests.floor_sim.control_api import FLOOR, api_of, small_floor

TWO_MORE = "".join(
    f"""
[[egms]]
asset = "{asset}"
location = "01-01-02"
line = "L1"
address = {address}
profile = "penny"
"""
    for asset, address in (("10102", 2), ("10103", 3))
)


@pytest.fixture
def floor():
    return small_floor()


@pytest.fixture
def api(floor):
    return api_of(floor)


@pytest.fixture
def described(api):
    return api.get("/openapi.json").json()


def calls(described):
    """Yield (method, path, row) of everything that is described."""
    for path, rows in described["paths"].items():
        for method, row in rows.items():
            yield method.upper(), path, row


def example_of(schema, described):
    """Return the example that a schema has for itself, or those of its parts."""
    schema = described["components"]["schemas"].get(schema.get("$ref", "").split("/")[-1], schema)
    if schema.get("examples"):
        return schema["examples"][0]
    return {key: example_of(one, described) for key, one in schema["properties"].items()}


def bodies(row, described):
    """Return the bodies with which a call may be tried: its examples."""
    if "requestBody" not in row:
        return [None]
    said = row["requestBody"]["content"]["application/json"]
    named = [one["value"] for one in said.get("examples", {}).values()]
    return named or [example_of(said["schema"], described)]


def test_everything_described_works_with_its_own_example_and_answers_as_it_is_described(
    api, described
):
    tried = 0
    for method, path, row in calls(described):
        for number, body in enumerate(bodies(row, described)):
            url = path
            for parameter in row.get("parameters", ()):
                if parameter["in"] == "path":
                    value = parameter.get("examples", parameter["schema"].get("examples"))[0]
                    url = url.replace("{" + parameter["name"] + "}", str(value))
            if "/lines/" in path and body and body.get("kind") == "power_cut":
                continue  # the one fault among the examples that has no line
            answer = api.asks(method, url, body)
            assert answer.status_code == 200, (method, url, body, answer.json())
            schema = row["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(
                answer.json(), {**schema, "components": described["components"]},
                jsonschema.Draft202012Validator,
            )  # fmt: skip
            tried += 1 + number
            api.delete("/faults")
    assert tried > 15


def test_every_call_is_described_in_words_with_what_it_may_refuse(described):
    for method, path, row in calls(described):
        assert row.get("description"), (method, path)
        refusals = {"422"} | ({"404"} if "{" in path and path != "/faults/{number}" else set())
        assert refusals <= row["responses"].keys(), (method, path)
        for status in refusals:
            schema = row["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Refusal"}, (method, path)


def test_no_call_is_left_out_of_the_description(api, described):
    known = {(method, path) for method, path, _ in calls(described)}
    there = {
        (method, route.path)
        for route in api.app.routes
        for method in route.methods - {"HEAD"}
        if "openapi" not in route.path and "docs" not in route.path
    }
    assert {(method, path) for method, path in there if path != "/redoc"} == known


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", "/machines/99/do", {"action": "jam"}, 404,
         "there is no machine '99', by asset number or location"),
        ("GET", "/machines/99", None, 404, "there is no machine '99', by asset number or location"),
        ("POST", "/machines/10101/do", {"action": "dance"}, 422, "'dance' is none of door open, "),
        ("POST", "/machines/10101/do", {"deed": "jam"}, 422, "action: found nothing, expected"),
        ("POST", "/machines/10101/do", {"action": "jam", "why": "?"}, 422, "why: found '?', "),
        ("POST", "/machines/10101/do", b"{jam", 422, "the request: found a body that is no JSON: "),
        ("POST", "/play", {"on": "perhaps"}, 422, "on: found 'perhaps', expected a valid boolean"),
        ("POST", "/play", None, 422, "the request: found nothing, expected a value"),
        ("POST", "/lines/L1/pull", {"seconds": -1}, 422, "seconds: found -1, expected greater"),
        ("POST", "/lines/L9/pull", {"seconds": 1}, 404, "there is no line 'L9'; there are L1"),
        ("GET", "/lines/L9/faults", None, 404, "there is no line 'L9'; there are L1"),
        ("GET", "/ledger?after=x", None, 422, "after: found 'x', expected a valid integer"),
        ("GET", "/ledger?egm=99", None, 404, "there is no machine '99'"),
        ("DELETE", "/faults/none", None, 422, "number: found 'none', expected a valid integer"),
        ("POST", "/faults", [1], 422, "the request: found [1], expected a valid dictionary"),
        ("POST", "/faults", {"kind": "drip"}, 422, "kind: found 'drip', expected 'drop', "),
        ("GET", "/floor", None, 404, "not found: GET /floor; see /openapi.json"),
        ("PUT", "/state", None, 405, "method not allowed: PUT /state; see /openapi.json"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_in_one_clear_line(api, method, path, body, status, says):
    answer = api.asks(method, path, body)
    told = answer.json()
    assert (answer.status_code, [*told]) == (status, ["detail", "mistakes"])
    assert told["detail"].startswith(says)
    assert "\n" not in told["detail"]


def test_a_machine_is_found_by_its_location_if_it_stands_there_alone():
    api = api_of(small_floor(FLOOR + TWO_MORE))
    told = api.post("/machines/01-01-01/do", {"action": "door open slot"}).json()
    assert told == {"done": True, "asset": "10101", "stands": ["slot door open"]}
    assert api.get("/machines/01-01-01").json()["doors_open"] == ["slot"]
    refused = api.post("/machines/01-01-02/do", {"action": "jam"})
    assert refused.status_code == 404
    assert refused.json()["detail"] == "'01-01-02' is where 10102, 10103 stand; name one of them"


def test_what_was_not_done_comes_with_how_the_machine_stands(api):
    for action in ("jackpot 1250", "lamp on", "tilt reel"):
        assert api.post("/machines/10101/do", {"action": action}).json()["done"]
    told = api.post("/machines/10101/do", {"action": "bill 20"}).json()
    assert told["done"] is False
    assert told["stands"] == ["handpay 1,250.00", "reel tilt", "lamp"]
    assert api.get("/state").json()["machines"][0]["stands"] == told["stands"]


def test_everything_that_can_be_done_is_listed(api):
    assert [row["words"] for row in api.get("/doings").json()] == [*DOINGS]


def test_the_newest_of_the_truth_is_told_without_what_only_the_machines_need(api, floor):
    last = api.get("/ledger").json()["last"]
    api.post("/machines/10101/do", {"action": "door open slot"})
    told = api.get(f"/ledger?after={last}").json()
    assert told["last"] == floor.records
    assert [(row["what"], row["code"]) for row in told["records"]] == [("exception", "11")]
    assert "state" not in told["records"][0]
    assert len(api.get("/ledger?limit=1").json()["records"]) == 1
    assert {row["egm"] for row in api.get("/ledger?egm=01-01-01").json()["records"]} == {"10101"}


def test_the_end_of_a_long_ledger_is_told_from_its_file(tmp_path):
    assert tail_of_folder(tmp_path)(0, 5, None) == []
    ledger = Ledger(tmp_path, lambda _now: datetime(2026, 11, 21, tzinfo=UTC))
    for number in range(3_000):
        ledger.write([{"what": "note", "egm": str(number % 2), "text": "x" * 100}], 0.0)
    tail = tail_of_folder(tmp_path)
    assert [row["n"] for row in tail(0, 3, None)] == [2_998, 2_999, 3_000]
    assert [row["n"] for row in tail(2_998, 5, None)] == [2_999, 3_000]
    assert [row["n"] for row in tail(0, 2, "0")] == [2_997, 2_999]
    assert tail(3_000, 5, None) == []
    every = tail(0, 10_000, None)
    assert 0 < sum(len(json.dumps(row)) for row in every) < TAIL_BYTES
    ledger.close()


async def test_lines_get_their_turn_while_a_large_floor_tells_how_it_is():
    egms = "".join(
        f'[[egms]]\nasset = "{n}"\nline = "L{n // 30}"\naddress = {n % 30 + 1}\nprofile = "penny"\n'
        for n in range(30, 240)
    )
    lines = "".join(f'[[lines]]\nname = "L{n}"\nport = "lines/L{n}"\n' for n in range(1, 8))
    head = FLOOR[: FLOOR.index("[[lines]]")]
    api = api_of(small_floor(head + lines + egms))
    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    state = (await api.ask("GET", "/state")).json()
    task.cancel()
    assert len(state["machines"]) == 210
    assert turns >= 210 // SLICE
