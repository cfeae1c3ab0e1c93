"""A unix socket on this computer: made, given its rights, served, and taken away at the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ASK_BYTES_MAX = 4096
"""Longest request of a client where a server names no other."""
OURS = 0o660
"""Whoever may use this gateway's files."""
OWNER = 0o600
"""Nobody but the user that the daemon runs as."""


@asynccontextmanager
async def unix_server(
    path: Path, serve: Serve, *, mode: int = OURS, ask_bytes_max: int = ASK_BYTES_MAX
) -> AsyncIterator[asyncio.Server]:
    """Listen on a socket that a dead process may have left behind.

    Args:
        path: the socket; its folder is made.
        serve: serves one client; whatever it does, the connection is closed afterwards. That the
            client has gone, or the daemon ends, is nobody's fault and ends it quietly.
        mode: who may connect.
        ask_bytes_max: longest line that is read from a client.

    Raises:
        OSError: the socket cannot be made.
    """

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # noqa: ASYNC240  before the first poll
    server = await asyncio.start_unix_server(served, os.fspath(path), limit=ask_bytes_max)
    path.chmod(mode)  # noqa: ASYNC240  before the first poll
    try:
        async with server:
            yield server
    finally:
        path.unlink(missing_ok=True)  # noqa: ASYNC240  at the end
