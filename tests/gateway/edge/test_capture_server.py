"""The capture socket: who asks for a line gets it, and nobody can do more than that."""

import asyncio
import os
from contextlib import asynccontextmanager

import pytest

from edge_config.site import LineInfo
from gateway.edge import capture_server
from gateway.edge.capture_server import CaptureServer
from gateway.edge.capture_tap import LineTap
from gateway.edge.clock import RealClock
from protocols.sas.capture import Speaker
from protocols.sas.capture_reader import read_capture

LIMIT_S = 60


@asynccontextmanager
async def serving(folder, *names):
    clock = RealClock()
    taps = {
        name: LineTap(LineInfo(name=name, port=f"lines/{name}", transport="pty"), clock)
        for name in names
    }
    path = folder / "gateway" / "capture.sock"
    task = asyncio.create_task(CaptureServer(path, taps, clock).run())
    await until(lambda: path.exists() or task.done())
    yield path, taps
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not path.exists()


async def ask(path, text):
    reader, writer = await asyncio.open_unix_connection(os.fspath(path))
    writer.write(text)
    await writer.drain()
    return reader, writer


async def until(condition):
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - what is tested has no event for tests
            await asyncio.sleep(0.001)


async def listened(path, tap, number=1):
    reader, writer = await ask(path, b"L1\n")
    await until(lambda: len(tap.listeners) == number)
    return reader, writer


async def left_alone(tap):
    await until(lambda: not tap.listeners)


async def test_who_asks_for_a_line_gets_what_goes_over_it(tmp_path):
    async with serving(tmp_path, "L1", "L2") as (path, taps):
        reader, writer = await listened(path, taps["L1"])
        taps["L1"].sent(b"\x81")
        taps["L2"].sent(b"\x82")
        taps["L1"].sent(b"\x80")
        lines = [await reader.readline() for _ in range(7)]
        (capture,), problems = read_capture(line.decode() for line in lines)
        assert (capture.header.line, capture.header.ninth_bits, problems) == ("L1", False, [])
        assert capture.header.started is not None
        assert [burst.data for burst in capture.bursts] == [b"\x81", b"\x80"]
        assert capture.bursts[0].at_us < LIMIT_S * 1_000_000
        assert path.stat().st_mode & 0o777 == 0o660
        writer.close()
        await left_alone(taps["L1"])


async def test_two_may_listen_to_one_line_each_from_its_own_start(tmp_path):
    async with serving(tmp_path, "L1") as (path, taps):
        first, one = await listened(path, taps["L1"])
        taps["L1"].sent(b"\x81")
        second, two = await listened(path, taps["L1"], 2)
        taps["L1"].sent(b"\x80")
        heard = [(await first.readuntil(b"80\n")), (await second.readuntil(b"80\n"))]
        assert [text.count(b" host ") for text in heard] == [2, 1]
        one.close()
        two.close()
        await left_alone(taps["L1"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (b"L9\n", b"! no line 'L9' here; there is L1, L2\n"),
        (b"\xff\xfe\n", b"! no line"),
        (b"x" * 1000 + b"\n", b"! ask with the name of a line"),
    ],
)
async def test_a_wrong_question_is_told_so_in_one_line(tmp_path, asked, words):
    async with serving(tmp_path, "L1", "L2") as (path, _):
        reader, writer = await ask(path, asked)
        answer = await reader.read()
        assert answer.startswith(words)
        assert answer.count(b"\n") == 1
        writer.close()


async def test_who_does_not_ask_is_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(capture_server, "ASK_S", 0.01)
    async with serving(tmp_path, "L1") as (path, _):
        reader, writer = await ask(path, b"L1")
        assert (await reader.read()).startswith(b"! ask with")
        writer.close()


async def test_who_says_more_than_a_name_is_let_go(tmp_path):
    """Whatever a client says, nothing goes out: a tap has no way to a port."""
    async with serving(tmp_path, "L1") as (path, taps):
        reader, writer = await ask(path, b"L1\n0.0 host 01 01 51 08\n")
        assert b"host" not in await reader.read()
        await left_alone(taps["L1"])
        writer.close()


async def test_there_is_room_for_so_many(tmp_path, monkeypatch):
    monkeypatch.setattr(capture_server, "CLIENTS_MAX", 2)
    async with serving(tmp_path, "L1") as (path, taps):
        writers = []
        for _ in range(2):
            reader, writer = await ask(path, b"L1\n")
            await reader.readline()
            writers.append(writer)
        reader, writer = await ask(path, b"L1\n")
        assert (await reader.read()).startswith(b"! 2 captures are under way already")
        for each in (*writers, writer):
            each.close()
        await left_alone(taps["L1"])
        reader, writer = await ask(path, b"L1\n")
        assert (await reader.readline()) == b"sas-capture 1\n"
        writer.close()


async def test_a_slow_reader_is_told_how_many_it_missed_and_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(capture_server, "BEHIND_MAX", 50)
    async with serving(tmp_path, "L1") as (path, taps):
        reader, writer = await listened(path, taps["L1"])
        for number in range(80):  # nobody gives the server a turn in between
            taps["L1"].sent(bytes([0x80 | number % 100 + 1]))
        text = (await reader.read()).decode()
        assert text.count(" host ") == 50
        assert text.endswith("# 30 bursts were missed here: this reader was too slow and was let "
                             "go\n")  # fmt: skip
        (capture,), problems = read_capture(text.splitlines())
        assert (len(capture.bursts), problems) == (50, [])
        assert not taps["L1"].listeners
        writer.close()


async def test_who_never_reads_holds_nothing_up(tmp_path, monkeypatch):
    monkeypatch.setattr(capture_server, "LET_GO_S", 0.05)
    async with serving(tmp_path, "L1") as (path, taps):
        tap = taps["L1"]
        _, writer = await listened(path, tap)
        writer.transport.pause_reading()
        told = 0
        async with asyncio.timeout(LIMIT_S):
            while tap.listeners:
                for _ in range(100):
                    tap.sent(b"\x01\x1a")
                told += 100
                await asyncio.sleep(0)
        assert told > capture_server.BEHIND_MAX
        writer.close()


async def test_what_was_half_said_before_the_capture_is_left_out(tmp_path):
    async with serving(tmp_path, "L1") as (path, taps):
        tap = taps["L1"]
        first, one = await listened(path, tap)
        tap.sent(b"\x01\x1a")
        clock = tap._clock
        before = clock.monotonic()
        second, two = await listened(path, tap, 2)
        tap._take(before, Speaker.EGM, b"\x01", (None,))
        tap.sent(b"\x80")
        assert b" egm " in await first.readuntil(b"80\n")
        assert b" egm " not in await second.readuntil(b"80\n")
        one.close()
        two.close()
        await left_alone(tap)
