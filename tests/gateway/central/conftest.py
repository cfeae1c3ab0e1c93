"""Events as the gateway makes them, and a desk that works them into a service's tables once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.derived import decode_derived
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

NOON_NS = 1_772_366_400_000_000_000  # 2026-03-01T12:00:00Z
SECOND_NS = 1_000_000_000
PLACE = Place("demo", "edge1", "US-NV", "L1", 1, "01", "main", "01-01-01", "host")


def encoded(name, sequence, *, asset="10101", data=None, after_s=None, place=PLACE, **more):
    """The event ``name`` with the catalogue's example data, changed by ``data``.

    Second ``sequence`` after noon it was observed; None in ``data`` takes a field away.
    """
    row = CATALOGUE[name]
    filled = {**row.example, **(data or {})}
    moment = Moment(float(sequence), NOON_NS + sequence * SECOND_NS)
    before = None if after_s is None else Moment(0.0, moment.wall_ns - after_s * SECOND_NS)
    fact = Fact(
        name,
        asset if row.asset_required else None,
        {key: value for key, value in filled.items() if value is not None},
        moment,
        occurred_after=before,
        **more,
    )
    return encode(fact, place, Stamp("edge1", "b1", sequence, sequence), "2026-03-01")


@dataclass
class Desk:
    """A service at its tables; each event id is worked once, as the bus's consumer has it."""

    service: object
    messages: list = field(default_factory=list)
    done: set = field(default_factory=set)

    def __post_init__(self):
        self.db = sqlite3.connect(":memory:")
        for script in self.service.schema:
            self.db.executescript(script)

    def work(self, *events):
        for one in events:
            if one.id not in self.done:
                with self.db:
                    self.messages += self.service.handle(one, self.db)
                self.done.add(one.id)
        return self

    def rows(self, query):
        return self.db.execute(query).fetchall()

    @property
    def told(self):
        """Derived messages as they are read, in order."""
        return [decode_derived(one.body) for one in self.messages if one.stream == "FLOOR"]


@pytest.fixture(name="encoded", scope="session")
def encoded_fixture():
    """Makes an encoded event; see :func:`encoded`."""
    return encoded


@pytest.fixture(scope="session")
def event():
    """Makes an event as a consumer reads it; see :func:`encoded`."""
    return lambda *args, **more: decode(encoded(*args, **more).body)


@pytest.fixture
def desk():
    desks = []

    def open_desk(service):
        desks.append(Desk(service))
        return desks[-1]

    yield open_desk
    for one in desks:
        one.db.close()
