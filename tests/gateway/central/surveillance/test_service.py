"""Surveillance at its tables: records with cameras, bookmarks and honest gaps."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_config.loader import parse_toml
from edge_config.site import Site
from gateway.central.surveillance.service import Surveillance

SITE = """
[site]
id = "demo"
name = "Demo"
jurisdiction = "US-NV"
time_zone = "America/Los_Angeles"
currency = "USD"
[gateway]
id = "edge1"
run_folder = "run"
[nats]
password_env = "EDGE_PASSWORD"
[[lines]]
name = "L1"
port = "lines/L1"
transport = "pty"
[[egms]]
asset = "10101"
line = "L1"
address = 1
location = "01-01-01"
cameras = ["C-0101", "PTZ-7"]
[[egms]]
asset = "10102"
line = "L1"
address = 2
location = "01-01-02"
"""


@pytest.fixture
def surveillance(desk):
    return lambda: desk(Surveillance(parse_toml(SITE, Site, "site.toml")))


def test_a_logic_door_is_recorded_with_its_cameras_and_told(surveillance, event):
    desk = surveillance().work(event("door.opened", 7, data={"door": "cardcage"}))
    (told,) = desk.told
    assert desk.messages[0].subject == "floor.v1.demo.surveillance.recorded.10101"
    assert told.severity == "critical"
    assert told.data["cameras"] == ["C-0101", "PTZ-7"]
    assert told.data["location"] == "01-01-01"
    assert told.data["text"] == "card cage door opened"


def test_the_bookmark_runs_from_30_s_before_to_5_min_after(surveillance, event):
    (told,) = surveillance().work(event("door.opened", 60)).told
    assert told.data["observed"] == "2026-03-01T12:01:00.000000Z"
    assert told.data["bookmark_from"] == "2026-03-01T12:00:30.000000Z"
    assert told.data["bookmark_until"] == "2026-03-01T12:06:00.000000Z"


@pytest.mark.parametrize(
    ("after_s", "begins"),
    [(0, "12:59:30"), (100, "12:57:50"), (100_000, "12:45:00")],
    ids=["heard at once", "the queue was last empty 100 s before", "a day unheard: 15 min at most"],
)
def test_the_bookmark_begins_where_the_event_can_first_have_happened(
    surveillance, event, after_s, begins
):
    (told,) = surveillance().work(event("door.opened", 3600, after_s=after_s)).told
    assert told.data["bookmark_from"] == f"2026-03-01T{begins}.000000Z"


@pytest.mark.parametrize(
    ("name", "asset", "note"),
    [
        ("door.opened", "10102", "no camera mapped"),
        ("door.opened", "99999", "no camera mapped: the asset number is not in the site file"),
        ("gateway.storeloss", None, "no camera mapped: the event is about no machine"),
    ],
)
def test_a_machine_without_a_camera_is_said_to_have_none(surveillance, event, name, asset, note):
    desk = surveillance().work(event(name, 1, asset=asset))
    assert desk.rows("SELECT cameras, camera_note FROM records") == [("[]", note)]
    assert desk.told[0].data["camera_note"] == note


def test_an_outage_has_the_cameras_of_its_machines(surveillance, event):
    outage = event("power.outage", 1, data={"assets": ["10101", "10102"]})
    desk = surveillance().work(outage)
    (cameras,) = desk.rows("SELECT cameras FROM records")[0]
    assert json.loads(cameras) == ["C-0101", "PTZ-7"]
    assert desk.messages[0].subject == "floor.v1.demo.surveillance.recorded._"


def test_what_is_no_security_event_leaves_nothing(surveillance, event):
    desk = surveillance().work(event("tilt.raised", 1), event("lamp.on", 2), event("meter.read", 3))
    assert desk.rows("SELECT * FROM records") == []
    assert desk.messages == []


def test_a_possible_repeat_is_recorded_and_marked(surveillance, event):
    desk = surveillance().work(
        event("door.opened", 1), event("door.opened", 2, possible_repeat=True)
    )
    assert desk.rows("SELECT possible_repeat FROM records ORDER BY number") == [(0,), (1,)]


@pytest.mark.parametrize(
    "change", ["UPDATE records SET severity = 'notice'", "DELETE FROM records"]
)
def test_a_record_cannot_be_changed_afterwards(surveillance, event, change):
    desk = surveillance().work(event("door.opened", 1))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        desk.rows(change)


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_in_any_order_and_number_leave_the_same_records(surveillance, event, data):
    names = ("door.opened", "door.closed", "power.lost", "link.down", "cashbox.removed")
    events = [event(name, n, after_s=5) for n, name in enumerate(names, 1)]
    told = data.draw(st.permutations(events * 2))
    query = (
        "SELECT event_id, type, severity, asset, location, text, why, cameras, camera_note, "
        "observed_ns, from_ns, until_ns FROM records ORDER BY event_id"
    )
    assert surveillance().work(*told).rows(query) == surveillance().work(*events).rows(query)
