"""What is told to whoever looks: the same to all, made once, in steps between which polls go on."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from gateway.edge import board as board_module
from gateway.edge import status_server
from gateway.edge.board import LOOKS
from gateway.edge.status_server import StatusServer
from gateway.status.model import Snapshot
from protocols.sas.host.steps import LinkState
from tests.gateway.edge.watched_floor import Floor

WAIT_S = 30


async def until(holds):
    end = asyncio.get_running_loop().time() + WAIT_S
    while not holds():
        assert asyncio.get_running_loop().time() < end, "it did not come to pass"
        await asyncio.sleep(0.005)


def test_a_small_floor_is_looked_at_in_five_calls_and_a_large_one_a_few_at_a_time():
    small, large = Floor(2), Floor(100)
    small.polls()
    assert len(small.told(5)) == 16
    large.polls()
    assert len(large.told(1)) == LOOKS
    assert len(large.told(800 // LOOKS)) == 800 - LOOKS  # those of the first call are as they were


def test_since_when_a_word_holds_is_known_also_if_nobody_looked():
    floor = Floor()
    for _ in range(5):
        floor.board.look()
    before = floor.clock.wall_ns()
    floor.clock.now_s += 500
    floor.link("10003").state = LinkState.DOWN
    for _ in range(5):
        floor.board.look()
    floor.clock.now_s += 90
    since = {asset: floor.board.told(asset).since.timestamp() for asset in ("10003", "10004")}
    assert since == {"10003": before / 1e9 + 500, "10004": before / 1e9}


def test_the_last_minutes_of_a_link_are_told_a_mark_a_minute():
    floor = Floor(1)
    for minute in range(3):
        floor.polls(answered=minute != 1)
        for _ in range(5):
            floor.board.look()
        floor.clock.now_s += 60
    # one poll of the second minute was not answered; each look is at the last 100 polls
    assert floor.board.told("10001").link_lately == "7111"


class Listener:
    """One that is attached to the status socket."""

    def __init__(self, path):
        self._path = path

    async def __aenter__(self):
        self.reader, self._writer = await asyncio.open_unix_connection(self._path, limit=2**24)
        return self

    async def __aexit__(self, *_):
        self._writer.close()

    async def next(self):
        return await asyncio.wait_for(self.reader.readline(), WAIT_S)

    async def until(self, kind, holds):
        while True:
            message = json.loads(await self.next())
            if message["kind"] == kind and holds(message[kind]):
                return message[kind]


@pytest.fixture
async def served(tmp_path, monkeypatch):
    monkeypatch.setattr(status_server, "TICK_S", 0.005)
    floor = Floor(30)
    floor.path = tmp_path / "status.sock"
    floor.server = StatusServer(floor.path, floor.board)
    task = asyncio.create_task(floor.server.run())
    await until(floor.path.exists)
    yield floor
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_attaches_gets_everything_and_then_what_changes(served):
    async with Listener(served.path) as first:
        snapshot = Snapshot.model_validate_json(await first.next())
        assert [egm.asset for egm in snapshot.egms] == list(served.board.assets)
        assert len(snapshot.lines) == 30
        served.link("10100").figures.polls = 77
        told = await first.until("egm", lambda egm: egm["asset"] == "10100")
        assert told["polls"] == 77
        async with Listener(served.path) as second:
            later = {
                egm.asset: egm for egm in Snapshot.model_validate_json(await second.next()).egms
            }
            assert later["10100"].polls == 77


async def test_an_egm_is_made_into_json_once_for_all_who_are_attached(served, monkeypatch):
    made = []
    adapter = status_server._EGM

    def counted(egm):
        made.append(egm.asset)
        return adapter.dump_json(egm)

    monkeypatch.setattr(status_server, "_EGM", SimpleNamespace(dump_json=counted))
    listeners = [Listener(served.path) for _ in range(10)]
    for one in listeners:
        await one.__aenter__()
        await one.next()
    assert sorted(made) == sorted(served.board.assets)
    made.clear()
    served.link("10050").figures.polls = 9
    for one in listeners:
        await one.until("egm", lambda egm: egm["asset"] == "10050")
        await one.__aexit__()
    assert made == ["10050"]


async def test_polls_go_on_while_a_snapshot_is_made(served):
    steps = 0
    making = asyncio.ensure_future(served.server._snapshot())
    while not making.done():
        await asyncio.sleep(0)
        steps += 1
    assert steps >= len(served.board.assets) // status_server.STEP


async def test_what_changed_while_nobody_was_attached_is_in_the_next_snapshot(served, monkeypatch):
    async with Listener(served.path) as first:
        await first.next()

    def forgotten():
        served.polls()  # there is something to write to one that has gone
        return not served.server._clients and not served.board._told

    await until(forgotten)
    monkeypatch.setattr(board_module, "LOOKS", 0)
    served.link("10100").figures.polls = 1_234
    async with Listener(served.path) as second:
        egms = {egm.asset: egm for egm in Snapshot.model_validate_json(await second.next()).egms}
    assert egms["10100"].polls == 1_234
