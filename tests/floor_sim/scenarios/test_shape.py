"""Events of a stream as scenarios see them: ours and a stranger's."""

from __future__ import annotations

from edge_config.loader import parse_toml
from floor_sim.scenarios.shape import Shape, own_item

STRANGER = """
type = "head.kind"
asset = "machine.number"
data = "body"
code = "body.sas"

[names]
DOOR_OPEN = "door.opened"
"""


def test_our_events_are_known_by_their_type():
    event = {"type": "slot.door.opened.v1", "subject": "10101", "sascode": "11",
             "possiblerepeat": True, "data": {"door": "slot"}}  # fmt: skip
    item = own_item(event, 3.0)
    assert (item.name, item.asset, item.code, item.repeat) == ("door.opened", "10101", 0x11, True)
    assert own_item({"type": "other", "data": {}}, 3.0) is None
    assert own_item({"id": 1}, 3.0) is None


def test_what_a_consumer_derives_is_about_the_machine_in_its_data():
    event = {"type": "floor.dispatch.callopened.v1", "subject": "call-7", "data": {"asset": "7"}}
    assert own_item(event, 0.0).asset == "7"


def test_a_stranger_s_events_are_read_by_a_file():
    shape = parse_toml(STRANGER, Shape, "shape.toml")
    event = {"head": {"kind": "DOOR_OPEN"}, "machine": {"number": 10101},
             "body": {"door": "slot", "sas": "11"}}  # fmt: skip
    item = shape.item(event, 1.0)
    assert (item.name, item.asset, item.code) == ("door.opened", "10101", 0x11)
    assert item.data == {"door": "slot", "sas": "11"}
    assert shape.item({"head": 1}, 1.0) is None
