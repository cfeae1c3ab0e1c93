"""The open calls, watched on a real server as the user ``console``."""

import asyncio
import json

import pytest

from gateway.bus import calls, visit
from gateway.bus.calls import CallChanged, CallsAway, CallsThere, watch_calls
from gateway.bus.server import free_port
from gateway.bus.users import FLOOR_CALLS

CALL = json.dumps({"callid": "c1", "state": "open"}).encode()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(visit, "PAUSE_FIRST_S", 0.05)
    monkeypatch.setattr(visit, "PAUSE_LONGEST_S", 0.1)
    monkeypatch.setattr(calls, "_LOOK_S", 0.05)


class Watch:
    """A watch whose news are asked for one by one."""

    def __init__(self, url, password, user="console"):
        self._news = watch_calls(url, user, password, site="demo")

    async def next(self):
        return await asyncio.wait_for(anext(self._news), 15)

    async def reason(self):
        news = await self.next()
        assert isinstance(news, CallsAway), news
        return news.reason

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self._news.aclose()


@pytest.fixture
async def board(site):
    """What dispatch writes to: the bucket, as the user ``consumer``."""
    await site.make_streams()
    client = await site.client("consumer")
    return await client.jetstream().key_value(FLOOR_CALLS)


async def test_all_calls_first_then_each_change(site, board):
    await board.put("demo.c1", CALL)
    await board.put("demo.c2", CALL)
    await board.delete("demo.c2")
    async with Watch(site.url, site.password("console")) as watch:
        assert await watch.next() == CallsThere({"demo.c1": CALL})
        await board.put("demo.c3", CALL)
        assert await watch.next() == CallChanged("demo.c3", CALL)
        await board.delete("demo.c1")
        assert await watch.next() == CallChanged("demo.c1", None)


async def test_a_board_without_calls_is_told_to_be_empty(site, board):
    async with Watch(site.url, site.password("console")) as watch:
        assert await watch.next() == CallsThere({})


async def test_a_server_that_restarts_is_told_away_and_then_all_calls_anew(site, board):
    await board.put("demo.c1", CALL)
    async with Watch(site.url, site.password("console")) as watch:
        assert await watch.next() == CallsThere({"demo.c1": CALL})
        await site.server.stop()
        assert await watch.reason() == "NATS closed the connection"
        assert await watch.reason() == f"nothing answers at {site.url}"
        await site.server.start()
        while isinstance(news := await watch.next(), CallsAway):
            pass
        assert news == CallsThere({"demo.c1": CALL})


async def test_a_bucket_that_is_not_there_yet_is_waited_for(site):
    async with Watch(site.url, site.password("console")) as watch:
        assert "no bucket floor_calls yet" in await watch.reason()
        await site.make_streams()
        assert await watch.next() == CallsThere({})


async def test_a_wrong_password_says_where_to_look(site):
    async with Watch(site.url, "wrong") as watch:
        assert await watch.reason() == "NATS refused user console: look at the password file"


async def test_a_user_that_may_not_read_calls_is_told_so(site, board, monkeypatch):
    monkeypatch.setattr(calls, "CONNECT_WAIT_S", 0.5)
    async with Watch(site.url, site.password("edge"), user="edge") as watch:
        assert "user edge may not read floor_calls" in await watch.reason()


async def test_an_address_that_is_none_is_a_reason_not_a_crash():
    async with Watch("nats://nowhere:port", "any") as watch:
        assert await watch.reason()


async def test_no_server_is_told_once_however_long_it_is_away():
    url = f"nats://127.0.0.1:{free_port()}"
    async with Watch(url, "any") as watch:
        assert await watch.reason() == f"nothing answers at {url}"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(watch._news), 0.5)
