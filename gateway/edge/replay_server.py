"""The ``replay`` socket: stored events are sent again, by the process that owns the outbox.

A client sends one line, ``FIRST LAST`` (sequences), and gets lines of JSON: how many events are
pending again and up to which sequence, and at the end ``"done": true``; or ``"error"``, at once
while NATS is away, or after ``STUCK_S`` in which nothing was taken. Events go in small batches
among the live ones, each when most of the last one has been taken; a client that hangs up stops it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from gateway.bus.publisher import Publisher
from gateway.edge.unix_server import OWNER, unix_server
from gateway.outbox.types import OutboxError
from gateway.outbox.writer import Writer

log = logging.getLogger(__name__)

ASK_BYTES_MAX: Final = 256
"""Longest request."""
ASK_S: Final = 5.0
"""How long a client may take to ask."""
BATCH_ROWS: Final = 128
"""Events pending again at a time."""
ROOM_EVERY_S: Final = 0.1
"""How often it is asked whether most of the last batch was taken."""
STUCK_S: Final = 10.0
"""Seconds in which a server may take nothing before the client is told instead of held."""


class ReplayServer:
    """Serves replays on a unix socket, one at a time.

    Args:
        path: the socket.
        writer: of the outbox.
        publisher: takes the events that are to be sent again.
        stuck_s: seconds in which nothing may be taken.
    """

    def __init__(
        self, path: Path, writer: Writer, publisher: Publisher, stuck_s: float = STUCK_S
    ) -> None:
        self._stuck_s = stuck_s
        self._path = path
        self._writer = writer
        self._publisher = publisher
        self._busy = False

    async def run(self) -> None:
        """Serve until cancelled."""
        async with unix_server(
            self._path, self._serve, mode=OWNER, ask_bytes_max=ASK_BYTES_MAX
        ) as server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for said in self._answers(reader):
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()

    async def _answers(self, reader: asyncio.StreamReader) -> AsyncIterator[dict[str, object]]:
        try:
            asked = await asyncio.wait_for(reader.readline(), ASK_S)
            first, last = (int(word) for word in asked.split())
        except (TimeoutError, ValueError):
            yield {"error": "ask with two sequences, the first and the last"}
            return
        if self._busy:
            yield {"error": "another replay is under way"}
            return
        self._busy = True
        try:
            async for said in self._replay(first, last):
                yield said
        except OutboxError as error:
            yield {"error": str(error)}
        finally:
            self._busy = False

    async def _replay(self, first: int, last: int) -> AsyncIterator[dict[str, object]]:
        nats = self._publisher.status()
        if not nats.connected:
            yield {"error": f"nothing was sent again: {nats.words}. Ask again when NATS is back"}
            return
        events = 0
        log.warning("events %d to %d are sent again, as an operator asked", first, last)
        while rows := await self._writer.replay(first, last, BATCH_ROWS):
            self._publisher.offer_again(rows)
            events += len(rows)
            first = rows[-1].sequence + 1
            yield {"events": events, "up_to": rows[-1].sequence}
            taken = self._publisher.totals.acknowledged
            tries = 0
            while self._publisher.lanes.rows > BATCH_ROWS:
                await asyncio.sleep(ROOM_EVERY_S)
                yield {"events": events, "waiting": self._publisher.lanes.rows}
                tries = tries + 1 if self._publisher.totals.acknowledged == taken else 0
                taken = self._publisher.totals.acknowledged
                if tries * ROOM_EVERY_S >= self._stuck_s:
                    yield {"error": self._stuck(events, rows[-1].sequence)}
                    return
        yield {"events": events, "done": True}

    def _stuck(self, events: int, up_to: int) -> str:
        words = self._publisher.status().words
        return (
            f"nothing was taken for {self._stuck_s:g} s ({words}). {events} events up to {up_to} "
            f"are pending again and go by themselves; ask again from {up_to + 1}"
        )
