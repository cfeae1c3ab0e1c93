"""What a service reads: whole families, so that a missing number is a missing event."""

import sqlite3
from types import SimpleNamespace

from gateway.bus.durable import Source, whole_families
from gateway.central.shell import handler, sources


class Lamps:
    """A service that wants one type of one family."""

    name = "lamps"
    reads = ("lamp.on",)
    buckets = ()
    schema = ()

    def handle(self, event, connection):
        assert connection is not None
        return (event.name,)


def test_a_service_reads_whole_families_and_the_heartbeats():
    read = sources(Lamps(), "demo")
    assert read == (
        Source("SLOT_SIGNIFICANT", ("slot.v1.demo.*.lamp.>",)),
        Source("SLOT_LINK", ("slot.v1.demo.*.gateway.heartbeat.*",)),
    )
    assert whole_families(read) == ("lamp",)


def test_a_service_is_given_only_what_it_wants():
    handle = handler(Lamps())
    connection = sqlite3.connect(":memory:")
    given = [
        handle(SimpleNamespace(name=name), connection)
        for name in ("lamp.on", "lamp.off", "gateway.heartbeat")
    ]
    connection.close()
    assert [tuple(one) for one in given] == [("lamp.on",), (), ()]
