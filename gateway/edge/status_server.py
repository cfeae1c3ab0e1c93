"""The ``status`` socket: one way, JSON lines, a snapshot and then deltas.

A client that reads too slowly is let go; it connects again and gets a snapshot. Nothing that a
client does can slow a poll.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from pydantic import TypeAdapter

from gateway.edge.board import Board
from gateway.edge.unix_server import unix_server
from gateway.status.model import StatusMessage

log = logging.getLogger(__name__)

TICK_S = 0.2  # how often changes are told
EVERYTHING_TICKS = 5  # every so many ticks the figures of all EGMs are compared as well
CLIENTS_MAX = 32
BEHIND_MAX = 200  # batches a client may be behind before it is let go

_MESSAGE: TypeAdapter[StatusMessage] = TypeAdapter(StatusMessage)


class StatusServer:
    """Serves the board on a unix socket."""

    def __init__(self, path: Path, board: Board) -> None:
        self._path = path
        self._board = board
        self._clients: set[asyncio.Queue[bytes | None]] = set()

    async def run(self) -> None:
        """Serve until cancelled."""
        async with unix_server(self._path, self._serve):
            await self._tell()

    async def _tell(self) -> None:
        tick = 0
        while True:
            await asyncio.sleep(TICK_S)
            tick += 1
            changes = self._board.changes(everything=tick % EVERYTHING_TICKS == 0)
            if not changes or not self._clients:
                continue
            batch = b"".join(_MESSAGE.dump_json(change) + b"\n" for change in changes)
            for queue in list(self._clients):
                if queue.full():
                    self._clients.discard(queue)
                    while not queue.empty():
                        queue.get_nowait()
                    queue.put_nowait(None)  # tells its writer to close
                else:
                    queue.put_nowait(batch)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader  # one way: what a client says is not read
        if len(self._clients) >= CLIENTS_MAX:
            return
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(BEHIND_MAX)
        queue.put_nowait(_MESSAGE.dump_json(self._board.snapshot()) + b"\n")
        self._clients.add(queue)
        try:
            while (batch := await queue.get()) is not None:
                writer.write(batch)
                await writer.drain()
        finally:
            self._clients.discard(queue)
