"""Answers questions on ``ask.v1.<site>.<question>`` as a NATS service, and feeds its memory.

The service protocol's own questions (``$SRV.PING``, ``INFO``, ``STATS``) are answered too, so
``nats micro ls`` shows it. Several may run at once: each question goes to one of them.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.micro import add_service
from nats.micro.request import Handler, Request

from gateway.bus.firmly import firmly
from gateway.bus.link import NatsLink
from gateway.bus.pull import PullError
from gateway.bus.reading import From, read_on
from gateway.bus.state import HORIZON_KEY
from gateway.bus.users import ASK, SLOT_STATE
from gateway.events.envelope import Envelope, decode
from gateway.events.errors import SchemaError

log = logging.getLogger(__name__)

SERVICE_NAME: Final = "slot-floor"
QUESTION_BYTES_MOST: Final = 1024
PAUSE_S: Final = 1.0
LOOK_S: Final = 0.5

Answer = Callable[[str], Mapping[str, Any]]
"""Answers a question in words; raises ``ValueError`` with what to ask instead."""


class Asked:
    """The service: keeps its memory fed, and answers from it.

    Args:
        link: the connection; run by :meth:`run`.
        site: token of the site.
        version: of the program, ``1.2.3``.
        answers: by question; each is asked with the words of the request.
        take_state: gets each value of the bucket: asset number and value.
        take_event: gets the last ``meter.read`` of each EGM, and each one after.
    """

    def __init__(
        self,
        link: NatsLink,
        site: str,
        version: str,
        answers: Mapping[str, Answer],
        take_state: Callable[[str, Mapping[str, Any]], None],
        take_event: Callable[[Envelope], None],
    ) -> None:
        self.ready = False
        self.answered = 0
        self._link = link
        self._site = site
        self._version = version
        self._answers = answers
        self._take_state, self._take_event = take_state, take_event
        self._left: dict[str, int] = {}
        self._told: dict[str, str] = {}

    async def run(self) -> None:
        """Answer for ever: a job, ended by cancelling it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._link.run())
            state = (f"KV_{SLOT_STATE}", f"$KV.{SLOT_STATE}.{self._site}.>", self._state)
            meters = ("SLOT_METERS", f"slot.v1.{self._site}.*.meter.read.*", self._event)
            for source in (state, meters):
                group.create_task(firmly(self._feed(*source)))
            group.create_task(firmly(self._serve()))

    async def _feed(self, stream: str, subject: str, take: Callable[[Msg], None]) -> None:
        async def one(message: Msg) -> None:
            take(message)
            self._left[stream] = message.metadata.num_pending

        while True:
            client = await self._link.ready()
            try:
                await read_on(
                    client, stream, subject, From(last_of_each=True), one,
                    lambda there: self._left.__setitem__(stream, there),
                )  # fmt: skip
            except (PullError, nats.errors.Error, OSError) as error:
                self._trouble(stream, str(error) or type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    def _state(self, message: Msg) -> None:
        asset = message.subject.rpartition(".")[2]
        if asset == HORIZON_KEY or not message.data:
            return
        try:
            self._take_state(asset, json.loads(message.data))
        except (ValueError, KeyError, TypeError) as error:
            self._trouble("state", f"{message.subject}: {error!r}")

    def _event(self, message: Msg) -> None:
        try:
            self._take_event(decode(message.data))
        except SchemaError as error:
            self._trouble("meters", f"{message.subject}: {error}")

    async def _serve(self) -> None:
        """Be a service on whatever client the link has."""
        while True:
            client = await self._link.ready()
            service = await add_service(
                client, name=SERVICE_NAME, version=self._version,
                description="What the floor is like now: observed, not official.",
            )  # fmt: skip
            for question, answer in self._answers.items():
                await service.add_endpoint(
                    name=question,
                    subject=f"{ASK}.{self._site}.{question}",
                    handler=self._handler(question, answer),
                )
            await self._lost(client)

    async def _lost(self, client: Client) -> None:
        """Return when the link has another client; over a reconnect the subscriptions stay."""
        while not client.is_closed:
            await asyncio.sleep(LOOK_S)
            self.ready = len(self._left) > 1 and not any(self._left.values())

    def _handler(self, question: str, answer: Answer) -> Handler:
        async def handle(request: Request) -> None:
            words = request.data[:QUESTION_BYTES_MOST].decode("utf-8", "replace").strip()
            try:
                told = answer(words)
            except ValueError as error:
                await request.respond_error("404", str(error), json.dumps(
                    {"error": str(error), "asked": words[:80]}, ensure_ascii=False
                ).encode())  # fmt: skip
                return
            self.answered += 1
            await request.respond(
                json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
            )

        handle.__name__ = f"answer_{question}"
        return handle

    def _trouble(self, what: str, why: str) -> None:
        if self._told.get(what) != why:
            log.warning("%s cannot be read: %s; trying again", what, why)
        self._told[what] = why
