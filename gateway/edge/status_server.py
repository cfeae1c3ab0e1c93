"""The ``status`` socket: one way, JSON lines, a snapshot and then deltas.

A client that reads too slowly is let go; it connects again and gets a snapshot. Nothing that a
client does can slow a poll: each change is made into JSON once for all of them, an EGM's is kept
for the next snapshot, and a snapshot is put together in steps between which polls go on.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from pydantic import TypeAdapter

from gateway.edge.board import Board
from gateway.edge.unix_server import unix_server
from gateway.status.model import EgmDelta, EgmStatus, StatusMessage

log = logging.getLogger(__name__)

TICK_S = 0.2  # how often changes are told
STEP = 25  # EGMs that are made into JSON at once for a snapshot
CLIENTS_MAX = 32
BEHIND_MAX = 200  # batches a client may be behind before it is let go

_MESSAGE: TypeAdapter[StatusMessage] = TypeAdapter(StatusMessage)
_EGM: TypeAdapter[EgmStatus] = TypeAdapter(EgmStatus)
_NO_EGMS = b'"egms":[]'


class StatusServer:
    """Serves the board on a unix socket."""

    def __init__(self, path: Path, board: Board) -> None:
        self._path = path
        self._board = board
        self._clients: set[asyncio.Queue[bytes | None]] = set()
        self._egms: dict[str, bytes] = {}  # as JSON, as told last

    async def run(self) -> None:
        """Serve until cancelled."""
        async with unix_server(self._path, self._serve):
            await self._tell()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if not self._clients:
                self._board.look()
                if self._egms:
                    self._egms.clear()
                    self._board.forget()
                continue
            batch = b"".join(self._line(change) for change in self._board.changes())
            if not batch:
                continue
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
        self._clients.add(queue)  # what changes while the snapshot is made comes after it
        try:
            writer.write(await self._snapshot())
            await writer.drain()
            while (batch := await queue.get()) is not None:
                writer.write(batch)
                await writer.drain()
        finally:
            self._clients.discard(queue)

    def _line(self, change: StatusMessage) -> bytes:
        if not isinstance(change, EgmDelta):
            return _MESSAGE.dump_json(change) + b"\n"
        text = self._egms[change.egm.asset] = _EGM.dump_json(change.egm)
        return b'{"kind":"egm","egm":%b}\n' % text

    async def _snapshot(self) -> bytes:
        """Return everything at once, as one line; polls go on while it is made."""
        fresh = 0
        for asset in self._board.assets:
            if asset not in self._egms:
                self._egms[asset] = _EGM.dump_json(self._board.told(asset))
                fresh += 1
                if fresh % STEP == 0:
                    await asyncio.sleep(0)
        head, _, rest = _MESSAGE.dump_json(self._board.snapshot()).partition(_NO_EGMS)
        egms = b",".join(self._egms[asset] for asset in self._board.assets)
        return b'%b"egms":[%b]%b\n' % (head, egms, rest)
