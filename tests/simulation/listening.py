"""A second gateway beside the first, which only listens: taps on every line of the floor.

The first gateway is the host. What it and the floor say to each other reaches the second one over
two receive wires in memory, which a test may pull or spoil.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools

from gateway.bus.model import JetStreamModel, ModelLink, ModelStream
from gateway.bus.publisher import Publisher
from gateway.edge.floor import build
from gateway.edge.keys import BORN_KEY
from gateway.edge.life import Life
from gateway.edge.recorder import Recorder
from gateway.edge.supervise import Herald, supervised
from gateway.events.envelope import decode
from gateway.events.streams import STREAMS
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter
from protocols.sas.heard import Wire
from tests.gateway.edge.tapped import MemoryReceiver, listening_places
from tests.simulation.world import Gateway, World, stored_of
from tests.torture.heard_account import Told, settle

WIRES = {"host": Wire.HOST, "egm": Wire.MACHINE}
LATE_S = 0.05
"""A report is told when it is heard, and so before its host acknowledges it."""


class ListeningWorld(World):
    """A floor, its host, and whoever listens."""

    def __post_init__(self):
        super().__post_init__()
        self.heard_places = listening_places(self.folder / "listens", tuple(self.lines))
        self.heard_server = JetStreamModel()
        for row in STREAMS:
            self.heard_server.add_stream(ModelStream(row.name, row.subjects))
        self.heard_link = ModelLink(self.heard_server)
        self.receivers = {name: MemoryReceiver() for name in self.lines}
        self.spoil = lambda data: data
        self.heard_at = None  # what the listener's store calls at each crash point
        self.listener = None
        self.listens = 0
        for name, line in self.lines.items():
            line.line.taps.append(self._tap(self.receivers[name]))

    def _tap(self, receiver):
        def tap(side, symbols, at):
            data = self.spoil(symbols.data)
            if data and self.listener is not None:
                receiver.put(WIRES[side], data, at)

        return tap

    def listen(self):
        """Start the process that listens on what its last one left."""
        places, loop = self.heard_places, self.loop
        store = Store.open(
            places.outbox, synchronous="OFF", now_ns=self.clock.wall_ns(), at=self.heard_at
        )
        restored = store.restore()
        writer = InlineWriter(store, wall_ns=self.clock.wall_ns, keep=self.keep)
        reader = Reader(places.outbox)
        publisher = Publisher(self.heard_link, reader, writer, restored.last_sequence)
        recorder = Recorder(
            places.site, f"ear{self.listens}", restored, writer, self.clock,
            lambda rows, _: publisher.offer(rows),
        )  # fmt: skip
        floor = build(
            places, restored, recorder, self.clock, lambda *_: None,
            receiver_of=lambda line, *_: self.receivers[line.name],
        )  # fmt: skip
        life = Life(places, recorder, self.clock)
        life.born(restored.keys.get(BORN_KEY))
        herald = Herald("line")
        jobs = [supervised(job.info.name, herald, job.run, 0.5) for job in floor.lines]
        tasks = [loop.create_task(job) for job in (*jobs, publisher.run(), life.run())]
        self.listener = Gateway(tasks, store, writer, reader, publisher, recorder, floor.lines)

    async def kill_listener(self):
        gateway, self.listener = self.listener, None
        self.listens += 1
        for task in gateway.tasks:
            task.cancel()
        for task in gateway.tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        gateway.writer._stop_timer()
        gateway.reader.close()
        gateway.store.close()

    async def end(self):
        """Let the floor come to rest, and the listener tell all that it heard."""
        await self.quiet_end()
        await asyncio.sleep(5)  # gaps are told when the lines have been calm for a while
        until = self.loop.time() + 60
        while self.listener.reader.counts().depth:
            assert self.loop.time() < until, f"the listener still has events; seed {self.seed}"
            await asyncio.sleep(0.05)
        await self.kill_listener()

    def heard_stored(self):
        return [
            stored_of(stream.name, message.seq, decode(message.body))
            for stream in self.heard_server.streams.values()
            for message in stream.messages
        ]

    def _envelopes(self):
        envelopes = [
            decode(message.body)
            for stream in self.heard_server.streams.values()
            for message in stream.messages
        ]
        return sorted(envelopes, key=lambda envelope: envelope.sequence)

    def _seconds(self, envelope):
        return envelope.time.timestamp() - self.clock.wall_ns() / 1e9 + self.clock.monotonic()

    def told(self):
        """Exceptions that the listener told, by asset, oldest first."""
        found = {}
        for envelope in self._envelopes():
            if envelope.sascode is not None:
                told = Told(envelope.sascode, self._seconds(envelope), envelope.possiblerepeat)
                found.setdefault(envelope.asset, []).append(told)
        return found

    def gaps(self):
        """Declared gaps by asset: (cause, began, ended)."""
        found = {}
        for envelope in self._envelopes():
            if envelope.name == "link.gap" and envelope.sascode is None:
                ended = self._seconds(envelope)
                began = ended - envelope.data["gap_s"]
                found.setdefault(envelope.asset, []).append((envelope.data["cause"], began, ended))
        return found

    def handed_over(self):
        """What the machines handed over to their host, by asset: (code, moment, surely), in order.

        What was acknowledged though no answer arrived whole was not surely to be heard.
        """
        lost = {record["of"] for record in self.journal.records if record["what"] == "lost"}
        found = {}
        for record in self.journal.records:
            if record["what"] == "acked":
                one = (record["code"], record["t"], record["of"] not in lost)
                found.setdefault(record["egm"], []).append(one)
        return found

    def unexplained(self, slack_s=1.0):
        """What was handed over in no gap and not told, and what was told and did not happen."""
        heard = self.account(slack_s)
        return heard.missing, heard.invented

    def account(self, slack_s=1.0):
        """Compare what the machines handed over with what was told, and with the gaps."""
        return settle(self.told(), self.gaps(), self.handed_over(), late_s=LATE_S, slack_s=slack_s)

    def holes(self):
        """Sequences that are not 1, 2, 3 ..."""
        numbers = [envelope.sequence for envelope in self._envelopes()]
        return [b for a, b in itertools.pairwise([0, *numbers]) if b != a + 1]
