"""Lines on a bridge: against the simulated one, and against bridges that misbehave."""

import asyncio
import contextlib
import re

import pytest

from floor_sim.bridge_server import BridgeLine, BridgeServer
from floor_sim.line import Line, LineSettings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings
from gateway.edge import bridge_link
from gateway.edge.bridge_link import BridgeLink
from gateway.edge.bridge_port import BridgePort
from gateway.edge.port import Heard, PortError
from gateway.edge.supervise import Backoff, Herald, TransientError, supervised
from protocols.sas import bridge_frames as said
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.errors import RequestError
from protocols.sas.symbols import Symbols, from_host

PATIENCE_S = 60
OPEN = said.LineState.OPEN


async def hears(port, seconds=PATIENCE_S):
    return await port.read(asyncio.get_running_loop().time() + seconds)


async def opened(port):
    """Open ``port`` as soon as it can be."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return port.open()
            except PortError:
                await asyncio.sleep(0.005)


async def until_refused(port, words):
    """Try to open ``port`` until it is refused with these words."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with pytest.raises(PortError) as refused:
                port.open()
            if re.search(words, str(refused.value)):
                return
            await asyncio.sleep(0.005)


class Bridge:
    """A simulated bridge with one machine a line; machine and line have the same number."""

    def __init__(self, lines=1, *, chirp=False):
        settings = LineSettings(ninth_bit="parmrk", chirp=chirp)
        self.loop = asyncio.get_running_loop()
        self.served = {}
        for number in range(1, lines + 1):
            one = MachineSettings(asset=str(number), address=number)
            machine = Machine(one, MemoryJournal(), {}, now=self.loop.time())
            line = Line(f"L{number}", machine.ports, settings)
            self.served[number] = BridgeLine(line, number, self.loop, lambda: None)
        self.server = BridgeServer(("127.0.0.1", 0), self.served, self.loop)
        self.address = self.server._listener.getsockname()

    def restart(self):
        self.server = BridgeServer(self.address, self.served, self.loop)

    def end(self):
        self.server.close()
        for line in self.served.values():
            line.close()


@contextlib.asynccontextmanager
async def kept(link):
    """Run the job of ``link`` as the daemon does."""
    job = supervised(link.name, Herald("bridge"), link.run, pause_max_s=0.05)
    task = asyncio.create_task(job)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bridge():
    one = Bridge(lines=3)
    yield one
    one.end()


async def test_lines_on_one_connection_hear_their_own_machines_and_no_others(bridge):
    link = BridgeLink(*bridge.address)
    ports = {number: BridgePort(link, number, "any_line") for number in (1, 2, 3)}
    async with kept(link):
        for number, port in ports.items():
            await opened(port)
            port.write(b"\x80")
            port.write(bytes([number, 0x1A]))
        for number, port in ports.items():
            assert (await hears(port)).data[:6] == bytes([number, 0x1A, 0, 0, 0, 0])
            assert await hears(port, 0.01) is None
    assert len(bridge.server._hosts) <= 1


async def test_a_chirp_is_heard_with_its_ninth_bit():
    bridge = Bridge(chirp=True)
    link = BridgeLink(*bridge.address)
    port = BridgePort(link, 1, "any_line")
    async with kept(link):
        await opened(port)
        assert await hears(port) == Heard(b"\x01", wakeup=True)
    bridge.end()


async def test_a_bridge_that_goes_takes_its_lines_with_it_and_gives_them_back(bridge):
    link = BridgeLink(*bridge.address)
    port = BridgePort(link, 1, "any_line")
    with pytest.raises(PortError, match="is not connected yet"):
        port.open()
    async with kept(link):
        await opened(port)
        bridge.server.close()
        with pytest.raises(PortError, match="says: the floor stops"):
            await hears(port)
        with pytest.raises(PortError, match="says: the floor stops"):
            port.write(b"\x81")
        with pytest.raises(PortError, match=r"says: the floor stops|is away: connection refused"):
            port.open()
        bridge.restart()
        await opened(port)
        port.write(b"\x80")
        port.write(b"\x01\x1a")
        assert (await hears(port)).data[:2] == b"\x01\x1a"


async def test_a_line_that_another_gateway_has_is_ours_when_it_lets_go(bridge):
    first, second = BridgeLink(*bridge.address), BridgeLink(*bridge.address)
    ours, theirs = BridgePort(second, 1, "any_line"), BridgePort(first, 1, "any_line")
    async with contextlib.AsyncExitStack() as until_the_end:
        async with kept(first):
            await opened(theirs)
            await until_the_end.enter_async_context(kept(second))
            await until_refused(ours, "line 1 of the bridge .* is open for another host")
        await opened(ours)


async def test_a_line_that_the_bridge_has_not_is_told(bridge):
    link = BridgeLink(*bridge.address)
    port = BridgePort(link, 9, "any_line")
    async with kept(link):
        await until_refused(port, "line 9 of the bridge .* does not exist")


async def test_a_frame_that_is_not_on_the_list_is_never_handed_to_the_bridge(bridge):
    link = BridgeLink(*bridge.address)
    port = BridgePort(link, 1, "any_line")
    async with kept(link):
        await opened(port)
        with pytest.raises(RequestError):
            port.write(bytes.fromhex("01015108"))
        assert bridge.served[1].line.counts.polls == 0
        port.close()
        with pytest.raises(PortError, match="is closed"):
            port.write(b"\x81")
        port.open()


