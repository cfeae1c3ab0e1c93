"""Signed reports at the command line: as signed, changed, by whose key."""

import json

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.commissioning.signature import json_file, public_key, text_file
from tests.gateway.commissioning.test_signature import SEED, signed, some_report


@pytest.fixture
def folder(tmp_path):
    report = some_report()
    text, made = signed(report)
    (tmp_path / "r.txt").write_text(text_file(text, made))
    (tmp_path / "r.json").write_text(json_file(report, made))
    (tmp_path / "report.pub").write_text(public_key(SEED) + "\n")
    return tmp_path


def verify(*words):
    return CliRunner().invoke(main, ["report", "verify", *map(str, words)])


def test_both_files_hold_by_the_key_of_the_gateway(folder):
    key = folder / "report.pub"
    done = verify(folder / "r.txt", folder / "r.json", "--key", key)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "as signed. comms of asset 10101: FAIL. tech17 at 2026-03-14T21:05:00Z" in line
        assert "by a key that you named" in line


def test_without_a_key_it_says_that_nobody_knows_whose_it_is(folder):
    done = verify(folder / "r.txt")
    assert (done.exit_code, "--key proves whose it is" in done.output) == (0, True)


def test_another_key_and_a_changed_file_fail_but_the_rest_is_told(folder):
    (folder / "forged.txt").write_text((folder / "r.txt").read_text().replace("FAIL", "PASS", 1))
    done = verify(folder / "forged.txt", folder / "gone.txt", folder / "r.json", "--key", "0" * 64)
    assert done.exit_code == 1
    forged, gone, other = done.output.splitlines()
    assert forged.endswith("NOT AS SIGNED: the report was changed after it was signed")
    assert gone.endswith("NOT AS SIGNED: No such file or directory")
    assert f"BY ANOTHER KEY, {public_key(SEED)}" in other


def test_a_program_gets_a_line_of_json_a_file(folder):
    done = verify(folder / "r.json", folder / "report.pub", "--json")
    good, bad = map(json.loads, done.output.splitlines())
    assert (good["holds"], good["trusted"], good["verdict"]) == (True, None, "FAIL")
    assert (bad["holds"], done.exit_code) == (False, 1)


@pytest.mark.parametrize("key", ["nothing", "12ab", "/"])
def test_what_is_no_key_is_wrong_usage(folder, key):
    done = verify(folder / "r.txt", "--key", key)
    assert (done.exit_code, "neither a public key" in done.output) == (2, True)
