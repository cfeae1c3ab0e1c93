"""How urgent an event is, whom it is for, and what is looked at first."""

from dataclasses import replace

import pytest

from gateway.contracts.entries import entries
from gateway.contracts.page import page
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.significance import KINDS_OF, USUAL, Change, Profile, kind_field

# (event, data): severity, class, route; as regulators and floors have it
B4 = [
    ("door.opened", {"door": "slot"}, "warning", "significant", "surveillance technician"),
    ("door.opened", {"door": "drop"}, "warning", "significant", "surveillance drop"),
    ("door.opened", {"door": "cardcage"}, "critical", "critical", "surveillance supervisor"),
    ("door.opened", {"door": "cashbox"}, "critical", "critical", "surveillance"),
    ("door.opened", {"door": "belly"}, "warning", "significant", "technician"),
    ("door.closed", {"door": "cashbox"}, "notice", "critical", "surveillance"),
    ("door.poweroffaccess", {"door": "drop"}, "critical", "critical",
     "surveillance technician supervisor"),
    ("cashbox.removed", {}, "critical", "critical", "surveillance drop"),
    ("cashbox.full", {}, "warning", "operational", "drop"),
    ("power.lost", {}, "warning", "significant", "technician"),
    ("tilt.raised", {"kind": "general"}, "warning", "fault", "attendant technician"),
    ("tilt.raised", {"kind": "billjam"}, "notice", "fault", "attendant technician"),
    ("tilt.raised", {"kind": "reeltilt", "reel": 3}, "warning", "fault", "technician"),
    ("tilt.raised", {"kind": "reversebill"}, "warning", "security",
     "security surveillance technician"),
    ("tilt.raised", {"kind": "printerpaperlow"}, "notice", "fault", "attendant"),
    ("bill.counterfeit", {}, "warning", "security", "security surveillance"),
    ("integrity.memoryerror", {"part": "cmosram"}, "critical", "critical", "technician compliance"),
    ("integrity.batterylow", {}, "warning", "fault", "technician"),
    ("integrity.optionschanged", {"what": "operator"}, "critical", "critical",
     "compliance surveillance"),
    ("meter.zeroed", {"what": "softmeters"}, "critical", "critical", "audit surveillance"),
    ("handpay.pending", {"handpay_class": "unknown"}, "warning", "dispatch",
     "attendant cage surveillance"),
    ("handpay.amountknown", {"handpay_class": "cancelledcredits"}, "warning", "dispatch",
     "attendant cage"),
    ("progressive.nodata", {"controller": "sas"}, "warning", "fault", "technician"),
    ("link.gap", {"cause": "overflow"}, "warning", "link", "operations"),
    ("lamp.on", {}, "notice", "dispatch", "attendant"),
    ("transfer.completed", {}, "info", "transactional", "reconciliation"),
    ("game.started", {}, "info", "play", "sessions"),
    ("menu.entered", {"menu": "operator"}, "notice", "access", "surveillance"),
    ("egm.outofservice", {}, "warning", "fault", "technician attendant"),
    ("integrity.componentschanged", {"component": "eprom"}, "critical", "integrity",
     "technician compliance"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "severity", "eventclass", "route"), B4)
def test_the_table_of_significant_events(name, data, severity, eventclass, route):
    found = USUAL.of(CATALOGUE[name], data)
    assert (found.severity, found.eventclass) == (severity, eventclass)
    assert found.route == tuple(route.split())


@pytest.mark.parametrize(("name", "kind"), KINDS_OF, ids=" ".join)
def test_every_row_is_of_an_event_and_of_a_kind_that_its_data_can_name(name, kind):
    row = CATALOGUE[name]
    which = kind_field(name)
    assert bool(which) or not kind
    if kind:
        allowed = str(row.model.model_fields[which].annotation)
        assert kind in allowed or "str" in allowed


def test_a_jurisdiction_may_change_all_doors_or_one_and_the_one_goes_first():
    profile = Profile({
        ("door.opened", ""): Change(route=("surveillance",)),
        ("door.opened", "belly"): Change(severity="critical", eventclass="critical"),
    })  # fmt: skip
    opened = CATALOGUE["door.opened"]
    belly, slot = (profile.of(opened, {"door": door}) for door in ("belly", "slot"))
    assert (belly.severity, belly.eventclass, belly.route) == (
        "critical", "critical", ("surveillance",),
    )  # fmt: skip
    assert (slot.severity, slot.route) == ("warning", ("surveillance",))
    assert USUAL.of(opened, {"door": "belly"}).severity == "warning"


def test_severity_class_and_route_stand_in_the_envelope_and_the_fact_goes_first(place, stamp, noon):
    profile = Profile({("door.opened", "slot"): Change("critical", "security", ("guard", "desk"))})
    opened = Fact("door.opened", "10101", CATALOGUE["door.opened"].example, noon)
    told = encode(opened, place, stamp, "2026-01-01", profile)
    envelope = decode(told.body)
    assert (envelope.severity, envelope.eventclass, envelope.route) == (
        "critical", "security", "guard,desk",
    )  # fmt: skip
    assert told.severity == "critical"
    own = replace(opened, severity="info")
    assert encode(own, place, stamp, "2026-01-01", profile).severity == "info"


def test_a_page_lists_the_kinds_of_a_type_with_what_is_looked_at_first():
    entry = next(one for one in entries() if one.name == "tilt.raised")
    text = page(entry)
    assert "| `billjam` | notice | fault | attendant, technician | Open the validator head" in text
    plain = next(one for one in entries() if one.name == "lamp.on")
    assert "By kind" not in page(plain)
