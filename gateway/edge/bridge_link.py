"""The connection to one bridge. ``hardware/bridge.md`` describes the frames.

One job keeps it: it connects, opens the lines that this gateway has there, and stays until the
bridge has gone. What comes goes to the inbox of its line at once.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.edge.port import Inbox, PortError
from gateway.edge.supervise import Backoff, TransientError
from protocols.sas import bridge_frames as said
from protocols.sas.bridge import FrameReader, encode

CONNECT_S: Final = 3.0
"""Seconds that a bridge has to take the connection, and again to say hello."""

PING_S: Final = 2.0
"""Seconds without a frame after which we ask whether the bridge is there."""

SILENT_S: Final = 5.0
"""Seconds without a frame after which the bridge is taken for gone."""

UNSENT_BYTES_MAX: Final = 65_536
"""Bytes that a bridge leaves unread before it is taken for stuck."""

_STATES: Final = {
    said.LineState.CLOSED: "is closed there",
    said.LineState.TAKEN: "is open for another host",
    said.LineState.ABSENT: "does not exist: look at its number in the site file",
    said.LineState.REFUSED: "is refused: its firmware does not know this allow-list",
    said.LineState.FAULT: "does not work: look at the bridge",
}
_WHY: Final = {
    said.Why.NOT_ALLOWED: "the poll is not on its own allow-list; its firmware may be older",
    said.Why.NOT_OPEN: "the line is not open there",
    said.Why.FAULT: "its hardware does not work",
}


@dataclass(frozen=True, slots=True)
class _Line:
    send_list: said.SendList
    inbox: Inbox


class BridgeLink:
    """The connection to one bridge.

    Args:
        host: its address.
        port: its TCP port.

    Attributes:
        name: the bridge, for people.
        lost_symbols: how often the bridge said that symbols were lost.
        busy: how often it did not send, because it was still sending.
    """

    def __init__(self, host: str, port: int) -> None:
        self.name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.lost_symbols = 0
        self.busy = 0
        self._address = (host, port)
        self._lines: dict[int, _Line] = {}
        self._states: dict[int, said.LineIs] = {}
        self._stream: _Stream | None = None
        self._reason = f"the bridge {self.name} is not connected yet"

    def add(self, number: int, send_list: said.SendList, inbox: Inbox) -> None:
        """Take note of a line before the job runs; what comes on it goes to ``inbox``."""
        self._lines[number] = _Line(send_list, inbox)

    def check(self, number: int) -> None:
        """Make sure that a line is open; if not, ask for it again.

        Raises:
            PortError: it is not open, or not yet.
        """
        if self._stream is None:
            raise PortError(self._reason)
        state = self._states.get(number)
        if state is None:
            raise PortError(f"the bridge {self.name} has not opened line {number} yet")
        if state.state is not said.LineState.OPEN:
            self._open(number)
            raise PortError(self._not_open(state))

    def say(self, frame: said.Frame) -> None:
        """Send a frame, with whatever else is said in this turn of the loop.

        Raises:
            PortError: the bridge has gone, or reads nothing.
        """
        if self._stream is None:
            raise PortError(self._reason)
        if self._stream.unsent_bytes > UNSENT_BYTES_MAX:
            raise PortError(f"the bridge {self.name} reads nothing: is it stuck?")
        self._stream.say(frame)

    async def run(self, backoff: Backoff) -> None:
        """Connect, open every line, and stay.

        Raises:
            TransientError: the bridge is away, or has gone.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, stream = await loop.create_connection(
                    lambda: _Stream(self._hear, self._ended), *self._address
                )
        except OSError as error:  # a time-out is one too
            why = os.strerror(error.errno).lower() if error.errno else "no answer"
            self._reason = f"the bridge {self.name} is away: {why}"
            raise TransientError(self._reason) from error
        try:
            self._greet(await stream.greeting(CONNECT_S))
            self._stream = stream
            for number in self._lines:
                self._open(number)
            backoff.well()
            await stream.stay()
        except _GoneError as error:
            self._ended(str(error))
            raise TransientError(self._reason) from error
        finally:
            if self._stream is not None:
                self._ended("is let go")
            stream.close()

    def _greet(self, hello: said.Hello) -> None:
        if not said.VERSIONS[0] <= hello.low <= said.VERSIONS[1]:
            raise _GoneError(f"chose version {hello.low}, which was not offered")

    def _open(self, number: int) -> None:
        self.say(said.Open(number, self._lines[number].send_list))

    def _not_open(self, state: said.LineIs) -> str:
        text = f" ({state.text})" if state.text else ""
        return f"line {state.line} of the bridge {self.name} {_STATES[state.state]}{text}"

    def _ended(self, why: str) -> None:
        """The connection is over: nothing more comes on any line."""
        self._stream = None
        self._states.clear()
        self._reason = f"the bridge {self.name} {why}"
        for line in self._lines.values():
            line.inbox.end(PortError(self._reason))

    def _hear(self, frame: said.Frame) -> None:
        line = self._lines.get(getattr(frame, "line", 0))
        if line is None:
            return
        match frame:
            case said.Came():
                self.lost_symbols += frame.lost
                line.inbox.put_symbols(frame.symbols)
            case said.LineIs():
                self._states[frame.line] = frame
                if frame.state is not said.LineState.OPEN:
                    line.inbox.end(PortError(self._not_open(frame)))
            case said.NotSent(why=said.Why.BUSY):
                self.busy += 1  # a lost poll: the line asks again
            case said.NotSent():
                why = f"the bridge {self.name} did not send on line {frame.line}: {_WHY[frame.why]}"
                line.inbox.end(PortError(why))
            case _:
                pass  # of a later version, or for the other side


