"""The demonstration as people run it: whole, killed in parts, stopped, and refused."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.console.source import AwayError, UnreadableError, take_snapshot
from gateway.status.model import LinkWord

ROOT = Path(__file__).parents[2]
PROGRAMS = ("nats-server", "slotsim", "gateway", "dispatch", "loyalty", "surveillance")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ptys as Linux has them")


class Run:
    """One ``slotgw demo`` in a folder, with what it prints."""

    def __init__(self, folder, printed, *arguments):
        self.folder = folder
        self.printed = printed
        with self.printed.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "demo", "--run-folder", folder, *arguments],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def text(self):
        return self.printed.read_text()

    def until(self, condition, limit_s=90):
        deadline = time.monotonic() + limit_s
        while not condition():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)

    def until_says(self, words):
        self.until(lambda: words in self.text())

    def pids(self):
        return json.loads((self.folder / "processes.json").read_text())

    def kill(self, name):
        """Kill a program, and wait until it was started again and the floor is whole again."""
        before = self.pids()[name]
        os.kill(before, signal.SIGKILL)
        self.until(lambda: self.pids()[name] != before)
        self.until(self.whole)

    def whole(self):
        """Say whether every EGM is up and NATS has what was told."""
        try:
            seen = asyncio.run(take_snapshot(self.folder / "gateway" / "status.sock"))
        except (AwayError, UnreadableError):
            return False
        return seen.nats.connected and all(egm.link is LinkWord.UP for egm in seen.egms)

    def end(self, limit_s=120):
        return self.process.wait(limit_s)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def first_lines(command, count, **options):
    """Return the first lines that a program prints; the test's time-out is the bound."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as program:
        lines = [program.stdout.readline() for _ in range(count)]
        program.kill()
    return lines


@pytest.fixture
def demo(tmp_path_factory):
    runs = []

    def start(*arguments, folder=None):
        mine = tmp_path_factory.mktemp("d")
        runs.append(Run(folder or mine / "run" / "demo", mine / "printed", *arguments))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def test_a_demo_without_a_terminal_ends_with_one_summary_and_status_0(demo):
    run = demo("--seconds", "10")
    assert run.end() == 0, run.text()
    text = run.text()
    assert "verdict       floor and stream agree event for event" in text
    assert "restarts      none" in text
    assert len(re.findall(r"line L\d .* 4 of 4 EGMs up", text)) == 6
    for path in (run.folder / "nats").glob("*.password"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text().strip() not in text


@pytest.mark.timeout(600)
def test_killing_any_one_process_loses_and_invents_nothing(demo):
    run = demo("--seconds", "20")
    run.until_says("running for")
    for name in PROGRAMS:
        run.kill(name)
    assert run.end() == 0, run.text()
    again = run.text().rpartition("restarts")[2].partition("\n")[0]
    assert all(name in again for name in PROGRAMS)


def test_a_running_demo_is_watched_by_an_integrator_guards_its_folder_and_ends_on_sigterm(demo):
    run = demo("--seconds", "600")
    run.until_says("running for")
    pids = run.pids()
    assert set(pids) == set(PROGRAMS)

    line = run.text().partition("to see the events: ")[2].partition("\n")[0]
    seen = first_lines(["bash", "-c", line], 5, cwd=ROOT)
    assert all(event.startswith("slot.v1.demo.edge1.") for event in seen), seen
    assert not any(".card." in event or ".session." in event for event in seen)

    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    url = re.search(r"nats://[\d.:]+", run.text())[0]
    mine = run.folder.parents[1]
    (told,) = first_lines(
        [sys.executable, "-u", "-c", code], 1, cwd=mine, env={**os.environ, "NATS_URL": url}
    )
    assert " slot.handpay." in told

    second = demo("--seconds", "1", folder=run.folder)
    assert second.end(20) == 2
    assert "another demo is running in it" in second.text()
    assert run.pids() == pids

    began = time.monotonic()
    run.process.terminate()
    assert run.end() == 1
    assert time.monotonic() - began < 20
    assert not any(map(alive, pids.values()))
    assert "stopped by SIGTERM, without a verdict" in run.text()


def test_nobody_outlives_a_parent_that_is_killed(demo):
    run = demo("--seconds", "600")
    run.until_says("to see the events")
    run.until(lambda: set(run.pids()) == set(PROGRAMS))
    pids = run.pids()
    run.process.kill()
    run.end()
    deadline = time.monotonic() + 5
    while any(map(alive, pids.values())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids.values()))
