"""A floor file: what second SAS ports may be, and what is wrong with them."""

import pytest

from edge_config.loader import ConfigError, parse_toml
from floor_sim.control_models import state_of
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.roles import EVERYTHING

FLOOR = """
[floor]
name = "two"
seed = 1
run_folder = "run"
[profiles.penny]
[[lines]]
name = "H1"
port = "lines/H1"
[[lines]]
name = "L1"
port = "lines/L1"
[[egms]]
asset = "10101"
line = "H1"
address = 1
profile = "penny"
host_lost = "tilt"
second = { line = "L1", address = 5, roles = ["doors", "meters"], host_lost = "stop play" }
[[egms]]
asset = "10102"
line = "H1"
address = 2
profile = "penny"
second = { line = "L1", address = 2 }
"""


def test_a_second_port_hangs_on_a_line_of_its_own_with_its_own_address_and_roles():
    file = parse_toml(FLOOR, FloorFile, "floor.toml")
    floor = Floor(file, MemoryJournal(), {})
    first, second = floor.machines["10101"].ports
    assert floor.lines["H1"].ports == (first, floor.machines["10102"].ports[0])
    assert floor.lines["L1"].ports == (second, floor.machines["10102"].ports[1])
    assert (first.address, second.address) == (1, 5)
    assert (first.settings.roles, first.settings.host_lost) == (EVERYTHING, "tilt")
    assert second.settings.roles == {"doors", "meters"}
    assert second.settings.host_lost == "stop play"
    seen = state_of(floor, 0.0).machines[0]
    assert [(port.line, port.address) for port in seen.ports] == [("H1", 1), ("L1", 5)]
    assert file.machine(file.egms[1]).second.settings.roles == EVERYTHING


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('line = "L1", address = 5', 'line = "L9", address = 5', "line", "name of a line"),
        ('line = "L1", address = 5', 'line = "H1", address = 5', "line", "another line"),
        ("address = 5", "address = 2", "address", "an address of its own"),
        ("address = 5", "address = 0", "address", "1"),
        ('"doors", "meters"', '"doors", "money"', "roles", "doors, cashbox, power"),
        ('["doors", "meters"]', "[]", "roles", "doors, cashbox, power"),
        ('"stop play"', '"explode"', "host_lost", "'nothing', 'tilt' or 'stop play'"),
    ],
)
def test_what_a_second_port_cannot_be_is_told(old, new, key, words):
    with pytest.raises(ConfigError) as caught:
        parse_toml(FLOOR.replace(old, new, 1), FloorFile, "floor.toml")
    (problem,) = caught.value.problems
    assert problem.key.startswith("egms[")
    assert problem.key.endswith(f"second.{key}") or f".second.{key}[" in problem.key
    assert words in problem.expected
