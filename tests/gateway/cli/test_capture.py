"""``slotgw capture``: writes what the gateway tells, and says what is wrong where it cannot."""

import os
import signal
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

import edge_config
from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.cli.capture import capture

SITE = Path(edge_config.__file__).parent / "sites" / "demo_floor.toml"
HEAD = b"sas-capture 1\nline: L1\nninth-bits: unknown\n\n"
LIMIT_S = 60


@contextmanager
def gateway(folder, answer):
    """Stand in for the daemon: ``answer`` gets the connection and what was asked."""
    (folder / "gateway").mkdir()
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.fspath(folder / "gateway" / "capture.sock"))
    server.listen()
    server.settimeout(LIMIT_S)

    def serve():
        link, _ = server.accept()
        with link:
            answer(link, link.recv(1000))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join(LIMIT_S)
        server.close()


def run(folder, *arguments):
    return CliRunner().invoke(
        capture, [*arguments, "--run-folder", str(folder)], catch_exceptions=False
    )


def until_left(link):
    link.settimeout(LIMIT_S)
    assert link.recv(1) == b""


def test_what_the_gateway_tells_is_written_for_so_long(tmp_path):
    asked = []

    def answer(link, text):
        asked.append(text)
        link.sendall(HEAD + b"0.1 host 8")
        link.sendall(b"1\n0.2 egm 00\n0.3 host 8")
        until_left(link)

    file = tmp_path / "L1.capture"
    with gateway(tmp_path, answer):
        result = run(tmp_path, "L1", str(file), "--seconds", "0.3")
    assert result.exit_code == 0
    assert asked == [b"L1\n"]
    assert file.read_bytes() == HEAD + b"0.1 host 81\n0.2 egm 00\n"
    assert "2 bursts of line L1" in result.stderr


def test_the_output_takes_a_capture_too(tmp_path):
    def answer(link, text):
        link.sendall(HEAD + b"0.1 host 81\n")
        until_left(link)

    with gateway(tmp_path, answer):
        result = run(tmp_path, "L1", "-", "--seconds", "0.1")
    assert result.stdout.encode() == HEAD + b"0.1 host 81\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_person_may_end_it(tmp_path, number):
    def answer(link, text):
        link.sendall(HEAD + b"0.1 host 81\n")
        while not (tmp_path / "x").exists():
            link.sendall(b"0.2 egm 00\n")
            time.sleep(0.01)
        os.kill(os.getpid(), number)
        until_left(link)

    with gateway(tmp_path, answer):
        result = run(tmp_path, "L1", str(tmp_path / "x"))
    assert result.exit_code == 0
    lines = (tmp_path / "x").read_bytes().removeprefix(HEAD).splitlines()
    assert lines[0] == b"0.1 host 81"
    assert set(lines[1:]) <= {b"0.2 egm 00"}
    assert f"{len(lines)} bursts" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_person_may_end_it_before_the_gateway_says_anything(tmp_path, number):
    def answer(link, text):
        os.kill(os.getpid(), number)
        until_left(link)

    with gateway(tmp_path, answer):
        result = run(tmp_path, "L1", str(tmp_path / "x"))
    assert result.exit_code == 0
    assert "0 bursts" in result.stderr


def test_a_gateway_that_goes_away_is_told_in_the_file(tmp_path):
    def answer(link, text):
        link.sendall(HEAD + b"0.1 host 81\n# 5 bursts were missed here\n")

    file = tmp_path / "L1.capture"
    with gateway(tmp_path, answer):
        result = run(tmp_path, "L1", str(file))
    assert result.exit_code == 1
    assert file.read_text().endswith(
        "# 5 bursts were missed here\n# the gateway ended the capture here\n"
    )
    assert "then the gateway ended it" in result.stderr


def test_a_gateway_that_refuses_is_quoted(tmp_path):
    file = tmp_path / "L1.capture"
    with gateway(tmp_path, lambda link, text: link.sendall(b"! no line 'L9' here\n")):
        result = run(tmp_path, "L9", str(file))
    assert result.exit_code == 2
    assert result.stderr == "slotgw capture: no line 'L9' here\n"
    assert not file.exists()


def test_a_gateway_that_says_nothing_is_told(tmp_path):
    with gateway(tmp_path, lambda link, text: None):
        result = run(tmp_path, "L1", str(tmp_path / "x"))
    assert result.exit_code == 1


def test_no_gateway_is_told_with_what_to_do(tmp_path):
    result = run(tmp_path, "L1", str(tmp_path / "x"))
    assert result.exit_code == 1
    assert "no gateway answers on" in result.stderr
    assert "start it with slotgw run" in result.stderr
    assert not (tmp_path / "x").exists()


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with gateway(tmp_path, lambda link, text: link.sendall(HEAD)):
        result = run(tmp_path, "L1", str(tmp_path / "no" / "file"))
    assert result.exit_code == 1
    assert "No such file or directory" in result.stderr


def test_where_the_gateway_runs_must_be_said(monkeypatch):
    monkeypatch.delenv("SLOTGW_RUN_FOLDER", raising=False)
    result = CliRunner().invoke(capture, ["L1", "x"])
    assert result.exit_code == 2
    assert "SITE.toml or --run-folder" in result.stderr


def test_a_site_file_says_where_the_gateway_runs(tmp_path, monkeypatch):
    monkeypatch.delenv("SLOTGW_RUN_FOLDER", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text(SITE.read_text())
    folder = load_toml(SITE, Site).gateway.run_folder
    result = CliRunner().invoke(capture, ["L1", "x", "site.toml"])
    assert result.exit_code == 1
    assert f"{tmp_path}/{folder}/gateway/capture.sock" in result.stderr
    assert CliRunner().invoke(capture, ["L1", "x", "none.toml"]).exit_code == 2
