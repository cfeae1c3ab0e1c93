"""``slotsim scenario``: list, show, site, run; text, JSON, JUnit, exit status."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner

import floor_sim
from edge_config.loader import parse_toml
from edge_config.site import Site
from floor_sim.cli.scenario import scenario
from floor_sim.scenarios.docs import markdown
from floor_sim.scenarios.library import shipped_names


def slotsim(*words):
    return CliRunner().invoke(scenario, [str(word) for word in words])


def test_the_page_on_scenarios_is_the_one_that_the_files_make():
    page = Path(floor_sim.__file__).parent / "SCENARIOS.md"
    assert page.read_text("utf-8") == markdown()


def test_list_shows_every_scenario_or_those_with_a_tag():
    said = slotsim("list").output
    assert all(f"{name} " in said for name in shipped_names())
    rows = json.loads(slotsim("list", "--json").output)
    assert {row["name"]: row for row in rows}["door-slot"]["machines"] == {"a": "70100"}
    doors = slotsim("list", "--tag", "doors").output
    assert "door-slot" in doors
    assert "handpay-single" not in doors


def test_show_prints_the_file():
    assert 'does = "door open slot"' in slotsim("show", "door-slot").output
    assert slotsim("show", "no-such").exit_code == 2


def test_site_is_one_that_our_gateway_reads():
    site = parse_toml(slotsim("site", "door-slot", "panel-outage").output, Site, "site.toml")
    assert [egm.asset for egm in site.egms][:2] == ["70100", "70800"]
    assert {egm.panel for egm in site.egms[1:]} == {"panel-outage-P1"}
    assert site.lines[0].port == "lines/door-slot"
    bridged = slotsim("site", "door-slot", "--bridge", "127.0.0.1:9500").output
    assert 'port = "127.0.0.1:9500/1"' in bridged


def test_all_that_pass_end_with_0():
    done = slotsim("run", "door-slot", "power-cycle", "--virtual", "--only-wire", "--steps")
    assert done.exit_code == 0
    assert "2 scenarios: 2 PASS; seed 20251231" in done.output
    assert "exception 11 (slot door opened) handed over, once at 0:" in done.output


def test_a_fail_ends_with_1_and_is_told_to_people_and_to_programs(tmp_path):
    junit = tmp_path / "scenarios.xml"
    words = ("run", "door-slot", "options-changed", "--virtual", "--only-wire", "--junit", junit)
    done = slotsim(*words, "--json")
    assert done.exit_code == 1
    first, second = json.loads(done.stdout)["scenarios"]
    assert (first["verdict"], second["verdict"]) == ("PASS", "FAIL")
    wrong = [step for step in second["steps"] if step["verdict"] == "FAIL"]
    assert wrong[0]["says"] == "long poll 1F, at least once"
    assert second["wire"]
    suite = fromstring(junit.read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.find("testcase[@name='options-changed']/failure").get("type") == "FAIL"


def test_blocked_is_a_failure_unless_it_may_be(tmp_path):
    junit = tmp_path / "scenarios.xml"
    words = ("run", "door-slot", "--virtual", "--junit", junit)
    done = slotsim(*words)
    assert done.exit_code == 1
    assert "BLOCKED door-slot" in done.output
    assert "no event stream" in done.output
    assert fromstring(junit.read_text()).get("errors") == "1"
    assert slotsim(*words, "--blocked-ok").exit_code == 0
    assert fromstring(junit.read_text()).get("skipped") == "1"


@pytest.mark.parametrize(
    "words",
    [
        ("run", "no-such"),
        ("run", "door-slot", "--bridge", "none.example:9500"),
        ("site", "door-slot", "--bridge", "none.example:9500"),
        ("run", "door-slot", "--shape", "none.toml"),
        ("run", "door-slot", "--events", "nats://127.0.0.1:1", "--password-file", "none"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(words):
    done = slotsim(*words)
    assert done.exit_code == 2
    assert "none" in done.output or "no-such" in done.output


def test_a_bad_file_is_told_with_line_key_and_hint(tmp_path):
    path = tmp_path / "mine.toml"
    text = slotsim("show", "door-slot").output
    path.write_text(text.replace('does = "door open slot"', 'does = "door open attic"'))
    done = slotsim("run", path, "--virtual")
    assert done.exit_code == 2
    assert f"{path}:12: steps[0].does: found 'door open attic'" in done.output
    assert "there are slot, drop, card cage" in done.output
