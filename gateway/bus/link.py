"""The connection to NATS: comes up when the server does, stays up, and says what it is doing.

A window of publishes shares one reply inbox and one subscription ("lean window"): measured at
less than half the cost of ``js.publish_async`` a message, and every answer goes to whoever asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from gateway.bus.answer import Ack, Answer, Answered, Cause, Headers, Trouble
from gateway.bus.firmly import firmly

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5
PING_INTERVAL_S = 5
PINGS_OUTSTANDING = 2
"""A server that keeps the connection but no longer answers is given up after about
``PING_INTERVAL_S * (PINGS_OUTSTANDING + 1)`` seconds."""
REBUILD_AFTER_S = 60.0
"""A client that has not come back by itself for so long is thrown away and a new one made."""
CLOSE_TIMEOUT_S = 2.0
CHECK_S = 1.0
"""Seconds between two looks whether nats-py has given up."""
PENDING_BYTES = 32 * 1024 * 1024
"""Bytes nats-py may hold that are not yet on the socket; above the publisher's whole window of
256 messages of 64 KiB, so that a publish never waits inside nats-py."""

# nats-server's error codes, server/errors.json
_CAUSES = {
    10023: Cause.FULL,       # insufficient resources
    10047: Cause.FULL,       # insufficient storage resources available
    10077: Cause.FULL,       # store failed: a limit of the stream
    10054: Cause.TOO_LARGE,  # message size exceeds maximum allowed
}  # fmt: skip
_WIRE_GONE = (nats.errors.UnexpectedEOF, nats.errors.StaleConnectionError, ConnectionError)
_DENIED = re.compile(r'permissions violation for publish to "([^"]+)"')


class NatsLink:
    """One connection to NATS, kept for as long as :meth:`run` runs.

    Args:
        url: ``nats://host:port``, without credentials.
        user: who connects; empty for a server without users.
        password: that user's password, or what reads it at each attempt (an OSError is waited
            out like a server that is away); never logged.
        inbox_prefix: first tokens of this user's reply subjects, ``_INBOX_edge``.
        name: shown in the server's monitoring.
        retry_s: seconds between two attempts to connect.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = "",
        password: str | Callable[[], str] = "",
        inbox_prefix: str = "_INBOX",
        name: str = "",
        retry_s: float = 1.0,
    ) -> None:
        self.connections = 0
        self._url = url
        self._since: datetime | None = None
        self._user = user
        self._password = password
        self._inbox_prefix = inbox_prefix
        self._name = name
        self._retry_s = retry_s
        self._client: Client | None = None
        self._inbox: Subscription | None = None
        self._reply = ""
        self._connected = False
        self._why = "not connected yet"
        self._told_why = ""
        self._watchers: list[Callable[[], None]] = []
        self._changed = asyncio.Event()
        self._next = 0
        self._asked: dict[int, tuple[str, Answered]] = {}

    @property
    def connected(self) -> bool:
        """Whether a message sent now has somewhere to go."""
        return self._connected

    @property
    def words(self) -> str:
        """One line for a person: connected, or why not."""
        return "connected" if self._connected else self._why

    @property
    def url(self) -> str:
        """Where the server is, without credentials."""
        return self._url

    @property
    def since(self) -> datetime | None:
        """When ``connected`` last changed."""
        return self._since

    @property
    def user(self) -> str:
        """Who connects."""
        return self._user

    def on_change(self, told: Callable[[], None]) -> None:
        """Have ``told`` called whenever ``connected`` changes."""
        self._watchers.append(told)

    async def run(self) -> None:
        """Be connected for ever: a job, ended by cancelling it."""
        await firmly(self._keep_connected())

    async def _keep_connected(self) -> None:
        while True:
            try:
                password = self._password() if callable(self._password) else self._password
            except OSError as error:
                self._cannot(str(error))
                await asyncio.sleep(self._retry_s)
                continue
            client = Client()
            try:
                await self._connect(client, password)
                await self._stay(client)
                self._gone("closed")
            except (nats.errors.Error, OSError) as error:
                self._gone(str(error) or type(error).__name__)
            finally:
                self._lose("stopped")
                self._client = None
                await self._close(client)
            await asyncio.sleep(self._retry_s)

    async def ready(self) -> Client:
        """Return the connected client, waiting for it as long as it takes."""
        while not self._connected or self._client is None:
            self._changed.clear()
            await self._changed.wait()
        return self._client

    async def send(self, subject: str, body: bytes, headers: Headers, answered: Answered) -> int:
        """Send a message; returns a ticket. See :class:`gateway.bus.answer.BusLink`."""
        self._next = ticket = self._next + 1
        self._asked[ticket] = (subject, answered)
        if self._client is None or not self._connected:
            self._later(ticket, Trouble(Cause.LOST, "not connected"))
            return ticket
        try:
            await self._client.publish(
                subject, body, reply=f"{self._reply}{ticket}", headers=dict(headers)
            )
        except nats.errors.MaxPayloadError:
            most = self._client.max_payload
            reason = f"larger than the server takes: {len(body)} bytes, it takes {most}"
            self._later(ticket, Trouble(Cause.TOO_LARGE, reason))
        except (nats.errors.Error, OSError) as error:
            self._later(ticket, Trouble(Cause.LOST, str(error)))
            self._gone(str(error))
        return ticket

    def forget(self, ticket: int) -> None:
        """Drop the interest in an answer; a late one is not told."""
        self._asked.pop(ticket, None)

    async def _connect(self, client: Client, password: str) -> None:
        credentials = {"user": self._user, "password": password} if self._user else {}
        await client.connect(
            self._url,
            name=self._name or None,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
            closed_cb=self._on_close,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=self._retry_s,  # type: ignore[arg-type]  # any number will do
            connect_timeout=CONNECT_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            max_outstanding_pings=PINGS_OUTSTANDING,
            pending_size=PENDING_BYTES,
            inbox_prefix=self._inbox_prefix,
            **credentials,  # type: ignore[arg-type]
        )
        self._client = client
        self._reply = client.new_inbox() + "."
        self._inbox = await client.subscribe(f"{self._reply}*", cb=self._on_answer)
        self._here()

    async def _stay(self, client: Client) -> None:
        """Return when the client is beyond repair."""
        loop = asyncio.get_running_loop()
        gone_at = math.inf
        while not client.is_closed and loop.time() < gone_at + REBUILD_AFTER_S:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):  # nats-py may close without a callback
                async with asyncio.timeout(CHECK_S):
                    await self._changed.wait()
            gone_at = math.inf if self._connected else min(gone_at, loop.time())

    async def _close(self, client: Client) -> None:
        # On a dead socket nats-py may raise half way; the subscription's task is ended first.
        inbox, self._inbox = self._inbox, None
        with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                if inbox is not None and not client.is_closed:
                    await inbox.unsubscribe()
        with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await client.close()

    async def _on_error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        denied = _DENIED.search(text)
        if denied is not None:
            self._denied(denied.group(1))
        elif self._connected and isinstance(error, _WIRE_GONE):  # said before "disconnected"
            self._gone("connection lost")
        elif self._connected:
            log.warning("NATS at %s: %s", self._url, text)
        else:
            self._cannot(text)

    async def _on_disconnect(self) -> None:
        self._gone("connection lost")

    async def _on_reconnect(self) -> None:
        self._here()

    async def _on_close(self) -> None:
        self._gone("closed by the server")

    def _here(self) -> None:
        self._connected = True
        self._since = datetime.now(UTC)
        self.connections += 1
        level = logging.WARNING if self._told_why or self.connections > 1 else logging.INFO
        log.log(level, "connected to NATS at %s as %s", self._url, self._user or "nobody")
        self._why = self._told_why = ""
        self._tell()

    def _gone(self, why: str) -> None:
        if self._connected:
            log.warning("NATS at %s is gone (%s); events wait in the outbox", self._url, why)
            self._lose(why)

    def _lose(self, why: str) -> None:
        if not self._connected:
            return
        self._connected = False
        self._since = datetime.now(UTC)
        self._why = f"not connected: {why}"
        asked, self._asked = self._asked, {}
        for _, answered in asked.values():
            answered(Trouble(Cause.LOST, why))
        self._tell()

    def _cannot(self, why: str) -> None:
        """Another attempt to connect failed; said once for each new reason."""
        self._why = f"not connected: {_plain(why)}"
        if self._why != self._told_why:
            self._told_why = self._why
            log.warning("NATS at %s: %s; trying again for ever", self._url, self._why)

    def _tell(self) -> None:
        self._changed.set()
        for told in self._watchers:
            told()

    async def _on_answer(self, message: Msg) -> None:
        ticket = int(message.subject.rpartition(".")[2])
        asked = self._asked.pop(ticket, None)
        if asked is not None:
            asked[1](answer_of(message, asked[0]))

    def _denied(self, subject: str) -> None:
        # The server names the subject, nats-py lowers its case; there is no other link to the
        # publish that it means.
        for ticket, (asked, answered) in list(self._asked.items()):
            if asked.lower() == subject:
                del self._asked[ticket]
                answered(Trouble(Cause.DENIED, f"no permission to publish on {asked}"))

    def _later(self, ticket: int, answer: Answer) -> None:
        asyncio.get_running_loop().call_soon(self._tell_answer, ticket, answer)

    def _tell_answer(self, ticket: int, answer: Answer) -> None:
        asked = self._asked.pop(ticket, None)
        if asked is not None:
            asked[1](answer)


def answer_of(message: Msg, subject: str) -> Answer:
    """Return what JetStream answered to a publish on ``subject``."""
    if not message.data:
        status = (message.headers or {}).get("Status", "")
        if status == "503":
            return Trouble(Cause.NO_STREAM, f"no stream takes {subject}")
        return Trouble(Cause.STREAM, f"an empty answer with status {status or 'none'}")
    try:
        body = json.loads(message.data)
        error = body.get("error")
        if error is None:
            return Ack(body["stream"], body["seq"], body.get("duplicate", False))
        code, reason = int(error.get("err_code", 0)), str(error.get("description", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Trouble(Cause.STREAM, f"an answer that is no acknowledgement: {message.data[:80]!r}")
    return Trouble(_CAUSES.get(code, Cause.STREAM), f"{reason} ({code})")


def _plain(text: str) -> str:
    """Return a connection error without Python's decoration."""
    if "Connect call failed" in text or "Connection refused" in text:
        return "nothing listens there"
    if "uthorization" in text:
        return "the server refuses this user and password"
    if text == "TimeoutError" or "timeout" in text:
        return "it does not answer"
    return text.removeprefix("nats: ")
