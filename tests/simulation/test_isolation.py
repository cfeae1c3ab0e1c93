"""One bad machine hurts nobody: its neighbours on the line keep their pace and their events."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from statistics import median

import pytest

from gateway.edge.egm import RETRY_FIRST_S
from gateway.meaning.engine import EgmEngine
from tests.simulation.world import World, run

LINE = "L1"
RETRY_FIRST_LINK_S = 0.9  # a little less than the first pause of a link that is down
RETRY_MAX_S = 5.0  # of the demo's lines
PACE_S = 0.25  # the poll interval and a little


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path, 4, only=(LINE,))
    world.floor.lines[LINE].pull = lambda *_: 0  # nobody pulls a cable
    world.polls = {egm.address: [] for egm in world.site.egms}
    world.lines[LINE].line.taps.append(
        lambda who, symbols, at: (
            world.polls[symbols.data[0] & 0x7F].append(at)
            if who == "host" and symbols.data[0] & 0x7F in world.polls
            else None
        )
    )
    return world


def paces(world, address, since):
    """Seconds between the polls to a machine, repeats of a poll aside."""
    times = [at for at in world.polls[address] if at >= since]
    return [after - before for before, after in pairwise(times)]


def test_a_defect_in_one_machines_work_stops_neither_its_line_nor_its_neighbours(
    world, monkeypatch, caplog
):
    bad = world.site.egms[0]
    observe = EgmEngine.observe

    def fails(self, item):
        if item.asset == bad.asset:
            raise ZeroDivisionError("a defect")
        return observe(self, item)

    async def story(world):
        world.start()
        await asyncio.sleep(20)
        with monkeypatch.context() as broken:
            broken.setattr(EgmEngine, "observe", fails)
            world.began = world.loop.time()
            await asyncio.sleep(40)
            job = world.gateway.lines[0]
            states = {work.info.asset: work.quarantined for work in job.works.values()}
            assert [asset for asset, why in states.items() if why] == [bad.asset]
            assert all(link.live for link in job.links.values())
        await asyncio.sleep(RETRY_FIRST_S)
        assert not any(work.quarantined for work in job.works.values())
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()  # each exception once, those of the quarantine as raw frames
    assert verdict.agree, verdict.disagreements[:5]
    stored = world.stored()
    told = [one for one in stored if one.type == "egm.quarantined"]
    assert [one.asset for one in told] == [bad.asset]
    assert {one.asset for one in stored if one.type == "gateway.defect"} == {bad.asset}
    assert "it is quarantined" in caplog.text
    for address in world.polls:
        assert max(paces(world, address, world.began)) < 2 * PACE_S


def test_a_machine_that_falls_silent_is_tried_ever_more_rarely_and_costs_its_neighbours_nothing(
    world,
):
    dead = world.site.egms[1].address

    async def story(world):
        world.start()
        await asyncio.sleep(20)
        silence = {"kind": "silence", "line": LINE, "address": dead, "direction": "to_host"}
        world.began = world.loop.time()
        number = world.floor.faults.add(world.floor.faults.read(silence), world.began)
        await asyncio.sleep(40)
        world.floor.faults.remove(number, world.loop.time())
        world.back = world.loop.time()
        await asyncio.sleep(20)
        assert all(link.live for link in world.gateway.lines[0].links.values())
        await world.quiet_end()

    run(world, story)
    assert world.verdict().agree, world.verdict().disagreements[:5]
    between = [pace for pace in paces(world, dead, world.began) if pace > RETRY_FIRST_LINK_S]
    assert between[:3] == pytest.approx([1, 2, 4], abs=2 * PACE_S)
    assert between[3:6] == pytest.approx([RETRY_MAX_S] * 3, abs=2 * PACE_S)
    for address in world.polls.keys() - {dead}:
        late = [at for at in world.polls[address] if world.began + 10 < at < world.back]
        pauses = [after - before for before, after in pairwise(late)]
        assert median(pauses) < PACE_S
        assert max(pauses) < 1.0  # its one slot, and what is asked again after it
    gaps = {one.asset for one in world.stored() if one.type == "link.gap"}
    assert gaps == {world.site.egms[1].asset}
