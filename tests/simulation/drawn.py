"""A whole life of one line, drawn from a seed: noise, lost links, a bus that fails, and crashes.

The seed also draws who polls: mostly our gateway alone, sometimes our gateway on the second SAS
port beside a certified host on the first, sometimes it only listens (``drawn_listening``).

Left out of the noise is what cannot be told from a true message, because one-byte polls and answers
have no check sum: flipped bits (the README's limits say so).
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from floor_sim.faults.fault import Direction, Fault
from floor_sim.faults.table import FaultKind
from gateway.bus.model import Faults
from gateway.events.envelope import decode
from gateway.outbox.marks import Keep
from tests.simulation.crashing import (
    ANY_MOMENT,
    EVERYWHERE,
    PASSES,
    TURN_POINTS,
    Crash,
    CrashingLink,
    Gate,
    WatchedPage,
    quick_gateway,
)
from tests.simulation.two_hosts import TwoHostsFloor
from tests.simulation.world import World, run
from tests.torture.account import Excuses, Gaps, Loss, Marks, gaps, marks

LINES = ("L1", "L2", "L3", "L4", "L5", "L6")
SPOILS = ("silence", "truncate", "drop", "delay")
KEEP = Keep(acknowledged_s=3.0)
POINTS = (*EVERYWHERE, *TURN_POINTS)
ARMED_S = 30.0
"""How long a point stays armed that is not reached."""


class DyingWorld(World):
    """A world whose gateway can be crashed between any two steps, and within a commit."""

    def __post_init__(self):
        super().__post_init__()
        self.crash = Crash(self.folder)
        self.loop.watch = self.crash.step
        self.link = CrashingLink(self.server, self.faults, self.crash)
        ours = {line.name for line in self.site.lines}
        self.lines = {
            name: Gate(line, self.crash) if name in ours else line
            for name, line in self.lines.items()
        }
        self.at = self.crash.reached
        self.keep = KEEP

    def start(self) -> None:
        """Start a gateway."""
        super().start()
        for job in self.gateway.lines:
            job._page = WatchedPage(job._page, self.crash)

    async def bury(self, *, power: bool = False, pages: bool = True) -> None:
        """Drop the process image; with ``power`` its computer lost it, perhaps its pages too."""
        await self.kill()
        self.crash.bury()
        self.link.bury()
        if power:
            self.crash.cut_power(pages=pages)


class DyingBesideAHost(TwoHostsFloor, DyingWorld):
    """The same on the second SAS port, on a line of its own, beside a certified host."""


@dataclass
class Life:
    """What became of one seed.

    Attributes:
        seed: the seed.
        mode: who polled.
        disagreements: where floor and server differ.
        marks: account of the marks.
        gaps: account of the gaps.
        injected: faults injected, by kind.
        hits: crash points hit.
        happened: exceptions that happened.
        covered: exceptions that no answer brought, told so by a gap, by the gap's cause.
        ledger: everything that happened, one text a record.
        events: everything that was told, in the order of the streams.
    """

    seed: int
    mode: str = "host"
    disagreements: tuple = ()
    marks: Marks = field(default_factory=lambda: Marks(0, 0))
    gaps: Gaps = field(default_factory=lambda: Gaps(0, (), {}, 0))
    injected: Counter = field(default_factory=Counter)
    hits: Counter = field(default_factory=Counter)
    happened: int = 0
    covered: Counter = field(default_factory=Counter)
    ledger: list[str] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether everything owed was paid."""
        return not self.disagreements and not self.gaps.missing


def live(folder, seed: int) -> Life:
    """Live the life of ``seed`` in an empty ``folder``."""
    chance = random.Random(f"drawn {seed}")
    life = Life(seed, "second port" if seed % 4 == 3 else "host")
    if life.mode == "host":
        line = chance.choice(LINES)
        world = DyingWorld(folder, seed, lossy_bus(chance, life), only=(line,))
    else:
        line = chance.choice(("L1", "L2"))
        world = DyingBesideAHost(folder, seed, lossy_bus(chance, life), only=(line, f"H{line[1:]}"))

    async def story(world):
        hosting = [asyncio.create_task(host.run()) for host in getattr(world, "hosts", ())]
        spoil(world.floor.lines[line], chance, life, world.loop.time())
        world.start()
        for _ in range(chance.randrange(2, 6)):
            await _chapter(world, line, chance, life)
        world.floor.lines[line].faults.clear()
        world.link.connect()
        await world.quiet_end(most_s=300.0)
        for task in hosting:
            task.cancel()

    with quick_gateway(world.crash):
        run(world, story)
    _settle(world, life)
    return life


