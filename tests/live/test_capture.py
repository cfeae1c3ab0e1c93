"""A line of the simulator, polled by the gateway: captured, decoded, and replayed the same."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from floor_sim.recording import recordings
from protocols.sas.capture import Speaker
from protocols.sas.capture_reader import read_capture
from protocols.sas.cutter import Cutter

ROOT = Path(__file__).parents[2]
LIMIT_S = 60
ANSWER_S = 0.1

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ptys as Linux has them")


@contextmanager
def running(log, *words):
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT_S)
    assert process.returncode == 0, log.read_text()


def until(condition, *processes):
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert all(process.poll() is None for process in processes)
        assert time.monotonic() < deadline
        time.sleep(0.02)


def slotgw(*words):
    return subprocess.run(
        [sys.executable, "-m", "gateway", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def captured(tmp_path_factory):
    """A capture of one second of a line on which machines play, with some of them up."""
    folder = tmp_path_factory.mktemp("capture")
    run, file = folder / "run", folder / "L1.capture"
    run.mkdir()
    (run / "privacy.key").write_text("5a" * 32 + "\n")
    floor = "edge_config/floors/demo_floor.toml"
    site = "edge_config/sites/demo_floor.toml"
    with running(folder / "sim.log", "floor_sim", "run", floor, "--run-folder", run) as sim:
        until((run / "control.json").exists, sim)
        with running(folder / "gw.log", "gateway", "run", site, "--run-folder", run) as daemon:
            until((run / "gateway/capture.sock").exists, sim, daemon)
            result = slotgw("capture", "L1", file, site, "--run-folder", run, "--seconds", "1")
            assert result.returncode == 0, result.stderr
            refused = slotgw("capture", "L9", file, "--run-folder", run)
            assert refused.returncode == 2
            assert "no line 'L9' here; there is L1, L2, L3, L4, L5, L6\n" in refused.stderr
    return file


def test_a_line_of_the_running_gateway_is_captured(captured):
    (capture,), problems = read_capture(captured.read_text().splitlines())
    assert problems == []
    assert (capture.header.line, capture.header.ninth_bits) == ("L1", False)
    speakers = {burst.speaker for burst in capture.bursts}
    assert speakers == {Speaker.HOST, Speaker.EGM}
    assert 0.5 < (capture.bursts[-1].at_us - capture.bursts[0].at_us) / 1e6 < 1.1


def test_it_is_decoded_without_a_doubt(captured):
    result = slotgw("decode", "--json", captured)
    assert (result.returncode, result.stderr) == (0, "")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    while found[0]["direction"] != "host":  # the answer to a poll before the capture began
        del found[0]
    assert len(found) > 10
    assert not [item for item in found if item["errors"] or item["direction_guessed"]]
    assert {item["crc_ok"] for item in found} <= {True, None}
    assert {item["address"] for item in found if item["direction"] == "host"} >= {1, 2, 3, 4}
    told = slotgw("decode", captured).stdout
    assert told.startswith("line L1, started ")
    assert told.count(" host  ") == sum(item["direction"] == "host" for item in found)


def exchanges(capture):
    """What a host said, and what it must hear after each: nothing, if the machine was silent."""
    cutter, said = Cutter(), []
    messages = [message for burst in capture.bursts for message in cutter.feed(burst)]
    for message in messages + cutter.flush():
        if message.speaker is Speaker.HOST:
            said.append([message.data, b""])
        elif said:
            said[-1][1] = message.data
    if not said[-1][1]:
        said.pop()  # the capture ended before the answer
    return said


def test_it_is_replayed_with_the_same_answers(captured, tmp_path):
    """A host that polls as ours did hears from the replay what ours heard."""
    (capture,), _ = read_capture(captured.read_text().splitlines())
    assert recordings([capture])[0].unusable == 0
    run = tmp_path / "run"
    words = ("floor_sim", "replay", captured, "--run-folder", run)
    with running(tmp_path / "replay.log", *words) as replay:
        link = run / "lines/L1"
        until(link.is_symlink, replay)
        fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
        said = exchanges(capture)
        assert sum(bool(answer) for _, answer in said) > 5
        for poll, answer in said:
            os.write(fd, poll)
            heard = b""
            while len(heard) < len(answer):
                assert select.select([fd], [], [], LIMIT_S)[0]
                heard += os.read(fd, 4096)
            assert heard == answer, poll.hex()
        assert not select.select([fd], [], [], ANSWER_S)[0], "it says more than was recorded"
        os.close(fd)
    assert f"{len(said)} polls" in (tmp_path / "replay.log").read_text()
