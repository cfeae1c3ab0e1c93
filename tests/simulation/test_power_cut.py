"""The gateway's computer loses its power: what was acknowledged without being kept is a gap."""

from __future__ import annotations

import asyncio

import pytest

from gateway.events.envelope import decode
from tests.simulation.crashing import quick_gateway
from tests.simulation.drawn import DyingWorld
from tests.simulation.world import run


@pytest.mark.parametrize("pages", [True, False], ids=["pages are left", "no page is left"])
@pytest.mark.parametrize("answers", [1, 4, 40])
def test_after_a_power_cut_every_machine_has_a_gap_also_one_of_which_nothing_was_kept(
    tmp_path, pages, answers
):
    world = DyingWorld(tmp_path / "run", 3, only=("L2",))
    world.floor.lines["L2"].pull = lambda *_: 0  # nobody pulls a cable

    async def story(world):
        world.start()
        world.crash.arm("answer_heard", answers)
        await world.crash.over.wait()
        await world.bury(power=True, pages=pages)
        await asyncio.sleep(8)
        world.start()
        world.back_s = world.loop.time()
        await asyncio.sleep(15)
        await world.quiet_end()

    with quick_gateway(world.crash):
        run(world, story)
    events = [decode(one.body) for one in world.server.streams["SLOT_LINK"].messages]
    gaps = {one.asset: one for one in events if one.name == "link.gap"}
    assert gaps.keys() == {egm.asset for egm in world.site.egms}
    assert {one.data["cause"] for one in gaps.values()} == {"restart_unknown"}
    for one in gaps.values():  # it begins with the process that does not know
        told_s = one.time.timestamp() - world.clock.wall_ns() / 1e9 + world.clock.monotonic()
        assert one.data["gap_s"] == pytest.approx(told_s - world.back_s, abs=0.01)
