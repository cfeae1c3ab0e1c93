"""A reader's connection that is made anew whenever it is lost, and says why there is none.

For people's programs that only look: each visit begins from scratch, so nothing that was missed
meanwhile can go unnoticed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoServersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NotFoundError, ServiceUnavailableError

from gateway.bus.users import inbox_prefix

CONNECT_WAIT_S = 5.0
"""Seconds to wait for a connection and for each answer."""

PAUSE_FIRST_S = 0.5
"""Seconds before the first try to come back; doubled at each failure."""

PAUSE_LONGEST_S = 5.0
"""Seconds between two tries at most."""

_PING_S = 5

News = TypeVar("News")
Answer = TypeVar("Answer")


class LostError(Exception):
    """The visit ended; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks, and where.

    Attributes:
        url: ``nats://host:port``, without credentials.
        user: who connects.
        password: that user's.
        wants: what is looked at, for ``user ... may not read ...``.
        missing: what to say where that does not exist.
    """

    url: str
    user: str
    password: str
    wants: str
    missing: str


async def visit_again(
    who: Visitor,
    look: Callable[[Client], AsyncGenerator[News, None]],
    away: Callable[[str], News],
) -> AsyncGenerator[News, None]:
    """Yield what ``look`` yields, again after each reconnect; in between ``away`` with the reason.

    Never ends by itself and raises nothing of the connection's: trouble is news too, once for each
    reason.
    """
    pause_s = PAUSE_FIRST_S
    told = ""
    while True:
        try:
            async with aclosing(_visit(who, look)) as news:
                async for one in news:
                    pause_s, told = PAUSE_FIRST_S, ""
                    yield one
            reason = "the watch ended"
        except (LostError, NatsError, OSError, ValueError) as error:
            reason = _why(error, who)
        if reason != told:
            yield away(reason)
            told = reason
        heed_cancellation()
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_LONGEST_S)


async def once(who: Visitor, look: Callable[[Client], Awaitable[Answer]]) -> Answer:
    """Return what ``look`` finds on a connection of its own.

    Raises:
        LostError: the server does not answer or refuses; says why.
    """

    async def answer(client: Client) -> AsyncGenerator[Answer, None]:
        yield await look(client)

    try:
        async with aclosing(_visit(who, answer)) as answers:
            return await anext(answers)
    except (NatsError, OSError, ValueError) as error:
        raise LostError(_why(error, who)) from error


async def _visit(
    who: Visitor, look: Callable[[Client], AsyncGenerator[News, None]]
) -> AsyncGenerator[News, None]:
    said: list[Exception] = []

    async def note(error: Exception) -> None:
        # What goes wrong while connecting, and what this user may not do, is told here only.
        said[:] = [error]

    client = Client()
    try:
        await client.connect(
            who.url,
            user=who.user,
            password=who.password,
            name="slotgw console",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_WAIT_S,  # type: ignore[arg-type]  # any number will do
            ping_interval=_PING_S,
            error_cb=note,
            inbox_prefix=inbox_prefix(who.user),
        )
        async with aclosing(look(client)) as news:
            async for one in news:
                yield one
    except NoServersError as error:
        cause = said[0] if said else error
        raise cause if isinstance(cause, NatsError | OSError) else LostError(str(cause)) from None
    except (NatsTimeoutError, LostError):
        if said and "permissions violation" in str(said[0]).lower():
            text = f"user {who.user} may not read {who.wants}: {said[0]}"
            raise LostError(text[:200]) from None
        raise
    finally:
        if client.servers:  # without one the address was none, and there is nothing to close
            await client.close()


def heed_cancellation() -> None:
    """Be cancelled, if this task was and nats-py lost it: ``wait_for`` of Python 3.11 may."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


# What went wrong, and what to say of it; the first row that fits.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (NotFoundError,           "{missing}"),
    (ServiceUnavailableError, "NATS runs without JetStream, or is still starting"),
    (ConnectionRefusedError,  "nothing answers at {url}"),
    (TimeoutError,            "{url} does not answer in time"),
    (OSError,                 "{url} cannot be reached ({error})"),
)  # fmt: skip


def _why(error: Exception, who: Visitor) -> str:
    if isinstance(error, NatsError) and "authorization" in str(error).lower():
        return f"NATS refused user {who.user}: look at the password file"
    for kind, text in _REASONS:
        if isinstance(error, kind):
            return text.format(url=who.url, error=error, missing=who.missing)
    return str(error)[:200] or type(error).__name__
