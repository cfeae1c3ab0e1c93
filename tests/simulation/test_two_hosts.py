"""The certified host on the first SAS port, our gateway on the second, of the same machines."""

from __future__ import annotations

import asyncio
import random

from tests.simulation.two_hosts import TwoHostsFloor
from tests.simulation.world import World, run


class TwoHosts(TwoHostsFloor, World):
    """That floor, and our gateway."""


def test_both_hosts_get_every_exception_of_machines_that_they_poll_at_once(tmp_path):
    world = TwoHosts(tmp_path, seed=1)
    chance = random.Random(1)

    async def story(world):
        hosting = [asyncio.create_task(host.run()) for host in world.hosts]
        for _ in range(2):
            world.start()
            await asyncio.sleep(chance.uniform(30, 60))
            await world.kill()
            await asyncio.sleep(chance.choice((0.2, 1.0)))
        world.start()
        await world.quiet_end()
        for task in hosting:
            task.cancel()

    run(world, story)
    ours = world.verdict()
    assert ours.agree, ours.disagreements[:5]
    assert ours.happened > 200
    assert not [record for record in world.journal.records if record["what"] == "lost"]
    assert world.host_heard() == world.told_the_host()
    world.port = 0
    told = sorted((entry.asset, entry.number) for entry in world.entries())
    world.port = 1
    assert told == sorted((entry.asset, entry.number) for entry in world.entries())
    assert sum(host.orders for host in world.hosts) > 10


def test_a_machine_that_must_have_its_certified_host_stops_without_it_and_tells_us(tmp_path):
    world = TwoHosts(tmp_path, seed=2)

    async def story(world):
        world.start()
        await asyncio.sleep(8)
        assert world.floor.machines["10104"].cabinet.hosts_lost == [0]
        hosting = [asyncio.create_task(host.run()) for host in world.hosts]
        await world.quiet_end()
        assert world.floor.machines["10104"].cabinet.hosts_lost == []
        for task in hosting:
            task.cancel()

    run(world, story)
    tilts = [one for one in world.stored() if one.code == 0x20]
    assert [one.asset for one in tilts] == ["10104"]
    ours = world.verdict()
    assert ours.agree, ours.disagreements[:5]
