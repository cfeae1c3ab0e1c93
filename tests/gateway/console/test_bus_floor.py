"""The whole floor from NATS: what values and events make of it, and what is not known of it."""

from datetime import timedelta

import pytest

from gateway.bus.floor_watch import Earlier, FloorAway, FloorThere, StateChanged, Told
from gateway.bus.start import KnownState
from gateway.console.bus_floor import BusFloor
from gateway.console.floor import Contact, Floor
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.status.model import EgmWord
from tests.gateway.console.sample_floors import NOW


def state_of(asset, **more):
    return {
        "location": f"01-01-{asset[-2:]}", "bank": "01", "zone": "main", "line": "L1",
        "address": int(asset[-2:]), "state": "idle", "since": "2026-03-14T20:00:00.000000Z",
        "link": "up", "link_reason": "it answers", "doors_open": [], "tilts": [], "handpay": None,
        "credits": 5, "coin_in": 70, "denomination": "0.01", "in_play": False, "lamp": False,
        "out_of_service": False, "quarantined": False, "carded": False,
    } | more  # fmt: skip


def known(asset, sequence=10, gateway="edge1", birth="b1", **more):
    return KnownState(gateway, asset, birth, sequence, state_of(asset, **more), 1)


def told(name, sequence, asset="10101", gateway="edge1", seconds=0, **data):
    place = Place(
        site="demo", gateway=gateway, jurisdiction="US-NV", line="L1", address=1,
        location="" if asset is None else f"01-01-{asset[-2:]}",
    )  # fmt: skip
    wall_ns = int((NOW + timedelta(seconds=seconds)).timestamp() * 1e9)
    fact = Fact(name, asset, {**CATALOGUE[name].example, **data}, Moment(0.0, wall_ns))
    event = encode(fact, place, Stamp(gateway, "b1", sequence, sequence), "2026-03-14")
    return decode(event.body)


@pytest.fixture
def bus():
    bus = BusFloor(Floor(NOW, over_nats=True), "nats://10.0.0.1:4222")
    states = (known("10101"), known("10102"), known("20101", gateway="edge2"))
    lives = (told("gateway.heartbeat", 9, None), told("gateway.heartbeat", 9, None, "edge2"))
    bus.take(FloorThere("demo", states, lives), NOW)
    return bus


def test_the_floor_has_the_machines_of_all_gateways_and_lines_named_by_gateway(bus):
    floor = bus.floor
    assert floor.reach.contact is Contact.LIVE
    assert sorted(floor.egms) == ["10101", "10102", "20101"]
    assert {egm.line for egm in floor.egms.values()} == {"edge1/L1", "edge2/L1"}
    assert (floor.site, floor.gateway) == ("demo", "2 gateways")
    assert floor.lines["edge1/L1"].egms_up == 2


CHANGES = [
    ("door.opened", {"door": "slot"}, EgmWord.DOOR),
    ("tilt.raised", {}, EgmWord.TILT),
    ("handpay.pending", {}, EgmWord.HANDPAY),
    ("link.down", {"reason": "no answer to 3 polls"}, EgmWord.DOWN),
    ("lamp.on", {}, EgmWord.LAMP),
    ("egm.outofservice", {}, EgmWord.OUT),
    ("egm.quarantined", {}, EgmWord.QUARANTINED),
]


@pytest.mark.parametrize(("name", "data", "word"), CHANGES, ids=[row[0] for row in CHANGES])
def test_an_event_that_no_value_includes_yet_changes_the_machine_at_once(bus, name, data, word):
    bus.take(Told(told(name, 11, seconds=5, **data)), NOW)
    egm = bus.floor.egms["10101"]
    assert egm.state is word
    assert egm.since == NOW + timedelta(seconds=5)
    assert egm.last_event_at == egm.since
    assert bus.floor.events(games=False)[0].type == name


OVER = [
    ("door.opened", "door.closed"), ("tilt.raised", "tilt.cleared"), ("lamp.on", "lamp.off"),
    ("handpay.pending", "handpay.reset"), ("link.down", "link.up"),
    ("egm.outofservice", "egm.inservice"),
]  # fmt: skip


