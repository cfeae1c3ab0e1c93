"""What a profile of a floor file says that its machines can do."""

import pytest

from edge_config.loader import load_toml
from edge_config.problems import ConfigError
from floor_sim.floor_file import FloorFile
from floor_sim.machine.features import feature_bytes
from floor_sim.machine.settings import PRIORITY_SECURE, PRIORITY_STANDARD

FLOOR = """
[floor]
name = "small"
seed = 1
run_folder = "run"
[[lines]]
name = "L1"
port = "lines/L1"
[[egms]]
asset = "10101"
line = "L1"
address = 1
profile = "p"
[profiles.p]
denomination = "0.01"
"""


@pytest.fixture
def built(tmp_path):
    """Load a floor whose one profile has some abilities; return how its machine is built."""

    def load(text):
        path = tmp_path / "floor.toml"
        path.write_text(FLOOR + "[profiles.p.abilities]\n" + text)
        file = load_toml(path, FloorFile)
        return file.machine(file.egms[0])

    return load


def test_a_profile_without_abilities_is_the_plain_machine(built):
    plain = built("")
    assert feature_bytes(plain) == (0x00, 0x0D, 0x00, 0x00)
    assert plain.port.priority == PRIORITY_STANDARD
    assert not plain.in_cells


def test_abilities_become_settings_and_feature_bits(built):
    rich = built("""
        denominations = ["0.01", "0.25", "1"]
        validation = "secure enhanced"
        ticket_redemption = true
        transfers = ["in-house", "bonus", "to host"]
        legacy_bonus = true
        tournament = true
        progressive_group = 1
        progressive_levels = [1, 2]
        token = "0.25"
        games = [{ name = "Lines", bets = [1, 5] }, { name = "Reels", paytable = "PT0002" }]
    """)
    assert rich.denominations == (0x01, 0x04, 0x06)
    assert rich.token_denomination == 0x04
    assert rich.game(2).paytable_id == "PT0002"
    assert rich.game(1).bets == (1, 5)
    assert rich.port.priority == PRIORITY_SECURE
    assert feature_bytes(rich) == (0b1101_1110, 0b1100_1101, 0b10, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('denominations = ["0.07"]', "denominations"),
        ('denominations = ["0.25", "0.25"]', "each once"),
        ("bills = [3]", "bills"),
        ("progressive_levels = [1]", "progressive_group"),
        ('transfers = ["everything"]', "transfers"),
    ],
)
def test_abilities_that_make_no_sense_are_reported(built, text, words):
    with pytest.raises(ConfigError, match=words):
        built(text)


def test_a_denomination_must_be_a_multiple_of_the_credit(built, monkeypatch):
    monkeypatch.setitem(globals(), "FLOOR", FLOOR.replace('"0.01"', '"0.25"'))
    with pytest.raises(ConfigError, match="a multiple of the denomination"):
        built('denominations = ["0.25", "0.10"]')
