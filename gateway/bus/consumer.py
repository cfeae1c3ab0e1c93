"""Reads events from durables and has each handled once, whatever comes how often.

The handler runs inside the transaction that records the event's number; the message is
acknowledged after the commit. What the handler returns is published after the commit, at least
once, under stable ids. A message that cannot be handled goes to ``dead.v1.<site>.<service>`` with
the reason. Of families that are read whole, events that stay away are told as missing.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from gateway.bus.consumer_store import ConsumerStore, is_disk_fault, keep_pruned
from gateway.bus.durable import Source, bind, held_for, whole_families
from gateway.bus.firmly import firmly
from gateway.bus.link import NatsLink
from gateway.bus.outgoing import Outgoing
from gateway.bus.publisher import Publisher
from gateway.bus.pull import Pull, PullError
from gateway.bus.seen import Hole, HoleWatch
from gateway.events.envelope import Envelope, decode
from gateway.events.errors import SchemaError

log = logging.getLogger(__name__)

PAUSE_FIRST_S = 0.2
PAUSE_MOST_S = 5.0
"""Seconds between two attempts to bind or to commit: the first, doubled up to the last."""
LAG_EVERY_S = 10.0
HOLES_EVERY_S = 5.0
HOLE_GRACE_S = 60.0
"""Seconds that an event may come later than one with a higher number; then it is missing."""
HOLES_TOLD = 20
"""Holes logged at once; the status has them all."""
DEAD_BYTES = 64 * 1024
"""Bytes of a message that a dead letter carries; a longer one is cut, and says so."""

Handler = Callable[[Envelope, sqlite3.Connection], Iterable[Outgoing]]
"""Handles one event inside the open transaction; returns what follows from it.

It must not commit, wait, or keep the connection. Raising ConsumerError or SchemaError says that
this message can never be handled; whatever it wrote is undone.
"""


class ConsumerError(Exception):
    """A handler's word that this message can never be handled; says why."""


@dataclass(frozen=True, slots=True)
class ConsumerStatus:
    """How a consumer stands.

    Attributes:
        connected: whether NATS is there.
        words: one line for a person.
        lag: messages the server still holds for it, by stream; a stream not bound yet is left out.
        handled: events handled since the database was made.
        duplicates: deliveries of events handled before.
        dead: messages that could not be handled.
        outgoing: derived messages that NATS has not taken yet.
        holes: events that have not come, of families that are read whole.
    """

    connected: bool
    words: str
    lag: Mapping[str, int]
    handled: int
    duplicates: int
    dead: int
    outgoing: int
    holes: tuple[Hole, ...]


