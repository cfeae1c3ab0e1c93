"""What is so of an EGM, and from when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge_config.loader import load_toml
from edge_config.plan import warnings
from edge_config.problems import ConfigError
from edge_config.register import Register
from edge_config.site import Site

SITE = """
[site]
id = "demo"
name = "Demo"
jurisdiction = "US-NV"
time_zone = "America/Los_Angeles"
currency = "USD"
[gateway]
id = "edge1"
run_folder = "run"
[nats]
password_env = "PASSWORD"
[[lines]]
name = "L1"
port = "L1"
transport = "pty"
[[egms]]
asset = "10101"
line = "L1"
address = 1
location = "01-01-01"
serial = "A1"
denomination = "0.01"
[[egms]]
asset = "10102"
line = "L1"
address = 2
location = "01-01-02"
serial = "B2"
"""
MOVES = """
[[changes]]
asset = "10101"
since = "2026-12-01 04:00"
location = "02-03-04"
bank = "03"
denomination = "0.05"
cameras = ["cam-9"]
[[changes]]
asset = "10101"
since = 2027-02-01T04:00:00
life_cycle = "stored"
serial = "A7"
"""


def site_of(tmp_path, text):
    path = tmp_path / "site.toml"
    path.write_text(text)
    return load_toml(path, Site)


def ns(*utc):
    return round(datetime(*utc, tzinfo=UTC).timestamp()) * 10**9


def test_an_egm_is_what_the_last_change_made_of_it(tmp_path):
    register = Register(site_of(tmp_path, SITE + MOVES))
    before = register.at("10101", ns(2026, 12, 1, 11, 59))  # 03:59 on the casino's wall
    moved = register.at("10101", ns(2026, 12, 1, 12, 0))
    stored = register.at("10101", ns(2027, 3, 1, 0, 0))
    assert (before.location, before.bank, before.life_cycle) == ("01-01-01", "", "in_service")
    assert (moved.location, moved.bank, moved.cameras) == ("02-03-04", "03", ("cam-9",))
    assert (str(before.denomination), str(moved.denomination)) == ("0.01", "0.05")
    assert (stored.location, stored.life_cycle) == ("02-03-04", "stored")
    assert register.since_ns("10101", ns(2026, 1, 1, 0, 0)) is None
    assert register.since_ns("10101", ns(2026, 12, 24, 0, 0)) == ns(2026, 12, 1, 12, 0)


def test_a_serial_number_belongs_to_an_egm_for_as_long_as_it_has_it(tmp_path):
    register = Register(site_of(tmp_path, SITE + MOVES))
    assert register.asset_of("A1", ns(2026, 1, 1, 0, 0)) == "10101"
    assert register.asset_of("A1", ns(2027, 3, 1, 0, 0)) is None
    assert register.asset_of("A7", ns(2027, 3, 1, 0, 0)) == "10101"
    assert register.asset_of("B2", ns(2027, 3, 1, 0, 0)) == "10102"
    assert register.asset_of("Z9", ns(2027, 3, 1, 0, 0)) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[[changes]]\nasset = "10109"\nsince = "2026-12-01 04:00"\nbank = "3"\n',
         ["changes[0].asset", "'10109'", "asset number of an EGM of this file"]),
        ('[[changes]]\nasset = "10101"\nsince = "1 December"\nbank = "3"\n',
         ["changes[0].since", "'1 December'", '"2026-12-01 04:00"']),
        ('[[changes]]\nasset = "10101"\nsince = "2026-12-01 04:00"\n',
         ["changes[0]", "a change of nothing", "for example location"]),
        ('[[changes]]\nasset = "10101"\nsince = "2026-12-01 04:00"\nbank = "3"\n' * 2,
         ["changes[1].since", "again for EGM 10101", "put it into changes[0]"]),
        ('[[changes]]\nasset = "10101"\nsince = "2026-12-01 04:00"\nlife_cycle = "broken"\n',
         ["changes[0].life_cycle", "'broken'", "'stored'"]),
        ('[[egms]]\nasset = "10103"\nline = "L1"\naddress = 3\nlocation = "x"\nserial = "A1"\n',
         ["egms[2].serial", "'A1' again", "also that of egms[0]"]),
    ],
)  # fmt: skip
def test_every_mistake_is_one_clear_line(tmp_path, more, words):
    with pytest.raises(ConfigError) as caught:
        site_of(tmp_path, SITE + more)
    (line,) = str(caught.value).splitlines()
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[[changes]]\nasset = "10102"\nsince = "2026-12-01 04:00"\nlocation = "01-01-01"\n',
         "both stand at 01-01-01 from 2026-12-01 04:00"),
        ('[[egms]]\nasset = "10103"\nline = "L1"\naddress = 3\nlocation = "01-01-03"\n',
         "no serial number for 1 EGMs (10103)"),
        (('[[egms]]\nasset = "10103"\nline = "L1"\naddress = 3\nlocation = "01-01-02"\n'
         'serial = "C3"\n'), "both stand at 01-01-02: an attendant"),
    ],
)  # fmt: skip
def test_what_may_not_be_meant_is_one_sentence(tmp_path, more, words):
    assert any(words in sentence for sentence in warnings(site_of(tmp_path, SITE + more)))


def test_a_machine_that_is_stored_stands_in_nobodys_way(tmp_path):
    more = (
        '[[changes]]\nasset = "10101"\nsince = "2026-12-01 04:00"\nlife_cycle = "stored"\n'
        '[[changes]]\nasset = "10102"\nsince = "2026-12-01 04:00"\nlocation = "01-01-01"\n'
    )
    assert not any("both stand" in one for one in warnings(site_of(tmp_path, SITE + more)))
