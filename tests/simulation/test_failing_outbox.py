"""A disk that takes nothing, for a while, for ever or slowly: nothing undurable is acknowledged."""

from __future__ import annotations

import asyncio
import errno
import os
from itertools import pairwise

import pytest

from gateway.events.envelope import decode
from protocols.sas.allowlist import allowed
from tests.simulation.world import World, run

LINES = ("L1", "L2")
READINGS = (0x0F, 0x1A)
LONGER_S = 1.5


class Disk:
    """A disk that can be full, or slow."""

    def __init__(self):
        self.failing = 0  # commits that are still refused
        self.refused = 0

    def at(self, point):
        if point == "before_commit" and self.failing:
            self.failing -= 1
            self.refused += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def until(world, holds, most_s=120.0):
    most = world.loop.time() + most_s
    while not holds():
        assert world.loop.time() < most, f"not within {most_s} s; seed {world.seed}"
        await asyncio.sleep(0.01)


def world_on(disk, tmp_path, seed=1):
    world = World(tmp_path, seed, only=LINES, at=disk.at)
    for line in world.floor.lines.values():
        line.pull = lambda *_: 0  # nobody pulls a cable
    world.said = {name: [] for name in LINES}  # polls on each line: moment and bytes
    for name, line in world.lines.items():
        line.line.taps.append(
            lambda who, symbols, at, name=name: (
                world.said[name].append((at, symbols.data)) if who == "host" else None
            )
        )
    return world


def assert_acknowledged_only_what_was_on_disk(world):
    """Compare, machine by machine, when an exception was stored and when it was forgotten."""
    stored: dict[str, list[tuple[float, int, bool]]] = {}
    for at, row in world.committed:
        envelope = decode(row.body)
        if envelope.sascode is not None:
            told = at, int(envelope.sascode, 16), envelope.possiblerepeat
            stored.setdefault(envelope.asset, []).append(told)
    acked = [record for record in world.journal.records if record["what"] == "acked"]
    assert acked
    for record in acked:
        at, code, marked = stored[record["egm"]].pop(0)
        while marked and code != int(record["code"], 16):  # told twice, and said so
            at, code, marked = stored[record["egm"]].pop(0)
        assert code == int(record["code"], 16), record
        assert at <= record["t"] + 1e-6, f"forgotten before it was on disk: {record}"


@pytest.mark.parametrize("commits", [1, 3, 12])
def test_what_a_failing_disk_does_not_take_is_never_acknowledged_and_never_lost(tmp_path, commits):
    disk = Disk()
    world = world_on(disk, tmp_path, seed=commits)

    async def story(world):
        world.start()
        for _ in range(3):
            await asyncio.sleep(10)
            disk.failing = commits
            await until(world, lambda: not disk.failing)
        await world.quiet_end()

    run(world, story)
    assert disk.refused == 3 * commits
    assert world.verdict().agree, world.verdict().disagreements[:5]
    if commits < 5:  # else machines were left alone until their links went down
        assert not [stored for stored in world.stored() if stored.possible_repeat]
    assert_acknowledged_only_what_was_on_disk(world)


def test_a_disk_that_stays_full_gets_its_poll_twice_more_then_silence_and_readings_elsewhere(
    tmp_path,
):
    disk = Disk()
    world = world_on(disk, tmp_path)
    asked = {}

    async def story(world):
        world.start()
        await asyncio.sleep(21)  # between two heartbeats, which need the disk as well
        world.said["L1"].clear()
        world.said["L2"].clear()
        await until(world, lambda: world.floor.queued)  # a machine has something to say
        disk.failing = 1_000_000
        began = world.loop.time()
        await asyncio.sleep(60)
        asked.update(
            {job.info.name: job.state for job in world.gateway.lines},
            began=began,
            until=world.loop.time(),
        )
        disk.failing = 0
        await world.quiet_end()

    run(world, story)
    assert world.verdict().agree, world.verdict().disagreements[:5]
    assert_acknowledged_only_what_was_on_disk(world)
    assert sum(asked[name].startswith("waiting for the outbox") for name in LINES) >= 1
    for name in LINES:
        polls = [(at, poll) for at, poll in world.said[name] if at < asked["until"]]
        late = [poll for at, poll in polls if at > asked["began"] + LONGER_S]
        if asked[name].startswith("waiting"):
            assert "disk is full" in asked[name]
            assert late == []
            assert [poll for _, poll in polls[-3:]] == [polls[-1][1]] * 3
            paces = [after - before for (before, _), (after, _) in pairwise(polls[-3:])]
            assert paces == pytest.approx([0.2, 0.2], abs=0.06)
        else:
            general = [poll for poll in late if len(poll) == 1 and poll != b"\x80"]
            assert general == []
            assert {poll[1] for poll in late if len(poll) > 1} <= set(READINGS)


def test_lines_with_nothing_outstanding_keep_their_links_up_while_the_disk_is_full(tmp_path):
    disk = Disk()
    world = world_on(disk, tmp_path)
    up = []

    async def story(world):
        world.floor.set_play(world.loop.time(), on=False)
        world.start()
        await asyncio.sleep(15)
        for job in world.gateway.lines:  # no reading of ours may be what the disk does not take
            job._cadence.put_off(1e9)
        await asyncio.sleep(1)
        disk.failing = 1_000_000
        await asyncio.sleep(11)  # the next heartbeat is what the disk does not take
        while world.loop.time() < 1000 + 300:
            await asyncio.sleep(5)
            states = [job.state for job in world.gateway.lines]
            up.append((states, sum(link.live for job in world.gateway.lines
                                   for link in job.links.values())))  # fmt: skip
        world.machines_up = [machine.link_up for machine in world.floor.machines.values()]
        disk.failing = 0
        await world.quiet_end()

    run(world, story)
    machines = len(world.site.egms)
    assert up[-1] == (["polling", "polling"], machines)
    assert all(world.machines_up)
    gaps = [stored for stored in world.stored() if stored.type == "link.gap"]
    assert gaps == []
    for name in LINES:
        polls = [poll for at, poll in world.said[name] if 1030 < at < 1300]
        assert len(polls) > 270 / 0.2
        assert not [poll for poll in polls if len(poll) == 1 and poll != b"\x80"]
        assert all(allowed(poll, "any_line") for poll in polls)
