"""One seed is one run; and what is left of one that failed."""

from __future__ import annotations

import asyncio

from protocols.sas.capture_reader import read_capture
from tests.simulation.failed import CAPTURE, keep
from tests.simulation.world import World, run


def played(folder, seed):
    folder.mkdir()
    world = World(folder, seed)

    async def story(world):
        world.start()
        await asyncio.sleep(20)
        await world.kill()

    run(world, story)
    return world


def test_one_seed_is_one_run_bit_for_bit_and_another_is_another(tmp_path):
    first, same, other = (
        played(tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert first.journal.records == same.journal.records
    assert keep(first).startswith("seed 7; ")
    keep(same), keep(other)
    captures = [(tmp_path / name / CAPTURE).read_text() for name in "abc"]
    assert captures[0] == captures[1]
    assert captures[0] != captures[2]
    assert first.journal.records != other.journal.records
    found, problems = read_capture(captures[0].splitlines(keepends=True))
    assert problems == []
    assert {capture.header.line for capture in found} == set(first.lines)
