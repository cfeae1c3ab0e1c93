"""``slotgw check`` as an operator and as a program uses it."""

import json
from pathlib import Path

from click.testing import CliRunner

from gateway.cli.main import main

SITE_FILE = str(Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml")


def check(*arguments):
    return CliRunner().invoke(main, ["check", *arguments])


def wrong_file(folder):
    path = folder / "site.toml"
    text = Path(SITE_FILE).read_text()
    path.write_text(text.replace("address = 1", "adress = 1", 1).replace('"USD"', '"usd"'))
    return str(path)


def test_a_right_file_shows_the_cycle_of_every_line():
    result = check(SITE_FILE)
    assert result.exit_code == 0
    assert "L6   4 EGMs  cycle   85 ms  each polled every  200 ms" in result.stdout
    assert result.stdout.endswith("24 EGMs on 6 lines, no warnings\n")


def test_a_right_file_as_json():
    data = json.loads(check(SITE_FILE, "--json").stdout)
    assert data["ok"] is True
    assert [line["egms"] for line in data["lines"]] == [4] * 6


def test_every_mistake_is_told_at_once_and_the_exit_status_is_2(tmp_path):
    result = check(wrong_file(tmp_path))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "site.currency: found 'usd'" in result.stderr
    assert "did you mean 'address'?" in result.stderr
    assert result.stderr.endswith("3 mistakes\n")


def test_mistakes_as_json(tmp_path):
    result = check(wrong_file(tmp_path), "--json")
    assert result.exit_code == 2
    data = json.loads(result.stdout)
    assert data["ok"] is False
    assert {problem["key"] for problem in data["problems"]} == {
        "site.currency", "egms[0].address", "egms[0].adress",
    }  # fmt: skip


def test_a_missing_file_is_one_line():
    result = check("nowhere.toml")
    assert result.exit_code == 2
    assert result.stderr.startswith("nowhere.toml: found no such file, expected a TOML file; ")
