"""Sequences are given once, in order, and none is used up by what the outbox did not take."""

from __future__ import annotations

import asyncio

import pytest

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.edge.clock import RealClock, moment
from gateway.edge.recorder import Recorder
from gateway.events.fact import Fact
from gateway.outbox.store import Store
from gateway.outbox.types import OutboxFullError
from gateway.outbox.writer import InlineWriter

SITE = "edge_config/sites/demo_floor.toml"


class Full:
    """An outbox that takes nothing more."""

    def submit(self, commit):
        raise OutboxFullError("full")


@pytest.fixture
def outbox(tmp_path):
    store = Store.open(tmp_path / "outbox.sqlite", synchronous="OFF")
    writer = InlineWriter(store, wall_ns=RealClock().wall_ns)
    yield store, writer
    store.close()


def recorder(outbox, told=None):
    store, writer = outbox
    site = load_toml(SITE, Site)
    committed = (lambda rows, _: told.extend(rows)) if told is not None else (lambda *_: None)
    return Recorder(site, "b1", store.restore(), writer, RealClock(), committed)


def died(reason="stopped"):
    data = {"birthid": "b1", "how": "clean", "reason": reason}
    return Fact(type="gateway.died", asset=None, data=data, observed=moment(RealClock()))


async def test_events_are_numbered_from_one_without_a_hole(outbox):
    record = recorder(outbox).record
    events = [*record([died(), died()]).events, *record([died()]).events]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert [event.familysequence for event in events] == [1, 2, 3]


async def test_a_restart_goes_on_where_the_outbox_ended(outbox):
    recorder(outbox).record([died()])
    assert recorder(outbox).record([died()]).events[0].sequence == 2


async def test_a_full_outbox_uses_up_no_sequence(outbox):
    ours = recorder(outbox)
    store_writer, ours._writer = ours._writer, Full()
    with pytest.raises(OutboxFullError):
        ours.record([died()])
    ours._writer = store_writer
    assert ours.record([died()]).events[0].sequence == 1


async def test_an_event_that_does_not_fit_its_schema_becomes_a_defect_and_keeps_its_code(outbox):
    fact = Fact(
        type="gateway.died", asset=None, data={"nonsense": 1}, observed=moment(RealClock()),
        sas_code=0x11,
    )  # fmt: skip
    (event,) = recorder(outbox).record([fact]).events
    assert event.type == "gateway.defect"
    assert b'"sascode":"11"' in event.body


async def test_the_publisher_hears_of_events_even_when_nobody_waits_for_their_commit(outbox):
    told = []
    recorded = recorder(outbox, told).record([died()])
    waiting = asyncio.ensure_future(recorded.on_disk())
    waiting.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [row.sequence for row in told] == [1]