# ------------------------------------------------------------------ bridges that misbehave


class Scripted:
    """A bridge that says what a test wants; ``got`` is what it was told."""

    def __init__(self, *first, raw=b"", mute=False):
        self.first = first
        self.raw = raw
        self.mute = mute
        self.got = asyncio.Queue()
        self.served = []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.address = self.server.sockets[0].getsockname()
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()
        for task, writer in self.served:
            writer.close()
            await task

    async def serve(self, reader, writer):
        self.served.append((asyncio.current_task(), writer))
        self.writer = writer
        frames = FrameReader()
        writer.write(self.raw + b"".join(encode(frame) for frame in self.first))
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                for frame in frames.feed(data):
                    self.got.put_nowait(frame)
                    if isinstance(frame, said.Open) and not self.mute:
                        self.says(said.LineIs(frame.line, OPEN))
            await writer.wait_closed()

    def says(self, *frames):
        self.writer.write(b"".join(encode(frame) for frame in frames))

    async def told(self, kind):
        async with asyncio.timeout(PATIENCE_S):
            while not isinstance(frame := await self.got.get(), kind):
                pass
        return frame


HELLO = said.Hello(1, 1, lines=1, name="scripted")


async def fails(address):
    link = BridgeLink(*address)
    with pytest.raises(TransientError) as failed:
        await link.run(Backoff(link.name, Herald("bridge")))
    return str(failed.value)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"raw": b"HTTP/1.1 400 Bad Request\r\n\r\n\x00"}, "says no hello: is it a bridge"),
        ({"first": [said.Ping(1)]}, "says no hello: is it a bridge"),
        ({"first": [said.Bye("come back later")]}, "says: come back later"),
        ({"first": [said.Hello(2, 2)]}, "chose version 2, which was not offered"),
        ({}, "says no hello"),
    ],
    ids=["http", "ping", "bye", "version", "nothing"],
)
async def test_what_is_no_bridge_of_ours_is_told(monkeypatch, script, words):
    monkeypatch.setattr(bridge_link, "CONNECT_S", 0.2)
    async with Scripted(*script.get("first", ()), raw=script.get("raw", b"")) as bridge:
        assert words in await fails(bridge.address)


async def test_a_bridge_that_is_switched_off_is_told():
    async with Scripted() as bridge:
        address = bridge.address
    assert "is away: connection refused" in await fails(address)


async def test_a_bridge_that_falls_silent_is_asked_and_then_taken_for_gone(monkeypatch):
    monkeypatch.setattr(bridge_link, "PING_S", 0.05)
    monkeypatch.setattr(bridge_link, "SILENT_S", 0.3)
    async with Scripted(HELLO) as bridge:
        words = await fails(bridge.address)
        assert "has said nothing for" in words
        assert (await bridge.told(said.Ping)).token == 1


async def test_our_hello_and_our_lines_are_what_a_bridge_is_told():
    async with Scripted(HELLO) as bridge:
        link = BridgeLink(*bridge.address)
        port = BridgePort(link, 1, "own_line")
        async with kept(link):
            await opened(port)
            assert await bridge.told(said.Hello) == said.Hello(1, 1, 0, name="slotgw")
            assert await bridge.told(said.Open) == said.Open(1, said.SendList.OWN_LINE)
            port.write(b"\x01\x1b")
            assert await bridge.told(said.Send) == said.Send(1, from_host(b"\x01\x1b"))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (said.NotSent(1, said.Why.NOT_ALLOWED), "did not send on line 1: .*allow-list"),
        (said.NotSent(1, said.Why.FAULT), "did not send on line 1: its hardware"),
        (said.LineIs(1, said.LineState.FAULT, "no 12 V"), r"does not work.* \(no 12 V\)"),
    ],
    ids=str,
)
async def test_a_line_that_does_not_work_is_told_and_asked_for_again(frame, words):
    async with Scripted(HELLO) as bridge:
        link = BridgeLink(*bridge.address)
        port = BridgePort(link, 1, "any_line")
        async with kept(link):
            await opened(port)
            bridge.says(said.NotSent(1, said.Why.BUSY))  # no more than a lost poll
            bridge.says(said.Came(1, Symbols(b"\x11", (False,)), lost=True), frame)
            assert await hears(port) == Heard(b"\x11")
            with pytest.raises(PortError, match=words):
                await hears(port)
            await opened(port)
            assert (link.lost_symbols, link.busy) == (1, 1)


async def test_a_bridge_that_reads_nothing_is_not_fed_for_ever(monkeypatch):
    monkeypatch.setattr(bridge_link, "UNSENT_BYTES_MAX", 7)
    async with Scripted(HELLO) as bridge:
        link = BridgeLink(*bridge.address)
        port = BridgePort(link, 1, "any_line")
        async with kept(link):
            await opened(port)
            port.write(b"\x81")  # 8 bytes, and nobody has had a turn to send them
            with pytest.raises(PortError, match="reads nothing"):
                port.write(b"\x81")
