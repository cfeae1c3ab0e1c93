"""How many days the disk gives, from real rows; a disk too small is refused."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.cli.main import main
from gateway.cli.outbox_size import size

SITE_FILE = Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml"
GIB = 2**30


def disk(free_bytes):
    return lambda _: SimpleNamespace(f_bavail=free_bytes // 4096, f_frsize=4096)


def places(tmp_path, outbox=""):
    path = tmp_path / "site.toml"
    path.write_text(SITE_FILE.read_text().replace("[outbox]", f"[outbox]\n{outbox}"))
    return find_places(load_toml(path, Site), path, run_folder=tmp_path / "run", environment={})


def test_the_days_follow_from_a_floors_rates_and_real_rows(tmp_path):
    sizing = size(places(tmp_path), disk(100 * GIB))
    play = 24 * 24 * 0.30 * 1200
    meters = 24 * 8640 * 1.2  # every tenth time a full reading as well: two polls
    assert sizing.events_a_day == pytest.approx(play + meters + 8640, rel=0.01)
    assert 1000 < sizing.bytes_an_event < 3000
    assert sizing.days == pytest.approx((100 * GIB - 64 * 2**20) / sizing.bytes_a_day)
    assert sizing.wanted_days == 1
    assert sizing.enough


@pytest.mark.parametrize("free", [0, 64 * 2**20])
def test_the_reserve_is_not_for_events(tmp_path, free):
    assert size(places(tmp_path), disk(free)).days == 0


def test_a_greatest_size_counts_and_the_outbox_that_is_there_is_room(tmp_path):
    limited = size(places(tmp_path, "max_mib = 1088"), disk(100 * GIB))
    assert limited.room_bytes == GIB
    there = places(tmp_path).outbox
    there.parent.mkdir(parents=True)
    there.write_bytes(b"x" * 4096)
    assert size(places(tmp_path), disk(GIB)).room_bytes == GIB + 4096 - 64 * 2**20


def test_check_prints_the_days_and_refuses_a_disk_too_small_in_one_line(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(SITE_FILE.read_text().replace("[outbox]", "[outbox]\nmax_mib = 100"))
    result = CliRunner().invoke(main, ["check", str(path), "--run-folder", str(tmp_path)])
    assert result.exit_code == 2
    assert "days without a server, 1 wanted" in result.stdout
    assert len(result.stderr.splitlines()) == 1
    assert "is too small: 0.0 days of unsent events, 1 wanted" in result.stderr
