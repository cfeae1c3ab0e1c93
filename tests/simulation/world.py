"""A whole gateway beside a whole floor in virtual time: one seed, one run.

The floor, its lines and its people are the simulator's; session, engine, recorder, outbox and
publisher are the gateway's own. Only the seams differ: a jumping clock, lines in memory, commits in
the call, and the model of JetStream. A crash drops the gateway's process image at one moment of the
clock; what is left is the outbox as committed and the mapped pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from floor_sim.black_box import BlackBox
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.memory_line import MemoryLine
from gateway.bus.model import Faults, JetStreamModel, ModelLink, ModelStream, no_faults
from gateway.bus.publisher import Publisher
from gateway.demo.judge import Entry, Fate, Stored, Verdict, judge
from gateway.edge.floor import build
from gateway.edge.keys import BORN_KEY
from gateway.edge.life import Life
from gateway.edge.recorder import Recorder
from gateway.edge.supervise import Herald, supervised
from gateway.events.envelope import Envelope, decode
from gateway.events.streams import STREAMS
from gateway.outbox.crashpoints import At
from gateway.outbox.marks import Keep
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Row
from gateway.outbox.writer import InlineWriter
from tests.simulation.jumping import JumpingClock, JumpingLoop, run_jumping
from tests.simulation.memory_port import MemoryPort

ROOT = Path(__file__).parents[2]
SITE = ROOT / "edge_config" / "sites" / "demo_floor.toml"
FLOOR = ROOT / "edge_config" / "floors" / "demo_floor.toml"
read_file = functools.cache(load_toml)  # a file is read once for all the worlds of a process


@dataclass
class Gateway:
    """One process image of the gateway."""

    tasks: list[asyncio.Task]
    store: Store
    writer: InlineWriter
    reader: Reader
    publisher: Publisher
    recorder: Recorder
    lines: tuple


@dataclass
class World:
    """The floor, the server, and whichever gateway is alive."""

    folder: Path
    seed: int
    faults: Callable[[str], Faults] = no_faults
    crashes: int = 0
    only: tuple[str, ...] = ()  # lines of this floor; empty for all
    at: At | None = None  # what store and lines call at each crash point
    keep: Keep | None = None  # how long the outbox keeps what was delivered
    port: int = 0  # SAS port of the machines that the gateway polls
    loop: JumpingLoop = field(default_factory=JumpingLoop)
    gateway: Gateway | None = None
    playing: bool = True  # people are there from the start
    site_file: ClassVar[Path] = SITE
    latest: ClassVar[World | None] = None  # the one that a failed test leaves behind

    def __post_init__(self):
        self.journal = MemoryJournal()
        self.site = self.part_of(read_file(self.site_file, Site))
        self.committed: list[tuple[float, Row]] = []
        self.ports: dict[str, MemoryPort] = {}
        self.places = find_places(self.site, self.site_file, run_folder=self.folder, environment={})
        self.clock = JumpingClock(self.loop)
        self.server = JetStreamModel()
        for row in STREAMS:
            self.server.add_stream(self.make_stream(row.name, row.subjects))
        self.link = ModelLink(self.server, self.faults)
        self.floor = self.make_floor()
        self.lines = {name: MemoryLine(line) for name, line in self.floor.lines.items()}
        self.box = BlackBox(self.floor.lines.values(), bursts_max=2_000)
        World.latest = self
        self.random = random.Random(self.seed)
        self.floor.start(self.loop.time(), playing=self.playing)

    def floor_file(self):
        """Say what the floor is."""
        return read_file(FLOOR, FloorFile)

    def make_floor(self):
        """Make the floor, with its people still away."""
        file = self.part_of(self.floor_file())
        return Floor(file, self.journal, {}, now=self.loop.time(), seed=self.seed)

    def make_stream(self, name, subjects):
        """Make a stream of the server."""
        return ModelStream(name, subjects)

    def make_port(self, line, _):
        """Make the gateway's end of a line, which the next process replaces."""
        self.ports[line.name] = MemoryPort(self.lines[line.name], line.allow, line.name)
        return self.ports[line.name]

    def part_of(self, file):
        """Leave out the lines that are not wanted, and the machines on them."""
        if not self.only:
            return file
        lines = tuple(line for line in file.lines if line.name in self.only)
        egms = tuple(egm for egm in file.egms if egm.line in self.only)
        return file.model_copy(update={"lines": lines, "egms": egms})

    async def people(self):
        """Let the people of the floor act when they are due."""
        while True:
            due = self.floor.next_due()
            now = self.loop.time()
            await asyncio.sleep(0.05 if due is None else min(0.05, max(0.0, due - now)))
            self.floor.run(self.loop.time())

    def start(self):
        """Start a gateway process on what the last one left."""
        assert self.gateway is None
        store = Store.open(
            self.places.outbox, synchronous="OFF", now_ns=self.clock.wall_ns(), at=self.at
        )
        restored = store.restore()
        writer = InlineWriter(store, wall_ns=self.clock.wall_ns, keep=self.keep)
        reader = Reader(self.places.outbox)
        publisher = Publisher(self.link, reader, writer, restored.last_sequence)
        birthid = f"sim{self.crashes}"

        def committed(rows, _):
            self.committed += [(self.loop.time(), row) for row in rows]
            publisher.offer(rows)

        recorder = Recorder(self.site, birthid, restored, writer, self.clock, committed)
        floor = build(self.places, restored, recorder, self.clock, lambda *_: None, self.make_port)
        life = Life(self.places, recorder, self.clock)
        if BORN_KEY in restored.keys:
            life.found_dead(restored.keys[BORN_KEY])
        life.born(restored.keys.get(BORN_KEY))
        herald = Herald("line")
        jobs = [supervised(job.info.name, herald, job.run) for job in floor.lines]
        jobs += [publisher.run(), life.run()]
        tasks = [self.loop.create_task(job) for job in jobs]
        self.gateway = Gateway(tasks, store, writer, reader, publisher, recorder, floor.lines)

    async def kill(self):
        """kill -9: nothing of the process is left but its files."""
        gateway, self.gateway = self.gateway, None
        self.crashes += 1
        for task in gateway.tasks:
            task.cancel()
        for task in gateway.tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        gateway.writer._stop_timer()
        gateway.reader.close()
        gateway.store.close()

    async def quiet_end(self, most_s: float = 120.0):
        """Stop play; wait until the machines have told everything and the server has it."""
        self.floor.set_play(self.loop.time(), on=False)
        until = self.loop.time() + most_s
        while not self.quiet():
            assert self.loop.time() < until, (
                f"not quiet: {self.floor.pending} to be done and {self.floor.queued} to be told "
                f"on the floor, {self.depth()} in the outbox; "
                f"seed {self.seed}"
            )
            await asyncio.sleep(0.2)

    def quiet(self) -> bool:
        floor = self.floor
        at_rest = not (floor.pending or floor.queued or floor.unacknowledged)
        return at_rest and not self.depth()

    def depth(self) -> int:
        """Events in the outbox; 0 while there is no gateway."""
        return self.gateway.reader.counts().depth if self.gateway else 0

    def verdict(self) -> Verdict:
        """Compare what happened with what the server has."""
        return judge(self.entries(), self.stored())

    def entries(self):
        fates = {fate.value: fate for fate in Fate}
        for record in self.journal.records:
            mine = record.get("port", self.port) == self.port
            if mine and record["what"] in fates and self.port in record.get("ports", (self.port,)):
                fate = fates[record["what"]]
                number = record["n"] if fate is Fate.HAPPENED else record["of"]
                yield Entry(record["egm"], fate, number, int(record["code"], 16))

    def stored(self) -> list[Stored]:
        found = []
        for stream in self.server.streams.values():
            for message in stream.messages:
                envelope = decode(message.body)
                found.append(stored_of(stream.name, message.seq, envelope))
        return found


def stored_of(stream: str, number: int, envelope: Envelope) -> Stored:
    return Stored(
        stream=stream,
        stream_sequence=number,
        id=envelope.id,
        type=envelope.name,
        asset=envelope.asset,
        code=None if envelope.sascode is None else int(envelope.sascode, 16),
        sequence=envelope.sequence,
        familysequence=envelope.familysequence,
        possible_repeat=envelope.possiblerepeat,
    )


def run(world: World, story) -> None:
    """Run ``story(world)`` in virtual time, with the people of the floor about."""

    async def main():
        people = asyncio.create_task(world.people())
        try:
            await story(world)
        finally:
            people.cancel()
            if world.gateway is not None:
                await world.kill()

    run_jumping(main(), world.loop)
