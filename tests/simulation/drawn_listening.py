"""A drawn life of a gateway that only listens: its host is our own gateway, or a certified one.

The line has its noise, and so have the taps alone; cables are pulled, the host goes away, and the
listener is crashed like any other gateway (``crashing``). In listen mode nothing is lost outside a
declared gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import random

from gateway.demo.judge import judge
from tests.simulation.certified_host import CertifiedHost
from tests.simulation.crashing import (
    ANY_MOMENT,
    EVERYWHERE,
    TALK_POINTS,
    Crash,
    CrashingLink,
    quick_gateway,
)
from tests.simulation.drawn import (
    KEEP,
    LINES,
    Life,
    count_pulls,
    lossy_bus,
    met,
    moment,
    pause,
    spoil,
)
from tests.simulation.listening import ListeningWorld
from tests.simulation.world import run
from tests.torture.account import Gaps, Loss, Marks

POINTS = (*EVERYWHERE, *TALK_POINTS, *TALK_POINTS)
LATE_S = 0.03
"""Answers are late within their slot: one byte that comes in its neighbour's is the neighbour's, to
whoever only listens (the README's limits say so)."""
OF_SEQUENCES = frozenset({"hole", "twice", "order"})


class DyingListener(ListeningWorld):
    """A world whose listener can be crashed between any two steps, and within a commit."""

    def __post_init__(self):
        super().__post_init__()
        self.crash = Crash(self.folder / "listens")
        self.loop.watch = self.crash.step
        self.heard_link = CrashingLink(self.heard_server, self.faults, self.crash)
        self.heard_at = self.crash.reached
        self.keep = KEEP
        for receiver in self.receivers.values():
            self._watch(receiver)
        self._hosting = []

    def _watch(self, receiver):
        read = receiver.read

        async def watched(deadline):
            heard = await read(deadline)
            if heard is not None:
                self.crash.reached("talk_heard")
            return heard

        receiver.read = watched

    async def bury(self, *, power: bool = False) -> None:
        """Drop the process image; with ``power`` its computer lost it."""
        await self.kill_listener()
        self.crash.bury()
        self.heard_link.bury()
        if power:
            self.crash.cut_power(pages=True)

    def host(self, *, certified: bool) -> None:
        """Let somebody poll: a certified host, or a gateway of ours."""
        if not certified:
            self.start()
            return
        for name, line in self.lines.items():
            assets = {egm.address: egm.asset for egm in self.site.egms_on(name)}
            self._hosting.append(asyncio.create_task(CertifiedHost(line, assets).run()))

    async def unhost(self) -> None:
        """Let nobody poll."""
        for task in self._hosting:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._hosting.clear()
        if self.gateway is not None:
            await self.kill()


def live(folder, seed: int) -> Life:
    """Live the life of ``seed`` in an empty ``folder``."""
    chance = random.Random(f"drawn listening {seed}")
    life = Life(seed, "listen")
    line, certified = chance.choice(LINES), chance.random() < 0.5
    life.injected["tap"] += (tapped := chance.random() < 0.3)
    world = DyingListener(folder, seed, lossy_bus(chance, life), only=(line,))

    async def story(world):
        spoil(world.floor.lines[line], chance, life, world.loop.time(), (LATE_S,))
        if tapped:
            world.spoil = lambda data: _spoil(data, chance)
        world.listen()
        world.host(certified=certified)
        await asyncio.sleep(0.01)  # from now on there is somebody who can miss something
        for _ in range(chance.randrange(2, 6)):
            await _chapter(world, line, chance, life, certified=certified)
        world.floor.lines[line].faults.clear()
        world.spoil = lambda data: data
        world.heard_link.connect()
        await world.end()
        await world.unhost()

    with quick_gateway(world.crash):
        run(world, story)
    _settle(world, life)
    return life


async def _chapter(
    world: DyingListener, line: str, chance: random.Random, life: Life, *, certified: bool
) -> None:
    """Let some time pass, and something happen."""
    what = chance.choice(("nothing", "step", "point", "point", "power", "bus", "cable", "host"))
    life.injected[what] += what != "nothing"
    if what == "bus":
        world.heard_link.cut()
        await asyncio.sleep(chance.uniform(1, 20))
        world.heard_link.connect()
    elif what == "cable":
        world.floor.pull_line(line, chance.uniform(0.5, 12), world.loop.time())
    elif what == "host":
        await world.unhost()
        await asyncio.sleep(pause(chance))
        world.host(certified=certified)
    elif what in {"point", "power"}:
        if await met(world.crash, chance.choice(POINTS), chance):
            await world.bury(power=what == "power")
            await asyncio.sleep(pause(chance))
            world.listen()
    elif what == "step":
        await asyncio.sleep(chance.expovariate(1 / 6))
        world.crash.hits[ANY_MOMENT] += 1
        world.crash.now()
        await world.bury()
        await asyncio.sleep(pause(chance))
        world.listen()
    await asyncio.sleep(chance.uniform(2, 12))


def _spoil(data: bytes, chance: random.Random) -> bytes:
    """Lose or spoil what passes a tap, and nobody else hears so."""
    fate = chance.random()
    if fate < 0.001:
        return b""
    if fate < 0.002:
        return data + bytes([chance.randrange(256)])
    if fate < 0.02 and len(data) > 3:
        return data[:-1] + bytes([data[-1] ^ 1 << chance.randrange(8)])
    return data


def _settle(world: DyingListener, life: Life) -> None:
    """Compare what was handed over with what was told."""
    count_pulls(world, life)
    heard = world.account()
    verdict = judge(world.entries(), world.heard_stored())
    wrong = [one for one in verdict.disagreements if one.what in OF_SEQUENCES]
    wrong += [f"invented: {asset} {told}" for asset, told in heard.invented]
    life.disagreements = tuple(wrong)
    missing = tuple(
        Loss(asset, moment(world, at), "heard, and not told", code)
        for asset, code, at in heard.missing
    )
    life.happened = verdict.happened
    told = [one for some in world.told().values() for one in some]
    life.marks = Marks(heard.repeats, sum(one.possible_repeat for one in told))
    life.covered = heard.covered
    life.gaps = Gaps(heard.covered.total() + len(missing), missing, heard.gaps, heard.covering)
    life.hits = world.crash.hits
    life.ledger = [repr(record) for record in world.journal.records]
    life.events = [
        message.body for stream in world.heard_server.streams.values()
        for message in stream.messages
    ]  # fmt: skip
