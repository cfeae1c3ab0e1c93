"""The inbound service as a job: it forgets what was sent long ago, and hands over how it stands."""

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.bus import consumer_store
from gateway.bus.consumer_store import ConsumerStore
from gateway.bus.outgoing import KEEP_SENT_NS, floor_event
from gateway.central.inbound.shell import run
from gateway.central.inbound.store import SCHEMA
from gateway.central.shell import Connection, database_of
from gateway.outbox.types import Acknowledged

SITE = load_toml(Path(__file__).parents[4] / "edge_config/sites/demo_floor.toml", Site)
PATIENCE_S = 60


def told(path, name, age_ns):
    """Keep a message that the bus took so long ago."""
    store = ConsumerStore(path, SCHEMA, lambda: time.time_ns() - age_ns)
    with store.transaction():
        store.outgoing.add(
            [floor_event(name, "t", f"floor.v1.demo.inbound.accepted.{name}", 1, b"{}")]
        )
    store.outgoing.mark([Acknowledged(store.outgoing.last, "FLOOR", 1)])
    store.close()


def left(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("SELECT id FROM outgoing")}


async def test_what_was_told_a_week_ago_goes_and_how_it_stands_is_handed_over(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(consumer_store, "PRUNE_EVERY_S", 0.01)
    path, seen = database_of(tmp_path, "inbound"), []
    told(path, "old", KEEP_SENT_NS + 60 * 10**9)
    told(path, "new", 0)

    def no_password():
        raise FileNotFoundError("nobody has made one yet")

    async def beside(latest):
        seen.append(latest.status)

    nowhere = Connection("nats://127.0.0.1:1", "consumer", no_password)
    job = asyncio.create_task(run(SITE, nowhere, tmp_path, lambda _: None, beside))
    async with asyncio.timeout(PATIENCE_S):
        while "old" in left(path) or not seen:
            assert not job.done()
            await asyncio.sleep(0.01)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    assert left(path) == {"new"}
    assert (seen[0].connected, seen[0].accepted, seen[0].outgoing) == (False, 0, 0)
