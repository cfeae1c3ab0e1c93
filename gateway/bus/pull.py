"""Takes messages from a durable of a stream as they come, with a bounded wait for everything."""

from __future__ import annotations

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Self

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

BATCH = 64
"""Messages asked for at once, and handled in one transaction at most."""
EXPIRES_S = 30
"""Seconds the server keeps a request open when there is nothing to deliver."""
HEARTBEAT_S = 5
"""Seconds between two signs of life of the server meanwhile."""
SILENCE_S = 12.0
"""Seconds without any sign of life after which the request is given up."""


class PullError(Exception):
    """The durable cannot be read now; says why. Bind it again."""


class Pull:
    """Reads one durable over one connection; an async context manager.

    Args:
        client: a connected client.
        stream: the stream's name.
        durable: the durable's name.
    """

    def __init__(self, client: Client, stream: str, durable: str) -> None:
        self._client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._inbox = client.new_inbox()
        self._queue: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._due = 0
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> Self:
        """Subscribe to the inbox."""
        self._subscription = await self._client.subscribe(self._inbox, cb=self._queue.put)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the inbox up."""
        if self._subscription is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._subscription.unsubscribe()

    def give_up(self) -> None:
        """Let whoever waits know that the connection is gone."""
        self._queue.put_nowait(None)

    async def batch(self) -> list[Msg]:
        """Return the messages that are there, at least one; waits for as long as it takes.

        Raises:
            PullError: the durable cannot be read.
        """
        messages: list[Msg] = []
        while not messages:
            if self._due <= 0:
                await self._ask()
            try:
                async with asyncio.timeout(SILENCE_S):
                    first = await self._queue.get()
            except TimeoutError:
                raise PullError(f"no sign of life for {SILENCE_S:g} s") from None
            self._take(first, messages)
            while len(messages) < BATCH and not self._queue.empty():
                self._take(self._queue.get_nowait(), messages)
        return messages

    async def _ask(self) -> None:
        request = {
            "batch": BATCH,
            "expires": EXPIRES_S * 1_000_000_000,
            "idle_heartbeat": HEARTBEAT_S * 1_000_000_000,
        }
        await self._client.publish(self._next, json.dumps(request).encode(), self._inbox)
        self._due = BATCH

    def _take(self, message: Msg | None, messages: list[Msg]) -> None:
        if message is None:
            raise PullError("connection lost")
        headers = message.headers or {}
        status = "" if message.data else headers.get("Status", "")
        match status:
            case "":
                self._due -= 1
                messages.append(message)
            case "100":
                pass
            case "404" | "408":
                self._due = 0
            case "503":
                raise PullError("there is no such durable, or JetStream is off")
            case _:
                raise PullError(headers.get("Description", f"status {status}"))
