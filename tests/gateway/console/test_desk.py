"""Where checks are kept: what the registry says, drafts that come back, drafts that do not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.site import ChangeInfo, Site
from gateway.commissioning.check import begin
from gateway.commissioning.sheet import begin_sheet
from gateway.console.desk import DRAFT_BYTES_MAX, Desk, drafts_folder, this_person, this_version
from tests.gateway.console.check_bench import SITE

NOW = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path):
    return Desk(load_toml(SITE, Site), tmp_path / "drafts", tmp_path, "tech17")


def test_the_target_is_what_the_registry_says_of_the_machine(desk):
    target = desk.target("10102", NOW)
    assert (target.location, target.line, target.address) == ("01-01-02", "L1", 2)
    assert (target.serial, target.denomination, target.mode) == ("SIM10102", "0.01", "host")
    assert target.neighbours == {1: "01-01-01", 3: "01-01-03", 4: "01-01-04"}
    assert target.owners["SIM10604"] == "10604"
    assert desk.target("99999", NOW) is None


def test_the_target_is_as_the_registry_has_it_at_the_moment(desk):
    change = ChangeInfo.model_validate(
        {"asset": "10102", "since": "2026-03-15 04:00", "location": "01-09-09"}
    )
    desk = Desk(desk.site.model_copy(update={"changes": (change,)}), desk.drafts, desk.reports, "t")
    assert desk.target("10102", NOW).location == "01-01-02"
    later = datetime(2026, 3, 16, tzinfo=UTC)
    assert desk.target("10102", later).location == "01-09-09"


def test_a_check_comes_back_as_it_was_kept_and_not_another_machines(desk):
    target = desk.target("10102", NOW)
    for kind, check in (("comms", begin("comms", target, "t", NOW)),
                        ("meters", begin_sheet(target, "t", NOW))):  # fmt: skip
        assert desk.kept(kind, "10102") is None
        desk.keep(kind, check)
        assert desk.kept(kind, "10102").started == check.started
        assert desk.kept(kind, "10101") is None
        desk.drop(kind, "10102")
        assert desk.kept(kind, "10102") is None
    assert desk.drafts.stat().st_mode & 0o077 == 0


def test_what_is_no_draft_is_set_aside_or_passed_over(desk):
    desk.drafts.mkdir()
    path = desk.drafts / "10102-comms.json"
    path.write_text("{}")
    assert desk.kept("comms", "10102") is None
    assert path.with_suffix(".unreadable").exists()
    path.write_bytes(b" " * (DRAFT_BYTES_MAX + 1))
    assert desk.kept("comms", "10102") is None


def test_drafts_stand_in_the_users_own_folder():
    assert drafts_folder("demo", {"XDG_STATE_HOME": "/s"}) == Path("/s/slotgw/checks/demo")
    assert drafts_folder("demo", {"XDG_STATE_HOME": "s"}).is_relative_to(Path.home())
    assert this_person()
    assert this_version()
