"""A simulated bridge, spoken to in frames over TCP."""

import asyncio
import contextlib
import socket

import pytest

from edge_config.loader import ConfigError, parse_toml
from floor_sim import bridge_server
from floor_sim.bridge_server import BridgeLine, BridgeServer
from floor_sim.faults import Fault
from floor_sim.floor_file import FloorFile
from floor_sim.line import Line, LineSettings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.bridge_frames import (
    Bye,
    Came,
    Close,
    Hello,
    LineIs,
    LineState,
    NotSent,
    Open,
    Ping,
    Pong,
    Send,
    SendList,
    Why,
)
from protocols.sas.symbols import Symbols, from_host

PATIENCE_S = 60
MUTE = LineSettings(ninth_bit="parmrk", chirp=False)


class Host:
    """Somebody's host: sends frames, waits for frames."""

    def __init__(self, streams):
        self.reader, self.writer = streams
        self.frames = FrameReader()
        self.got = []

    def says(self, *frames):
        self.writer.write(b"".join(encode(frame) for frame in frames))

    async def hears(self):
        """Return the next frame, or None at the end of the connection."""
        while not self.got:
            data = await asyncio.wait_for(self.reader.read(4096), PATIENCE_S)
            if not data:
                return None
            self.got += self.frames.feed(data)
        return self.got.pop(0)

    async def polls(self, data, wakeup=None):
        """Send a poll, then a ping; return the symbols that came before the pong."""
        symbols = from_host(data) if wakeup is None else Symbols(data, wakeup)
        self.says(Send(1, symbols))
        await asyncio.sleep(0.03)  # the longest turn-round of a machine is 20 ms
        self.says(Ping(9))
        came = []
        while (frame := await self.hears()) != Pong(9):
            came.append(frame)
        return came

    async def opens(self, line=1, send_list=SendList.ANY_LINE):
        self.says(Open(line, send_list))
        return await self.hears()


@contextlib.asynccontextmanager
async def bridge(settings, line_settings=MUTE, lines=1):
    loop = asyncio.get_running_loop()
    served = {}
    for number in range(1, lines + 1):
        machine = Machine(settings, MemoryJournal(), {}, now=loop.time())
        line = Line(f"L{number}", machine.ports, line_settings)
        served[number] = BridgeLine(line, number, loop, lambda: None)
    server = BridgeServer(("127.0.0.1", 0), served, loop)
    hosts = []

    async def connect(hello=None):
        host = Host(await asyncio.open_connection(*server._listener.getsockname()))
        hosts.append(host)
        if hello is not None:
            host.says(hello)
            assert await host.hears() == Hello(1, 1, lines, hello.times, "slotsim")
        return host

    connect.lines = served
    try:
        yield connect
    finally:
        server.close()
        for line in served.values():
            line.close()
        for host in hosts:
            host.writer.close()
            with contextlib.suppress(OSError):
                await host.writer.wait_closed()


def came(data):
    return [Came(1, Symbols(data, (False,) * len(data)))]


async def test_a_machine_answers_a_poll_with_the_wakeup_bit_and_no_other(settings):
    async with bridge(settings) as connect:
        host = await connect(Hello())
        assert await host.opens() == LineIs(1, LineState.OPEN)
        assert await host.polls(b"\x80") == []
        assert await host.polls(b"\x81", (False,)) == []
        assert await host.polls(b"\x01\x1a", (False, False)) == []
        assert await host.polls(b"\x81") == came(b"\x00")
        assert await host.polls(b"\x01\x1a") == came(bytes.fromhex("011a00000000c3fc"))


async def test_a_chirp_comes_with_its_ninth_bit_and_its_time(settings):
    async with bridge(settings, LineSettings(ninth_bit="parmrk")) as connect:
        host = await connect(Hello(times=True))
        await host.opens()
        first, second = await host.hears(), await host.hears()
        assert first.symbols == second.symbols == Symbols(b"\x01", (True,))
        assert 150_000 < second.at_us - first.at_us < 1_000_000


async def test_a_line_that_vanishes_is_absent_and_can_be_opened_when_it_is_back(settings):
    async with bridge(settings) as connect:
        host = await connect(Hello())
        await host.opens()
        faults = connect.lines[1].line.faults
        number = faults.add(Fault(kind="vanish"), asyncio.get_running_loop().time())
        assert await host.hears() == LineIs(1, LineState.ABSENT)
        assert await host.opens() == LineIs(1, LineState.ABSENT)
        faults.remove(number)
        assert await host.opens() == LineIs(1, LineState.OPEN)


async def test_an_extra_ninth_bit_of_an_answer_is_in_its_symbols(settings):
    async with bridge(settings) as connect:
        host = await connect(Hello())
        await host.opens()
        assert await host.polls(b"\x80") == []
        fault = Fault(kind="ninth_extra", count=1)
        connect.lines[1].line.faults.add(fault, asyncio.get_running_loop().time())
        assert await host.polls(b"\x81") == [Came(1, Symbols(b"\x00", (True,)))]


