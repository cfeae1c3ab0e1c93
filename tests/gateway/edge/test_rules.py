"""A site's limits: those of its jurisdiction, and its own before them."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge_config.jurisdiction import FOLDER, Jurisdiction, settled
from edge_config.loader import ConfigError, load_toml, parse_toml
from edge_config.site import Site
from gateway.edge.rules import check_event_rules, handpay_rules, profile_of, year_warnings
from gateway.events.catalogue import CATALOGUE
from gateway.events.significance import USUAL, kind_field

DEMO = (Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml").read_text()


def site(jurisdiction="US-NV", more="", currency="USD"):
    found = load_toml(FOLDER.parent / "sites" / "demo_floor.toml", Site)
    rules = parse_toml(more, Jurisdiction, "rules")
    info = found.site.model_copy(update={"jurisdiction": jurisdiction, "currency": currency})
    return found.model_copy(update={"site": info, "rules": rules})


def verdicts(site, cents, when, kind="topwin"):
    zone = ZoneInfo(site.site.time_zone)
    wall_ns = int(datetime(*when, tzinfo=zone).timestamp() * 1e9)
    told = handpay_rules(site).told(cents, kind, wall_ns, site.site.currency)
    return {name: told[name]["verdict"] for name in ("w2g", "two_person", "house")}


def test_nevada_has_the_federal_form_and_its_own_second_person():
    new_year = (2026, 1, 1)
    assert verdicts(site(), 150_000, (2025, 12, 31, 23, 59)) == {
        "w2g": "required", "two_person": "required", "house": "notapplicable",
    }  # fmt: skip
    assert verdicts(site(), 150_000, new_year)["w2g"] == "notrequired"
    assert verdicts(site(), 200_000, new_year)["w2g"] == "required"


@pytest.mark.parametrize(("jurisdiction", "currency"), [("CA-ON", "CAD"), ("US-NV", "CAD")])
def test_elsewhere_and_in_other_money_the_tax_form_does_not_apply(jurisdiction, currency):
    found = verdicts(site(jurisdiction, currency=currency), 900_000, (2026, 6, 1))
    assert found["w2g"] == "notapplicable"


def test_the_house_may_have_its_own_figures_and_they_go_first():
    own = """
        two_person_unknown = "undecided"
        [[two_person]]
        amount = "5000.00"
        [[house]]
        begins = "2026-03-01"
        amount = "10000.00"
        asks = "manager"
    """
    found = site(more=own)
    assert verdicts(found, 150_000, (2026, 6, 1))["two_person"] == "notrequired"
    assert verdicts(found, None, (2026, 6, 1))["two_person"] == "undecided"
    assert verdicts(found, 1_000_000, (2026, 6, 1))["house"] == "required"
    assert verdicts(found, 1_000_000, (2026, 2, 28))["house"] == "nofigure"
    assert verdicts(found, 1_000_000, (2026, 6, 1))["w2g"] == "required", "still federal"


def test_a_year_without_a_figure_is_warned_of_and_nothing_is_invented():
    assert year_warnings(site(), date(2026, 12, 31)) == ()
    (warning,) = year_warnings(site(), date(2027, 1, 1))
    assert "rules.w2g has no figure for 2027-01-01" in warning
    assert verdicts(site(), 900_000, (2027, 1, 1))["w2g"] == "nofigure"


def test_the_day_changes_with_daylight_saving_too():
    rules = handpay_rules(site())
    zone = ZoneInfo(site().site.time_zone)
    for day in (date(2026, 3, 8), date(2026, 11, 1)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        ns = int(midnight.timestamp()) * 10**9
        assert rules.day_of(ns) == day
        assert rules.day_of(ns - 1).day != day.day


@pytest.mark.parametrize(
    "text", ["[[w2g]]\namount = 1200", '[[w2g]]\nbegins = "2026"\namount = "1"', "[[w3g]]"]
)
def test_a_wrong_table_is_told_to_the_operator(text):
    with pytest.raises(ConfigError):
        parse_toml(text, Jurisdiction, "rules")


def test_every_file_of_jurisdictions_can_be_read():
    for path in FOLDER.glob("*.toml"):
        load_toml(path, Jurisdiction)
    assert settled("US-NV", Jurisdiction()).two_person
    assert not settled("US-NJ", Jurisdiction()).two_person


def test_events_are_as_urgent_as_the_house_says():
    own = """
        [[events]]
        event = "door.opened"
        kind = "drop"
        severity = "critical"
        route = ["surveillance"]
        [[events]]
        event = "lamp.on"
        eventclass = "operational"
    """
    profile = profile_of(site(more=own))
    drop = profile.of(CATALOGUE["door.opened"], {"door": "drop"})
    assert (drop.severity, drop.route, drop.eventclass) == (
        "critical", ("surveillance",), "significant",
    )  # fmt: skip
    assert profile.of(CATALOGUE["door.opened"], {"door": "slot"}).severity == "warning"
    assert profile.of(CATALOGUE["lamp.on"], {}).eventclass == "operational"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ('event = "door.open"', "rules.events[0].event: found 'door.open'"),
        ('event = "door.opened"\nkind = "logic"', "one of slot, drop, cardcage"),
        ('event = "tilt.raised"\nkind = "jam"', "billjam"),
        ('event = "lamp.on"\nkind = "red"', "lamp.on has no kinds"),
    ],
)
def test_a_rule_about_nothing_is_told_to_the_operator(rule, words):
    with pytest.raises(ConfigError) as told:
        check_event_rules(site(more=f"[[events]]\n{rule}\nseverity = 'info'"), "site.toml")
    assert words in str(told.value)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_rule_of_a_jurisdiction_is_about_an_event_and_changes_something(path):
    found = load_toml(path, Jurisdiction)
    check_event_rules(site().model_copy(update={"rules": found}), path.name)
    there = profile_of(site(path.stem))
    for rule in found.events:
        row = CATALOGUE[rule.event]
        data = {kind_field(rule.event): rule.kind} if rule.kind else {}
        assert there.of(row, data) != USUAL.of(row, data), rule.event


def test_louisiana_hears_of_an_interruption_at_once_and_nevada_as_usual():
    down = CATALOGUE["link.down"]
    louisiana = profile_of(site("US-LA")).of(down, {})
    assert (louisiana.severity, louisiana.route) == ("critical", ("technician", "compliance"))
    assert profile_of(site("US-NV")).of(down, {}).severity == "warning"


def test_in_ohio_surveillance_hears_of_every_door():
    profile = profile_of(site("US-OH"))
    for door in ("slot", "drop", "cardcage", "cashbox", "belly"):
        assert "surveillance" in profile.of(CATALOGUE["door.opened"], {"door": door}).route


def test_the_house_goes_before_its_jurisdiction():
    own = '[[events]]\nevent = "link.down"\nseverity = "notice"'
    found = profile_of(site("US-LA", own)).of(CATALOGUE["link.down"], {})
    assert (found.severity, found.route) == ("notice", ("technician", "compliance"))
