"""Lines on a simulated bridge: nine-bit symbols in frames, over TCP on this computer.

Here the ninth bit is real: machines hear it, and give up a poll whose first byte has none. Whatever
is not on the list that the host named for its line is not passed on; like the firmware of a real
bridge, we hold the compiled allow-lists a second time.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from floor_sim.agenda import Task
from floor_sim.beat import Beat
from floor_sim.line import Line
from protocols.sas import bridge_frames as said
from protocols.sas.allowlist import allowed
from protocols.sas.bridge import FrameReader, encode

log = logging.getLogger("slotsim")

HELLO_S: Final = 5.0
"""Seconds that a host has for its hello."""

SILENT_S: Final = 5.0
"""Seconds without a frame after which a host is taken for gone; one with nothing to say pings."""

LOOK_S: Final = 0.0005
"""Seconds for which nobody looks again whether a host has spoken: less than one byte takes on a
wire, and on a large bridge the answers of several lines go out in that time."""

HOSTS_MAX: Final = 16
READ_BYTES: Final = 65_536

_LIST_NAMES: Final = {
    said.SendList.LISTEN: None,
    said.SendList.ANY_LINE: "any_line",
    said.SendList.OWN_LINE: "own_line",
}


class BridgeLine:
    """One line of a bridge; carries the bytes of ``Line`` while a host has it open.

    Attributes:
        line: the line.
        number: its number on the bridge.
        host: who has it open, or None.
    """

    def __init__(
        self,
        line: Line,
        number: int,
        loop: asyncio.AbstractEventLoop,
        acted: Callable[[], None],
        beat: Beat | None = None,
    ) -> None:
        self.line = line
        self.number = number
        self.host: _Host | None = None
        self._loop = loop
        self._acted = acted
        self._beat = Beat(loop) if beat is None else beat
        self._task: Task | None = None
        self._open = True
        line.faults.changed = lambda: loop.call_soon(self._changed)
        self.arm()

    @property
    def gone(self) -> bool:
        """A fault has let the line vanish: the bridge has no such line."""
        return self.line.faults.gone(self._loop.time())

    def close(self) -> None:
        """Stop carrying."""
        self._open = False
        if self._task is not None:
            self._task.cancel()

    def arm(self) -> None:
        """Wake up when the line has something to send."""
        due, task = self.line.next_due(), self._task
        if task is not None:
            if due == task.due:
                return
            task.cancel()
        self._task = None if due is None else self._beat.at(due, self._due)

    def host_write(self, frame: said.Send) -> None:
        """Put on the line what its host wants."""
        data, wakeup = frame.symbols
        self.line.host_write(data, self._loop.time(), tuple(map(bool, wakeup)))
        self.arm()
        self._acted()

    def _changed(self) -> None:
        if self._open:
            self._due(self._loop.time())

    def _due(self, now: float) -> None:
        del now  # others on the same beat may have taken a while
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.line.faults and self.gone and self.host is not None:
            host, self.host = self.host, None
            host.say(said.LineIs(self.number, said.LineState.ABSENT))
        if self.host is not None:
            self.host.look()  # if it has spoken meanwhile, an answer that is late is no answer
        for at, symbols in self.line.take_symbols(self._loop.time()):
            if self.host is not None:
                at_us = int(at * 1e6) if self.host.times else None
                self.host.say(said.Came(self.number, symbols, at_us=at_us))
        self.arm()
        self._acted()


class BridgeServer:
    """One simulated bridge.

    Args:
        address: host and TCP port to listen on.
        lines: its lines by number.
        loop: the loop that carries it.

    Raises:
        OSError: the address is in use, or cannot be.
    """

    def __init__(
        self,
        address: tuple[str, int],
        lines: Mapping[int, BridgeLine],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.lines = lines
        self.loop = loop
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(address, family=family)
        self._listener.settimeout(0)
        self._hosts: set[_Host] = set()
        loop.add_reader(self._listener, self._accept)

    def close(self) -> None:
        """Close the bridge and everybody's connection."""
        self.loop.remove_reader(self._listener)
        self._listener.close()
        for host in tuple(self._hosts):
            host.close("the floor stops")

    def forget(self, host: _Host) -> None:
        """Take note that a host has gone: its lines are free."""
        self._hosts.discard(host)
        for line in self.lines.values():
            if line.host is host:
                line.host = None

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it has gone already
        host = _Host(self, connection)
        self._hosts.add(host)
        if len(self._hosts) > HOSTS_MAX:
            host.close(f"{HOSTS_MAX} hosts are the most")