async def test_a_line_has_one_host_and_is_free_when_that_goes(settings):
    async with bridge(settings) as connect:
        first, second = await connect(Hello()), await connect(Hello())
        assert await first.opens() == LineIs(1, LineState.OPEN)
        taken = await second.opens()
        assert (taken.line, taken.state) == (1, LineState.TAKEN)
        second.says(Send(1, from_host(b"\x81")))
        assert await second.hears() == NotSent(1, Why.NOT_OPEN)
        first.says(Close(1))
        assert await first.hears() == LineIs(1, LineState.CLOSED)
        assert await second.opens() == LineIs(1, LineState.OPEN)
        second.says(Bye("enough"))
        assert await second.hears() is None
        assert await first.opens() == LineIs(1, LineState.OPEN)
        assert await first.opens(2) == LineIs(2, LineState.ABSENT)


@pytest.mark.parametrize(
    ("send_list", "data", "wakeup"),
    [
        (SendList.OWN_LINE, bytes.fromhex("01015108"), None),  # shut down: a command
        (SendList.ANY_LINE, b"\x01\x1b", None),  # walks the handpay queue
        (SendList.ANY_LINE, b"\x01\x1a", (True, True)),  # two messages in one
        (SendList.LISTEN, b"\x81", None),
    ],
)
async def test_what_is_not_on_the_lines_list_never_reaches_a_machine(
    settings, send_list, data, wakeup
):
    async with bridge(settings) as connect:
        host = await connect(Hello())
        await host.opens(send_list=send_list)
        assert await host.polls(data, wakeup) == [NotSent(1, Why.NOT_ALLOWED)]


async def test_noise_between_frames_costs_a_frame_and_no_more(settings):
    async with bridge(settings) as connect:
        host = await connect(Hello())
        await host.opens()
        host.writer.write(b"\x00noise\x00" + bytes(range(256)) * 4 + b"\x00")
        assert await host.polls(b"\x80") == []
        assert await host.polls(b"\x81") == came(b"\x00")


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n\x00", encode(Ping(1))])
async def test_who_does_not_begin_with_a_hello_is_sent_away(settings, data):
    async with bridge(settings) as connect:
        host = await connect()
        host.writer.write(data)
        assert await host.hears() == Bye("a bridge's host begins with a hello")
        assert await host.hears() is None


async def test_a_host_of_another_version_is_told_which_there_are(settings):
    async with bridge(settings) as connect:
        host = await connect()
        host.says(Hello(2, 3))
        assert await host.hears() == Bye("this bridge speaks versions 1 to 1")


async def test_a_host_that_says_nothing_is_taken_for_gone(settings, monkeypatch):
    monkeypatch.setattr(bridge_server, "HELLO_S", 0.05)
    monkeypatch.setattr(bridge_server, "SILENT_S", 0.05)
    async with bridge(settings) as connect:
        mute, quiet = await connect(), await connect(Hello())
        assert await mute.hears() == Bye("no hello within 0.05 s")
        assert await quiet.hears() == Bye("nothing heard for 0.05 s")


async def test_there_is_a_most_of_hosts(settings, monkeypatch):
    monkeypatch.setattr(bridge_server, "HOSTS_MAX", 1)
    async with bridge(settings) as connect:
        await connect(Hello())
        over = await connect()
        assert await over.hears() == Bye("1 hosts are the most")


async def test_an_address_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        BridgeServer(other.getsockname(), {}, asyncio.get_running_loop())


FLOOR = """
[floor]
name = "bridged"
seed = 1
run_folder = "run"
[profiles.penny]
[[lines]]
name = "L1"
port = "127.0.0.1:7401/1"
transport = "bridge"
[[egms]]
asset = "10101"
line = "L1"
address = 1
profile = "penny"
"""


def test_a_line_on_a_bridge_has_a_ninth_bit_and_chirps():
    file = parse_toml(FLOOR, FloorFile, "floor.toml")
    assert file.lines[0].settings() == LineSettings(gap_s=0.05, ninth_bit="parmrk", chirp=True)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("127.0.0.1:7401/1", "lines/L1", "lines[0].port", "host:port/line"),
        ('"bridge"', '"bridge"\nninth_bit = "none"', "lines[0].ninth_bit", "nothing there"),
    ],
)
def test_what_a_line_on_a_bridge_cannot_be_is_told(old, new, key, words):
    with pytest.raises(ConfigError) as caught:
        parse_toml(FLOOR.replace(old, new), FloorFile, "floor.toml")
    (problem,) = caught.value.problems
    assert problem.key == key
    assert words in problem.expected
