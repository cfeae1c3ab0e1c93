"""A whole life of one line, drawn from a seed: noise, lost links, a bus that fails, and crashes.

A crash comes at a step of the loop or at a named point of a commit. At that moment the files are
copied and nothing that the dying gateway still does has any effect: not on the wire, not on the
bus, not on the disk. The next gateway starts from the copy.

Left out of the noise is what cannot be told from a true message, because one-byte polls and answers
have no check sum: flipped bits (the README's limits say so).
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from floor_sim.faults.fault import Direction, Fault
from floor_sim.faults.table import FaultKind
from gateway.bus.model import Faults
from gateway.events.envelope import decode
from tests.simulation.world import World, run
from tests.torture.account import Gaps, Loss, Marks, gaps, marks

LINES = ("L1", "L2", "L3", "L4", "L5", "L6")
SPOILS = ("silence", "truncate", "drop", "delay")
CRASH_POINTS = ("before_commit", "after_commit")


class Gate:
    """The host's end of a line, shut while the gateway dies."""

    def __init__(self, line, world) -> None:
        self._line = line
        self._world = world

    def __getattr__(self, name):
        return getattr(self._line, name)

    def host_write(self, data, now, wakeup=None):
        if not self._world.dying:
            self._line.host_write(data, now, wakeup)


class DyingWorld(World):
    """A world whose gateway can be crashed between any two steps, and within a commit."""

    def __post_init__(self):
        super().__post_init__()
        self.dying = False
        self.kept = self.folder.with_name(f"{self.folder.name}.kept")
        self.lines = {name: Gate(line, self) for name, line in self.lines.items()}
        self.at = self.reached
        self.crash_at: tuple[str, int] | None = None
        self.hits: Counter[str] = Counter()
        self.crashed = asyncio.Event()

    def reached(self, point: str) -> None:
        """Be told that a point was reached; crash there if it is the one."""
        if self.crash_at is None or self.dying or point != self.crash_at[0]:
            return
        left = self.crash_at[1] - 1
        self.crash_at = (point, left)
        if left <= 0:
            self.hits[point] += 1
            self.crash()

    def crash(self) -> None:
        """From now on nothing that the gateway does has any effect; its files are as they are."""
        self.dying = True
        self.crash_at = None
        shutil.copytree(self.folder, self.kept)
        self.link.cut()
        self.crashed.set()

    async def bury(self) -> None:
        """Drop the process image, and put the files back as they were when it crashed."""
        await self.kill()
        shutil.rmtree(self.folder)
        self.kept.rename(self.folder)
        self.crashed.clear()
        self.dying = False

    def start(self) -> None:
        """Start the next gateway."""
        super().start()
        self.link.connect()


@dataclass
class Life:
    """What became of one seed.

    Attributes:
        seed: the seed.
        disagreements: where floor and server differ.
        marks: account of the marks.
        gaps: account of the gaps.
        injected: faults injected, by kind.
        hits: crash points hit.
        happened: exceptions that happened.
        covered: exceptions that no answer brought, told so by a gap.
    """

    seed: int
    disagreements: tuple = ()
    marks: Marks = field(default_factory=lambda: Marks(0, 0))
    gaps: Gaps = field(default_factory=lambda: Gaps(0, (), {}, 0))
    injected: Counter = field(default_factory=Counter)
    hits: Counter = field(default_factory=Counter)
    happened: int = 0
    covered: int = 0

    @property
    def well(self) -> bool:
        """Whether everything owed was paid."""
        return not self.disagreements and not self.gaps.missing


def live(folder, seed: int) -> Life:
    """Live the life of ``seed`` in an empty ``folder``."""
    chance = random.Random(f"drawn {seed}")
    life = Life(seed)
    world = DyingWorld(
        folder, seed, _bus(chance, life), only=(chance.choice(LINES),),
    )  # fmt: skip

    async def story(world):
        _spoil(world, chance, life)
        world.start()
        for _ in range(chance.randrange(2, 6)):
            await _chapter(world, chance, life)
        for line in world.floor.lines.values():
            line.faults.clear()
        if not world.link.connected:
            world.link.connect()
        await world.quiet_end(most_s=300.0)

    run(world, story)
    verdict = world.verdict()
    envelopes = {}
    for stream in world.server.streams.values():
        for message in stream.messages:
            envelope = decode(message.body)
            envelopes[envelope.id] = envelope
    covered = _Covered(world, envelopes.values())
    life.disagreements = tuple(one for one in verdict.disagreements if not covered.by_a_gap(one))
    life.covered = len(verdict.disagreements) - len(life.disagreements)
    life.happened = verdict.happened
    life.marks = marks(envelopes.values(), verdict.repeats)
    life.gaps = gaps(envelopes.values(), _losses(world))
    life.hits = world.hits
    return life


