"""A line that is told what came of each poll, for the watch for shared addresses."""

from __future__ import annotations

from protocols.sas.errors import CrcError
from protocols.sas.host.shared import SharedWatch
from protocols.sas.host.steps import Send
from protocols.sas.replies import IdleReply, LongPollReply, SilenceReply

TIMEOUT_S = 0.05


class Line:
    """A line that is told what came of each poll."""

    def __init__(self, *addresses: int) -> None:
        self.watch = SharedWatch(addresses, TIMEOUT_S)
        self.now = 1000.0
        self.found = []

    def polled(self, address: int, reply, error=None, *, repeat: bool = False, after_s=0.2):
        self.now += after_s
        poll = b"\x00" if isinstance(reply, LongPollReply) else bytes([address | 0x80])
        step = Send(bytes([address]) + b"\x54" if poll == b"\x00" else poll, 1, address, repeat)
        found = self.watch.polled(self.now + 0.01, step, self.now, reply, error)
        self.now += 0.01
        if found is not None:
            self.found.append(found)

    def good(self, address: int, times: int = 1, **more):
        for _ in range(times):
            self.polled(address, IdleReply(address), **more)

    def garbled(self, address: int, times: int = 1, **more):
        for _ in range(times):
            self.polled(address, None, CrcError("the CRC does not fit", b"\x01\x02"), **more)

    def silent(self, address: int, times: int = 1):
        for _ in range(times):
            self.polled(address, SilenceReply(address))

    def twice(self, address: int, times: int = 1):
        for _ in range(times):
            self.good(address)
            self.watch.stray(self.now + TIMEOUT_S)

    def says_serial(self, address: int, serial: str):
        self.polled(address, LongPollReply(address, 0x54, {"serial": serial}, raw=b"x"))


class ExactLine:
    """A line whose times are sums of powers of two, so that a bound is met to the last bit."""

    timeout_s = 0.0625

    def __init__(self, *addresses: int) -> None:
        self.watch = SharedWatch(addresses, self.timeout_s)

    def good(self, address: int, at: float):
        step = Send(bytes([address | 0x80]), 1, address)
        return self.watch.polled(at, step, at, IdleReply(address), None)

    def silent(self, address: int, at: float):
        step = Send(bytes([address | 0x80]), 1, address)
        return self.watch.polled(at, step, at, SilenceReply(address), None)

    def wrong(self, address: int, raw: bytes, at: float):
        step = Send(bytes([address | 0x80]), 1, address)
        return self.watch.polled(at, step, at, None, CrcError("the CRC does not fit", raw))

    def serial(self, address: int, serial: str, at: float):
        reply = LongPollReply(address, 0x54, {"serial": serial}, raw=b"x")
        return self.watch.polled(at, Send(bytes([address, 0x54]), 1, address), at, reply, None)
