"""Floors made from a seed, and the gateway's sites that belong to them."""

from collections import Counter

import pytest
from click.testing import CliRunner

from edge_config.loader import FILE_BYTES_MAX, load_toml, parse_toml
from edge_config.plan import warnings
from edge_config.site import Site
from floor_sim.cli.main import main
from floor_sim.export_site import SiteWords, site_text
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine import play
from floor_sim.presets import LINE_EGMS, preset
from floor_sim.tally import Tally
from gateway.cli.main import main as slotgw


def floor_of(machines, **options):
    return parse_toml(preset(machines, **options), FloorFile, "floor.toml")


@pytest.mark.parametrize(("machines", "zones"), [(24, 3), (500, 12), (2_000, 19)])
def test_a_preset_is_a_whole_floor(machines, zones):
    file = floor_of(machines, transport="bridge")
    assert len(file.egms) == machines
    assert len({egm.location for egm in file.egms}) == machines
    assert len({egm.zone for egm in file.egms}) == zones
    banks = Counter(egm.bank for egm in file.egms)
    assert min(size for bank, size in banks.items() if bank != "B001") >= 4
    assert max(banks.values()) <= 15
    assert max(Counter(egm.line for egm in file.egms).values()) == LINE_EGMS
    assert all(egm.cameras for egm in file.egms)
    assert len({egm.profile for egm in file.egms}) > 4
    assert file.crowd
    assert file.crew
    assert file.drop


def test_one_size_and_one_seed_are_one_file():
    assert preset(60, 7) == preset(60, 7)
    assert preset(60, 7) != preset(60, 8)


def test_linked_machines_of_a_preset_share_one_pool_and_their_par_holds():
    file = floor_of(500)
    floor = Floor(file, Tally(), {}, wired=False)
    linked = [floor.machines[egm.asset] for egm in file.egms if egm.profile == "linked_progressive"]
    assert len(linked) > 5
    assert {machine.link for machine in linked} == {*floor.links.values()}
    assert all(play.table_of(machine).payback < 1 for machine in linked)
    assert "[[links]]" not in preset(3, 1)


def test_high_limit_machines_stand_in_their_room():
    file = floor_of(200)
    dear = {egm.zone for egm in file.egms if file.profile(egm.profile).bets[0] * 100 > 400
            and file.profile(egm.profile).denomination >= 1}  # fmt: skip
    assert dear == {"high-limit"}


@pytest.mark.parametrize("transport", ["pty", "bridge"])
def test_the_site_of_a_floor_has_its_machines_where_they_are(transport):
    file = floor_of(40, transport=transport)
    site = parse_toml(site_text(file, SiteWords()), Site, "site.toml")
    at = {egm.asset: (egm.line, egm.address, egm.location, egm.bank, egm.zone, egm.card_reader)
          for egm in file.egms}  # fmt: skip
    assert at == {
        egm.asset: (egm.line, egm.address, egm.location, egm.bank, egm.zone, egm.card_reader)
        for egm in site.egms
    }
    assert [line.port for line in site.lines] == [line.port for line in file.lines]
    assert warnings(site) == ()
    for egm in site.egms:
        machine = file.machine(next(one for one in file.egms if one.asset == egm.asset))
        assert egm.denomination * 100 == machine.cents_per_credit
        assert egm.par_percent == machine.par_percent


def test_the_site_leaves_the_certified_hosts_lines_alone():
    file = floor_of(16, certified=True)
    site = parse_toml(site_text(file, SiteWords()), Site, "site.toml")
    assert [line.name for line in site.lines] == ["L001", "L002"]
    with pytest.raises(ValueError, match="SAS port 2"):
        site_text(file, SiteWords(port=2))


def test_words_with_quotes_and_newlines_survive():
    words = SiteWords(name='The "Silver\\Ridge"\nCasino')
    site = parse_toml(site_text(floor_of(8), words), Site, "site.toml")
    assert site.site.name == words.name


def test_slotgw_accepts_what_slotsim_writes(tmp_path):
    floor, site = tmp_path / "floor.toml", tmp_path / "site.toml"
    run = CliRunner().invoke
    assert run(main, ["floor", "preset", "24", "--out", str(floor)]).exit_code == 0
    assert run(main, ["export-site", str(floor), "--out", str(site)]).exit_code == 0
    checked = run(slotgw, ["check", str(site)])
    assert checked.exit_code == 0, checked.output
    assert len(load_toml(site, Site).egms) == 24


def test_a_floor_that_is_none_is_told(tmp_path):
    (tmp_path / "f.toml").write_text("[floor]\n")
    done = CliRunner().invoke(main, ["export-site", str(tmp_path / "f.toml")])
    assert done.exit_code == 2
    assert "lines" in done.output


def test_the_largest_preset_fits_into_its_files_with_a_certified_host_beside_it():
    text = preset(5_000, transport="bridge", certified=True)
    assert len(text) < FILE_BYTES_MAX
    file = parse_toml(text, FloorFile, "floor.toml")
    site = site_text(file, SiteWords())
    assert len(site) < FILE_BYTES_MAX
    assert len(parse_toml(site, Site, "site.toml").egms) == 5_000
