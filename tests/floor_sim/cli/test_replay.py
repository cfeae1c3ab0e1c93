"""``slotsim replay``: says what it plays, and what is wrong with a capture."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from floor_sim.cli.main import main
from floor_sim.cli.replay import PROBLEMS_MAX
from floor_sim.run_folder import locked

TEXT = "sas-capture 1\nline: L1\n0 host 81\n0.1 egm 11\n0.2 host 80\n"


def refused(tmp_path, text):
    path = tmp_path / "x.capture"
    path.write_text(text)
    return CliRunner().invoke(main, ["replay", str(path), "--run-folder", str(tmp_path / "run")])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no poll and no answer in it"),
        ("hello\n", "line 1: no line of a capture: 'hello'"),
        ("81\n" * 30, "10 more bad lines"),
        ("sas-capture 2\n0 host 81\n", "a version that is not 1"),
        ("sas-capture 1\n0 egm 11\n", "no poll and no answer"),
    ],
)
def test_what_is_no_capture_is_exit_status_2(tmp_path, text, words):
    result = refused(tmp_path, text)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") <= PROBLEMS_MAX + 2
    assert not (tmp_path / "run").exists()


def test_a_missing_capture_is_exit_status_2(tmp_path):
    result = CliRunner().invoke(main, ["replay", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr


def test_a_folder_in_which_a_floor_runs_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    with locked(tmp_path / "run"):
        result = refused(tmp_path, TEXT)
    assert result.exit_code == 1
    assert "another slotsim runs in it" in result.stderr


def test_it_plays_until_it_is_stopped_and_says_what_happened(tmp_path):
    (tmp_path / "x.capture").write_text(TEXT + "junk\n" + TEXT.replace("L1", "L2"))
    process = subprocess.Popen(
        [sys.executable, "-m", "floor_sim", "replay", "x.capture", "--run-folder", "run"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    link = tmp_path / "run" / "lines" / "L2"
    deadline = time.monotonic() + 20
    while not link.is_symlink():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"\x81")
    assert os.read(fd, 10) == b"\x11"
    os.close(fd)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "x.capture, line 6: no line of a capture: 'junk'" in told
    assert "run/lines/L2: 1 answers to 1 polls; EGMs 1" in told
    assert "line L2: 1 polls, 1 answered, 0 not in the capture" in told
    assert not link.is_symlink()


def test_it_plays_on_tcp_ports_for_hosts_that_know_sockets_only(tmp_path):
    (tmp_path / "x.capture").write_text(TEXT + TEXT.replace("L1", "L2"))
    process = subprocess.Popen(
        [sys.executable, "-m", "floor_sim", "replay", "x.capture", "--tcp", "127.0.0.1:0",
         "--run-folder", "run"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    told = [process.stderr.readline() for _ in range(2)]
    shown = re.compile(r"replay: (127\.0\.0\.1):(\d+), line (L\d): 1 answers")
    places = [shown.search(line) for line in told]
    assert [place[3] for place in places] == ["L1", "L2"]
    for place in places:
        with socket.create_connection((place[1], int(place[2]))) as host:
            host.settimeout(60)
            host.sendall(b"\x81")
            assert host.recv(10) == b"\x11"
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "line L2: 1 polls, 1 answered, 0 not in the capture" in rest


def test_a_tcp_port_elsewhere_is_wrong_usage(tmp_path):
    (tmp_path / "x.capture").write_text(TEXT)
    words = ["replay", str(tmp_path / "x.capture"), "--tcp", "10.0.0.1:7501"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "an address of this computer" in result.stderr
