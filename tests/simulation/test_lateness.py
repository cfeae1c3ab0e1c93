"""Late is what we are, not what silent machines make of a line's pace."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.world import World, run


@pytest.fixture
def world(tmp_path):
    return World(tmp_path, 3, only=("L1",))


def said(caplog):
    return [one.message for one in caplog.records if "late" in one.message]


def test_machines_that_fall_silent_are_no_fault_of_this_computer(world, caplog):
    behind = []

    async def story(world):
        world.start()
        await asyncio.sleep(20)
        job = world.gateway.lines[0]
        world.floor.lines["L1"].pull(30, world.loop.time())
        for _ in range(100):
            await asyncio.sleep(0.1)
            behind.append(job.lateness.behind)
        assert not any(link.live for link in job.links.values())
        assert job.lateness.spread.worst_s < 0.1

    run(world, story)
    assert said(caplog) == []
    assert any(behind)  # the line could not keep its pace: readings were left out


@pytest.mark.parametrize("into_s", [0.0, 0.005, 0.02])  # whatever the line does just then
def test_a_loop_that_stands_still_is_told_once_and_when_it_is_well_again(world, caplog, into_s):
    async def story(world):
        world.start()
        await asyncio.sleep(15)
        line = world.lines["L1"].line
        polled = asyncio.Event()
        line.taps.append(lambda who, *_: polled.set() if who == "host" else None)
        await polled.wait()
        await asyncio.sleep(into_s)
        world.loop.jumping.now += 1.5  # nothing of ours ran meanwhile
        await asyncio.sleep(25)

    run(world, story)
    late, well = [one.message for one in caplog.records if one.message.startswith("line L1")]
    assert late.startswith("line L1: a poll left 1.")
    assert "overloaded" in late
    assert well == "line L1 keeps its time again"
