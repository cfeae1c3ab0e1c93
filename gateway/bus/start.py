"""Starts a reader from the last known state, and goes on with the streams: no hole, no double.

The bucket ``slot_state`` says for each EGM which events its state includes, and the horizon of each
gateway says from where in the streams the others come. So: the horizons first, then the values,
then the streams from the horizons on. What a value includes is passed over, the rest is handed on
once each.

What is promised: every event is either included in a value that was handed on before it, or handed
on itself, exactly once. Events of one EGM come in order within a stream; across streams put them in
order by ``sequence``.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from gateway.bus.firmly import firmly
from gateway.bus.pull import PullError
from gateway.bus.reading import API_TIMEOUT_S, From, read_on, read_there, stored_ns
from gateway.bus.state import HORIZON_KEY
from gateway.bus.users import SLOT_STATE
from gateway.events.envelope import Envelope, decode
from gateway.events.streams import STREAM_OF_FAMILY

QUEUE_MOST: Final = 1024
"""Messages waiting for whoever reads; above it the server waits."""
READS_MOST: Final = 5
BUCKET: Final = f"KV_{SLOT_STATE}"
LINK: Final = STREAM_OF_FAMILY["gateway"].name
REMEMBER_MOST: Final = 100_000
"""Ids of events handed on that are remembered, against deliveries that come again."""


class StartError(Exception):
    """The server does not answer, refuses, or was lost; says which. Start again from the bucket."""


@dataclass(frozen=True, slots=True)
class KnownState:
    """One value of the bucket.

    Attributes:
        gateway: token of the gateway that wrote it.
        asset: asset number of the EGM.
        birthid: the start of the gateway that wrote it.
        sequence: every event of this EGM up to here is included.
        state: what was known then; carded or not, never who.
        stored_ns: when the server stored it, nanoseconds since 1970.
    """

    gateway: str
    asset: str
    birthid: str
    sequence: int
    state: Mapping[str, Any]
    stored_ns: int


@dataclass(frozen=True, slots=True)
class Horizon:
    """From where in the streams the events come that the values of a gateway may not include.

    Attributes:
        birthid: the start of the gateway that wrote it.
        sequence: every value includes every event up to here.
        streams: by stream, a number below all later events.
        stored_ns: when the server stored it.
    """

    birthid: str
    sequence: int
    streams: Mapping[str, int]
    stored_ns: int


def known_state(subject: str, value: Mapping[str, Any], stored_ns: int) -> KnownState:
    """Return a value of the bucket, ``$KV.slot_state.<site>.<gateway>.<asset>``.

    Raises:
        ValueError: it is no value of ours.
        KeyError: likewise.
    """
    _, _, _, gateway, asset = subject.split(".")
    return KnownState(
        gateway, asset, str(value["birthid"]), int(value["sequence"]), value["state"], stored_ns
    )


class Included:
    """Which events are included in the values, and which were handed on. Pure.

    Args:
        horizons: by gateway.
        states: the values, read after the horizons.
    """

    def __init__(self, horizons: Mapping[str, Horizon], states: Iterable[KnownState]) -> None:
        self._horizons = dict(horizons)
        self._states = {(one.gateway, one.asset): one for one in states}
        self._handed: OrderedDict[str, None] = OrderedDict()

    def is_new(self, event: Envelope, stored_ns: int, *, replayed: bool) -> bool:
        """Return whether to hand on ``event``, and take note that it was.

        Args:
            event: the event.
            stored_ns: when its stream stored it.
            replayed: a person had it sent again.
        """
        if event.id in self._handed or self._has(event, stored_ns, replayed=replayed):
            return False
        self._handed[event.id] = None
        if len(self._handed) > REMEMBER_MOST:
            self._handed.popitem(last=False)
        return True

    def _has(self, event: Envelope, stored_ns: int, *, replayed: bool) -> bool:
        value = self._states.get((event.gateway, event.asset or ""))
        horizon = self._horizons.get(event.gateway)
        return any(
            event.sequence <= one.sequence
            # another start's: an older one's was stored before the value, unless sent again since;
            # a newer one may have lost its outbox and number from 1 again
            and (event.birthid == one.birthid or replayed or stored_ns <= one.stored_ns)
            for one in (value, horizon)
            if one is not None
        )


class StateStart:
    """A reader that starts from the bucket; use :meth:`begin`, then :meth:`events`.

    Args:
        client: a connected client that may read the bucket and the streams.
        site: token of the site.
        streams: which streams it reads.
        subjects: by stream, which of its messages; all of a stream that is not named.
        look_back: begin so many messages back in a stream at most, for readers that follow the
            bucket as well: a gateway that is long gone must not have weeks read again. None: as far
            as the promise of this module needs.
    """

    def __init__(
        self,
        client: Client,
        site: str,
        streams: Iterable[str],
        subjects: Mapping[str, str] | None = None,
        look_back: int | None = None,
    ) -> None:
        self._look_back = look_back
        self._client = client
        self._js: JetStreamContext = client.jetstream(timeout=API_TIMEOUT_S)
        self._site = site
        self._streams = tuple(streams)
        self._subjects = subjects or {}
        self._included = Included({}, ())
        self._first: dict[str, int] = {}

    async def begin(self) -> tuple[KnownState, ...]:
        """Return the last known state of every EGM; what :meth:`events` yields comes after it.

        Raises:
            StartError: the server does not answer or refuses.
        """
        try:
            gateways = await self._subjects_of(LINK, f"slot.v1.{self._site}.*.gateway.*._")
            horizons = {
                subject.split(".")[3]: Horizon(
                    str(value["birthid"]), int(value["sequence"]), value["streams"], stored_ns
                )
                for subject, value, stored_ns in await self._values(f"*.{HORIZON_KEY}")
            }
            states = tuple(
                known_state(subject, value, stored_ns)
                for subject, value, stored_ns in await self._values(">")
                if not subject.endswith(f".{HORIZON_KEY}")
            )
            known = {subject.split(".")[3] for subject in gateways} | {
                one.gateway for one in states
            }
            for stream in self._streams:
                last = (await self._js.stream_info(stream)).state.last_seq
                first = first_number(stream, horizons, known, last)
                back = last if self._look_back is None else self._look_back
                self._first[stream] = max(first, last + 1 - back)
        except (nats.errors.Error, OSError, ValueError, KeyError) as error:
            raise StartError(f"the last known state cannot be read: {error!r}") from error
        self._included = Included(horizons, states)
        return states

    async def events(self) -> AsyncGenerator[Envelope, None]:
        """Yield what the states do not include, each event once; for ever.

        Raises:
            StartError: the server was lost, or a message on the way: begin again.
            SchemaError: somebody published what is no event of ours.
        """
        queue: asyncio.Queue[Msg | StartError] = asyncio.Queue(QUEUE_MOST)
        tasks = [asyncio.ensure_future(firmly(self._follow(one, queue))) for one in self._streams]
        try:
            while True:
                message = await queue.get()
                if isinstance(message, StartError):
                    raise message
                event = decode(message.data)
                message_id = (message.headers or {}).get("Nats-Msg-Id", "")
                if self._included.is_new(event, stored_ns(message), replayed="#r" in message_id):
                    yield event
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, stream: str, queue: asyncio.Queue[Msg | StartError]) -> None:
        """Read one stream from its first number on; ends with an error in the queue."""
        wanted = self._subjects.get(stream, f"slot.v1.{self._site}.>")
        try:
            await read_on(
                self._client, stream, wanted, From(sequence=self._first[stream]), queue.put
            )
        except (PullError, nats.errors.Error, OSError, TimeoutError) as error:
            await queue.put(StartError(f"{stream}: {error!r}; begin again"))

    async def _values(self, keys: str) -> list[tuple[str, dict[str, Any], int]]:
        """Return subject, value and moment of every key; all of one moment or a later one."""
        wanted = f"$KV.{SLOT_STATE}.{self._site}.{keys}"
        for _ in range(READS_MOST):
            expected = await self._subjects_of(BUCKET, wanted)
            there = await read_there(self._client, BUCKET, wanted, From(last_of_each=True))
            found = {
                message.subject: (message.subject, json.loads(message.data), stored_ns(message))
                for message in there
            }
            if expected <= found.keys():
                return list(found.values())
        raise StartError("the bucket changes faster than it can be read")

    async def _subjects_of(self, stream: str, wanted: str) -> set[str]:
        info = await self._js.stream_info(stream, subjects_filter=wanted)
        return set(info.state.subjects or ())


def first_number(
    stream: str, horizons: Mapping[str, Horizon], gateways: Iterable[str], last: int
) -> int:
    """Return the first number of a stream to read: below all that some value may not include.

    Args:
        stream: its name.
        horizons: by gateway.
        gateways: every gateway of which there is anything.
        last: the stream's last number now.
    """
    below = [horizons[one].streams.get(stream, 0) if one in horizons else 0 for one in gateways]
    lowest = min(below, default=0)
    return lowest + 1 if lowest <= last else 1  # the stream was made anew since