class _GoneError(Exception):
    """The connection is over; the text goes on after the bridge's name."""


class _Stream(asyncio.Protocol):
    """One connection: frames in, frames out, and whether the other side is there.

    Args:
        hear: takes the frames about lines.
        ended: told at once why the connection is over.
    """

    def __init__(self, hear: Callable[[said.Frame], None], ended: Callable[[str], None]) -> None:
        self._hear = hear
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._frames = FrameReader()
        self._out = bytearray()
        self._hello: said.Hello | None = None
        self._gone: str | None = None
        self._news = asyncio.Event()
        self._heard_s = self._loop.time()
        self._pings = 0
        self._transport: asyncio.Transport | None = None

    @property
    def unsent_bytes(self) -> int:
        """Bytes that wait to be sent."""
        waiting = self._transport.get_write_buffer_size() if self._transport else 0
        return waiting + len(self._out)

    def say(self, frame: said.Frame) -> None:
        """Send a frame soon."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out += encode(frame)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()

    async def greeting(self, seconds: float) -> said.Hello:
        """Say hello, and return the other side's.

        Raises:
            _GoneError: it has none.
        """
        self.say(said.Hello(name="slotgw"))
        if self._hello is None:
            await self._wait(seconds)
        if self._gone is not None:
            raise _GoneError(self._gone)
        if self._hello is None:
            raise _GoneError("says no hello: is it a bridge that listens there?")
        return self._hello

    async def stay(self) -> None:
        """Wait for the end of the connection.

        Raises:
            _GoneError: it is over.
        """
        while True:
            await self._wait(PING_S)
            silent_s = self._loop.time() - self._heard_s
            if self._gone is not None:
                raise _GoneError(self._gone)
            if silent_s >= SILENT_S:
                raise _GoneError(f"has said nothing for {silent_s:.0f} s")
            if silent_s >= PING_S:
                self._pings += 1
                self.say(said.Ping(self._pings % 2**32))

    async def _wait(self, seconds: float) -> None:
        self._news.clear()
        if self._gone is not None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def _flush(self) -> None:
        out, self._out = self._out, bytearray()
        if self._transport is not None:
            self._transport.write(out)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of its end."""
        why = getattr(exc, "strerror", None)
        self._end(f"has gone: {why.lower()}" if why else "has closed the connection")
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._heard_s = self._loop.time()
        for frame in self._frames.feed(data):
            if self._hello is None and not isinstance(frame, said.Hello | said.Bye):
                self._end("says no hello: is it a bridge that listens there?")
                return
            match frame:
                case said.Hello():
                    self._hello = frame
                    self._news.set()
                case said.Bye():
                    self._end(f"says: {frame.reason}")
                case said.Ping():
                    self.say(said.Pong(frame.token))
                case _:
                    self._hear(frame)
        if self._hello is None and self._frames.bad:
            self._end("says no hello: is it a bridge that listens there?")

    def _end(self, why: str) -> None:
        if self._gone is None:
            self._gone = why
            self._ended(why)
        self._news.set()
