"""A line of our own whose machines are asked to send real-time events: all in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.protocols.sas.host.wire_oracle import signed
from tests.simulation.world import World, run

BILLS = frozenset({*range(0x47, 0x4F), 0x50})
BILL_IN_EVENT_MODE = 0x4F


def own_line(folder, *, real_time: bool) -> World:
    world = World(folder, 6, only=("L1",))
    lines = tuple(
        one.model_copy(update={"allow": "own_line", "real_time": real_time})
        for one in world.site.lines
    )
    world.site = world.site.model_copy(update={"lines": lines})
    world.places = replace(world.places, site=world.site)
    return world


def test_a_line_in_event_mode_tells_event_for_event_what_its_machines_had_to_say(tmp_path):
    world = own_line(tmp_path, real_time=True)
    written = []

    async def story(world):
        world.start()
        await asyncio.sleep(60)
        await world.quiet_end()
        (job,) = world.gateway.lines
        written.extend(poll for _, poll in job.port.written)
        assert all(link.live for link in job.links.values())
        assert all(port.real_time for port in world.floor.lines["L1"].ports)

    run(world, story)
    verdict = world.verdict()
    # in this mode every bill is a 4F, whatever it is worth; nothing else may differ
    differ = [one for one in verdict.disagreements if one.code not in BILLS]
    assert [one for one in differ if one.code != BILL_IN_EVENT_MODE] == []
    bills = len(verdict.disagreements) - len(differ)
    assert bills == len(differ) > 0
    assert verdict.lost == verdict.repeats == 0
    for egm in world.site.egms_on("L1"):
        assert written.count(signed(f"{egm.address:02x}0e01")) == 1


@pytest.mark.parametrize("idle", [None, 0x00, 0x1F])
def test_machines_that_were_left_in_event_mode_are_found_and_taken_out_of_it(tmp_path, idle):
    world = own_line(tmp_path, real_time=False)
    written = []

    async def story(world):
        ports = world.floor.lines["L1"].ports
        world.start()
        await world.quiet_end()
        await world.kill()
        for port in ports:
            port.real_time = True
            port.settings = replace(port.settings, real_time_idle=idle)
        world.start()
        await asyncio.sleep(15)
        (job,) = world.gateway.lines
        assert all(link.live for link in job.links.values())
        assert not any(port.real_time for port in ports)
        written.extend(poll for _, poll in job.port.written)

    run(world, story)
    for egm in world.site.egms_on("L1"):
        assert written.count(signed(f"{egm.address:02x}0e00")) == 1
        assert written.count(signed(f"{egm.address:02x}0e01")) == 0


def test_machines_that_come_back_are_not_switched_though_readings_may_find_them_first(tmp_path):
    world = own_line(tmp_path, real_time=False)
    written = []

    async def story(world):
        world.start()
        for seconds in (6.0, 7.0, 8.0, 9.0):
            world.floor.pull_line("L1", seconds, world.loop.time())
            await asyncio.sleep(15)
        (job,) = world.gateway.lines
        written.extend(poll for _, poll in job.port.written)

    run(world, story)
    assert sum(poll[1:2] == b"\x0f" for poll in written) > 4
    assert not [poll for poll in written if poll[1:2] == b"\x0e"]
