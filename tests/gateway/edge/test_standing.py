"""What the registry says from when, and what a serial number says of who answers."""

from __future__ import annotations

import pytest

from edge_config.register import Register
from edge_config.site import Site
from gateway.edge.standing import Standing
from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

DAY_NS = 86_400 * 10**9
FIRST_NS = 1_796_126_400 * 10**9  # 2026-12-01 04:00 in Los Angeles, 12:00 UTC
SITE = {
    "site": {"id": "demo", "name": "Demo", "jurisdiction": "US-NV", "currency": "USD",
             "time_zone": "America/Los_Angeles"},
    "gateway": {"id": "edge1", "run_folder": "run"},
    "nats": {"password_env": "P"},
    "lines": [{"name": "L1", "port": "L1", "transport": "pty"}],
}  # fmt: skip


def egm(number, **more):
    return {"asset": f"1010{number}", "line": "L1", "address": number,
            "location": f"01-01-0{number}", "serial": f"S{number}", **more}  # fmt: skip


class Casino:
    """One place of a site, and what its outbox keeps."""

    def __init__(self, *changes, egms=None):
        self.kept = {}
        self.edit(*changes, egms=egms)

    def edit(self, *changes, egms=None):
        """Edit the site file and start anew."""
        rows = egms or (egm(1), egm(2))
        site = Site.model_validate({**SITE, "egms": rows, "changes": changes})
        place = Place("demo", "edge1", "US-NV", "L1", 1, "", "", rows[0]["location"], "host")
        self.standing = Standing(Register(site), site.egms[0], place, self.kept)

    def at(self, ns, what="follow", *words):
        """Let something happen at a moment; return what is told, each put into its envelope."""
        facts = getattr(self.standing, what)(*words, Moment(0.0, ns))
        self.kept.update(self.standing.take_keys())
        for fact in facts:
            encode(fact, self.standing.place, Stamp("edge1", "b", 1, 1), "2026-12-01")
        return [(fact.type, fact.asset, dict(fact.data)) for fact in facts]


MOVE = {"asset": "10101", "since": "2026-12-01 04:00", "location": "02-03-04", "bank": "03",
        "denomination": "0.05", "jurisdiction": "US-MS"}  # fmt: skip


def test_a_change_takes_effect_at_its_moment_and_is_told_once():
    casino = Casino(MOVE)
    assert casino.at(FIRST_NS - 1) == []
    assert casino.standing.place.location == "01-01-01"
    moved, changed = casino.at(FIRST_NS)
    assert moved == (
        "egm.moved", "10101", {"location_before": "01-01-01", "location_after": "02-03-04"},
    )  # fmt: skip
    assert changed[2]["changed"] == ["bank", "denomination", "jurisdiction", "location"]
    assert changed[2]["since"] == "2026-12-01T12:00:00+00:00"
    assert changed[2]["after"]["denomination"] == "0.05"
    place = casino.standing.place
    assert (place.location, place.bank, place.jurisdiction) == ("02-03-04", "03", "US-MS")
    assert casino.at(FIRST_NS + 1) == []
    casino.edit(MOVE)  # another start tells nothing twice
    assert casino.at(FIRST_NS + 2) == []
    assert casino.standing.place.location == "02-03-04"


def test_what_was_edited_between_two_starts_is_told():
    casino = Casino()
    assert casino.at(0) == []
    casino.edit(egms=(egm(1, location="09-09-09", theme="Comet"), egm(2)))
    moved, changed = casino.at(DAY_NS)
    assert moved[2]["location_after"] == "09-09-09"
    assert changed[2]["changed"] == ["location", "theme"]
    assert "since" not in changed[2]


def test_a_machine_with_its_own_serial_number_is_no_news():
    casino = Casino()
    assert casino.at(0, "identified", "S1") == []
    assert casino.standing.told_of(Fact("lamp.on", "10101", {}, Moment(0, 0))).asset == "10101"


def test_a_known_machine_in_anothers_place_is_itself():
    casino = Casino()
    ((kind, asset, data),) = casino.at(0, "identified", "S2")
    assert (kind, asset, data["answers_for"], data["location_before"]) == (
        "egm.moved", "10102", "10101", "01-01-02",
    )  # fmt: skip
    assert casino.at(0, "identified", "S2") == []
    assert casino.standing.told_of(Fact("lamp.on", "10101", {}, Moment(0, 0))).asset == "10102"
    casino.edit()  # remembered
    assert casino.standing.answers == "10102"
    assert casino.at(0, "identified", "S1") == []
    assert casino.standing.told_of(Fact("lamp.on", "10101", {}, Moment(0, 0))).asset == "10101"


def test_a_machine_that_nobody_knows_is_nobodys():
    casino = Casino()
    ((kind, asset, data),) = casino.at(0, "identified", "Z9")
    assert (kind, asset, data["reason"]) == ("egm.unregistered", "unregistered-L1-1",
                                             "unknownserial")  # fmt: skip
    assert casino.standing.answers == "unregistered-L1-1"


def test_a_site_file_without_serial_numbers_knows_nobody_by_them():
    casino = Casino(egms=(egm(1, serial=""), egm(2, serial="")))
    assert casino.at(0, "identified", "Z9") == []


def test_a_board_that_is_changed_on_its_day_keeps_the_machine_what_it_is():
    casino = Casino({"asset": "10101", "since": "2026-12-01 04:00", "serial": "S7"})
    casino.at(FIRST_NS)
    assert casino.at(FIRST_NS, "identified", "S7") == []


@pytest.mark.parametrize(("cycle", "told"), [("stored", 1), ("out", 1), ("commissioned", 0)])
def test_a_machine_that_should_not_be_there_is_reported_when_it_comes_up(cycle, told):
    casino = Casino(egms=(egm(1, life_cycle=cycle), egm(2)))
    casino.at(0)
    found = casino.at(0, "came_up")
    assert [(kind, data["reason"]) for kind, _, data in found] == [
        ("egm.unregistered", "notonfloor")
    ] * told
