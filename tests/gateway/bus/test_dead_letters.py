"""What does not fit the catalogue is never published: a dead letter says why, and it is counted."""

import asyncio
import json

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.bus.publisher import Publisher
from gateway.bus.whole_stream import WholeBus
from gateway.edge.clock import RealClock, moment
from gateway.edge.recorder import Recorder
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.streams import STREAMS
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter

SITE = "edge_config/sites/demo_floor.toml"
TICKET = "123456789012345678"


def door(**more):
    data = {"door": "slot", "before": "closed", "after": "open", **more}
    return Fact("door.opened", "10101", data, moment(RealClock()), sas_code=0x11, raw="0111")


class Gateway:
    """A recorder, its outbox and its publisher, as the daemon has them."""

    def __init__(self, folder, link):
        self.store = Store.open(folder / "outbox.sqlite", synchronous="OFF")
        self.writer = InlineWriter(self.store, wall_ns=RealClock().wall_ns)
        self.publisher = Publisher(link, Reader(folder / "outbox.sqlite"), self.writer)
        self.recorder = Recorder(
            load_toml(SITE, Site), "b1", self.store.restore(), self.writer, RealClock(),
            lambda rows, _: self.publisher.offer(rows),
        )  # fmt: skip


async def stored(site):
    """Return every message of every stream, by stream."""
    bus = WholeBus((await site.client("admin")).jetstream())
    return {row.name: await bus.read(row.name) for row in STREAMS}


async def test_a_fact_that_does_not_fit_is_a_dead_letter_with_its_reason_and_no_event(
    site, tmp_path, beside, until
):
    await site.make_streams()
    link = site.link()
    gateway = Gateway(tmp_path, link)
    unfit = door(after="ajar", ticket=TICKET)
    async with beside(link.run(), gateway.publisher.run()):
        gateway.recorder.record([door(), unfit, door()])
        gateway.recorder.record([door()])
        await until(lambda: gateway.publisher.idle)
    streams = await stored(site)
    assert [decode(one.body).name for one in streams["SLOT_SIGNIFICANT"]] == ["door.opened"] * 3
    [defect] = [decode(one.body) for one in streams["SLOT_LINK"]]
    assert defect.name == "gateway.defect"
    [message] = streams["DEAD"]
    letter = json.loads(message.body)
    assert message.subject == "dead.v1.demo.edge1"
    assert (letter["type"], letter["asset"], letter["event"]) == (
        "door.opened", "10101", defect.id,
    )  # fmt: skip
    assert "after: literal_error" in letter["reason"]
    assert "ticket: extra_forbidden" in letter["reason"]
    assert (letter["sascode"], letter["fields"]["ticket"]) == ("11", "str")
    assert gateway.recorder.schema_errors == 1
    gateway.store.close()


async def test_the_values_that_did_not_fit_are_nowhere(site, tmp_path, beside, until):
    await site.make_streams()
    link = site.link()
    gateway = Gateway(tmp_path, link)
    async with beside(link.run(), gateway.publisher.run()):
        gateway.recorder.record([door(ticket=TICKET)])
        await until(lambda: gateway.publisher.idle)
    streams = await stored(site)
    bodies = [one.body for messages in streams.values() for one in messages]
    assert len(bodies) == 2
    gateway.store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("outbox.sqlite*"))
    assert not any(TICKET.encode() in body for body in (*bodies, kept))


async def test_numbers_go_on_without_a_hole_and_causes_still_point_at_their_events(tmp_path):
    rows = []
    store = Store.open(tmp_path / "outbox.sqlite", synchronous="OFF")
    recorder = Recorder(
        load_toml(SITE, Site), "b1", store.restore(),
        InlineWriter(store, wall_ns=RealClock().wall_ns), RealClock(),
        lambda told, _: rows.extend(told),
    )  # fmt: skip
    now = moment(RealClock())
    follows = Fact("door.closed", "10101", {"door": "slot", "before": "open", "after": "closed"},
                   now, caused_by=-2)  # fmt: skip
    recorder.record([door(), door(surprise=1), follows])
    recorder.record([door()])
    await until_told(rows, 5)
    assert [row.sequence for row in rows] == [1, 2, 3, 4, 5]
    assert [row.type for row in rows] == [
        "door.opened", "gateway.defect", "door.closed", "dead.letter", "door.opened",
    ]  # fmt: skip
    assert decode(rows[2].body).causedby == rows[0].id
    assert store.restore().family_sequences["dead"] == 1
    store.close()


async def until_told(rows, many):
    for _ in range(100):
        if len(rows) >= many:
            return
        await asyncio.sleep(0)
    raise AssertionError(len(rows))
