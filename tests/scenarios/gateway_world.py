"""Scenarios against our whole gateway in virtual time, its consumers at their tables.

The site is the one that belongs to the scenarios' floor. Whatever the model of the server stores is
told to the scenarios as it is stored, and so is what consumers make of it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path

from floor_sim.export_site import SiteWords, site_text
from floor_sim.floor import Floor
from floor_sim.machine.machine import Machine
from floor_sim.scenarios.company import Company
from floor_sim.scenarios.plan import plan
from floor_sim.scenarios.virtual_run import apart, begins
from gateway.bus.model import ModelStream
from gateway.central.dispatch.service import Dispatch
from gateway.central.loyalty.rules import default_rules
from gateway.central.loyalty.service import Loyalty
from gateway.central.surveillance.service import Surveillance
from gateway.edge.clock import moment
from gateway.edge.reading import Tag
from gateway.events.envelope import decode
from gateway.meaning.observation import CardSeen
from tests.simulation.world import World, run

LONGEST_S = 900.0


class DatedClock:
    """The gateway's clock in a loop whose time jumps, on any day."""

    def __init__(self, loop, zero):
        self._loop, self._zero_ns = loop, round(zero.timestamp() * 1e9)

    def monotonic(self):
        return self._loop.time()

    def wall_ns(self):
        return self._zero_ns + round(self._loop.time() * 1e9)


class TellingStream(ModelStream):
    """A stream that tells of each message that it has stored."""

    def take(self, subject, body, headers, now):
        before = self.last_seq
        answer = super().take(subject, body, headers, now)
        if self.last_seq > before:
            self.tell(body, now)
        return answer


@dataclass
class ScenarioWorld(World):
    """The scenarios' floor, our gateway, and its consumers."""

    on: object = None
    playing: bool = False
    consumers: list = field(default_factory=list)

    def __post_init__(self):
        group = self.on.played
        self.zero = begins(group[0]) - timedelta(seconds=self.loop.time())
        self.company = Company(self.on, events=True)
        self.site_file = self.folder / "site.toml"
        self.site_file.write_text(site_text(self.on.floor, SiteWords(run_folder=str(self.folder))))
        super().__post_init__()
        self.clock = DatedClock(self.loop, self.zero)
        services = (Dispatch(), Surveillance(self.site), Loyalty(default_rules("USD")))
        self.consumers = [Consumer(service) for service in services]
        for asset, machine in self.floor.machines.items():
            if any(egm.asset == asset and egm.card_reader for egm in self.on.floor.egms):
                machine.reader = VirtualReader(self, machine)
        self.company.join(self.floor, self.loop.time())

    def floor_file(self):
        return self.on.floor

    def make_floor(self):
        return Floor(
            self.on.floor, self.journal, self.on.memories, now=self.loop.time(), seed=self.seed,
            wall_at_zero=self.zero.astimezone(UTC),
        )  # fmt: skip

    def make_stream(self, name, subjects):
        stream = TellingStream(name, subjects)
        stream.tell = self.stored_body
        return stream

    def leave_what_is_over(self):
        """Poll no more the lines of scenarios that have ended: it only costs time."""
        over = {
            line
            for story in self.company.stories.values()
            if story.ended is not None
            for line in story.judge.played.lines.values()
        }
        for job, task in zip(self.gateway.lines, self.gateway.tasks, strict=False):
            if job.info.name in over:
                task.cancel()

    def stored_body(self, body, now):
        """Tell the scenarios of a message, and let the consumers work it."""
        self.company.offer(json.loads(body), now)
        event = decode(body)
        for consumer in self.consumers:
            for message in consumer.work(event):
                self.company.offer(message, now)


class Consumer:
    """A consumer at tables in memory; each event id is worked once, as the bus has it."""

    def __init__(self, service):
        self._service = service
        self._done = set()
        self.db = sqlite3.connect(":memory:")
        for script in service.schema:
            self.db.executescript(script)

    def work(self, event):
        """Return the messages that the event leads to, each as its JSON."""
        if event.id in self._done:
            return []
        self._done.add(event.id)
        with self.db:
            told = self._service.handle(event, self.db)
        return [json.loads(message.body) for message in told if message.stream == "FLOOR"]


class VirtualReader:
    """A card reader whose cards our gateway sees, as pseudonyms, in no time."""

    def __init__(self, world: ScenarioWorld, machine: Machine):
        self._world, self._asset = world, machine.asset

    def insert(self, guest):
        self._see(inside=True, card=f"pseudonym-of-{guest.replace(' ', '-')}")

    def remove(self):
        self._see(inside=False, card=None)

    def _see(self, *, inside, card):
        world = self._world
        for job in world.gateway.lines:
            for address, work in job.works.items():
                if work.info.asset == self._asset:
                    seen = CardSeen(self._asset, inside, card, moment(world.clock))
                    for wish, event_id in work.observe([seen]).wishes:
                        job.wish(address, wish.what, Tag(wish.trigger, event_id))


def play_all(played, folder: Path) -> dict[str, Company]:
    """Play scenarios against our gateway; return the company in which each was played."""
    found = {}
    for number, group in enumerate(apart(played)):
        own = folder / str(number)
        own.mkdir()
        world = ScenarioWorld(own, plan(group).floor.floor.seed, on=plan(group))

        async def story(world):
            world.start()
            until = world.loop.time() + LONGEST_S
            while not world.company.done and world.loop.time() < until:
                await asyncio.sleep(0.2)
                world.leave_what_is_over()

        run(world, story)
        for consumer in world.consumers:
            consumer.db.close()
        found |= {one.name: world.company for one in group}
    return found


def results(companies):
    """Return what the scenarios came to, by name."""
    each = {id(company): company for company in companies.values()}
    return {one.name: one for company in each.values() for one in company.results()}


def said(result) -> str:
    """Return what is wrong with a scenario, for people."""
    lines = [f"{result.verdict} {result.name}"]
    for step in result.wrong:
        lines += [f"  step {step.number}: {step.says}", *(f"     {why}" for why in step.why)]
    return "\n".join([*lines, *(f"   | {line}" for line in result.wire)])


__all__ = ["play_all", "results", "said"]
