"""A doubt outlives any number of processes; an empty queue ends it, or what came behind it."""

from __future__ import annotations

import asyncio

from floor_sim.doings import do
from gateway.edge.keys import last_key
from gateway.events.envelope import decode
from tests.simulation.world import World, run

LINE, ASSET = "L1", "10101"
DOOR, HANDPAY, BILL, POWER_APPLIED = "11", "51", "4A", "17"


class Story:
    """One machine of a floor that nobody plays on, and the gateway that dies at its words."""

    def __init__(self, folder):
        self.world = World(folder, 1, only=(LINE,))
        self.world.floor.lines[LINE].pull = lambda *_: 0  # nobody pulls a cable
        self.machine = self.world.floor.machines[ASSET]
        self.world.floor.set_play(0.0, on=False)

    def act(self, words):
        assert do(self.machine, words, self.world.loop.time()), words

    async def told(self, code, times=1):
        """Wait until the machine's exception is committed: the next poll would acknowledge it."""
        async with asyncio.timeout(60):
            while sum(one == code for one, _ in self.codes()) < times:  # noqa: ASYNC110  no event
                await asyncio.sleep(0.0005)

    def codes(self):
        events = [decode(row.body) for _, row in self.world.committed]
        return [(one.sascode, one.possiblerepeat) for one in events if one.asset == ASSET]

    async def twice_killed(self):
        """Leave a door in doubt that a handpay overtakes: both processes die before they know."""
        world = self.world
        world.start()
        await asyncio.sleep(10)
        self.act("door open slot")
        await self.told(DOOR)
        await world.kill()
        self.act("power off")
        self.act("power on")  # the machine has forgotten that it said so
        self.act("jackpot 1250")
        world.start()
        await self.told(HANDPAY)
        await world.kill()

    def kept(self):
        return self.world.gateway.store.restore().keys[last_key(ASSET)]


def test_an_event_that_was_overtaken_is_marked_when_it_comes_again_two_deaths_later(tmp_path):
    story = Story(tmp_path)

    async def happens(world):
        await story.twice_killed()
        world.start()
        await story.told(DOOR, 2)
        await world.quiet_end()

    run(story.world, happens)
    assert [marked for code, marked in story.codes() if code == DOOR] == [False, True]
    verdict = story.world.verdict()
    assert verdict.agree, verdict.disagreements[:5]


def test_what_came_behind_them_in_the_queue_ends_the_doubts_for_the_next_process_too(tmp_path):
    story = Story(tmp_path)

    async def happens(world):
        await story.twice_killed()
        world.start()
        assert set(story.kept().split()) == {DOOR, HANDPAY}
        await asyncio.sleep(10)
        assert story.kept() == POWER_APPLIED
        await world.kill()
        world.start()
        await asyncio.sleep(5)
        before = len(story.codes())
        story.act("door open slot")
        await story.told(DOOR, 3)
        assert not any(marked for _, marked in story.codes()[before:])
        await world.quiet_end()

    run(story.world, happens)
    assert story.world.verdict().agree


def told_again_after_a_kill(folder, between):
    """Return the marks of a bill, and of another one that is put in while no gateway is there."""
    story = Story(folder)

    async def happens(world):
        world.start()
        await asyncio.sleep(10)
        story.act("bill 20")
        await story.told(BILL)
        assert story.kept() == BILL
        await between(world)
        story.act("bill 20")
        world.start()
        await story.told(BILL, 2)
        await world.quiet_end()

    run(story.world, happens)
    assert story.world.verdict().agree
    return [marked for code, marked in story.codes() if code == BILL]


def test_what_was_acknowledged_before_a_kill_is_not_in_doubt_after_it(tmp_path):
    async def killed_once_the_queue_was_empty(world):
        await asyncio.sleep(0.6)
        await world.kill()

    assert told_again_after_a_kill(tmp_path, killed_once_the_queue_was_empty) == [False, False]


def test_what_a_kill_left_unacknowledged_is_in_doubt_after_it(tmp_path):
    async def killed_at_once(world):
        await world.kill()

    assert told_again_after_a_kill(tmp_path, killed_at_once) == [False, True]


def test_a_power_cut_takes_along_what_was_known_to_be_acknowledged(tmp_path, monkeypatch):
    async def cut(world):
        await asyncio.sleep(0.6)
        await world.kill()
        monkeypatch.setattr("gateway.edge.page.boot_id", lambda: bytes(15) + b"2")

    assert told_again_after_a_kill(tmp_path, cut) == [False, True]
