r"""A complete consumer in Python: who waits for a handpay now, and what follows, nothing missed.

    NATS_URL=nats://127.0.0.1:4222 NATS_PASSWORD_FILE=run/demo/nats/integrator.password \
        python -m gateway.examples.handpays demo

It starts from the last known state of every machine, goes on with the streams without a hole or a
double, reads handpays and heartbeats only, and says which handpays it has not been given.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nats
from nats.aio.client import Client

from gateway.bus.seen import SCHEMA, Hole, SeenEvents
from gateway.bus.start import KnownState, StartError, StateStart
from gateway.bus.users import inbox_prefix
from gateway.events.envelope import Envelope
from gateway.events.text import one_line

WAITS = ("handpay.pending", "handpay.amountknown")
OVER = ("handpay.reset", "handpay.cancelled", "handpay.keyedoff")
PAUSE_S = 1.0
HOLE_GRACE_S = 60.0
"""Seconds that an event may be late; a hole that is older is told."""


class Handpays:
    """What is known of handpays: who waits, and which events have not come.

    A real consumer keeps this in a database, in one transaction with what it does about it;
    ``gateway.bus.consumer`` is the helper for that.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, str] = {}
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.executescript(SCHEMA)
        self._seen = SeenEvents(database)

    def begin(self, states: tuple[KnownState, ...]) -> None:
        """Take the last known state of every machine."""
        self.waiting = {
            one.asset: str(one.state["handpay"]) for one in states if one.state.get("handpay")
        }

    def take(self, event: Envelope) -> str:
        """Take an event; return it in words, or nothing where people need not know."""
        now_ns = time.time_ns()
        self._seen.claim(event, now_ns)
        self._seen.note_heartbeat(event, now_ns)
        if event.family != "handpay" or event.asset is None:
            return ""
        if event.name in OVER:
            self.waiting.pop(event.asset, None)
        elif event.name in WAITS:  # another type, now or of a later version, changes nothing here
            self.waiting[event.asset] = one_line(event)
        return f"{event.time:%H:%M:%S} {event.location or event.asset}: {one_line(event)}"

    def holes(self) -> list[Hole]:
        """Return the handpay events that have not come."""
        return self._seen.holes(["handpay"])


def subjects(site: str) -> dict[str, str]:
    """Return what is read, by stream."""
    return {
        "SLOT_MONEY": f"slot.v1.{site}.*.handpay.>",
        "SLOT_LINK": f"slot.v1.{site}.*.gateway.heartbeat.*",
    }


async def follow(client: Client, site: str, handpays: Handpays, say: Callable[[str], None]) -> None:
    """Follow the handpays of a site for ever; begins again whenever the server was lost."""
    while True:
        reader = StateStart(client, site, subjects(site), subjects(site))
        try:
            handpays.begin(await reader.begin())
            say(f"{len(handpays.waiting)} machines wait for a handpay")
            async for event in reader.events():
                if words := handpays.take(event):
                    say(words)
        except StartError as error:
            say(str(error))
        await asyncio.sleep(PAUSE_S)


async def tell_holes(handpays: Handpays, say: Callable[[str], None]) -> None:
    """Say once of each hole that it is there, when it is no longer merely late."""
    told: set[Hole] = set()
    while True:
        before = set(handpays.holes())
        await asyncio.sleep(HOLE_GRACE_S)
        for hole in sorted(before & set(handpays.holes()) - told):
            say(f"missing: {hole}")
            told.add(hole)


async def main(site: str, password: str) -> None:
    """Connect as the integrator and follow."""
    client = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"), user="integrator", password=password,
        inbox_prefix=inbox_prefix("integrator"), max_reconnect_attempts=-1,
    )  # fmt: skip
    handpays = Handpays()
    async with asyncio.TaskGroup() as group:
        group.create_task(follow(client, site, handpays, print))
        group.create_task(tell_holes(handpays, print))


if __name__ == "__main__":
    kept = Path(os.environ["NATS_PASSWORD_FILE"]).read_text("utf-8").strip()
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "demo", kept))
