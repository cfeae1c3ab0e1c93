"""Every event of the catalogue is a security event, or the table says why not."""

from __future__ import annotations

import pytest

from gateway.central.surveillance.table import NOT_SECURITY, SECURITY, row_for
from gateway.events.catalogue import CATALOGUE

TAKEN = {row.type for row in SECURITY}


def test_every_row_is_of_a_type_that_the_catalogue_has():
    assert set(CATALOGUE) >= TAKEN


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - TAKEN))
def test_a_type_that_is_no_security_event_has_a_reason(name):
    assert NOT_SECURITY.get(CATALOGUE[name].family)


def test_no_reason_is_given_for_a_family_that_is_taken_whole():
    whole = {row.family for row in CATALOGUE.values()} - {
        CATALOGUE[name].family for name in set(CATALOGUE) - TAKEN
    }
    assert not whole & (set(NOT_SECURITY) - {"tilt"})  # tilts are taken by kind


def test_every_row_can_be_reached():
    for row in SECURITY:
        assert row_for(row.type, dict(row.where)) is row


@pytest.mark.parametrize("row", SECURITY, ids=lambda row: f"{row.type} {row.where}")
def test_a_row_asks_for_fields_and_values_that_its_type_has(row):
    model = CATALOGUE[row.type].model
    for name, value in row.where.items():
        assert value in str(model.model_json_schema()["properties"][name]["enum"])


@pytest.mark.parametrize(
    ("door", "severity"),
    [("cardcage", "critical"), ("cashbox", "critical"), ("drop", "critical"),
     ("slot", "warning"), ("belly", "warning")],
)  # fmt: skip
def test_the_door_decides_how_urgent_an_opening_is(door, severity):
    row = row_for("door.opened", {"door": door})
    assert row is not None
    assert row.severity == severity


def test_a_bill_jam_is_no_security_event_and_a_bill_on_a_string_is():
    assert row_for("tilt.raised", {"kind": "billjam"}) is None
    assert row_for("tilt.raised", {"kind": "reversebill"}) is not None


def test_a_link_that_comes_up_at_the_start_ends_no_stretch_unwatched():
    assert row_for("link.up", {"before": "unknown"}) is None
    assert row_for("link.up", {"before": "down"}) is not None
