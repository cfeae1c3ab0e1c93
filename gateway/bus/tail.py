"""Events as they come, for people and scripts: from now or a moment on, over every reconnect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import nats.errors
from nats.aio.msg import Msg

from gateway.bus.firmly import firmly
from gateway.bus.link import NatsLink
from gateway.bus.pull import PullError
from gateway.bus.reading import From, read_on
from gateway.events.derived import DerivedEnvelope, decode_derived
from gateway.events.envelope import Envelope, decode
from gateway.events.errors import SchemaError

PAUSE_S: Final = 1.0
"""Seconds before a stream that could not be read is tried again."""
QUEUE_MOST: Final = 1024

DERIVED: Final = "FLOOR"
"""The stream of what consumers derive; the others keep the gateways' events."""

Told = Envelope | DerivedEnvelope
"""An event of a gateway, or what a consumer made of one."""

SEVERITIES: Final = ("info", "notice", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are told; an empty field holds for all.

    Attributes:
        families: families of events, or services that derive.
        asset: asset number.
        bank: bank of the EGM.
        location: where the EGM stands.
        severity: at least so urgent.
    """

    families: tuple[str, ...] = ()
    asset: str = ""
    bank: str = ""
    location: str = ""
    severity: str = "info"

    def fits(self, event: Told) -> bool:
        """Return whether to tell ``event``."""
        pairs = ((self.asset, event.asset), (self.bank, event.bank),
                 (self.location, event.location))  # fmt: skip
        return (
            (not self.families or event.family in self.families)
            and all(not want or want == have for want, have in pairs)
            and _rank(event.severity) >= _rank(self.severity)
        )


async def tail(
    link: NatsLink,
    subjects: Mapping[str, tuple[str, ...]],
    wanted: Wanted,
    since: str | None,
    tell: Callable[[str], None],
) -> AsyncGenerator[Told, None]:
    """Yield events for ever, of each stream in its order.

    Args:
        link: the connection; run by the caller.
        subjects: what is read, by stream.
        wanted: which of it.
        since: from this moment on, RFC 3339; None from now on.
        tell: told in words what cannot be read, once for each reason.
    """
    queue: asyncio.Queue[Told] = asyncio.Queue(QUEUE_MOST)
    tasks = [
        asyncio.ensure_future(firmly(_follow(link, stream, subject, since, queue, tell)))
        for stream, filters in subjects.items()
        for subject in filters
    ]
    try:
        while True:
            event = await queue.get()
            if wanted.fits(event):
                yield event
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(
    link: NatsLink,
    stream: str,
    subject: str,
    since: str | None,
    queue: asyncio.Queue[Told],
    tell: Callable[[str], None],
) -> None:
    begin, told = From(time=since), ""
    read = decode_derived if stream == DERIVED else decode

    async def take(message: Msg) -> None:
        nonlocal begin
        begin = From(sequence=message.metadata.sequence.stream + 1)
        try:
            await queue.put(read(message.data))
        except SchemaError as error:
            tell(f"{stream}: a message that is none of ours: {error}")

    while True:
        client = await link.ready()
        try:
            await read_on(client, stream, subject, begin, take)
        except (PullError, nats.errors.Error, OSError) as error:
            words = f"{stream}: {str(error) or type(error).__name__}; trying again"
            if words != told:
                tell(words)
            told = words
        await asyncio.sleep(PAUSE_S)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
