"""What the console's checks ask of the gateway: typed meters, readings at a pace, signatures."""

import hashlib

import pytest

from gateway.commissioning.signature import Signed, Statement, public_key, text_file, verify
from gateway.edge.checks import ReportSigner
from tests.gateway.edge.test_request_server import ME, Running, serving

TEXT = "A REPORT: PASS\n"
DIGESTS = {"report": "1" * 64, "text": "2" * 64}
SIGN = {
    "do": "sign", "asset": "10101", "kind": "absence", "verdict": "fail", "passed": 7,
    "failed": 1, "not_done": 1, "failures": ["play"], **DIGESTS,
}  # fmt: skip


@pytest.fixture
async def running(tmp_path):
    running = Running(tmp_path)
    running.server._signer = ReportSigner(tmp_path, "demo", "edge1", "b1", "0.1.0", running.clock)
    async with serving(running):
        yield running


async def test_typed_meters_become_an_event_with_the_users_name(running):
    asked = {"do": "manual", "asset": "10101", "meters": {"coin_in": 1300}, "reason": "meter check"}
    said = await running.ask(asked)
    assert said["events"][0]["type"] == "meter.manual"
    (event,) = [one for one in running.told() if one.name == "meter.manual"]
    assert event.data["person"] == ME
    assert event.data["meters"]["coin_in"]["count"] == 1300


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"do": "manual", "meters": {"coin in": 1}, "reason": "x"}, "no meter 'coin in'"),
        ({"do": "manual", "meters": {}, "reason": "x"}, "meters"),
        ({"do": "manual", "meters": {"coin_in": -1}, "reason": "x"}, "coin_in"),
        ({"do": "manual", "meters": {"coin_in": 10**18}, "reason": "x"}, "coin_in"),
        ({"do": "manual", "meters": {"coin_in": 1}, "reason": ""}, "reason"),
        ({"do": "read", "what": "handpay"}, "what"),
        ({"do": "read", "what": "clock"}, "what"),
        (SIGN | {"report": "xyz"}, "report"),
        (SIGN | {"verdict": "PASS"}, "verdict"),
        (SIGN | {"person": "somebody else"}, "Extra inputs"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_nothing_is_told(running, asked, why):
    assert why in (await running.ask({"asset": "10101", **asked}))["error"]
    assert running.told() == []


async def test_a_reading_is_one_of_those_that_are_planned_and_one_in_ten_seconds(running):
    for what in ("identity", "full"):
        running.server._read_at.clear()
        assert (await running.ask({"do": "read", "asset": "10101", "what": what}))["done"]
    assert running.wished == [("10101", what, "asked") for what in ("identity", "full")]
    refused = await running.ask({"do": "read", "asset": "10101"})
    assert "read for somebody just now; again in" in refused["error"]
    assert len(running.wished) == 2


async def test_a_report_is_told_as_an_event_and_signed_with_the_user_whom_the_kernel_knows(running):
    said = await running.ask(SIGN)
    (event,) = [one for one in running.told() if one.name == "egm.checked"]
    assert (event.data["person"], event.data["report"]) == (ME, DIGESTS["report"])
    statement = Statement.model_validate_json(said["statement"])
    assert (statement.person, statement.event) == (ME, event.id)
    assert (statement.asset, statement.kind, str(statement.verdict)) == ("10101", "absence", "FAIL")
    key = (running.places.run_folder / "report.pub").read_text().strip()
    assert statement.key == key
    assert (running.places.run_folder / "report.key").stat().st_mode & 0o077 == 0
    again = Statement.model_validate_json((await running.ask(SIGN))["statement"])
    assert again.key == key


async def test_what_the_gateway_signed_holds(running):
    said = await running.ask(SIGN | {"text": hashlib.sha256(TEXT.encode()).hexdigest()})
    signed = Signed(statement=said["statement"], signature=said["signature"])
    seed = bytes.fromhex((running.places.run_folder / "report.key").read_text().strip())
    found = verify(text_file(TEXT, signed).encode(), frozenset({public_key(seed)}))
    assert found.trusted


async def test_a_key_that_cannot_be_read_is_said_and_nothing_is_told(running):
    (running.places.run_folder / "report.key").write_text("short\n")
    assert "the gateway cannot sign" in (await running.ask(SIGN))["error"]
    assert running.told() == []
