"""``slotgw run``: what it refuses before it polls."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.cli.run import run
from gateway.edge.clock import RealClock
from gateway.edge.whereabouts import MARK_NAME, this_process
from gateway.outbox.files import make_folder
from gateway.outbox.store import Store

SITE = (Path(__file__).parents[2] / "smallest_site.toml").read_text()


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


def test_a_second_gateway_on_one_run_folder_is_refused_at_once_and_told_what_to_do(site, tmp_path):
    outbox = tmp_path / "run" / "gateway" / "outbox.sqlite"
    store = Store.open(outbox)
    try:
        done = CliRunner().invoke(run, [str(site), "--run-folder", str(tmp_path / "run")])
    finally:
        store.close()
    assert done.exit_code == 2
    told = done.stderr.splitlines()
    assert len(told) == 1
    assert "one gateway only may write to it. Stop that one, or give this one" in told[0]


@pytest.fixture
def folder(tmp_path):
    make_folder(tmp_path / "gateway")
    return tmp_path / "gateway"


def test_a_restart_on_one_outbox_is_the_same_place_and_anything_else_is_another(folder, tmp_path):
    machine, other = tmp_path / "machine-id", tmp_path / "other-id"
    machine.write_text("aaaa\n")
    other.write_text("bbbb\n")
    first = this_process(folder, "b1", RealClock(), machine)
    again = this_process(folder, "b2", RealClock(), machine)
    assert first.place == again.place
    assert first.since_ns < again.since_ns
    assert first.place_ns == again.place_ns == first.since_ns
    assert this_process(folder, "b3", RealClock(), other).place != first.place  # a copied folder
    (folder / MARK_NAME).unlink()
    assert this_process(folder, "b4", RealClock(), machine).place != first.place
    assert this_process(folder, "b5", RealClock(), tmp_path / "none").place  # no such file


def test_a_disk_that_takes_no_mark_holds_up_no_start(tmp_path):
    missing = tmp_path / "nowhere"
    assert this_process(missing, "b1", RealClock()).place
    assert not missing.exists()


@pytest.mark.parametrize("url", ["127.0.0.1:8222", "http://u:p@h", "https://h", "http://"])
def test_a_monitoring_port_is_an_address_without_a_password(url):
    with pytest.raises(ValidationError, match=r"an address such as .http://127\.0\.0\.1:8222"):
        Site.model_validate({"nats": {"monitor_url": url}})


def test_the_monitoring_port_of_the_environment_comes_before_that_of_the_file(site):
    site.write_text(SITE.replace("[nats]", '[nats]\nmonitor_url = "http://127.0.0.1:8222"'))
    loaded = load_toml(site, Site)
    assert find_places(loaded, site, environment={}).nats_monitor_url == "http://127.0.0.1:8222"
    environment = {"SLOTGW_NATS_MONITOR_URL": "http://127.0.0.1:1"}
    assert find_places(loaded, site, environment=environment).nats_monitor_url.endswith(":1")