class _Host:
    """One connection."""

    def __init__(self, bridge: BridgeServer, connection: socket.socket) -> None:
        self.times = False
        self._bridge = bridge
        self._loop = bridge.loop
        self._socket = connection
        self._frames = FrameReader()
        self._greeted = False
        self._lists: dict[int, str | None] = {}
        self._out = bytearray()
        self._heard_s = self._loop.time()
        self._read_s = self._heard_s
        connection.settimeout(0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(connection, self.read)
        self._watch = self._loop.call_later(HELLO_S, self._look)

    def say(self, frame: said.Frame) -> None:
        """Send a frame, with whatever else is said in this turn of the loop."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out += encode(frame)

    def close(self, reason: str) -> None:
        """End the connection and say why."""
        if self._socket.fileno() < 0:
            return
        self._out += encode(said.Bye(reason))
        with suppress(OSError):
            self._socket.send(self._out)
        self._gone(reason)

    def look(self) -> None:
        """Take what the host has said by now, unless that was done a moment ago."""
        if self._loop.time() - self._read_s > LOOK_S:
            self.read()

    def read(self) -> None:
        """Take everything that the host has said by now."""
        more = True
        self._read_s = self._loop.time()
        while more and self._socket.fileno() >= 0:
            try:
                data = self._socket.recv(READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._gone("it closed")
                return
            more = len(data) == READ_BYTES
            self._heard_s = self._loop.time()
            for frame in self._frames.feed(data):
                if self._greeted and isinstance(frame, said.Send):
                    self._send(frame)  # most of what is ever said
                else:
                    self._hear(frame)
            if self._frames.bad and not self._greeted:
                self.close("a bridge's host begins with a hello")

    def _look(self) -> None:
        silent_s = self._loop.time() - self._heard_s
        if not self._greeted:
            self.close(f"no hello within {HELLO_S:g} s")
        elif silent_s >= SILENT_S:
            self.close(f"nothing heard for {SILENT_S:g} s")
        else:
            self._watch = self._loop.call_later(SILENT_S - silent_s, self._look)

    def _gone(self, reason: str) -> None:
        self._watch.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._bridge.forget(self)
        log.info("a host of the bridge has gone: %s; %d bad frames", reason, self._frames.bad)

    def _flush(self) -> None:
        if self._socket.fileno() < 0 or not self._out:
            return
        out, self._out = self._out, bytearray()
        try:
            sent = self._socket.send(out)
        except OSError:
            sent = 0
        if sent != len(out):
            self._gone("it does not read")

    def _hear(self, frame: said.Frame) -> None:
        if self._socket.fileno() < 0:
            return
        match frame:
            case said.Hello() if not self._greeted:
                self._greet(frame)
            case _ if not self._greeted:
                self.close("a bridge's host begins with a hello")
            case said.Send():
                self._send(frame)
            case said.Open():
                self._open(frame)
            case said.Close():
                line = self._bridge.lines.get(frame.line)
                if line is not None and line.host is self:
                    line.host = None
                    self.say(said.LineIs(frame.line, said.LineState.CLOSED))
            case said.Ping():
                self.say(said.Pong(frame.token))
            case said.Bye():
                self._gone(frame.reason)
            case _:
                pass  # of a later version, or for the other side

    def _greet(self, frame: said.Hello) -> None:
        low, high = max(frame.low, said.VERSIONS[0]), min(frame.high, said.VERSIONS[1])
        if low > high:
            self.close(f"this bridge speaks versions {said.VERSIONS[0]} to {said.VERSIONS[1]}")
            return
        self._greeted = True
        self.times = frame.times
        self.say(said.Hello(high, high, max(self._bridge.lines), frame.times, "slotsim"))

    def _open(self, frame: said.Open) -> None:
        line = self._bridge.lines.get(frame.line)
        if line is None or line.gone:
            self.say(said.LineIs(frame.line, said.LineState.ABSENT))
        elif line.host not in {None, self}:
            self.say(said.LineIs(frame.line, said.LineState.TAKEN, "another host has it open"))
        else:
            line.host = self
            self._lists[frame.line] = _LIST_NAMES[frame.send_list]
            self.say(said.LineIs(frame.line, said.LineState.OPEN))

    def _send(self, frame: said.Send) -> None:
        line = self._bridge.lines.get(frame.line)
        if line is None or line.host is not self:
            self.say(said.NotSent(frame.line, said.Why.NOT_OPEN))
            return
        name = self._lists[frame.line]
        if name is None or any(frame.symbols.wakeup[1:]) or not allowed(frame.symbols.data, name):
            self.say(said.NotSent(frame.line, said.Why.NOT_ALLOWED))
            return
        line.host_write(frame)
