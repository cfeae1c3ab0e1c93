"""A gateway that yields its name in the middle of its work stops at once and loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from gateway.edge.gate import Gate, GatedReceiver, YieldedError
from tests.simulation import world as world_module
from tests.simulation.memory_port import MemoryPort
from tests.simulation.world import World, run

LINE = "L1"


@pytest.mark.parametrize("seed", [1, 2])
def test_it_polls_no_more_says_so_and_a_later_start_goes_on_where_it_was(
    tmp_path, monkeypatch, caplog, seed
):
    gates = []

    def gated(*args):
        gate = Gate()
        gates.append(gate)
        return gate.port_of(lambda *_: MemoryPort(*args))(None, None)

    monkeypatch.setattr(world_module, "MemoryPort", gated)
    world = World(tmp_path, seed, only=(LINE,))
    world.floor.lines[LINE].pull = lambda *_: 0  # nobody pulls a cable
    sent = []
    world.lines[LINE].line.taps.append(
        lambda who, _, at: sent.append(at) if who == "host" else None
    )

    async def story(world):
        world.start()
        await asyncio.sleep(15 + 0.013 * seed)
        shut_at = world.loop.time()
        gates[-1].shut = "another gateway of this name is live"
        await asyncio.sleep(20)
        job = world.gateway.lines[0]
        assert max(sent) <= shut_at
        assert job.state == "stopped: another gateway of this name is live"
        assert not any(link.live for link in job.links.values())
        await world.kill()
        world.start()  # the other one was stopped, this one started again
        await asyncio.sleep(15)
        assert all(link.live for link in world.gateway.lines[0].links.values())
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, verdict.disagreements[:5]
    told = [one.message for one in caplog.records if "another gateway" in one.message]
    assert told == [f"line {LINE}: another gateway of this name is live; waiting"]


class Wires:
    """Receive wires that hear nothing."""

    name, dropped_bytes, two_wires = "tap", 7, True

    def __init__(self):
        self.opened = self.closed = 0

    def open(self):
        self.opened += 1

    def close(self):
        self.closed += 1

    async def read(self, deadline):
        return deadline


async def test_receive_wires_are_shut_as_well():
    gate, wires = Gate(), Wires()
    receiver = gate.receiver_of(lambda *_: wires)(None, None, None)
    assert isinstance(receiver, GatedReceiver)
    assert (receiver.name, receiver.dropped_bytes, receiver.two_wires) == ("tap", 7, True)
    receiver.open()
    assert await receiver.read(3.0) == 3.0
    gate.shut = "yielded"
    with pytest.raises(YieldedError, match="yielded"):
        receiver.open()
    with pytest.raises(YieldedError, match="yielded"):
        await receiver.read(3.0)
    receiver.close()
    assert (wires.opened, wires.closed) == (1, 1)
