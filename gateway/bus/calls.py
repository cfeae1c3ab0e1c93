"""Watches the open calls, which dispatch keeps in the key-value bucket ``floor_calls``.

Key ``<site>.<callid>``, value JSON. Read-only; the user ``console`` may do it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial

from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeoutError

from gateway.bus.users import FLOOR_CALLS
from gateway.bus.visit import CONNECT_WAIT_S, LostError, Visitor, heed_cancellation, visit_again

_LOOK_S = 1.0


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


def watch_calls(
    url: str, user: str, password: str, *, site: str
) -> AsyncGenerator[CallsNews, None]:
    """Yield the calls of ``site``: all of them, then each change, again after each reconnect.

    Never ends by itself and raises nothing of the connection's: trouble is news too.
    """
    who = Visitor(
        url, user, password, FLOOR_CALLS,
        f"NATS has no bucket {FLOOR_CALLS} yet: dispatch has not run here",
    )  # fmt: skip
    return visit_again(who, partial(_news, site), CallsAway)


async def _news(site: str, client: Client) -> AsyncGenerator[CallsNews, None]:
    bucket = await client.jetstream(timeout=CONNECT_WAIT_S).key_value(FLOOR_CALLS)
    watcher = await bucket.watch(f"{site}.>")
    there: dict[str, bytes] | None = {}
    while True:
        heed_cancellation()
        try:
            entry = await watcher.updates(timeout=_LOOK_S)  # type: ignore[no-untyped-call]
        except NatsTimeoutError:
            if not client.is_connected:
                raise LostError("NATS closed the connection") from None
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
