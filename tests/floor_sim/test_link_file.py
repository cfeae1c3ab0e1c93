"""Links of a floor file: which machines share a pool, and what is wrong with its terms."""

import pytest

from edge_config.loader import ConfigError, parse_toml
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.settings import PotSettings

FLOOR = """
[floor]
name = "linked"
seed = 1
run_folder = "run"
[profiles.alone]
[profiles.other.abilities]
progressive_group = 5
progressive_levels = [1]
[[links]]
group = 4
[[links.levels]]
level = 1
start = "1500.00"
increment_percent = "0.50"
cycle = "200000.00"
[[links.levels]]
level = 2
start = "20000.00"
increment_percent = "0.25"
cycle = "4000000.00"
[[lines]]
name = "L1"
port = "lines/L1"
""" + "".join(
    f'[[egms]]\nasset = "1010{n}"\nline = "L1"\naddress = {n}\nprofile = "{profile}"\n'
    for n, profile in enumerate(("linked_progressive", "alone", "linked_progressive", "other"), 1)
)


def test_machines_of_one_group_share_a_pool_and_the_others_do_not():
    floor = Floor(parse_toml(FLOOR, FloorFile, "floor.toml"), MemoryJournal(), {})
    first, alone, third, other = floor.machines.values()
    assert first.link is third.link is floor.links[4]
    assert floor.links[4].machines == [first, third]
    assert first.settings.links == (
        PotSettings(1, 150_000, 50, 20_000_000), PotSettings(2, 2_000_000, 25, 400_000_000),
    )  # fmt: skip
    assert not first.settings.link_by_host
    assert alone.settings.links == other.settings.links == ()
    assert other.link.machines == [other]


def test_a_host_may_keep_the_pool():
    text = FLOOR.replace("group = 4\n[[", 'group = 4\ncontroller = "host"\n[[')
    floor = Floor(parse_toml(text, FloorFile, "floor.toml"), MemoryJournal(), {})
    assert floor.machines["10101"].settings.link_by_host


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ('cycle = "200000.00"', 'cycle = "5999.99"', ("links", 0, "levels", 0, "cycle"), "round"),
        ("level = 2", "level = 1", ("links", 0, "levels", 1, "level"), "of its own"),
        ("level = 2", "level = 33", ("links", 0, "levels", 1, "level"), "32"),
        (
            "[[lines]]",
            ('[[links]]\ngroup = 4\nlevels = [{ start = "10.00", increment_percent = "0", '
            'cycle = "100.00" }]\n[[lines]]'),
            ("links", 1, "group"), "of its own",
        ),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_named(old, new, key, expected):
    with pytest.raises(ConfigError) as caught:
        parse_toml(FLOOR.replace(old, new, 1), FloorFile, "floor.toml")
    (problem,) = caught.value.problems
    said = ".".join(f"[{part}]" if isinstance(part, int) else part for part in key)
    assert problem.key == said.replace(".[", "[")
    assert expected in problem.expected
