"""Doors that open one after the other, and a consumer that keeps them."""

import json

from gateway.bus.durable import Source
from gateway.bus.outgoing import floor_event
from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

PLACE = Place(site="demo", gateway="edge1", jurisdiction="US-NV", line="L1", address=1)
SCHEMA = ("CREATE TABLE door (n INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, asset TEXT)",)
DOORS = Source("SLOT_SIGNIFICANT", ("slot.v1.demo.*.door.>",))


def door(sequence, asset="10101"):
    fact = Fact(
        type="door.opened",
        asset=asset,
        data={"door": "slot", "before": "closed", "after": "open"},
        observed=Moment(float(sequence), 1_790_000_000_000_000_000 + sequence),
    )
    return encode(fact, PLACE, Stamp("edge1", "b1", sequence, sequence), "2026-09-21")


def keep(envelope, database):
    database.execute("INSERT INTO door (event, asset) VALUES (?, ?)", (envelope.id, envelope.asset))
    name = f"{envelope.birthid}-{envelope.sequence}"
    return [
        floor_event(
            f"test.{envelope.id}.0", "floor.test.seen.v1", f"floor.v1.demo.test.seen.{name}",
            1_790_000_000_000_000_000, json.dumps({"causedby": envelope.id}).encode(),
        )
    ]  # fmt: skip
