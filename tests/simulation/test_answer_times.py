"""A machine that answers slowly is found by its figure, not by its neighbours' delay."""

from __future__ import annotations

import asyncio

from floor_sim.faults.fault import Fault
from tests.simulation.world import World, run


def test_the_slow_machine_of_a_line_has_the_long_answer_time(tmp_path):
    world = World(tmp_path, 3, only=("L1",))
    seen = {}

    async def story(world):
        world.start()
        await asyncio.sleep(10)
        slow = Fault(kind="delay", address=3, delay_s=0.06, direction="to_host")
        world.floor.lines["L1"].faults.add(slow, world.loop.time())
        await asyncio.sleep(30)
        job = world.gateway.lines[0]
        seen.update({address: job.answer_times.mean_ms(address) for address in job.links})

    run(world, story)
    slow_ms = seen.pop(3)
    assert 60 <= slow_ms <= 100
    assert all(took_ms < 30 for took_ms in seen.values())
