"""A gateway that only listens, beside the one that polls: both tell what happened on the floor.

Half the floor is enough: lines share nothing but the clock. ``SIMULATION_SEEDS=20`` runs more.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from gateway.demo.judge import judge
from tests.simulation.listening import ListeningWorld
from tests.simulation.world import run

SEEDS = range(1, 1 + int(os.environ.get("SIMULATION_SEEDS", "1")))
HALF = ("L1", "L3", "L5")


def test_a_clean_talk_is_told_event_for_event_without_a_mark(tmp_path):
    world = ListeningWorld(tmp_path, seed=1, only=HALF)
    for line in world.floor.lines.values():
        line.pull = lambda *_: 0  # nobody pulls a cable

    async def story(world):
        world.listen()
        world.start()
        await asyncio.sleep(120)
        await world.end()

    run(world, story)
    heard = judge(world.entries(), world.heard_stored())
    assert heard.agree, heard.disagreements[:5]
    assert heard.happened > 200
    assert not [event for event in world.heard_stored() if event.possible_repeat]
    assert world.gaps() == {}
    assert world.verdict().agree


@pytest.mark.parametrize("seed", SEEDS)
def test_cables_may_be_pulled_and_the_host_may_die(tmp_path, seed):
    world = ListeningWorld(tmp_path, seed, only=HALF)
    chance = random.Random(seed)

    async def story(world):
        world.listen()
        for _ in range(12):
            world.start()
            await asyncio.sleep(chance.expovariate(1 / 12))
            await world.kill()
            await asyncio.sleep(chance.choice((0.0, 0.2, 1.0, 8.0)))
        world.start()
        await world.end()

    run(world, story)
    assert world.verdict().agree
    assert world.unexplained() == ([], [])
    assert world.holes() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_listens_may_die_and_what_it_missed_is_declared(tmp_path, seed):
    world = ListeningWorld(tmp_path, seed, only=HALF)
    chance = random.Random(seed)

    async def story(world):
        world.start()
        for _ in range(12):
            world.listen()
            await asyncio.sleep(chance.uniform(4, 20))
            await world.kill_listener()
            await asyncio.sleep(chance.choice((0.05, 0.5, 3.0)))
        world.listen()
        await world.end()

    run(world, story)
    missing, invented = world.unexplained()
    assert (missing, invented) == ([], [])
    assert world.holes() == []
    assert {cause for gaps in world.gaps().values() for cause, _, _ in gaps} >= {"not_listening"}


@pytest.mark.parametrize("seed", SEEDS)
def test_bytes_may_be_lost_or_spoiled_on_the_tap_alone(tmp_path, seed):
    world = ListeningWorld(tmp_path, seed, only=HALF)
    chance = random.Random(seed)

    def spoil(data):
        fate = chance.random()
        if fate < 0.001:
            return b""
        if fate < 0.002:
            return data + bytes([chance.randrange(256)])
        if fate < 0.02 and len(data) > 3:
            return data[:-1] + bytes([data[-1] ^ 1 << chance.randrange(8)])
        return data

    async def story(world):
        world.listen()
        world.start()
        world.spoil = spoil
        await asyncio.sleep(180)
        world.spoil = lambda data: data
        await world.end()

    run(world, story)
    assert world.verdict().agree
    assert world.unexplained() == ([], [])
    assert world.holes() == []
    causes = {cause for gaps in world.gaps().values() for cause, _, _ in gaps}
    assert causes >= {"answer_not_read", "out_of_step"}
