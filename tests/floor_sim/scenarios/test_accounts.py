"""What a host took and what the stream has of it."""

from __future__ import annotations

import pytest

from floor_sim.scenarios.accounts import event_differences, host_differences
from floor_sim.scenarios.evidence import Item


def happened(n, code, at=10.0):
    return Item("record", at, "exception", "7", data={"n": n, "code": code})


def taken(of, code, at=10.0, what="acked", **facts):
    return Item("record", at, what, "7", 1, data={"of": of, "code": code, **facts})


def told(code, at=10.0, *, repeat=False):
    return Item("event", at, "door.opened", "7", code=code, repeat=repeat)


def host(items, **more):
    return host_differences(items, "7", 1, 5.0, **{"lost_too": False, **more})


def test_what_was_not_handed_over_is_told():
    items = [happened(1, "11"), happened(2, "12"), taken(1, "11")]
    assert host(items) == ["12 (slot door closed) was not handed over"]
    assert host([*items, taken(2, "12")]) == []


def test_what_was_lost_is_told_unless_it_may_be():
    items = [happened(1, "11"), taken(1, "11", what="lost", reason="overflow")]
    assert host(items) == ["11 (slot door opened) was lost: overflow"]
    assert host(items, lost_too=True) == []


def test_an_exception_for_the_other_port_alone_is_not_missed():
    item = happened(1, "11")
    other = Item(item.kind, item.at, item.name, item.asset, data={**item.data, "ports": (1,)})
    assert host([other]) == []


BEFORE = [taken(1, "17", at=1.0)]
BOTH = [taken(2, "11"), taken(3, "12")]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([told(0x11), told(0x12)], ""),
        ([told(0x17), told(0x11), told(0x12)], ""),
        ([told(0x11), told(0x11, repeat=True), told(0x12)], ""),
        ([told(0x11), told(0x11), told(0x12)], "events that nothing stands for: 11"),
        ([told(0x12), told(0x11)], "another order from the 1. on"),
        ([told(0x11)], "no event tells of 12"),
        ([told(0x17), told(0x12)], "no event tells of 11"),
        ([], "no event tells of 11 (slot door opened), 12"),
    ],
)
def test_events_are_held_to_what_was_handed_over(events, says):
    found = event_differences([*BEFORE, *BOTH, *events], "7", 1, 5.0)
    assert (says in " ".join(found)) if says else not found


def test_an_answer_that_had_not_gone_out_whole_was_not_handed_over():
    items = [taken(2, "11", whole=False), told(0x12), taken(3, "12")]
    assert event_differences(items, "7", 1, 5.0) == []
