"""A cheap load on bridges: eight machines a line, each polled every 200 ms, answers timed.

Frames are encoded before the load begins, and an answer that was seen before is not decoded again;
so most of what a run costs is the simulator's. A handpay is read (1B), as every host does.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass, field

from protocols.sas import bridge_frames as said
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.symbols import Symbols

MACHINES = 8
TURN_S = 0.025
"""From one poll of a line to the next: each of eight machines every 200 ms."""
TICKS = 25
LATE_S = 0.020


def long_poll(address: int, command: int) -> Symbols:
    return Symbols(bytes([address, command]), (True, False))


@dataclass(slots=True)
class LoadedLine:
    number: int
    polls: list[bytes] = field(default_factory=list)
    handpays: list[bytes] = field(default_factory=list)
    asked: int = 0
    sent_s: float = 0.0
    waits: bool = False
    handpay: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Figures:
    polls: int = 0
    answers: int = 0
    events: int = 0
    late: int = 0
    longest_s: float = 0.0

    @property
    def late_percent(self) -> float:
        """Answers that came after 20 ms, or not before the line's next poll."""
        return 100 * self.late / self.polls if self.polls else 0.0


class LoadedBridge:
    """One connection to a bridge, all of its lines opened."""

    def __init__(self, port: int, lines: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = {number: LoadedLine(number) for number in range(1, lines + 1)}
        self.figures = Figures()
        self._known: dict[bytes, said.Frame] = {}
        self._rest = b""
        hello = encode(said.Hello(name="load"))
        opens = b"".join(encode(said.Open(n, said.SendList.OWN_LINE)) for n in self.lines)
        self.socket.sendall(hello + opens)
        reader, opened = FrameReader(), 0
        while opened < lines:
            for frame in reader.feed(self.socket.recv(65_536)):
                opened += isinstance(frame, said.LineIs) and frame.state is said.LineState.OPEN
        for line in self.lines.values():
            for address in range(1, MACHINES + 1):
                general = Symbols(bytes([0x80 | address]), (True,))
                line.polls.append(encode(said.Send(line.number, general)))
                line.handpays.append(encode(said.Send(line.number, long_poll(address, 0x1B))))

    def poll(self, line: LoadedLine) -> None:
        """Poll the line's next machine; an answer that is still awaited is late."""
        self.figures.late += line.waits
        line.asked = (line.asked + 1) % MACHINES
        polls = line.handpays if line.asked in line.handpay else line.polls
        line.handpay.discard(line.asked)
        line.waits = True
        line.sent_s = time.monotonic()
        self.figures.polls += 1
        self.socket.sendall(polls[line.asked])

    def read(self) -> None:
        """Take what came, and judge how long it took."""
        *pieces, self._rest = (self._rest + self.socket.recv(65_536)).split(b"\0")
        now = time.monotonic()
        for piece in pieces:
            frame = self._known.get(piece)
            if frame is None:
                frame = decode_piece(piece)
                if len(self._known) < 50_000:
                    self._known[piece] = frame
            if isinstance(frame, said.Bye):
                raise SystemExit(f"the floor gave the load up ({frame.reason}): nothing measured; "
                                 "is this computer too busy?")  # fmt: skip
            assert isinstance(frame, said.Came), frame
            self._came(self.lines[frame.line], frame.symbols.data, now)

    def _came(self, line: LoadedLine, data: bytes, now: float) -> None:
        if not line.waits:
            return
        line.waits = False
        figures, took_s = self.figures, now - line.sent_s
        figures.answers += 1
        figures.late += took_s > LATE_S
        figures.longest_s = max(figures.longest_s, took_s)
        figures.events += data != b"\x00" and len(data) == 1
        if data == b"\x51":
            line.handpay.add(line.asked)


def decode_piece(piece: bytes) -> said.Frame:
    """Decode one frame without its final 00."""
    (frame,) = FrameReader().feed(piece + b"\0")
    return frame


def run(bridges: list[LoadedBridge], seconds: float, turn_s: float = TURN_S) -> float:
    """Poll all lines for so long, one part of 25 of them at a time; return seconds.

    From one poll of a line to the next ``turn_s`` pass.
    """
    parts: list[list[tuple[LoadedBridge, LoadedLine]]] = [[] for _ in range(TICKS)]
    every = [(bridge, line) for bridge in bridges for line in bridge.lines.values()]
    for place, pair in enumerate(every):
        parts[place % TICKS].append(pair)
    poller = select.epoll()
    by_fd = {bridge.socket.fileno(): bridge for bridge in bridges}
    for fd in by_fd:
        poller.register(fd, select.EPOLLIN)
    began = time.monotonic()
    tick, due = 0, began
    while (now := time.monotonic()) < began + seconds:
        if now >= due:
            for bridge, line in parts[tick % TICKS]:
                bridge.poll(line)
            tick += 1
            due = max(due + turn_s / TICKS, now)
        for fd, _ in poller.poll(max(0.0, due - time.monotonic())):
            by_fd[fd].read()
    poller.close()
    return time.monotonic() - began
