"""``slotsim judge`` and ``slotsim host`` as a person uses them."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from floor_sim.cli.main import main
from floor_sim.testing.plugin import FLOOR
from tests.floor_sim.judge.test_reports import FAST
from tests.floor_sim.judge.transcripts import HEAD

PATIENCE_S = 120


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "fast.sas-capture"
    path.write_text(HEAD + FAST)
    return path


def test_a_capture_is_judged_and_a_finding_is_exit_status_1(capture, tmp_path):
    result = run("judge", capture, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    assert result.exit_code == 1, result.output
    assert "ERROR host.poll-too-fast" in result.output
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "FAIL"
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")


def test_with_its_own_baseline_the_same_capture_passes(capture, tmp_path):
    known = tmp_path / "known.json"
    assert run("judge", capture, "--write-baseline", known).exit_code == 1
    result = run("judge", capture, "--baseline", known)
    assert result.exit_code == 0, result.output
    assert "ACCEPTED host.poll-too-fast" in result.output


def test_the_egms_of_a_capture_are_judged_on_demand(capture):
    result = run("judge", capture, "--egms", "--json", "-")
    assert result.exit_code == 0, result.output
    assert {rule["rule"].split(".")[0] for rule in json.loads(result.output)["rules"]} == {"egm"}


@pytest.mark.parametrize(("words", "why"), [
    (["judge", "no-such-file"], "No such file"),
    (["judge", "no-such-floor.toml"], "no-such-floor.toml"),
    (["judge", "{capture}", "--baseline", "missing.json"], "missing.json"),
    (["host", "/dev/no-such-port", "--address", "1"], "cannot be opened"),
    (["host", "127.0.0.1:1/1", "--address", "1"], "127.0.0.1:1/1"),
    (["host", "127.0.0.1:x/1", "--address", "1"], "host:port/line"),
    (["host", "127.0.0.1:x", "--address", "1"], "cannot be opened"),
    (["host", "/dev/null"], "--address"),
])  # fmt: skip
def test_what_cannot_be_done_is_exit_status_2_with_the_reason(capture, words, why):
    result = run(*(str(capture) if word == "{capture}" else word for word in words))
    assert result.exit_code == 2, result.output
    assert why in result.output


def test_a_file_without_anything_said_and_a_line_that_is_not_there_are_told(tmp_path):
    (tmp_path / "empty").write_text("nothing\n")
    assert "nothing that was said" in run("judge", tmp_path / "empty").output
    (tmp_path / "floor.toml").write_text(FLOOR)
    result = run("judge", tmp_path / "floor.toml", "--line", "L9")
    assert (result.exit_code, "L9" in result.output) == (2, True)


def test_the_rules_are_listed():
    assert "`host.poll-too-fast`" in run("judge", "--rules").output


def test_on_a_floor_that_runs_each_judges_the_other(tmp_path):
    """``slotsim host`` polls the ptys of ``slotsim judge``; how long things took is not judged."""
    (tmp_path / "floor.toml").write_text(FLOOR)
    told = tmp_path / "host.json"
    words = ["judge", "floor.toml", "--seconds", "0", "--no-exam", "--run-folder", "run",
             "--json", told.name, "--tolerance-ms", "1000"]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "floor_sim", *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as judging:  # fmt: skip
        for line in judging.stderr:
            if "wait for a host" in line:
                break
        port = tmp_path / "run" / "lines" / "L1"
        result = run("host", port, "--address", 1, "--address", 2, "--seconds", 3, "--no-exam",
                     "--tolerance-ms", 1000, "--json", "-")  # fmt: skip
        judging.terminate()
        judging.stderr.read()
        assert judging.wait(PATIENCE_S) in {0, 1}
    egms, host = json.loads(result.output), json.loads(told.read_text())
    for report in (egms, host):
        verdicts = {rule["rule"]: rule["verdict"] for rule in report["rules"]}
        assert report["messages"] > 3
        assert [name for name, verdict in verdicts.items() if "kept" in verdict]
        for name in ("host.crc-wrong", "host.message-cut", "host.control-poll", "egm.crc-wrong"):
            assert verdicts.get(name, "kept") in {"kept", "not exercised"}, report
