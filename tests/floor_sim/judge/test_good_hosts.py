"""Hosts that are right break no rule: our gateway, and the simulator's certified host."""

import asyncio
import tomllib

import pytest

from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.judge.exam import EXAM_S, begin_exam
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.judge import Judge, together
from floor_sim.judge.rule import Settings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.memory_line import MemoryLine
from floor_sim.plain_host import PlainHost
from tests.floor_sim.judge.examined import FLOOR
from tests.simulation.world import World, run

LINE = '[[lines]]\nname = "{0}"\nport = "lines/{0}"\ntransport = "{1}"\ngap_s = 0.005\n'
EGM = '[[egms]]\nasset = "{0}"\nline = "{1}"\naddress = {0}\nprofile = "able"\n'


def watched(line, zero=0.0, *, control):
    judge = Judge(line.name, HOST_RULES, Settings(control=control))
    line.taps.append(lambda side, symbols, at: judge.hear(side, symbols, at - zero))
    return judge


def findings(judges):
    tallies = together([judge.end() for judge in judges])
    assert sum(judge.messages for judge in judges) > 150
    return [finding for tally in tallies for finding in tally.findings.values()]


def floor_of(transport, seed):
    text = FLOOR + "".join(LINE.format(name, transport) for name in ("L1", "L2"))
    text += EGM.format(1, "L1") + EGM.format(2, "L1") + EGM.format(3, "L2")
    floor = Floor(FloorFile.model_validate(tomllib.loads(text)), MemoryJournal(), {}, seed=seed)
    judges = [watched(line, control=True) for line in floor.lines.values()]
    for line in floor.lines.values():
        begin_exam(floor, line, 0.0)
    floor.start(0.0, playing=False)
    return floor, judges


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_certified_host_breaks_no_rule(seed):
    floor, judges = floor_of("certified", seed)
    while (due := floor.next_due()) < EXAM_S:
        floor.run(due)
    assert findings(judges) == []


def test_the_plain_host_of_virtual_runs_breaks_none_but_that_it_reads_no_options():
    floor, judges = floor_of("pty", 1)
    hosts = [PlainHost(MemoryLine(line), 0.0) for line in floor.lines.values()]
    now = 0.0
    while now < EXAM_S:
        now = min(floor.next_due(), *(host.due for host in hosts))
        floor.run(now)
        for host in hosts:
            if host.due <= now:
                host.act(now)
    assert {finding.rule for finding in findings(judges)} == {"host.options-unread"}


class OneMachine(World):
    """A gateway whose line has one machine: 80 stands between its polls."""

    def part_of(self, file):
        """Leave out all machines of the line but one."""
        part = super().part_of(file)
        return part.model_copy(update={"egms": part.egms[:1]})


@pytest.mark.parametrize("kind", [World, OneMachine])
def test_our_gateway_breaks_no_rule(tmp_path, kind):
    world = kind(tmp_path, seed=1, only=("L1",))
    zero = world.loop.time()
    judges = [watched(line, zero, control=False) for line in world.floor.lines.values()]
    for line in world.floor.lines.values():
        begin_exam(world.floor, line, zero)

    async def story(world):
        world.start()
        await asyncio.sleep(EXAM_S)

    run(world, story)
    assert findings(judges) == []
