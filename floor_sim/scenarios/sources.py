"""Where events come from: a NATS server, or lines of JSON in a file, a pipe or standard input.

Each is read in a thread of its own, so that nothing that it waits for holds up the machines.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

Offer = Callable[[Mapping[str, Any]], None]
"""Takes one event; called in the thread of the source."""

READY_S: Final = 10.0
"""Seconds that a source has until it can miss nothing."""
LOOK_S: Final = 0.05
"""How often a file is looked at that may grow, and whether to stop."""
PULL_S: Final = 0.5
PULL_MAX: Final = 200
"""Longest wait and most messages of one pull from a stream."""
LINE_BYTES_MAX: Final = 1024 * 1024


class SourceError(Exception):
    """Events cannot be read; the message says why and what to do."""


class Source(Protocol):
    """Gives events until it is closed."""

    def open(self, offer: Offer) -> None:
        """Begin; return once nothing can be missed any more.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def close(self) -> None:
        """End."""
        ...


@dataclass(frozen=True, slots=True)
class NatsPlace:
    """Where events are on a NATS server.

    Attributes:
        url: nats://HOST:PORT.
        subjects: what is subscribed to.
        user: user name, or nothing.
        password: of that user.
        streams: JetStream streams that are read instead, for a user who may not subscribe.
        inbox_prefix: first tokens of the inbox, where a server allows no other.
    """

    url: str
    subjects: tuple[str, ...]
    user: str = ""
    password: str = ""
    streams: tuple[str, ...] = ()
    inbox_prefix: str = ""


class NatsSource:
    """Events of a NATS server.

    Args:
        place: where they are.
    """

    def __init__(self, place: NatsPlace) -> None:
        self._place = place
        self._ready = threading.Event()
        self._end: Callable[[], object] | None = None
        self._trouble = ""
        self._thread: threading.Thread | None = None

    def open(self, offer: Offer) -> None:
        """Subscribe; see ``Source``."""
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._read(offer)), name="events", daemon=True
        )
        self._thread.start()
        told = self._ready.wait(READY_S)
        if self._trouble or not told:
            self._thread = None  # it gives up by itself
            self.close()
            why = self._trouble or f"no answer within {READY_S:g} s"
            raise SourceError(f"{self._place.url}: {why}; is the server there, and may you read?")

    def close(self) -> None:
        """Let the connection go."""
        if self._end is not None:
            self._end()
        if self._thread is not None:
            self._thread.join(READY_S)

    async def _read(self, offer: Offer) -> None:
        place, ended, loop = self._place, asyncio.Event(), asyncio.get_running_loop()
        self._end = lambda: loop.is_closed() or loop.call_soon_threadsafe(ended.set)
        options: dict[str, Any] = {}
        if place.user:
            options = {"user": place.user, "password": place.password}
        if place.inbox_prefix:
            options["inbox_prefix"] = place.inbox_prefix.encode()
        pulls: list[asyncio.Task[None]] = []
        connection = NatsClient()
        try:
            await connection.connect(
                place.url, max_reconnect_attempts=2, reconnect_time_wait=1, error_cb=self._told,
                **options,
            )  # fmt: skip
            connection.options["max_reconnect_attempts"] = -1  # it was there: it comes back
            readers = await self._readers(connection, offer)
            pulls += [asyncio.create_task(_pulled(one, offer, ended)) for one in readers]
            await connection.flush()
            self._ready.set()
            await ended.wait()
        except (NatsError, OSError, TimeoutError) as error:
            self._trouble = self._trouble or str(error) or type(error).__name__
            self._ready.set()
            ended.set()
        if pulls:
            await asyncio.wait(pulls, timeout=2 * PULL_S)
        with suppress(NatsError, OSError):
            await connection.close()

    async def _readers(
        self, connection: NatsClient, offer: Offer
    ) -> list[JetStreamContext.PullSubscription]:
        """Return readers of streams, or subscribe where none is wanted."""
        place = self._place

        async def take(message: Msg) -> None:
            _offered(message.data, offer)

        if place.streams:
            return [await _reader(connection.jetstream(), name) for name in place.streams]
        for subject in place.subjects:
            await connection.subscribe(subject, cb=take)
        return []

    async def _told(self, error: BaseException) -> None:
        """Take what the server complains of; before it is ready that is the reason."""
        if not self._ready.is_set():
            self._trouble = str(error) or type(error).__name__
            self._ready.set()


async def _reader(streams: JetStreamContext, name: str) -> JetStreamContext.PullSubscription:
    """Return a reader of what a stream takes from now on."""
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_TIME, ack_policy=AckPolicy.NONE,
        opt_start_time=datetime.now(UTC).isoformat().replace("+00:00", "Z"),  # type: ignore[arg-type]
    )  # fmt: skip
    return await streams.pull_subscribe("", stream=name, config=config)


async def _pulled(
    reader: JetStreamContext.PullSubscription, offer: Offer, ended: asyncio.Event
) -> None:
    """Give on what a stream has, until the end; over every reconnect."""
    while not ended.is_set():
        try:
            messages = await reader.fetch(PULL_MAX, timeout=PULL_S)
        except (NatsError, TimeoutError):
            continue
        for message in messages:
            _offered(message.data, offer)


class LinesSource:
    """Events as lines of JSON: a file that grows, a pipe, or standard input.

    Args:
        path: the file; "-" is standard input. What a file held before is passed over.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, offer: Offer) -> None:
        """Begin to read behind what is there; see ``Source``."""
        file: BinaryIO | None = None
        if self._path == "-":
            file = sys.stdin.buffer
        elif Path(self._path).exists():
            try:
                file = Path(self._path).open("rb")  # noqa: SIM115 - the thread reads on
                if Path(self._path).is_file():
                    file.seek(0, os.SEEK_END)
            except OSError as error:
                raise SourceError(f"{self._path}: {error.strerror}") from None
        self._thread = threading.Thread(
            target=self._read, args=(file, offer), name="events", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Read no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _read(self, file: BinaryIO | None, offer: Offer) -> None:
        while file is None and not self._ended.is_set():
            with suppress(OSError):
                file = Path(self._path).open("rb")  # noqa: SIM115 - until the end
            time.sleep(0 if file else LOOK_S)
        kept = b""
        while file is not None and not self._ended.is_set():
            data = _some(file)
            if not data:
                time.sleep(LOOK_S)
                continue
            *lines, kept = (kept + data).split(b"\n")
            kept = kept if len(kept) <= LINE_BYTES_MAX else b""
            for line in lines:
                _offered(line, offer)
        if file is not None and file is not sys.stdin.buffer:
            file.close()


def _some(file: BinaryIO) -> bytes:
    """Return what can be read without waiting for more."""
    number = file.fileno()
    if not select.select([number], [], [], LOOK_S)[0]:
        return b""
    return os.read(number, 65_536)


def _offered(data: bytes, offer: Offer) -> None:
    """Give one event on; what is no JSON object is none."""
    try:
        event = json.loads(data)
    except ValueError:
        return
    if isinstance(event, dict):
        offer(event)


def source_of(
    name: str, subjects: Sequence[str], *, user: str = "", password: str = "",
    streams: Sequence[str] = (), inbox_prefix: str = "",
) -> Source:  # fmt: skip
    """Return the source that ``--events`` names: nats://..., a path, or - for standard input."""
    if name.startswith(("nats://", "tls://", "ws://", "wss://")):
        return NatsSource(
            NatsPlace(name, tuple(subjects), user, password, tuple(streams), inbox_prefix)
        )
    return LinesSource(name)
