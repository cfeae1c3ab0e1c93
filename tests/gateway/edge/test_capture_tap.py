"""What goes over a line, for those who capture it; and what it costs when nobody does."""

import asyncio
import inspect

import pytest

from edge_config.site import LineInfo
from gateway.edge.capture_tap import CapturedPort, CapturedReceiver, LineTap, LineTaps
from gateway.edge.port import Heard
from gateway.edge.tap_port import TapHeard
from protocols.sas.capture import Speaker, burst_text
from protocols.sas.cutter import TOLD_QUIET_US
from protocols.sas.errors import RequestError
from protocols.sas.heard import Wire
from protocols.sas.symbols import Symbols

PLAIN = LineInfo(name="L1", port="lines/L1", transport="pty")
WITH_BITS = LineInfo(name="L1", port="lines/L1", transport="pty", ninth_bit="parmrk")
CREDITS = bytes.fromhex("011A000100001FA6")


class Clock:
    def __init__(self):
        self.s = 100.0

    def monotonic(self):
        return self.s

    def wall_ns(self):
        return round(self.s * 1e9)


class Ends:
    """A port or receiver that gives what it is told to."""

    name = "ends"
    dropped_bytes = 3
    two_wires = True

    def __init__(self, *heard):
        self.heard = list(heard)
        self.did = []

    def open(self):
        self.did.append("open")

    def close(self):
        self.did.append("close")

    def write(self, poll):
        if poll[1:2] == b"\x01":
            raise RequestError("not on the list")
        self.did.append(poll)

    async def read(self, deadline):
        return self.heard.pop(0) if self.heard else None


class Told:
    def __init__(self, tap):
        self.messages = []
        self.news = asyncio.Event()
        self.tap = tap
        tap.add(self)

    def __call__(self, message):
        self.messages.append(message)
        self.news.set()

    def lines(self):
        return [
            burst_text(message, ninth_bits=self.tap.ninth_bits).split(" ", 1)[1].strip()
            for message in self.messages
        ]


async def test_polls_and_answers_are_told_with_their_times():
    clock = Clock()
    tap = LineTap(PLAIN, clock)
    told = Told(tap)
    port = CapturedPort(Ends(Heard(CREDITS)), tap)
    port.write(b"\x01\x1a")
    clock.s += 0.005
    assert await port.read(0) == Heard(CREDITS)
    assert await port.read(0) is None
    assert told.lines() == ["host 01 1A", "egm 01 1A 00 01 00 00 1F A6"]
    assert [message.at_us for message in told.messages] == [100_000_000, 100_005_000]


async def test_ninth_bits_are_told_where_the_port_has_them():
    tap = LineTap(WITH_BITS, Clock())
    told = Told(tap)
    port = CapturedPort(Ends(Heard(CREDITS), Heard(b"\x05", wakeup=True)), tap)
    port.write(b"\x01\x1a")
    await port.read(0)
    await port.read(0)
    assert told.lines() == ["host 01* 1A", "egm 01 1A 00 01 00 00 1F A6", "egm 05*"]


async def test_another_host_on_the_line_is_not_told_as_an_egm():
    tap = LineTap(WITH_BITS, Clock())
    told = Told(tap)
    await CapturedPort(Ends(Heard(b"\x81", wakeup=True)), tap).read(0)
    assert [message.speaker for message in told.messages] == [Speaker.HOST]


async def test_what_could_not_be_written_is_not_told():
    tap = LineTap(PLAIN, Clock())
    told = Told(tap)
    with pytest.raises(RequestError):
        CapturedPort(Ends(), tap).write(b"\x01\x01\x51\x08")
    assert told.messages == []


async def test_the_rest_of_an_answer_is_told_once_the_line_is_quiet():
    tap = LineTap(PLAIN, Clock())
    told = Told(tap)
    port = CapturedPort(Ends(Heard(CREDITS[:4])), tap)
    port.write(b"\x01\x1a")
    await port.read(0)
    assert len(told.messages) == 1
    told.news.clear()
    async with asyncio.timeout(TOLD_QUIET_US / 1e6 + 5):
        await told.news.wait()
    assert len(told.messages) == 2
    tap.remove(told)


async def test_secrets_are_masked_before_anybody_is_told():
    tap = LineTap(PLAIN, Clock())
    told = Told(tap)
    port = CapturedPort(Ends(Heard(bytes.fromhex("013d12345678"))), tap)
    await port.read(0)
    tap.sent(b"\x80")
    assert told.lines()[0].startswith("egm ** ** ** ** ** **")


async def test_two_receive_wires_are_told_by_their_direction():
    clock = Clock()
    tap = LineTap(WITH_BITS, clock)
    told = Told(tap)
    heard = [
        TapHeard(Wire.HOST, Symbols(b"\x01\x1a", (True, False)), 200.0),
        TapHeard(Wire.MACHINE, Symbols(CREDITS, (False,) * 8), 199.999),
        TapHeard(Wire.BOTH, Symbols(b"\x81", (True,)), 200.1),
    ]
    receiver = CapturedReceiver(Ends(*heard), tap)
    for _ in heard:
        await receiver.read(0)
    assert told.lines() == ["host 01* 1A", "egm 01 1A 00 01 00 00 1F A6", "host 81*"]
    times = [message.at_us for message in told.messages]
    assert times == sorted(times)


async def test_nothing_is_done_for_nobody():
    tap = LineTap(PLAIN, Clock())
    told = Told(tap)
    tap.remove(told)
    port = CapturedPort(Ends(Heard(CREDITS)), tap)
    port.write(b"\x80")
    await port.read(0)
    assert told.messages == []
    assert not tap._masker.pending


async def test_while_somebody_captures_every_answer_is_left_to_be_read():
    ends, asked = Ends(), []

    def taker(data, wakeup):
        asked.append(data)
        return True

    ends.offer_to = lambda taker: setattr(ends, "taker", taker) or True
    tap = LineTap(PLAIN, Clock())
    assert CapturedPort(ends, tap).offer_to(taker)
    assert ends.taker(b"\x00", wakeup=False)
    told = Told(tap)
    assert not ends.taker(b"\x00", wakeup=False)
    tap.remove(told)
    assert ends.taker(b"\x00", wakeup=False)
    assert asked == [b"\x00", b"", b"\x00"]  # no bytes: there is something to read


async def test_a_captured_port_is_the_port_in_all_else():
    clock = Clock()
    ports = {"L1": Ends(), "L2": Ends()}
    taps = LineTaps(
        lambda line, path: ports[line.name], lambda line, path, egm: ports[line.name], clock
    )
    port = taps.port_of(PLAIN, None)
    other = PLAIN.model_copy(update={"name": "L2"})
    receiver = taps.receiver_of(other, None, None)
    for end in (port, receiver):
        end.open()
        end.close()
        assert end.name == "ends"
    assert (receiver.dropped_bytes, receiver.two_wires) == (3, True)
    assert [end.did for end in ports.values()] == [["open", "close"]] * 2
    assert list(taps.by_line) == ["L1", "L2"]


def test_a_tap_has_no_way_to_a_port():
    assert "port" not in inspect.signature(LineTap).parameters
    assert [name for name in dir(LineTap) if "write" in name or "open" in name] == []
