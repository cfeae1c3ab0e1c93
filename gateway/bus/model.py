"""A model of JetStream for simulations in virtual time: same answers, no server, no socket.

It passes the same conformance tests as the real server: acknowledgement, dedup window (not
refreshed by a repeat, kept over a purge, gone with the stream), discard new, expected stream,
no responders, permission, size. What a network does is made by :class:`Faults`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.bus.answer import Ack, Answer, Answered, Cause, Headers, Trouble
from gateway.bus.message import EXPECTED_STREAM, MSG_ID

MAX_PAYLOAD = 1_048_576
"""Bytes a server takes by default."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as a stream keeps it."""

    seq: int
    subject: str
    headers: Headers
    body: bytes


@dataclass(slots=True)
class ModelStream:
    """One stream with limits retention and discard new.

    Attributes:
        name: the stream's name.
        subjects: patterns of what it takes.
        window_s: seconds in which a message id is remembered.
        max_msgs: messages it holds; more are refused.
    """

    name: str
    subjects: tuple[str, ...]
    window_s: float = 120.0
    max_msgs: float = math.inf
    messages: list[Stored] = field(default_factory=list)
    last_seq: int = 0
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def take(self, subject: str, body: bytes, headers: Headers, now: float) -> Answer:
        """Store a message, or say why not."""
        expected = headers.get(EXPECTED_STREAM, self.name)
        if expected != self.name:
            return Trouble(Cause.STREAM, "expected stream does not match (10060)")
        msg_id = headers.get(MSG_ID)
        self._forget(now)
        if msg_id in self.seen:
            return Ack(self.name, self.seen[msg_id][0], duplicate=True)
        if len(self.messages) >= self.max_msgs:
            return Trouble(Cause.FULL, "maximum messages exceeded")
        self.last_seq += 1
        self.messages.append(Stored(self.last_seq, subject, dict(headers), body))
        if msg_id is not None:
            self.seen[msg_id] = (self.last_seq, now)
        return Ack(self.name, self.last_seq)

    def purge(self) -> None:
        """Drop the messages; sequence and message ids stay."""
        self.messages.clear()

    def _forget(self, now: float) -> None:
        while self.seen:
            oldest = next(iter(self.seen))
            if now - self.seen[oldest][1] < self.window_s:
                return
            del self.seen[oldest]


class JetStreamModel:
    """The server's side: streams and permissions."""

    def __init__(self, max_payload: int = MAX_PAYLOAD) -> None:
        self.streams: dict[str, ModelStream] = {}
        self.denied: list[str] = []
        self.max_payload = max_payload

    def add_stream(self, stream: ModelStream) -> ModelStream:
        """Create a stream; an older one of that name is gone with all it held."""
        self.streams[stream.name] = stream
        return stream

    def take(self, subject: str, body: bytes, headers: Headers, now: float) -> Answer:
        """Return what the server would answer to this message."""
        if len(body) > self.max_payload:
            reason = f"larger than the server takes: {len(body)} bytes, it takes {self.max_payload}"
            return Trouble(Cause.TOO_LARGE, reason)
        if _any_matches(self.denied, subject):
            return Trouble(Cause.DENIED, f"no permission to publish on {subject}")
        for stream in self.streams.values():
            if _any_matches(stream.subjects, subject):
                return stream.take(subject, body, headers, now)
        return Trouble(Cause.NO_STREAM, f"no stream takes {subject}")


def no_faults(subject: str) -> Faults:
    """A network that loses nothing."""
    del subject
    return Faults()


@dataclass(frozen=True, slots=True)
class Faults:
    """What the network does to one message and its answer.

    Attributes:
        arrives: the message reaches the server.
        answered: the answer comes back.
        delay_s: seconds from sending to answer.
    """

    arrives: bool = True
    answered: bool = True
    delay_s: float = 0.001


class ModelLink:
    """A link to the model, on the running loop's clock, real or virtual.

    Args:
        server: the model.
        faults: asked for each message sent.
        connected: whether it begins connected.
    """

    def __init__(
        self,
        server: JetStreamModel,
        faults: Callable[[str], Faults] = no_faults,
        *,
        connected: bool = True,
    ) -> None:
        self.server = server
        self.faults = faults
        self._connected = connected
        self._since: datetime | None = None
        self._watchers: list[Callable[[], None]] = []
        self._next = 0
        self._asked: dict[int, Answered] = {}

    @property
    def connected(self) -> bool:
        """Whether a message sent now has somewhere to go."""
        return self._connected

    @property
    def words(self) -> str:
        """One line for a person."""
        return "connected" if self._connected else "not connected: cut by the model"

    @property
    def url(self) -> str:
        """Where the server is."""
        return "model"

    @property
    def since(self) -> datetime | None:
        """When ``connected`` last changed, on the loop's clock read as seconds since 1970."""
        return self._since

    @property
    def in_flight(self) -> int:
        """Messages whose sender waits for an answer."""
        return len(self._asked)

    def on_change(self, told: Callable[[], None]) -> None:
        """Have ``told`` called whenever ``connected`` changes."""
        self._watchers.append(told)

    def connect(self) -> None:
        """Let the server be there."""
        self._set(connected=True)

    def cut(self) -> None:
        """Let the connection be lost, with every answer that is on its way."""
        if self._connected:
            self._set(connected=False)
            asked, self._asked = self._asked, {}
            for answered in asked.values():
                answered(Trouble(Cause.LOST, "cut by the model"))

    async def send(self, subject: str, body: bytes, headers: Headers, answered: Answered) -> int:
        """Send a message; returns a ticket. See :class:`gateway.bus.answer.BusLink`."""
        loop = asyncio.get_running_loop()
        self._next = ticket = self._next + 1
        self._asked[ticket] = answered
        fault = self.faults(subject)
        if not self._connected:
            loop.call_soon(self._answer, ticket, Trouble(Cause.LOST, "not connected"))
        elif fault.arrives:
            answer = self.server.take(subject, body, headers, loop.time())
            if fault.answered:
                loop.call_later(fault.delay_s, self._answer, ticket, answer)
        return ticket

    def forget(self, ticket: int) -> None:
        """Drop the interest in an answer."""
        self._asked.pop(ticket, None)

    def _answer(self, ticket: int, answer: Answer) -> None:
        answered = self._asked.pop(ticket, None)
        if answered is not None:
            answered(answer)

    def _set(self, *, connected: bool) -> None:
        self._connected = connected
        self._since = datetime.fromtimestamp(asyncio.get_running_loop().time(), UTC)
        for told in self._watchers:
            told()


def _any_matches(patterns: Iterable[str], subject: str) -> bool:
    return any(matches(pattern, subject) for pattern in patterns)


def matches(pattern: str, subject: str) -> bool:
    """Return whether a NATS subject falls under a pattern with ``*`` and ``>``."""
    want, have = pattern.split("."), subject.split(".")
    if want[-1] == ">":
        if len(have) < len(want):
            return False
        want, have = want[:-1], have[: len(want) - 1]
    return len(want) == len(have) and all(
        one in ("*", other) for one, other in zip(want, have, strict=True)
    )
