"""A wrong floor file: every mistake in one report, and exit status 2."""

import json

import pytest
from click.testing import CliRunner

from floor_sim.cli.main import main

WRONG = """
[floor]
name = "a floor"
seed = -1
run_folder = "run"

[pace]
games = [5, 2]
game_s = [3.0, 1.0]

[[troubles]]
kind = "earthquake"
first_s = 1
every_s = 1

[profiles.penny]
denomination = "0.07"
par_percent = 9
lockup = "1200.005"

[[lines]]
name = "L1"
port = "/dev/ttyS0"

[[egms]]
asset = "1"
line = "L2"
address = 1
profile = "peny"

[[egms]]
asset = "1"
line = "L1"
address = 200
profile = "penny"
colour = "red"
"""


def run(tmp_path, text):
    path = tmp_path / "floor.toml"
    path.write_text(text)
    return CliRunner().invoke(main, ["run", str(path), "--run-folder", str(tmp_path / "run")])


def test_every_mistake_of_a_floor_file_is_in_one_report(tmp_path):
    result = run(tmp_path, WRONG)
    assert result.exit_code == 2
    for words in ("floor.name", "floor.seed", "pace.games", "pace.game_s", "troubles[0].kind",
                  "profiles.penny.denomination", "profiles.penny.par_percent",
                  "profiles.penny.lockup", "lines[0].port", "egms[0].line", "egms[0].profile",
                  "egms[1].asset", "egms[1].address", "egms[1].colour",
                  "did you mean 'penny'?"):  # fmt: skip
        assert words in result.stderr, words
    assert not (tmp_path / "run").exists()


def test_a_missing_floor_file_is_exit_status_2(tmp_path):
    result = CliRunner().invoke(main, ["run", str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert "no such file" in result.stderr


@pytest.mark.parametrize(
    "pair", [("address = 1", "address = 2"), ('port = "lines/L2"', 'port = "lines/L1"')]
)
def test_two_machines_or_lines_in_one_place_are_refused(tmp_path, pair):
    text = WRONG[: WRONG.index("[pace]")].replace("a floor", "floor").replace("-1", "1")
    text += """
[profiles.penny]
[[lines]]
name = "L1"
port = "lines/L1"
[[lines]]
name = "L2"
port = "lines/L2"
[[egms]]
asset = "1"
line = "L1"
address = 1
profile = "penny"
[[egms]]
asset = "2"
line = "L1"
address = 2
profile = "penny"
"""
    result = run(tmp_path, text.replace(*pair))
    assert result.exit_code == 2
    assert "again" in result.stderr


def test_list_names_the_floors_that_come_with_it():
    result = CliRunner().invoke(main, ["list", "--json"])
    rows = json.loads(result.output)
    floors = [(row["name"], row["machines"], row["lines"]) for row in rows]
    assert floors == [("demo", 24, 6), ("two_hosts", 8, 4)]
    assert "demo: 24 machines on 6 lines" in CliRunner().invoke(main, ["list"]).output
