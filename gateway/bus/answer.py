"""What a bus can answer to a publish: taken, or why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.events.value import value


@value
class Ack:
    """JetStream says that a stream has the message.

    Attributes:
        stream: name of the stream.
        seq: the stream's own number of the message; a sound ack has one above 0.
        duplicate: the stream had seen the message id inside its dedup window.
    """

    stream: str
    seq: int
    duplicate: bool = False


class Cause(StrEnum):
    """Why a message was not taken; what to do about it depends on nothing else."""

    LOST = "lost"  # the connection went, or is not there: nobody knows; send again
    NO_STREAM = "no stream"  # nobody listens on the subject: no such stream, or JetStream is off
    FULL = "full"  # the stream is at its limit and refuses new messages
    STREAM = "stream"  # the stream exists but cannot or will not take it now
    DENIED = "denied"  # this user may not publish on this subject
    TOO_LARGE = "too large"  # larger than the server or the stream takes


@dataclass(frozen=True, slots=True)
class Trouble:
    """The message was not taken, as far as anybody can know.

    Attributes:
        cause: what kind of trouble.
        reason: one line in words.
    """

    cause: Cause
    reason: str


Answer = Ack | Trouble
Answered = Callable[[Answer], None]
Headers = Mapping[str, str]


class BusError(Exception):
    """A message was not taken.

    Attributes:
        trouble: why.
    """

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.reason)
        self.trouble = trouble


class BusLink(Protocol):
    """A way to publish that says what became of each message: NATS, or the model of it.

    A link never blocks while the server is away: it answers ``LOST`` and says so in ``words``.
    Nothing is kept in the link; who wants a message to arrive sends it again.
    """

    @property
    def connected(self) -> bool:
        """Whether a message sent now has somewhere to go."""
        ...

    @property
    def words(self) -> str:
        """One line for a person: connected, or why not."""
        ...

    @property
    def url(self) -> str:
        """Where the server is, without credentials."""
        ...

    @property
    def since(self) -> datetime | None:
        """When ``connected`` last changed."""
        ...

    def on_change(self, told: Callable[[], None]) -> None:
        """Have ``told`` called whenever ``connected`` changes."""
        ...

    def send(
        self, subject: str, body: bytes, headers: Headers, answered: Answered
    ) -> Awaitable[int]:
        """Send a message; returns a ticket.

        ``answered`` is called at most once, later, never from within this call. Without an
        answer in time the caller gives up with ``forget``: the link has no time-out of its own.
        """
        ...

    def forget(self, ticket: int) -> None:
        """Drop the interest in an answer; a late one is not told."""
        ...


async def publish_one(
    link: BusLink, subject: str, body: bytes, headers: Headers, timeout_s: float = 5.0
) -> Ack:
    """Send one message and wait for its acknowledgement.

    Raises:
        BusError: it was not taken, or nobody answered within ``timeout_s``.
    """
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def answered(answer: Answer) -> None:
        if not future.done():
            future.set_result(answer)

    ticket = await link.send(subject, body, headers, answered)
    try:
        async with asyncio.timeout(timeout_s):
            answer = await future
    except TimeoutError:
        raise BusError(Trouble(Cause.LOST, f"no answer within {timeout_s:g} s")) from None
    finally:
        link.forget(ticket)
    if isinstance(answer, Trouble):
        raise BusError(answer)
    return answer
