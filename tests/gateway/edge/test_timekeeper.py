"""How good the wall clock is stands in every event, and a step before the first one after it."""

import asyncio

import pytest

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.edge.recorder import Recorder
from gateway.edge.timekeeper import CALM_S, TimeKeeper
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.outbox.store import Store
from gateway.outbox.types import OutboxFullError
from gateway.outbox.writer import InlineWriter
from tests.gateway.edge.test_rules import FOLDER


class Clock:
    """Both clocks of a computer, and what its kernel says of them."""

    now_s = 500.0
    wall_s = 1_790_000_000.0
    held = (0.001, True)

    def monotonic(self):
        return self.now_s

    def wall_ns(self):
        return int(self.wall_s * 1e9)

    def wait(self, seconds):
        self.now_s += seconds
        self.wall_s += seconds

    def asked(self):
        return self.held


@pytest.fixture
def clock():
    return Clock()


def keeper(clock):
    return TimeKeeper(clock, clock.asked)


@pytest.mark.parametrize(
    ("held", "quality"),
    [(None, "unknown"), ((0.001, True), "synced"), ((-0.25, True), "synced"),
     ((0.26, True), "unsynced"), ((-0.26, True), "unsynced"), ((0.0, False), "unsynced")],
)  # fmt: skip
def test_a_clock_is_as_good_as_its_time_service_and_its_offset(clock, held, quality):
    clock.held = held
    assert keeper(clock).quality == quality


def test_a_change_is_told_once_and_a_good_start_is_not(clock):
    time = keeper(clock)
    assert time.look() == []
    clock.held = (0.3, True)
    (lost,) = time.look()
    assert (lost.type, lost.severity) == ("gateway.clockjudged", "warning")
    assert lost.data == {"before": "synced", "after": "unsynced", "offset_s": 0.3}
    assert time.look() == []
    clock.held = (0.0, True)
    (back,) = time.look()
    assert (back.data["after"], back.severity) == ("synced", None)


def test_a_start_on_a_clock_that_nobody_holds_is_told(clock):
    clock.held = (0.0, False)
    (told,) = keeper(clock).look()
    assert told.data == {"before": "unknown", "after": "unsynced", "offset_s": 0.0}


@pytest.mark.parametrize("step_s", [1.5, -3600.0])
def test_a_step_is_noticed_at_the_next_event_and_doubted_for_a_while(clock, step_s):
    time = keeper(clock)
    time.look()
    clock.wait(5)
    assert time.step() is None
    clock.wall_s += step_s
    step = time.step()
    assert (step.type, step.data) == ("gateway.clockstepped", {"step_s": step_s})
    assert time.step() is None
    assert (time.quality, time.steps) == ("stepped", 1)
    clock.wait(CALM_S - 0.1)
    assert [fact.data["after"] for fact in time.look()] == ["stepped"]
    clock.wait(0.1)
    assert [fact.data["after"] for fact in time.look()] == ["synced"]


def test_slow_corrections_are_no_step(clock):
    time = keeper(clock)
    for _ in range(100):
        clock.wait(10)
        clock.wall_s += 0.05
        assert time.step() is None


@pytest.fixture
def recorded(clock, tmp_path):
    site = load_toml(FOLDER.parent / "sites" / "demo_floor.toml", Site)
    store = Store.open(tmp_path / "outbox.db", synchronous="OFF")
    events = []
    recorder = Recorder(
        site, "b1", store.restore(), InlineWriter(store, wall_ns=clock.wall_ns), clock,
        lambda rows, _: events.extend(decode(row.body) for row in rows), keeper(clock),
    )  # fmt: skip
    return recorder, events


def lamp(clock):
    data = {"before": "off", "after": "on"}
    return Fact("lamp.on", "10101", data, Moment(clock.monotonic(), clock.wall_ns()))


async def test_the_step_stands_before_the_first_event_with_the_new_time(clock, recorded):
    recorder, events = recorded
    recorder.record([lamp(clock)])
    clock.wall_s += 7200
    done = recorder.record([lamp(clock)])
    await asyncio.sleep(0)
    assert [event.name for event in events] == ["lamp.on", "gateway.clockstepped", "lamp.on"]
    assert [event.timequality for event in events] == ["synced", "stepped", "stepped"]
    assert [event.type for event in done.events] == ["lamp.on"]
    assert [event.sequence for event in events] == [1, 2, 3]


async def test_a_step_that_the_outbox_would_not_take_is_told_later(clock, recorded, monkeypatch):
    recorder, events = recorded
    clock.wall_s += 7200
    with monkeypatch.context() as patch:
        patch.setattr(recorder._writer, "submit", _full)
        with pytest.raises(OutboxFullError):
            recorder.record([lamp(clock)])
    recorder.record([lamp(clock)])
    await asyncio.sleep(0)
    assert [event.name for event in events] == ["gateway.clockstepped", "lamp.on"]


def _full(_commit):
    raise OutboxFullError("full")
