"""The simulator's control API, spoken to over a real connection."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from gateway.demo.control import ControlError, request


@asynccontextmanager
async def server(folder, answer):
    heard = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        heard.append(head + await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        (folder / "control.json").write_text(json.dumps({"url": f"http://127.0.0.1:{port}"}))
        yield heard


async def test_an_order_goes_out_as_json_and_the_answer_comes_back(tmp_path):
    answer = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"play": false}'
    async with server(tmp_path, answer) as heard:
        assert await request(tmp_path, "POST", "/play", {"on": False}) == {"play": False}
    assert heard[0].startswith(b"POST /play HTTP/1.0\r\n")
    assert heard[0].endswith(b'\r\n\r\n{"on": false}')


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 500 Oops\r\n\r\n{}", "HTTP status 500"),
        (b"HTTP/1.1 200 OK\r\n\r\n{", "not JSON"),
        (b"", "not HTTP"),
        (b"SSH-2.0-x\r\n", "not HTTP"),
    ],
)
async def test_a_bad_answer_is_told(tmp_path, answer, words):
    async with server(tmp_path, answer):
        with pytest.raises(ControlError, match=words):
            await request(tmp_path, "GET", "/state")


async def test_a_simulator_that_is_not_there_yet_is_told(tmp_path):
    with pytest.raises(ControlError, match="no address"):
        await request(tmp_path, "GET", "/state")
    (tmp_path / "control.json").write_text('{"url": "http://127.0.0.1:1"}')
    with pytest.raises(ControlError, match=r"GET http://127\.0\.0\.1:1/state"):
        await request(tmp_path, "GET", "/state")
