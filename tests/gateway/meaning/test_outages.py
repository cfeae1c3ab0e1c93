"""Machines that lose their power together are one outage, and one that is alone is none."""

import pytest

from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.meaning.outages import Grouping, Outages, due, taken

PLACES = {
    **{f"A{at}": {"panel": "P1", "bank": "B1", "line": "L1"} for at in range(4)},
    **{f"B{at}": {"panel": "P1", "bank": "B2", "line": "L2"} for at in range(4)},
    **{f"C{at}": {"bank": "B3", "line": "L3"} for at in range(4)},
    **{f"D{at}": {"line": "L4"} for at in range(4)},
    "E0": {"bank": "B5", "line": "L5"},
}
GROUPING = Grouping(PLACES, share=0.5, window_s=60.0, calm_s=15.0)


def moment(at_s):
    return Moment(at_s, int((1_790_000_000 + at_s) * 1e9))


def lost(asset, at_s, event="power.lost", after_s=None):
    after = None if after_s is None else moment(after_s)
    return Fact(event, asset, {"before": "on", "after": "off"}, moment(at_s), after)


class Floor:
    """What machines told, and the time."""

    def __init__(self):
        self.outages = Outages()

    def tell(self, *facts, birthid="b1"):
        return taken(self.outages, facts, birthid)

    def due(self, at_s, birthid="b1"):
        found = due(self.outages, GROUPING, moment(at_s), birthid)
        return [(fact.data["scope"], fact.data["name"], fact.data["assets"]) for fact in found]


@pytest.fixture
def floor():
    return Floor()


def test_a_bank_that_loses_power_is_told_once_with_its_machines(floor):
    floor.tell(*(lost(f"C{at}", 100 + at) for at in range(4)))
    assert floor.due(110) == [], "more may come"
    assert floor.due(118) == [("bank", "B3", ["C0", "C1", "C2", "C3"])]
    assert floor.due(200) == []


def test_a_panel_explains_more_than_its_banks(floor):
    floor.tell(*(lost(asset, 100) for asset in PLACES if asset[0] in "AB"))
    assert [found[:2] for found in floor.due(115)] == [("panel", "P1")]


def test_one_bank_of_a_panel_is_the_bank_and_not_the_panel():
    outages = Outages()
    taken(outages, [lost(f"A{at}", 100) for at in range(4)], "b1")
    (found,) = due(outages, GROUPING, moment(115), "b1")
    assert (found.data["scope"], found.data["machines"]) == ("bank", 4)


def test_machines_without_bank_and_panel_are_told_by_their_line(floor):
    floor.tell(lost("D0", 100), lost("D1", 101))
    assert floor.due(120) == [("line", "L4", ["D0", "D1"])]


@pytest.mark.parametrize("assets", [["C0"], ["E0"], ["A0", "C0", "D0"]])
def test_a_machine_alone_is_no_outage(floor, assets):
    floor.tell(*(lost(asset, 100) for asset in assets))
    assert floor.due(120) == []
    assert floor.outages.lost == {}, "and is forgotten"


def test_machines_that_lose_power_one_after_another_are_no_outage(floor):
    for at in range(4):
        floor.tell(lost(f"C{at}", 100 * at))
        assert floor.due(100 * at + 16) == []


def test_reports_that_go_on_are_told_when_the_window_is_over(floor):
    for at in range(4):
        floor.tell(lost(f"C{at}", 100 + 14 * at))
        assert floor.due(101 + 14 * at) == []
    floor.tell(lost("A0", 155))
    assert [found[:2] for found in floor.due(161)] == [("bank", "B3")]


def test_power_applied_tells_it_too_and_neither_counts_twice(floor):
    facts = [
        lost("C0", 100), lost("C0", 100.2, "power.applied"),
        lost("C1", 101, "power.applied", after_s=99),
    ]  # fmt: skip
    assert floor.tell(*facts)
    assert not floor.tell(lost("C0", 102))
    assert floor.due(120) == [("bank", "B3", ["C0", "C1"])]


def test_a_floor_that_is_switched_on_in_the_morning_is_no_outage(floor):
    assert not floor.tell(*(lost(asset, 100, "power.applied") for asset in PLACES))


def test_other_events_are_none_of_its_business(floor):
    assert not floor.tell(Fact("link.down", "C0", {}, moment(100)))


def test_it_began_after_the_earliest_empty_queue_and_before_the_first_report(floor):
    floor.tell(lost("C0", 100, after_s=60), lost("C1", 101, after_s=58))
    (outage,) = due(floor.outages, GROUPING, moment(120), "b1")
    assert (outage.occurred_after, outage.occurred_before) == (moment(58), moment(100))
    place = Place("demo", "gw1", "US-NV")
    body = encode(outage, place, Stamp("gw1", "b1", 1, 1), "2026-09-21").body
    assert b'"began":"2026-' in body


def test_where_one_queue_is_not_known_the_beginning_has_no_lower_bound(floor):
    floor.tell(lost("C0", 100, after_s=60), lost("C1", 101))
    (outage,) = due(floor.outages, GROUPING, moment(120), "b1")
    assert outage.occurred_after is None


def test_what_was_collected_outlives_a_restart(floor):
    floor.tell(lost("C0", 100))
    floor.outages = Outages.model_validate_json(floor.outages.model_dump_json())
    floor.tell(lost("C1", 105), birthid="b2")
    assert floor.due(121, "b2") == [("bank", "B3", ["C0", "C1"])]
