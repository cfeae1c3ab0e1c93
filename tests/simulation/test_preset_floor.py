"""A gateway with the site that slotsim exports, on the floor that it exports it for."""

from __future__ import annotations

import asyncio

from edge_config.loader import parse_toml
from floor_sim.export_site import SiteWords, site_text
from floor_sim.floor_file import FloorFile
from floor_sim.presets import preset
from tests.simulation.world import World, run


def test_what_happens_on_a_preset_floor_is_told_event_for_event(tmp_path):
    file = parse_toml(preset(8, 5), FloorFile, "floor.toml")
    site = tmp_path / "site.toml"
    site.write_text(site_text(file, SiteWords()))

    class PresetWorld(World):
        site_file = site

        def floor_file(self):
            return file

    world = PresetWorld(tmp_path / "run", 5)

    async def story(world):
        world.start()
        await asyncio.sleep(240)
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, verdict.disagreements[:5]
    assert {stored.asset for stored in world.stored()} >= set(world.floor.machines)
    assert sum(stored.code == 0x7F for stored in world.stored()) > 5
