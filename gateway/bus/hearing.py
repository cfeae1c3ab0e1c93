"""Hears what others send as NATS requests, one after the other, and answers each.

A sender whose message is not answered sends it again: whoever answers tells a message that comes
twice by what is in it. Several may hear the same subjects: each message goes to one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from gateway.bus.firmly import firmly
from gateway.bus.link import NatsLink

log = logging.getLogger(__name__)

WAITING_MOST: Final = 256
"""Messages that may wait for their answer; what comes beyond is dropped, and sent again."""
PAUSE_S: Final = 1.0
LOOK_S: Final = 0.2
"""Seconds between two looks whether the link has another client."""

Answer = Callable[[str, bytes], Awaitable[bytes]]
"""Takes the subject and the message; returns what the sender is answered. It must not raise."""


class Hearing:
    """Hears messages on some subjects.

    Args:
        link: the connection; run by somebody else.
        subjects: what is heard; the server must allow it.
        queue: who shares the messages: each goes to one of those of this name.
        answer: makes the answers.

    Attributes:
        ready: whether the subscriptions stand.
        heard: messages that were answered.
    """

    def __init__(self, link: NatsLink, subjects: Iterable[str], queue: str, answer: Answer) -> None:
        self.ready = False
        self.heard = 0
        self._link = link
        self._subjects = tuple(subjects)
        self._queue = queue
        self._answer = answer
        self._told = ""

    async def run(self) -> None:
        """Hear for ever: a job, ended by cancelling it."""
        await firmly(self._run())

    async def _run(self) -> None:
        while True:
            client = await self._link.ready()
            taken: list[Subscription] = []
            try:
                for subject in self._subjects:
                    taken += [await self._subscribe(client, subject)]
                await client.flush()
                self._told = ""
                await self._lost(client)
            except (nats.errors.Error, OSError) as error:
                words = str(error) or type(error).__name__
                if words != self._told:
                    log.warning("%s cannot be heard: %s; trying again", self._queue, words)
                self._told = words
            finally:
                self.ready = False
                with contextlib.suppress(nats.errors.Error, OSError):
                    for subscription in taken:
                        await subscription.unsubscribe()
            await asyncio.sleep(PAUSE_S)

    async def _subscribe(self, client: Client, subject: str) -> Subscription:
        return await client.subscribe(
            subject, self._queue, cb=self._take, pending_msgs_limit=WAITING_MOST
        )

    async def _lost(self, client: Client) -> None:
        """Return when the link has another client; over a reconnect the subscriptions stay."""
        while not client.is_closed:
            self.ready = client.is_connected
            await asyncio.sleep(LOOK_S)

    async def _take(self, message: Msg) -> None:
        answer = await self._answer(message.subject, message.data)
        self.heard += 1
        if not message.reply:
            return
        try:
            await message.respond(answer)
        except (nats.errors.Error, OSError) as error:  # the sender asks again
            log.info("%s: an answer did not get out: %s", self._queue, error)