@pytest.mark.parametrize(("begins", "ends"), OVER, ids=[row[1] for row in OVER])
def test_what_is_over_is_over(bus, begins, ends):
    same = {"door": {"door": "slot"}, "tilt": {"words": "bill jam", "kind": "billjam"}}
    data = same.get(begins.partition(".")[0], {})
    bus.take(Told(told(begins, 11, **data)), NOW)
    assert bus.floor.egms["10101"].state is not EgmWord.IDLE
    bus.take(Told(told(ends, 12, **data)), NOW)
    assert bus.floor.egms["10101"].state is EgmWord.IDLE


def test_an_event_that_the_value_includes_changes_nothing_but_is_listed(bus):
    bus.take(Earlier((told("door.opened", 10, seconds=-60),)), NOW)
    egm = bus.floor.egms["10101"]
    assert (egm.state, egm.last_event) == (EgmWord.IDLE, "slot door opened")
    assert len(bus.floor.events(games=False)) == 1


def test_a_value_older_than_an_event_does_not_undo_it_and_a_newer_one_counts(bus):
    bus.take(Told(told("lamp.on", 12)), NOW)
    bus.take(StateChanged(known("10101", 11)), NOW)
    assert bus.floor.egms["10101"].state is EgmWord.LAMP
    bus.take(StateChanged(known("10101", 13, state="in play", in_play=True, credits=9)), NOW)
    egm = bus.floor.egms["10101"]
    assert (egm.state, egm.credits) == (EgmWord.PLAY, 9)
    assert egm.last_event == "change lamp on", "a value does not say when its last event was"


def test_an_event_told_twice_is_listed_once_and_games_and_heartbeats_never(bus):
    for _ in range(2):
        bus.take(Told(told("door.opened", 11)), NOW)
    bus.take(Told(told("gateway.heartbeat", 12, None)), NOW)
    assert [event.type for event in bus.floor.events(games=True)] == ["door.opened"]


def test_the_machines_of_a_gateway_that_falls_silent_are_unknown_and_known_again(bus):
    later = NOW + timedelta(seconds=40)
    bus.take(Told(told("gateway.heartbeat", 12, None)), later)
    bus.look(later)
    assert bus.floor.egms["10101"].state is EgmWord.IDLE
    lost = bus.floor.egms["20101"]
    assert (lost.state, lost.link_reason) == (EgmWord.UNKNOWN, "gateway edge2 says nothing")
    assert bus.floor.lines["edge2/L1"].state == "not known"
    bus.take(Told(told("gateway.heartbeat", 13, None, "edge2")), later)
    assert bus.floor.egms["20101"].state is EgmWord.IDLE
    assert bus.floor.lines["edge2/L1"].egms_up == 1


def test_a_gateway_that_ended_before_the_console_began_is_gone_at_once():
    bus = BusFloor(Floor(NOW, over_nats=True), "nats://10.0.0.1:4222")
    old = told("gateway.heartbeat", 9, None, seconds=-3600)
    bus.take(FloorThere("demo", (known("10101"),), (old,)), NOW)
    assert bus.floor.gateways["edge1"].gone == "gateway edge1 says nothing"
    assert bus.floor.egms["10101"].state is EgmWord.UNKNOWN


def test_nats_that_goes_leaves_the_floor_as_it_was_and_the_events_when_it_is_back(bus):
    bus.take(Told(told("door.opened", 11)), NOW)
    bus.take(FloorAway("nothing answers"), NOW)
    assert bus.floor.stale
    assert bus.floor.egms["10101"].state is EgmWord.DOOR
    bus.take(FloorThere("demo", (known("10101", 12),), ()), NOW)
    assert not bus.floor.stale
    assert sorted(bus.floor.egms) == ["10101"]
    assert bus.floor.egms["10101"].last_event_at == NOW, "values do not say when it was"
    bus.take(Earlier((told("door.opened", 11), told("door.closed", 12))), NOW)
    assert [e.type for e in bus.floor.events(games=False)] == ["door.closed", "door.opened"]


def test_a_value_of_another_version_makes_an_unknown_machine_not_an_error(bus):
    strange = KnownState("edge1", "10103", "b1", 5, {"doors_open": 3, "since": "when"}, 1)
    bus.take(StateChanged(strange), NOW)
    assert bus.floor.egms["10103"].state is EgmWord.UNKNOWN
