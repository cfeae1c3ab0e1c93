"""A second machine is set to an address that is taken: all in virtual time."""

from __future__ import annotations

import asyncio

from floor_sim.faults import Fault, FaultKind
from gateway.events.envelope import decode
from tests.simulation.world import World, run


def told(world: World) -> list[tuple[str, dict]]:
    """What the server has of suspicions: asset number and data."""
    link = [message for name, one in world.server.streams.items() if name == "SLOT_LINK"
            for message in one.messages]  # fmt: skip
    events = [decode(message.body) for message in link]
    return [(one.asset, one.data) for one in events if one.name == "link.addressshared"]


def test_a_second_machine_at_an_address_is_suspected_there_and_nowhere_else(tmp_path):
    world = World(tmp_path, 4, only=("L1",))
    (asset,) = (egm.asset for egm in world.site.egms_on("L1") if egm.address == 1)

    async def story(world):
        world.start()
        await asyncio.sleep(15)
        assert told(world) == []
        world.floor.lines["L1"].faults.add(
            Fault(kind=FaultKind.TWIN, line="L1", address=1), world.loop.time()
        )
        await asyncio.sleep(60)
        await world.kill()

    run(world, story)
    assert {where for where, _ in told(world)} == {asset}
    ((_, data),) = told(world)
    assert (data["line"], data["address"]) == ("L1", 1)
