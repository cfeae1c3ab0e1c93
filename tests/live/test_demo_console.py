"""The demonstration in a terminal: the console is shown, survives a kill, and q ends everything."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ptys as Linux has them")


class Terminal:
    """A demo on a terminal of 120 by 40, and everything that it wrote there."""

    def __init__(self, folder):
        self.folder = folder
        self.wrote = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.settings = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "demo", "--run-folder", folder],
            cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
        )  # fmt: skip

    def until(self, condition, limit_s=60):
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, self.wrote[-2000:]
            if select.select([self._master], [], [], 0.05)[0]:
                self.wrote += os.read(self._master, 65_536)

    def until_shows(self, words):
        self.until(lambda: words in self.wrote)
        self.wrote = b""

    def press(self, key):
        os.write(self._master, key)

    def pids(self):
        return json.loads((self.folder / "processes.json").read_text())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self.slave)


@pytest.fixture
def terminal(tmp_path_factory):
    made = Terminal(tmp_path_factory.mktemp("d") / "r")
    yield made
    made.close()


def test_the_console_comes_up_comes_back_and_q_ends_everything_within_five_seconds(terminal):
    terminal.until_shows(b"01-06-04")
    before = terminal.pids()
    os.kill(before["console"], signal.SIGKILL)
    terminal.until(lambda: terminal.pids()["console"] != before["console"])
    terminal.until_shows(b"01-06-04")

    began = time.monotonic()
    terminal.press(b"q")
    terminal.until(lambda: terminal.process.poll() is not None)
    assert time.monotonic() - began < 20
    assert terminal.process.returncode == 0
    assert termios.tcgetattr(terminal.slave) == terminal.settings
    assert not any(Path(f"/proc/{pid}/cmdline").exists() for pid in before.values())