class Consumer:
    """One service's reader of events.

    Args:
        link: the connection; run by :meth:`run`.
        service: the service's name, also of its durables.
        site: token of the site.
        sources: what it reads.
        handle: what it does with an event.
        database: its SQLite file.
        schema: the service's own tables, one script a version.
        buckets: KV buckets that its outgoing messages write.
        now_ns: wall clock, nanoseconds since 1970.
        hole_grace_s: seconds that an event may be late before it is told as missing.

    Raises:
        StoreError: the database cannot be opened.
    """

    def __init__(
        self,
        link: NatsLink,
        *,
        service: str,
        site: str,
        sources: Iterable[Source],
        handle: Handler,
        database: Path,
        schema: Sequence[str] = (),
        buckets: Iterable[str] = (),
        now_ns: Callable[[], int] = time.time_ns,
        hole_grace_s: float = HOLE_GRACE_S,
    ) -> None:
        self.service = service
        self._site = site
        self._link = link
        self._sources = tuple(sources)
        self._handle = handle
        self._now_ns = now_ns
        self.store = ConsumerStore(database, schema, now_ns)
        outgoing = self.store.outgoing
        streams = ("FLOOR", "DEAD", *(f"KV_{bucket}" for bucket in buckets))
        self.publisher = Publisher(link, outgoing, outgoing, outgoing.last, streams=streams)
        self._lag: dict[str, int] = {}
        self._batches = 0
        self._pulls: set[Pull] = set()
        self._troubles: dict[str, str] = {}
        self._families = whole_families(self._sources)
        self._holes = HoleWatch(hole_grace_s)
        self._holes_every_s = min(HOLES_EVERY_S, hole_grace_s / 4)
        link.on_change(self._link_changed)

    async def run(self) -> None:
        """Consume for ever: a job, ended by cancelling it. The database is closed at the end."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._link.run())
                group.create_task(self.publisher.run())
                group.create_task(keep_pruned(self.store))
                group.create_task(self._look_for_holes())
                group.create_task(firmly(self._measure_lag()))
                for source in self._sources:
                    group.create_task(firmly(self._read(source)))
        finally:
            self.store.close()

    def status(self) -> ConsumerStatus:
        """Return how it stands."""
        totals = self.store.totals()
        said = [f"{stream}: {why}" for stream, why in self._troubles.items()]
        if not self._link.connected:
            said = [self._link.words]
        if missing := sum(hole.events for hole in self._holes.open):
            said.append(f"{missing} events are missing, first {self._holes.open[0]}")
        return ConsumerStatus(
            connected=self._link.connected,
            words="; ".join(said) or "reading",
            lag=dict(self._lag),
            handled=totals.get("handled", 0),
            duplicates=totals.get("duplicate", 0),
            dead=totals.get("dead", 0),
            outgoing=self.store.outgoing.depth,
            holes=self._holes.open,
        )

    async def _read(self, source: Source) -> None:
        """Read one stream for ever, binding again whenever something goes wrong."""
        pause_s = PAUSE_FIRST_S
        while True:
            client = await self._link.ready()
            try:
                born = await bind(client, source, self.service, self.store, self._lag)
                async with Pull(client, source.stream, self.service) as pull:
                    self._pulls.add(pull)
                    try:
                        await self._take(source, born, client, pull)
                    finally:
                        self._pulls.discard(pull)
            except (PullError, nats.errors.Error, OSError, TimeoutError) as error:
                if self._link.connected:
                    self._trouble(source.stream, str(error) or type(error).__name__)
            await asyncio.sleep(pause_s)
            healthy = source.stream not in self._troubles
            pause_s = PAUSE_FIRST_S if healthy else min(2 * pause_s, PAUSE_MOST_S)

    async def _take(self, source: Source, born: str, client: Client, pull: Pull) -> None:
        while True:
            messages = await pull.batch()
            self._well(source.stream)
            await self._handle_all(source, born, messages)
            for message in messages:
                await client.publish(message.reply, b"+ACK")
            self._lag[source.stream] = messages[-1].metadata.num_pending
            self._batches += 1

    async def _handle_all(self, source: Source, born: str, messages: list[Msg]) -> None:
        """Handle messages in one transaction; try for ever while the disk does not take it."""
        pause_s = PAUSE_FIRST_S
        while True:
            try:
                with self.store.transaction():
                    counts = [self._handle_one(source, message) for message in messages]
                    for name in set(counts):
                        self.store.count(name, counts.count(name))
                    sequence = max(message.metadata.sequence.stream for message in messages)
                    self.store.note_place(source.stream, born, sequence)
            except sqlite3.Error as error:
                if not is_disk_fault(error):
                    raise
                self._trouble("database", f"{error}; nothing is acknowledged until it is written")
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, PAUSE_MOST_S)
            else:
                self._well("database")
                self.publisher.look_again()
                return

    def _handle_one(self, source: Source, message: Msg) -> str:
        """Handle one message inside the transaction; return which total it counts in."""
        try:
            envelope = decode(message.data)
        except SchemaError as error:
            self._bury(source, message, str(error))
            return "dead"
        try:
            with self.store.attempt():
                if not self.store.claim(envelope):
                    return "duplicate"
                self.store.outgoing.add(self._handle(envelope, self.store.connection))
        except (ConsumerError, SchemaError) as error:
            self._bury(source, message, str(error), envelope)
            return "dead"
        except Exception as error:  # a supervisor: a defect in a handler costs one event, not all
            if isinstance(error, sqlite3.Error) and is_disk_fault(error):
                raise
            log.exception("%s: defect while handling event %s", self.service, envelope.id)
            self._bury(source, message, f"defect: {type(error).__name__}: {error}", envelope)
            return "dead"
        return "handled"

    def _bury(
        self, source: Source, message: Msg, reason: str, envelope: Envelope | None = None
    ) -> None:
        """Put a dead letter into the outgoing table."""
        event_id = None
        if envelope is not None:
            event_id = envelope.id
            self.store.bury(envelope)
        name = event_id or hashlib.sha256(message.data).hexdigest()[:32]
        log.error("%s: %s on %s goes to the dead letters: %s",
                  self.service, name, message.subject, reason)  # fmt: skip
        letter = {
            "service": self.service,
            "reason": reason[:1000],
            "event": event_id,
            "stream": source.stream,
            "streamsequence": message.metadata.sequence.stream,
            "subject": message.subject,
            "cut": len(message.data) > DEAD_BYTES,
            "message_base64": base64.b64encode(message.data[:DEAD_BYTES]).decode(),
        }
        self.store.outgoing.add([
            Outgoing(
                id=f"{self.service}.dead.{name}",
                type="dead.letter",
                subject=f"dead.v1.{self._site}.{self.service}",
                stream="DEAD",
                time_ns=self._now_ns(),
                body=json.dumps(letter).encode(),
            )
        ])  # fmt: skip

    async def _measure_lag(self) -> None:
        """Ask the server what it holds for us: what we take says nothing while we take nothing."""
        while True:
            await asyncio.sleep(LAG_EVERY_S)
            client = await self._link.ready()
            for stream in list(self._lag):
                before = self._batches
                with contextlib.suppress(nats.errors.Error, OSError):
                    held = await held_for(client, stream, self.service)
                    if self._batches == before:  # else what was taken knows better
                        self._lag[stream] = held

    async def _look_for_holes(self) -> None:
        """Tell once when events have stayed away, and once when the last of them came."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._holes_every_s)
            try:
                holes = self.store.holes(self._families)
            except sqlite3.OperationalError:  # told where events are handled
                continue
            fresh, filled = self._holes.look(loop.time(), holes)
            for hole in fresh[:HOLES_TOLD]:
                log.error("%s: %s has not come: lost, or still in the gateway's outbox",
                          self.service, hole)  # fmt: skip
            if len(fresh) > HOLES_TOLD:
                log.error("%s: %d more holes", self.service, len(fresh) - HOLES_TOLD)
            if filled:
                log.warning("%s: nothing is missing any more", self.service)

    def _link_changed(self) -> None:
        if not self._link.connected:
            for pull in self._pulls:
                pull.give_up()

    def _trouble(self, what: str, why: str) -> None:
        if what not in self._troubles:
            log.warning("%s cannot go on with %s: %s; trying again", self.service, what, why)
        self._troubles[what] = why

    def _well(self, what: str) -> None:
        if self._troubles.pop(what, None) is not None:
            log.warning("%s goes on with %s", self.service, what)
