"""Watches the open calls, which dispatch keeps in the key-value bucket ``floor_calls``.

Key ``<site>.<callid>``, value JSON. Read-only; the user ``console`` may do it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoServersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NotFoundError, ServiceUnavailableError
from nats.js.kv import KeyValue

from gateway.bus.users import FLOOR_CALLS, inbox_prefix

CONNECT_WAIT_S = 5.0
"""Seconds to wait for a connection and for each answer."""

PAUSE_FIRST_S = 0.5
"""Seconds before the first try to come back; doubled at each failure."""

PAUSE_LONGEST_S = 5.0
"""Seconds between two tries at most."""

_LOOK_S = 1.0
_PING_S = 5


@dataclass(frozen=True, slots=True)
class CallsAway:
    """The calls cannot be seen; ``reason`` says why and what to do. Told once for each reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class CallsThere:
    """All calls as they are now, key to value; replaces what was known."""

    values: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class CallChanged:
    """One call changed; a ``value`` of None says that it was deleted."""

    key: str
    value: bytes | None


CallsNews = CallsAway | CallsThere | CallChanged


class _LostError(Exception):
    """The watch ended; ``str()`` says why."""


async def watch_calls(
    url: str, user: str, password: str, *, site: str
) -> AsyncGenerator[CallsNews, None]:
    """Yield the calls of ``site``: all of them, then each change, again after each reconnect.

    Never ends by itself and raises nothing of the connection's: trouble is news too.
    """
    pause_s = PAUSE_FIRST_S
    told = ""
    while True:
        try:
            async with aclosing(_watch(url, user, password, site)) as news:
                async for one in news:
                    pause_s, told = PAUSE_FIRST_S, ""
                    yield one
            reason = "the watch ended"
        except (_LostError, NatsError, OSError, ValueError) as error:
            reason = _why(error, url, user)
        if reason != told:
            yield CallsAway(reason)
            told = reason
        _heed_cancellation()
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_LONGEST_S)


async def _watch(url: str, user: str, password: str, site: str) -> AsyncGenerator[CallsNews, None]:
    said: list[Exception] = []

    async def note(error: Exception) -> None:
        # What goes wrong while connecting, and what this user may not do, is told here only.
        said[:] = [error]

    client = Client()
    try:
        await client.connect(
            url,
            user=user,
            password=password,
            name="slotgw console",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_WAIT_S,  # type: ignore[arg-type]  # any number will do
            ping_interval=_PING_S,
            error_cb=note,
            inbox_prefix=inbox_prefix(user),
        )
        bucket = await client.jetstream(timeout=CONNECT_WAIT_S).key_value(FLOOR_CALLS)
        watcher = await bucket.watch(f"{site}.>")
        async for one in _news(client, watcher):
            yield one
    except NoServersError as error:
        cause = said[0] if said else error
        raise cause if isinstance(cause, NatsError | OSError) else _LostError(str(cause)) from None
    except NatsTimeoutError:
        if said and "permissions violation" in str(said[0]).lower():
            raise _LostError(f"user {user} may not read {FLOOR_CALLS}: {said[0]}"[:200]) from None
        raise
    finally:
        if client.servers:  # without one the address was none, and there is nothing to close
            await client.close()


async def _news(
    client: Client, watcher: KeyValue.KeyWatcher
) -> AsyncGenerator[CallsThere | CallChanged, None]:
    there: dict[str, bytes] | None = {}
    while True:
        _heed_cancellation()
        try:
            entry = await watcher.updates(timeout=_LOOK_S)  # type: ignore[no-untyped-call]
        except NatsTimeoutError:
            if not client.is_connected:
                raise _LostError("NATS closed the connection") from None
            continue
        if entry is None:  # everything that was there has been told
            yield CallsThere(there or {})
            there = None
            continue
        deleted = entry.operation in {"DEL", "PURGE"}
        value = None if deleted else entry.value or b""
        if there is None:
            yield CallChanged(entry.key, value)
        elif value is None:
            there.pop(entry.key, None)
        else:
            there[entry.key] = value


def _heed_cancellation() -> None:
    """Be cancelled, if this task was and nats-py lost it: ``wait_for`` of Python 3.11 may."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


# What went wrong, and what to say of it; the first row that fits.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (NotFoundError,           f"NATS has no bucket {FLOOR_CALLS} yet: dispatch has not run here"),
    (ServiceUnavailableError, "NATS runs without JetStream, or is still starting"),
    (ConnectionRefusedError,  "nothing answers at {url}"),
    (TimeoutError,            "{url} does not answer in time"),
    (OSError,                 "{url} cannot be reached ({error})"),
)  # fmt: skip


def _why(error: Exception, url: str, user: str) -> str:
    if isinstance(error, NatsError) and "authorization" in str(error).lower():
        return f"NATS refused user {user}: look at the password file"
    for kind, text in _REASONS:
        if isinstance(error, kind):
            return text.format(url=url, error=error)
    return str(error)[:200] or type(error).__name__
