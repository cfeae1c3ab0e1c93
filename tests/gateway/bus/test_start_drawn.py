"""A thousand starts at drawn moments of drawn histories: lost messages, lost answers, restarts.

A history is lived once, in virtual time, with the real publisher and the real keeper of states over
the model of the server; every message has the moment at which it was stored. A start at a moment is
then worked out: the bucket as it was then, and the streams from there to their end.
"""

import asyncio
import json
import random

import pytest

from gateway.bus.model import Faults, JetStreamModel, ModelLink, ModelStream
from gateway.bus.start import Horizon, Included, KnownState, first_number
from gateway.events.envelope import decode
from gateway.events.streams import STREAMS
from tests.gateway.bus.test_start import STREAMS as READ
from tests.gateway.bus.test_start import Gateway

HISTORIES, STARTS = 10, 100
LIFE_S = 120.0


class TimedStream(ModelStream):
    """A stream that knows when it stored each message."""

    def __init__(self, name, subjects):
        super().__init__(name, subjects)
        self.stored = []

    def take(self, subject, body, headers, now):
        before = self.last_seq
        answer = super().take(subject, body, headers, now)
        if self.last_seq > before:
            self.stored.append((now, self.messages[-1]))
        return answer


class History:
    """One life of a gateway."""

    def __init__(self, seed, outbox):
        self.chance = random.Random(seed)
        self.server = JetStreamModel()
        rows = [(row.name, row.subjects) for row in STREAMS] + [
            ("KV_slot_state", ("$KV.slot_state.>",))
        ]
        self.streams = {name: TimedStream(name, subjects) for name, subjects in rows}
        for stream in self.streams.values():
            self.server.add_stream(stream)
        self.link = ModelLink(self.server, self.fault)
        self.gateway = Gateway(self.link, outbox)
        self.events = {}

    def fault(self, subject):
        chance = self.chance
        return Faults(
            arrives=chance.random() > 0.03, answered=chance.random() > 0.03,
            delay_s=chance.choice((0.001, 0.02, 0.4)),
        )  # fmt: skip

    async def live(self):
        loop = asyncio.get_running_loop()
        self.began = loop.time()
        self.gateway.begin()
        turns, often = 0, self.chance.randrange(25, 60)
        while loop.time() < self.began + LIFE_S:
            self.gateway.tell(self.chance.randrange(1, 4))
            await asyncio.sleep(self.chance.random() * 1.5)
            turns += 1
            if turns % often == 0:
                self.gateway.begin()
            if turns % 50 == 0:
                self.link.cut()
                await asyncio.sleep(self.chance.random() * 20)
                self.link.connect()
        while not self.gateway.publisher.idle:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(1.0)
        self.gateway.end()

    def event(self, message):
        """Return a stored event; read once, for a hundred starts."""
        if id(message) not in self.events:
            self.events[id(message)] = decode(message.body)
        return self.events[id(message)]

    def bucket(self, moment):
        """Return the last message of each key that was there at a moment."""
        found = {}
        for at, message in self.streams["KV_slot_state"].stored:
            if at <= moment:
                found[message.subject.rpartition(".")[2]] = (at, json.loads(message.body))
        return found

    def start(self, moment):
        """Return what a start at ``moment`` gets: by asset what is included, and what comes."""
        horizon = self.bucket(moment).get("_")
        later = self.chance.random() * 0.2  # the values are read after the horizons
        values = {key: one for key, one in self.bucket(moment + later).items() if key != "_"}
        horizons = {}
        if horizon is not None:
            at, told = horizon
            horizons = {"edge1": Horizon(told["birthid"], told["sequence"], told["streams"],
                                         round(at * 1e9))}  # fmt: skip
        states = [
            KnownState("edge1", asset, told["birthid"], told["sequence"], told["state"],
                       round(at * 1e9))
            for asset, (at, told) in values.items()
        ]  # fmt: skip
        included, came = Included(horizons, states), []
        for name in READ:
            stored = self.streams[name].stored
            last = sum(at <= moment + later for at, _ in stored)
            first = first_number(name, horizons, ["edge1"], last)
            for at, message in stored[first - 1 :]:
                event = self.event(message)
                if included.is_new(event, round(at * 1e9), replayed=False):
                    came.append((event.asset, event.sequence))
        truth = self.gateway.truth
        known = {one.asset: truth[one.asset][: one.state["told"]] for one in states}
        return known, came, first > 1


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_starts_at_drawn_moments_have_no_hole_and_no_double(seed, outbox, in_virtual_time):
    history = History(seed, outbox())
    in_virtual_time(history.live())
    further = 0
    for _ in range(STARTS):
        known, came, far = history.start(history.began + history.chance.random() * LIFE_S)
        further += far
        for asset, told in history.gateway.truth.items():
            parts = [*known.get(asset, ()), *(n for of, n in came if of == asset)]
            assert sorted(parts) == told
    assert history.gateway.births > 1
    assert further > STARTS / 10, "it does not read all from the beginning"
