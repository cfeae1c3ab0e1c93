"""The page of restarts names every crash point, and a kill at each of them loses nothing."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from gateway.outbox.crashpoints import POINTS
from tests.simulation.crashing import BUS_POINTS, TALK_POINTS, TURN_POINTS
from tests.simulation.world import World, run

PAGE = Path("gateway/edge/RESTART.md")


def test_every_crash_point_is_in_the_table_and_no_other():
    table = PAGE.read_text("utf-8").partition("## Named crash points")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(POINTS)


def test_every_moment_at_which_a_simulated_process_dies_is_in_a_table_too():
    rows = [row for row in PAGE.read_text("utf-8").splitlines() if row.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {*TURN_POINTS, *BUS_POINTS, *TALK_POINTS} <= named


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_a_gateway_that_dies_around_a_commit_tells_everything_once_it_is_back(tmp_path, point):
    kills = 0
    armed = asyncio.Event()

    def at(reached):
        nonlocal kills
        if reached == point and armed.is_set():
            armed.clear()
            kills += 1
            died.set()
            raise OSError("the process dies here")

    world = World(tmp_path, 4, only=("L1",), at=at)
    died = asyncio.Event()

    async def story(world):
        for _ in range(12):
            world.start()
            await asyncio.sleep(3)
            armed.set()
            await died.wait()
            died.clear()
            await world.kill()
            await asyncio.sleep(0.3)
        world.start()
        await world.quiet_end()

    run(world, story)
    assert kills == 12
    assert world.verdict().agree, world.verdict().disagreements[:5]
