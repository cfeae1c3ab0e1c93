"""Whole floors in virtual time: what happened on the floor is what the server has.

The first seed runs the whole floor, the others two lines of it. ``SIMULATION_SEEDS=20`` runs more.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from gateway.bus.model import Faults
from tests.simulation.world import World, run

SEEDS = range(1, 1 + int(os.environ.get("SIMULATION_SEEDS", "1")))


def lines_of(seed):
    return () if seed == 1 else ("L2", "L4")


@pytest.mark.parametrize("seed", SEEDS)
def test_five_quiet_minutes_are_told_event_for_event_without_a_mark(tmp_path, seed):
    world = World(tmp_path, seed, only=lines_of(seed))
    for line in world.floor.lines.values():
        line.pull = lambda *_: 0  # nobody pulls a cable

    async def story(world):
        world.start()
        await asyncio.sleep(300)
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, verdict.disagreements[:5]
    assert not [stored for stored in world.stored() if stored.possible_repeat]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gateway_may_die_at_any_moment(tmp_path, seed):
    world = World(tmp_path, seed, only=lines_of(seed))
    chance = random.Random(seed)

    async def story(world):
        for _ in range(30):
            world.start()
            await asyncio.sleep(chance.expovariate(1 / 6))
            await world.kill()
            await asyncio.sleep(chance.choice((0.0, 0.2, 1.0, 4.0)))
        world.start()
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, (seed, verdict.disagreements[:5])


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_of_the_server_may_be_lost(tmp_path, seed):
    chance = random.Random(seed)

    def faults(_subject):
        return Faults(
            arrives=chance.random() > 0.02, answered=chance.random() > 0.02,
            delay_s=chance.choice((0.001, 0.01, 0.3)),
        )  # fmt: skip

    world = World(tmp_path, seed, faults, only=lines_of(seed))

    async def story(world):
        world.start()
        await asyncio.sleep(60)
        world.link.cut()
        await asyncio.sleep(60)
        world.link.connect()
        await asyncio.sleep(60)
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, (seed, verdict.disagreements[:5])


def test_a_gap_outlives_the_gateway_that_was_in_it(tmp_path):
    world = World(tmp_path, 5)

    async def story(world):
        world.start()
        await asyncio.sleep(20)
        world.floor.lines["L1"].pull(20, world.loop.time())
        await asyncio.sleep(8)
        await world.kill()
        await asyncio.sleep(1)
        world.start()
        await asyncio.sleep(60)
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, verdict.disagreements[:5]
    gaps = [stored for stored in world.stored() if stored.type == "link.gap"]
    on_line = {egm.asset for egm in world.site.egms_on("L1")}
    assert {gap.asset for gap in gaps} >= on_line
    assert len([gap for gap in gaps if gap.asset in on_line]) == len(on_line)
