"""A disk that takes its time: lines wait for it by the rule, and nothing is lost."""

from __future__ import annotations

import asyncio
from itertools import groupby, pairwise

import pytest

from gateway.outbox.writer import InlineWriter
from tests.simulation import world as world_module
from tests.simulation.test_failing_outbox import (
    LINES,
    Disk,
    assert_acknowledged_only_what_was_on_disk,
    world_on,
)
from tests.simulation.world import run

REPEATS = 3  # a poll and the two repeats that are allowed


class SlowWriter(InlineWriter):
    """Has on disk what was submitted ``takes_s`` ago, everything that waits at once."""

    takes_s = 0.0

    def submit(self, commit):
        self._refuse_if_closed()
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._intake.put(commit, done)
        if self._timer is None:
            self._timer = loop.call_later(self.takes_s, self._flush, loop)
        return done


@pytest.mark.parametrize("takes_s", [0.3, 2.0])
def test_commits_that_take_long_hold_their_line_to_its_poll_and_lose_nothing(
    tmp_path, monkeypatch, takes_s
):
    monkeypatch.setattr(SlowWriter, "takes_s", takes_s)
    monkeypatch.setattr(world_module, "InlineWriter", SlowWriter)
    world = world_on(Disk(), tmp_path)
    states = set()

    async def story(world):
        world.start()
        for _ in range(100):
            await asyncio.sleep(0.1)
            states.update(job.state.partition(":")[0] for job in world.gateway.lines)
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, verdict.disagreements[:5]
    assert len(world.stored()) > 50
    assert_acknowledged_only_what_was_on_disk(world)
    if takes_s < 1:  # else machines wait for their neighbours' commits until their links go down
        stored = world.stored()
        assert [one.type for one in stored if one.type in {"link.gap", "link.down"}] == []
        assert [one for one in stored if one.possible_repeat] == []
    assert "waiting for the outbox" in states
    longest = 0
    for name in LINES:
        times = [[at for at, _ in run] for _, run in groupby(world.said[name], lambda one: one[1])]
        longest = max([longest, *map(len, times)])
        paces = [b - a for run in times for a, b in pairwise(run)]
        assert min(paces) > 0.15  # repeated at its pace, never faster
    assert longest == (2 if takes_s < 0.4 else REPEATS)
