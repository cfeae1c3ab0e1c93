"""A poll that a machine does not answer, over a restart of the gateway: all in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation import world as worlds
from tests.simulation.jumping import run_jumping
from tests.simulation.memory_port import MemoryPort

CREDITS = 0x1A


class PortToAnOldMachine(MemoryPort):
    """The machine at address 1 does not know poll 1A: it says nothing."""

    asked: list[float]

    def write(self, poll: bytes) -> None:
        if poll[:2] == bytes([1, CREDITS]):
            type(self).asked.append(asyncio.get_running_loop().time())
            return
        super().write(poll)


@pytest.fixture
def old_machine(monkeypatch):
    monkeypatch.setattr(PortToAnOldMachine, "asked", [], raising=False)
    monkeypatch.setattr(worlds, "MemoryPort", PortToAnOldMachine)
    return PortToAnOldMachine


def test_a_poll_that_a_machine_does_not_know_is_not_learned_again_by_the_next_process(
    tmp_path, old_machine
):
    world = worlds.World(tmp_path, 3)

    async def story():
        world.start()
        await asyncio.sleep(16)
        asked_before = len(old_machine.asked)
        await world.kill()
        world.start()
        await asyncio.sleep(8)
        for job in world.gateway.lines:
            assert all(link.live for link in job.links.values())
        asked_after = len(old_machine.asked) - asked_before
        await world.kill()
        return asked_before, asked_after

    asked_before, asked_after = run_jumping(story(), world.loop)
    lines = len({egm.line for egm in world.site.egms if egm.address == 1})
    assert asked_before == 6 * lines  # three turns of two polls, then never again
    assert asked_after == 0