def _settle(world: DyingWorld, life: Life) -> None:
    """Compare what happened with what was told."""
    messages = [one for stream in world.server.streams.values() for one in stream.messages]
    envelopes = {one.id: one for one in (decode(message.body) for message in messages)}
    count_pulls(world, life)
    verdict = world.verdict()
    if noisy(life):
        excuses = Excuses(envelopes.values(), _handed_over(world))
        verdict, life.covered = excuses.sift(verdict, world.entries()), excuses.causes
    life.disagreements = verdict.disagreements
    life.happened = verdict.happened
    life.marks = marks(envelopes.values(), verdict.repeats)
    life.gaps = gaps(envelopes.values(), losses(world))
    life.hits = world.crash.hits
    life.ledger = [repr(record) for record in world.journal.records]
    life.events = [message.body for message in messages]


def count_pulls(world: World, life: Life) -> None:
    """Count as faults, too, the lines that the floor pulls by itself, as its file has it."""
    pulled = sum(record["what"] == "line" and record["pulled"] for record in world.journal.records)
    life.injected["floor"] = max(0, pulled - life.injected["cable"])


def noisy(life: Life) -> bool:
    """Say whether something may have taken an answer: else nothing excuses a loss."""
    return any(life.injected[kind] for kind in (*SPOILS, "power", "cable"))


async def _chapter(world: DyingWorld, line: str, chance: random.Random, life: Life) -> None:
    """Let some time pass, and something happen."""
    what = chance.choice(("nothing", "step", "point", "point", "power", "bus", "cable"))
    life.injected[what] += what != "nothing"
    if what == "bus":
        world.link.cut()
        await asyncio.sleep(chance.uniform(1, 20))
        world.link.connect()
    elif what == "cable":
        world.floor.pull_line(line, chance.uniform(0.5, 12), world.loop.time())
    elif what in {"point", "power"}:
        if await met(world.crash, chance.choice(POINTS), chance):
            await world.bury(power=what == "power", pages=chance.random() < 0.5)
            await asyncio.sleep(pause(chance))
            world.start()
    elif what == "step":
        await asyncio.sleep(chance.expovariate(1 / 6))
        world.crash.hits[ANY_MOMENT] += 1
        world.crash.now()
        await world.bury()
        await asyncio.sleep(pause(chance))
        world.start()
    await asyncio.sleep(chance.uniform(2, 12))


async def met(crash: Crash, point: str, chance: random.Random) -> bool:
    """Arm ``point``; return whether the process died there."""
    crash.arm(point, chance.randint(1, PASSES.get(point, 30)))
    try:
        async with asyncio.timeout(ARMED_S):
            await crash.over.wait()
    except TimeoutError:
        crash.disarm()
    return crash.dying


def pause(chance: random.Random) -> float:
    """Draw how long nobody is there."""
    return chance.choice((0.0, 0.2, 1.0, 4.0, 8.0))


def spoil(line, chance: random.Random, life: Life, now: float, delays_s=(0.03, 0.1, 0.4)) -> None:
    """Draw the noise of a line."""
    for _ in range(chance.randrange(3)):
        kind = chance.choice(SPOILS)
        life.injected[kind] += 1
        way = chance.choice((Direction.TO_HOST, Direction.TO_EGM, Direction.BOTH))
        late = {}
        if kind == "delay":  # of answers alone: on a wire no poll overtakes another
            way, late = Direction.TO_HOST, {"delay_s": chance.choice(delays_s)}
        fault = Fault(
            kind=FaultKind(kind), probability=chance.choice((0.002, 0.01, 0.03)),
            direction=way, **late,
        )  # fmt: skip
        line.faults.add(fault, now)


def lossy_bus(chance: random.Random, life: Life) -> Callable[[str], Faults]:
    """Draw how the server fails."""
    share = chance.choice((0.0, 0.0, 0.02))
    life.injected["lossy bus"] += share > 0

    def faults(_subject: str) -> Faults:
        return Faults(
            arrives=chance.random() >= share, answered=chance.random() >= share,
            delay_s=chance.choice((0.001, 0.01, 0.3)),
        )  # fmt: skip

    return faults


def moment(world: World, at: float) -> datetime:
    """Return a moment of the loop as wall time."""
    now = datetime.fromtimestamp(world.clock.wall_ns() / 1e9, UTC)
    return now + timedelta(seconds=at - world.loop.time())


def _handed_over(world: World):
    for record in world.journal.records:
        if record["what"] == "acked" and record.get("port", world.port) == world.port:
            at = moment(world, record["t"])
            yield record["of"], Loss(record["egm"], at, "handed over", record["code"])


def losses(world: World):
    """Yield what the machines lost, with the wall time at which they lost it."""
    for record in world.journal.records:
        if record["what"] == "lost" and record.get("port", world.port) == world.port:
            at = moment(world, record["t"])
            yield Loss(record["egm"], at, record["reason"], record["code"])
