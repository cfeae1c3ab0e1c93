"""The wire of one machine in the console, and readings that are asked for."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime

import pytest

from gateway.console.floor import Contact
from gateway.console.requests import ask
from gateway.console.wire import Wire, follow_wire
from protocols.sas.capture import Problem
from protocols.sas.capture_reader import read_items
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until

CAPTURE = """sas-capture 1
line: L1
started: 2026-03-14T21:00:00.000000Z
ninth-bits: known

0.000000 host 81*
0.010000 egm 00
0.200000 host 81*
0.210000 egm 11
0.400000 host 82*
0.410000 egm 00
0.600000 host 01* 1A
0.612000 egm 01 1A 00 01 00 00 1F A6
0.800000 host 01* 1A
0.812000 egm 01 1A 00 01 00 00 1F A7
0.900000 host 82*
"""


def at_noon():
    return datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def capture():
    items = list(read_items(CAPTURE.splitlines()))
    assert not [item for item in items if isinstance(item, Problem)]
    return CAPTURE


@contextlib.asynccontextmanager
async def served(path, answer):
    """Serve ``answer(first line)`` on a unix socket; an empty answer hangs up."""
    asked, serving = [], []

    async def serve(reader, writer):
        serving.append(asyncio.current_task())
        asked.append((await reader.readline()).decode())
        writer.write(answer(asked[-1]).encode())
        if answer(asked[-1]):
            await writer.drain()
            await reader.read()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_unix_server(serve, path):
        yield asked
        await asyncio.gather(*serving)


def taken(capture):
    wire = Wire("L1", at_noon)
    wire.reached(Contact.LIVE)
    for line in capture.splitlines():
        wire.take(line)
    return wire


def test_the_wire_of_one_egm_leaves_out_its_neighbours_and_polls_that_found_nothing(capture):
    wire = taken(capture)
    kinds = [one.found.kind for one in wire.heard(address=1, idle=False)]
    assert kinds == ["answer", "long poll", "answer", "long poll", "exception"]
    assert len(wire.heard(address=1, idle=True)) == 8
    assert {one.found.address for one in wire.heard(address=None, idle=True)} == {1, 2}


def test_what_was_heard_is_saved_as_it_came_and_reads_again(capture):
    saved = taken(capture).capture_text()
    assert saved == capture
    assert list(read_items(saved.splitlines())) == list(read_items(capture.splitlines()))


def test_no_more_is_kept_than_is_said(capture, monkeypatch):
    monkeypatch.setattr("gateway.console.wire.HEARD_MAX", 3)
    monkeypatch.setattr("gateway.console.wire.LINES_MAX", 2)
    wire = taken(capture)
    assert len(wire.heard(address=None, idle=True)) == 3
    assert len(list(read_items(wire.capture_text().splitlines()))) == 2 + 1  # and the header


async def test_a_line_that_the_gateway_does_not_have_says_so(tmp_path):
    path = tmp_path / "capture.sock"
    wire = Wire("L9", at_noon)
    async with served(path, lambda _line: "! no line 'L9' here; there is L1\n") as asked:
        following = asyncio.create_task(follow_wire(wire, path))
        await until(lambda: wire.reach.reason)
        following.cancel()
        await asyncio.wait([following])
    assert asked[0] == "L9\n"
    assert "no line 'L9' here" in wire.reach.reason


async def test_w_shows_the_wire_of_the_machine_with_its_meaning(tmp_path, capture):
    path = tmp_path / "capture.sock"
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"), capture=path)
    async with served(path, lambda _line: capture), bench.open((80, 24)) as pilot:
        await pilot.press("enter", "w")
        wire = bench.app.screen._wire
        await until(lambda: len(wire.heard(address=1, idle=True)) == 8)
        await bench.drawn(pilot)
        rows = [line.split()[1] for line in bench.text("#wire")[1:] if line.strip()]
        assert rows == ["EGM", "host", "EGM", "host", "EGM"]
        assert "CRC WRONG" in "\n".join(bench.text("#wire-detail"))
        await pilot.press("i")
        await bench.drawn(pilot)
        assert len([line for line in bench.text("#wire")[1:] if line.strip()]) == 8


async def test_a_pause_holds_the_list_still_while_the_capture_goes_on(tmp_path, capture):
    path = tmp_path / "capture.sock"
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"), capture=path)
    async with served(path, lambda _line: capture), bench.open((80, 24)) as pilot:
        await pilot.press("enter", "w")
        wire = bench.app.screen._wire
        await until(lambda: len(wire.heard(address=1, idle=True)) == 8)
        await pilot.press("space")
        wire.take("1.000000 host 01* 1A")
        wire.take("1.012000 egm 01 1A 00 01 00 00 1F A6")
        wire.take("1.200000 host 82*")
        wire.take("1.300000 host 82*")
        await bench.drawn(pilot)
        assert len([line for line in bench.text("#wire")[1:] if line.strip()]) == 5
        assert "PAUSED" in bench.text("#wire-heading")[0]
        await pilot.press("space")
        await bench.drawn(pilot)
        assert len([line for line in bench.text("#wire")[1:] if line.strip()]) == 7


async def test_the_wire_is_saved_as_a_capture(tmp_path, capture, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "capture.sock"
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"), capture=path)
    async with served(path, lambda _line: capture), bench.open((80, 24)) as pilot:
        await pilot.press("enter", "w")
        wire = bench.app.screen._wire
        await until(lambda: len(wire.heard(address=1, idle=True)) == 8)
        await pilot.press("S")
        await until(lambda: list(tmp_path.glob("slotgw-L1-*.capture")))
    (saved,) = tmp_path.glob("slotgw-L1-*.capture")
    (told,) = [one.message for one in bench.app._notifications]
    assert told == f"Written: {saved.name} in {tmp_path}; slotgw decode explains it"
    assert saved.read_text("utf-8") == capture


async def test_r_asks_the_gateway_for_the_meters_and_says_what_came_of_it(tmp_path):
    path = tmp_path / "request.sock"
    bench = Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"), request=path)
    async with (
        served(path, lambda _line: '{"done": true, "events": []}\n') as asked,
        bench.open((80, 24)) as pilot,
    ):
        await pilot.press("enter", "r")
        await until(lambda: bench.app._notifications)
        assert json.loads(asked[0]) == {"do": "read", "asset": "10101"}
        told = [one.message for one in bench.app._notifications]
        assert told == ["Asked: the meters are read as soon as the line's pace allows."]


async def test_what_the_gateway_refuses_is_told_in_its_words(tmp_path):
    path = tmp_path / "request.sock"
    async with served(path, lambda _line: '{"error": "asked 3 s ago; once in 10 s"}\n'):
        assert (await ask(path, {"do": "read"})).error == "asked 3 s ago; once in 10 s"


@pytest.mark.parametrize(
    ("answer", "words"),
    [("", "hung up"), ("[]\n", "cannot be read"), ("not json\n", "cannot be read")],
)
async def test_an_answer_that_is_none_is_told_as_one(tmp_path, answer, words):
    path = tmp_path / "request.sock"

    async with served(path, lambda _line: answer):
        assert words in (await ask(path, {"do": "read"})).error


async def test_a_gateway_that_does_not_run_is_told(tmp_path):
    answer = await ask(tmp_path / "none.sock", {"do": "read"})
    assert answer.error == "the gateway cannot be asked (No such file or directory); does it run?"
