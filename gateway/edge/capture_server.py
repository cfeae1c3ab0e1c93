"""The ``capture`` socket: what goes over a line, for one who asks for the line by its name.

A client sends one line with the name and gets a capture (``protocols.sas.capture``), or one line
that begins with ``!`` and says why not. Whatever else it sends ends the connection. It reaches taps
only: from here no byte can come to a serial line.

A client that reads too slowly gets what was kept for it, then a note of how many bursts it missed,
and is let go. Nothing that a client does can slow a poll.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.edge.capture_tap import LineTap
from gateway.edge.clock import Clock
from gateway.edge.unix_server import unix_server
from protocols.sas.capture import Burst, Header, burst_text, header_text, note_text

ASK_BYTES_MAX: Final = 256
"""Longest request."""
ASK_S: Final = 5.0
"""How long a client may take to ask."""
CLIENTS_MAX: Final = 8
"""Captures under way at a time."""
CONNECTIONS_MAX: Final = 64
"""Connections at a time, those that have not asked yet included; more are closed at once."""
BEHIND_MAX: Final = 2000
"""Bursts that are kept for a client before it is let go: about a minute of a busy line."""
LET_GO_S: Final = 5.0
"""How long a client that is let go may take to read what was kept, and the note."""


class CaptureServer:
    """Serves captures on a unix socket.

    Args:
        path: the socket.
        taps: of the lines, by name.
        clock: when captures start.
    """

    def __init__(self, path: Path, taps: Mapping[str, LineTap], clock: Clock) -> None:
        self._path = path
        self._taps = taps
        self._clock = clock
        self._connections = 0

    async def run(self) -> None:
        """Serve until cancelled."""
        async with unix_server(self._path, self._serve, ask_bytes_max=ASK_BYTES_MAX) as server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            refusal = await self._answer(reader, writer)
            if refusal:
                writer.write(f"! {refusal}\n".encode())
                await writer.drain()
        finally:
            self._connections -= 1

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Serve one client; return why not, or nothing."""
        if self._connections > CONNECTIONS_MAX:
            return ""
        try:
            asked = await asyncio.wait_for(reader.readline(), ASK_S)
        except (TimeoutError, ValueError):
            return "ask with the name of a line, one line of text"
        name = asked.decode("utf-8", "replace").strip()
        tap = self._taps.get(name)
        if tap is None:
            return f"no line {name!r} here; there is {', '.join(self._taps) or 'none'}"
        if sum(len(each.listeners) for each in self._taps.values()) >= CLIENTS_MAX:
            return f"{CLIENTS_MAX} captures are under way already; end one"
        client = _Client(tap, writer, self._clock)
        writer.write(header_text(client.header(name)).encode())
        tap.add(client.take)
        leaving = asyncio.create_task(_until_it_speaks(reader, client))
        try:
            await client.serve()
        finally:
            tap.remove(client.take)
            leaving.cancel()
        return ""


async def _until_it_speaks(reader: asyncio.StreamReader, client: _Client) -> None:
    """End a client that hangs up, or says more than it was asked for."""
    with suppress(ConnectionError):
        await reader.read(1)
    client.end()


class _Client:
    """One who listens to one line."""

    def __init__(self, tap: LineTap, writer: asyncio.StreamWriter, clock: Clock) -> None:
        self._tap = tap
        self._writer = writer
        self._zero_us = round(clock.monotonic() * 1_000_000)
        self._started = datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC)
        self._lines: deque[str] = deque()
        self._missed = 0
        self._news = asyncio.Event()
        self._ended = False
        self._last_call: asyncio.TimerHandle | None = None

    def header(self, line: str) -> Header:
        """Return what stands before its bursts."""
        return Header(line, self._started, self._tap.ninth_bits)

    def take(self, burst: Burst) -> None:
        """Keep a burst for it, or count it as missed."""
        at_us = burst.at_us - self._zero_us
        if at_us < 0:
            return  # began before the client asked
        if self._missed or len(self._lines) >= BEHIND_MAX:
            self._miss()
            return
        mine = replace(burst, at_us=at_us)
        self._lines.append(burst_text(mine, ninth_bits=self._tap.ninth_bits))
        self._news.set()

    def end(self) -> None:
        """It has gone."""
        self._ended = True
        self._news.set()

    def _miss(self) -> None:
        if not self._missed:
            loop = asyncio.get_running_loop()
            self._last_call = loop.call_later(LET_GO_S, self._writer.transport.abort)
        self._missed += 1

    async def serve(self) -> None:
        """Send what is kept, until it has gone or is let go.

        Raises:
            ConnectionError: it has gone, or did not even read what was kept for it.
        """
        try:
            while not self._ended:
                await self._news.wait()
                self._news.clear()
                while self._lines and not self._ended:
                    self._writer.write(self._lines.popleft().encode())
                    await self._writer.drain()
                if self._missed:
                    await self._let_go()
                    return
        finally:
            if self._last_call is not None:
                self._last_call.cancel()

    async def _let_go(self) -> None:
        self._tap.remove(self.take)
        note = f"{self._missed} bursts were missed here: this reader was too slow and was let go"
        self._writer.write(note_text(note).encode())
        await self._writer.drain()
