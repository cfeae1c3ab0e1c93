"""A listener that is too busy to read its wires in time misses something, and never invents.

What was said on two wires since the last look has no moments of its own, so whose answer is whose
follows from the grammar of the talk, or from nothing.
"""

import asyncio
import math
import random
from itertools import cycle

import pytest

from protocols.sas.heard import Wire
from protocols.sas.machine import build_reply
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.tables.exceptions import EXCEPTIONS, IDLE_CODES
from tests.gateway.edge.tapped import Link
from tests.simulation.jumping import run_jumping
from tests.torture.heard_account import Told, settle

ADDRESSES = (1, 2, 3, 4)
CODES = sorted({*EXCEPTIONS} - IDLE_CODES - {0x70, 0xFF})
CREDITS = 0x1A
SECONDS = 12.0
CALM_S = 3.0
"""At the end nothing is lost or late for so long, so that gaps are told."""
WAITS_S = 0.05
"""So long the host waits for an answer, then it asks once more."""
SEEDS = range(6)


class Machine:
    """What one machine says; it says the same until another poll has acknowledged it."""

    def __init__(self, address, chance):
        self.address = address
        self.handed = []
        self.away = False
        self.loses = 0.03
        self._codes = cycle(CODES[address :: len(ADDRESSES)])
        self._chance = chance
        self._last = None  # poll, answer, code, whether it was on the wire

    def acknowledge(self, poll, at):
        if self._last is not None and self._last[0] != poll:
            _, _, code, said = self._last
            if code is not None:
                self.handed.append((f"{code:02X}", at, said))
            self._last = None

    def answer(self, poll):
        if self._last is None:
            code = None
            if len(poll) > 1:
                answer = build_reply(self.address, CREDITS, current_credits=1234)
            elif self._chance.random() < 0.3:
                code = next(self._codes)
                answer = bytes([code])
            else:
                answer = b"\x00"
            self._last = [poll, answer, code, False]
        if self.away or self._chance.random() < self.loses:
            return b""  # it is lost on the way: a machine with a bad plug, or a late one
        self._last[3] = True
        return self._last[1]


class Talk:
    """What was said on both wires, and by whom.

    Attributes:
        said: moment, wire and bytes, in order.
        machines: the machines, by address.
    """

    def __init__(self, chance, pace_s):
        self.said = []
        self.machines = {address: Machine(address, chance) for address in ADDRESSES}
        self._chance = chance
        self._pace_s = pace_s
        self._at = 0.1
        calm_at = 0.0
        for address in cycle(ADDRESSES):
            if self._at > SECONDS + CALM_S:
                break
            if self._at > calm_at:  # a cable is pulled, or all is well for a while
                calm_at = min(SECONDS, self._at + chance.uniform(0.5, 4.0))
                for machine in self.machines.values():
                    machine.away = self._at < SECONDS and chance.random() < 0.1
                    machine.loses = 0.03 if self._at < SECONDS else 0.0
            self._turn(address)
        self._poll(SYNC)

    def _turn(self, address):
        drawn = self._chance.random()
        if drawn < 0.05:
            self._poll(SYNC)
            self._at += 0.02
            return
        poll = long_poll(address, CREDITS) if drawn < 0.15 else general_poll(address)
        for _ in range(2):
            self._poll(poll)
            answer = self.machines[address].answer(poll)
            if answer:
                self._at += self._chance.uniform(0.001, 0.018)
                self.said.append((self._at, Wire.MACHINE, answer))
                self._at += self._chance.choice((0.0003, self._pace_s))
                return
            self._at += WAITS_S

    def _poll(self, poll):
        self.said.append((self._at, Wire.HOST, poll))
        for machine in self.machines.values():
            machine.acknowledge(poll, self._at)


async def read_late(link, said, chance):
    """Read both wires at once, as ``TapPort`` does, whenever this computer gets to it."""
    loop, inbox, left = link.loop, link.receiver._inbox, {Wire.HOST: [], Wire.MACHINE: []}
    began = loop.time()
    for at, wire, data in said:
        left[wire].append((began + at, data))
    late_s, until = 0.0, 0.0
    while any(left.values()):
        if loop.time() > began + said[-1][0] - CALM_S:
            late_s = 0.0
        elif loop.time() > until:
            late_s = chance.choice((0.0002, 0.004, 0.04, 0.06, 0.3))
            until = loop.time() + chance.uniform(0.5, 3.0)
        due = min(some[0][0] for some in left.values() if some)
        now = max(loop.time(), due) + chance.uniform(0.0, late_s)
        if late_s < 0.001:
            await asyncio.sleep(now - loop.time())
            limit = None
        else:  # nothing else of this process is done before it reads
            limit = inbox.limit
            loop.jumping.now = now
        at = now
        if limit is not None and at >= limit:
            at = math.nextafter(limit, -math.inf)
        for wire in (Wire.MACHINE, Wire.HOST):
            parts = [data for moment, data in left[wire] if moment <= now]
            del left[wire][: len(parts)]
            if parts:
                link.receiver.put(wire, b"".join(parts), at)
        await asyncio.sleep(0)
    await asyncio.sleep(1)


def told_of(facts):
    told, gaps = {}, {}
    for fact in facts:
        at = fact.observed.monotonic_s
        if fact.sas_code is not None:
            said = Told(f"{fact.sas_code:02X}", at, fact.possible_repeat)
            told.setdefault(fact.asset, []).append(said)
        elif fact.type == "link.gap":
            gap = (fact.data["cause"], at - fact.data["gap_s"], at)
            gaps.setdefault(fact.asset, []).append(gap)
    return told, gaps


@pytest.mark.parametrize("seed", SEEDS)
def test_a_listener_that_reads_late_never_invents_and_what_it_misses_stands_in_a_gap(
    tmp_path, seed
):
    chance = random.Random(f"late {seed}")
    link = Link(tmp_path)
    talk = Talk(chance, chance.choice((0.005, 0.03)))

    async def story():
        await link.listen()
        began = link.loop.time()
        await read_late(link, talk.said, chance)
        await link.kill()
        return began

    began = run_jumping(story(), link.loop)
    assets = {1: "10101", 2: "10102", 3: "10103", 4: "10104"}
    handed = {
        assets[address]: [(code, began + at, surely) for code, at, surely in machine.handed]
        for address, machine in talk.machines.items()
    }
    told, gaps = told_of(link.facts)
    heard = settle(told, gaps, handed, late_s=5.0, slack_s=0.5)
    assert not heard.invented
    assert not heard.missing
    assert sum(map(len, told.values())) > 10