async def _chapter(world: DyingWorld, chance: random.Random, life: Life) -> None:
    """Let some time pass, and something happen."""
    what = chance.choice(("nothing", "step", "point", "point", "bus", "cable"))
    life.injected[what] += what != "nothing"
    if what == "bus":
        world.link.cut()
        await asyncio.sleep(chance.uniform(1, 20))
        world.link.connect()
    elif what == "cable":
        name = next(iter(world.floor.lines))
        world.floor.pull_line(name, chance.uniform(0.5, 12), world.loop.time())
    elif what == "point":
        world.crash_at = (chance.choice(CRASH_POINTS), chance.randint(1, 30))
        try:
            async with asyncio.timeout(30):
                await world.crashed.wait()
        except TimeoutError:
            world.crash_at = None
        else:
            await _rebirth(world, chance)
    elif what == "step":
        await asyncio.sleep(chance.expovariate(1 / 6))
        world.crash()
        await _rebirth(world, chance)
    await asyncio.sleep(chance.uniform(2, 12))


async def _rebirth(world: DyingWorld, chance: random.Random) -> None:
    await world.bury()
    await asyncio.sleep(chance.choice((0.0, 0.2, 1.0, 4.0, 8.0)))
    world.start()


def _spoil(world: World, chance: random.Random, life: Life) -> None:
    for _ in range(chance.randrange(3)):
        kind = chance.choice(SPOILS)
        life.injected[kind] += 1
        way = chance.choice((Direction.TO_HOST, Direction.TO_EGM, Direction.BOTH))
        late = {}
        if kind == "delay":  # of answers alone: on a wire no poll overtakes another
            way, late = Direction.TO_HOST, {"delay_s": chance.choice((0.03, 0.1, 0.4))}
        fault = Fault(
            kind=FaultKind(kind), probability=chance.choice((0.002, 0.01, 0.03)),
            direction=way, **late,
        )  # fmt: skip
        for line in world.floor.lines.values():
            line.faults.add(fault, world.loop.time())


def _bus(chance: random.Random, life: Life) -> Callable[[str], Faults]:
    share = chance.choice((0.0, 0.0, 0.02))
    life.injected["lossy bus"] += share > 0

    def faults(_subject: str) -> Faults:
        return Faults(
            arrives=chance.random() >= share, answered=chance.random() >= share,
            delay_s=chance.choice((0.001, 0.01, 0.3)),
        )  # fmt: skip

    return faults


class _Covered:
    """Which missing exceptions a gap covers: noise took the answer, and its repeat."""

    def __init__(self, world: World, envelopes) -> None:
        self._gaps = [one for one in envelopes if one.name == "link.gap"]
        self._left = [
            Loss(record["egm"], _moment(world, record["t"]), "noise", record["code"])
            for record in world.journal.records
            if record["what"] == "acked" and record.get("port", 0) == 0
        ]

    def by_a_gap(self, found) -> bool:
        """Say whether it is a missing exception in a gap; each covers one."""
        for loss in self._left:
            if found.what == "missing" and (loss.asset, int(loss.code, 16)) == (
                found.asset, found.code,
            ) and not gaps(self._gaps, [loss]).missing:  # fmt: skip
                self._left.remove(loss)
                return True
        return False


def _moment(world: World, at: float) -> datetime:
    now = datetime.fromtimestamp(world.clock.wall_ns() / 1e9, UTC)
    return now + timedelta(seconds=at - world.loop.time())


def _losses(world: World):
    """Yield what the machines lost, with the wall time at which it had happened."""
    happened = {}
    for record in world.journal.records:
        if record["what"] == "exception":
            happened[record["n"]] = record["t"]
        elif record["what"] == "lost" and record.get("port", 0) == 0:
            at = happened.get(record["of"], record["t"])
            yield Loss(record["egm"], _moment(world, at), record["reason"], record["code"])
