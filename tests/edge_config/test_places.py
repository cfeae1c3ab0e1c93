"""Where a site's files and server are."""

from pathlib import Path

import pytest

from edge_config.loader import ConfigError, load_toml
from edge_config.places import find_places
from edge_config.site import Site

SITE_FILE = Path(__file__).parents[2] / "edge_config/sites/demo_floor.toml"


def places(environment=None, **options):
    return find_places(
        load_toml(SITE_FILE, Site), SITE_FILE, environment=environment or {}, **options
    )


def test_the_command_line_outranks_the_environment_and_that_the_file(tmp_path):
    environment = {"SLOTGW_RUN_FOLDER": "/env", "SLOTGW_NATS_URL": "nats://env:1"}
    named = places(environment, run_folder=tmp_path, nats_url="nats://arg:1")
    assert (named.run_folder, named.nats_url) == (tmp_path, "nats://arg:1")
    from_environment = places(environment)
    assert from_environment.run_folder == Path("/env")
    assert from_environment.nats_url == "nats://env:1"
    from_file = places()
    assert from_file.run_folder == Path.cwd() / "run/demo_floor"
    assert from_file.nats_url == "nats://127.0.0.1:4222"


def test_ports_are_under_the_run_folder_unless_they_are_absolute(tmp_path):
    here = places(run_folder=tmp_path)
    line = here.site.lines[0]
    assert here.line_port(line) == tmp_path / "lines/L1"
    by_path = line.model_copy(update={"port": "/dev/serial/by-path/x"})
    assert here.line_port(by_path) == Path("/dev/serial/by-path/x")
    assert here.card_reader(here.site.egms[0]) == tmp_path / "cards/10101"
    assert here.card_reader(here.site.egms[0].model_copy(update={"card_reader": None})) is None


def test_the_password_is_the_line_in_its_file(tmp_path):
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats/edge.password").write_text("s3cret\n")
    assert places(run_folder=tmp_path).nats_password({}) == "s3cret"


def test_a_missing_or_empty_password_file_is_the_operators_to_mend(tmp_path):
    with pytest.raises(ConfigError, match=r"nats.password_file: found .*edge.password: no such"):
        places(run_folder=tmp_path).nats_password({})
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats/edge.password").write_text("\n")
    with pytest.raises(ConfigError, match="an empty file"):
        places(run_folder=tmp_path).nats_password({})


def test_the_password_may_come_from_the_environment():
    here = places()
    nats = here.site.nats.model_copy(update={"password_file": None, "password_env": "EDGE_PW"})
    site = here.site.model_copy(update={"nats": nats})
    there = find_places(site, "s.toml", environment={})
    assert there.nats_password({"EDGE_PW": "s3cret"}) == "s3cret"
    with pytest.raises(ConfigError, match="no environment variable EDGE_PW"):
        there.nats_password({})
