"""``slotgw console`` as a person starts it: a process on a terminal."""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.console import console
from gateway.status.model import Snapshot
from tests.gateway.console import sample_floors
from tests.gateway.console.fake_daemon import line_of

ROOT = Path(__file__).parents[3]
SITE = ROOT / "edge_config" / "sites" / "demo_floor.toml"
WAIT_S = 120.0


class ThreadedGateway:
    """A status socket that greets whoever connects, in a thread of its own."""

    def __init__(self, run_folder):
        self.path = run_folder / "gateway" / "status.sock"
        self.path.parent.mkdir(parents=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self.path))
        self._socket.listen()
        self._held = []
        threading.Thread(target=self._greet, daemon=True).start()

    def _greet(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._held.append(connection)
                connection.sendall(line_of(sample_floors.troubled()))

    def close(self):
        for one in (*self._held, self._socket):
            one.close()


@pytest.fixture
def gateway(tmp_path):
    gateway = ThreadedGateway(tmp_path)
    yield gateway
    gateway.close()


class Terminal:
    """A terminal of 80 x 24 with the console on it."""

    def __init__(self, *arguments, **environment):
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "LANG": "C.UTF-8"} | environment)
            os.environ.pop("LC_ALL", None) if "LC_ALL" not in environment else None
            os.chdir(ROOT)
            os.execv(
                sys.executable,
                [sys.executable, "-c", "from gateway.cli.main import main; main()", "console",
                 str(SITE), *arguments],
            )  # fmt: skip
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.output = b""

    def until(self, words):
        """Read until ``words`` came."""
        end = time.monotonic() + WAIT_S
        while words not in self.output:
            assert time.monotonic() < end, f"{words!r} never came: {self.output[-500:]!r}"
            self._read()

    def press(self, keys):
        os.write(self._master, keys)

    def ended(self):
        """Read to the end; return the exit status."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("it does not end")

    def _read(self):
        if select.select([self._master], [], [], 0.05)[0]:
            with contextlib.suppress(OSError):  # the other side is closed
                self.output += os.read(self._master, 65_536)

    def close(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*arguments, **environment):
        opened.append(Terminal("--run-folder", str(tmp_path), *arguments, **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


LEFT = b"\x1b[?1049l"
"""What takes a terminal back from the full-screen picture."""


def test_q_leaves_with_exit_status_0_and_gives_the_terminal_back(terminal, gateway):
    screen = terminal()
    screen.until(b"handpay")
    screen.press(b"q")
    assert screen.ended() == 0
    assert LEFT in screen.output


def test_sigterm_gives_the_terminal_back_too(terminal, gateway):
    screen = terminal()
    screen.until(b"handpay")
    os.kill(screen.pid, signal.SIGTERM)
    assert screen.ended() == 0
    assert LEFT in screen.output


def test_without_a_gateway_it_opens_and_says_where_it_looks(terminal):
    screen = terminal()
    screen.until(b"for the gateway at")
    screen.until(b"Waiting for the gateway: nothing at")
    screen.press(b"q")
    assert screen.ended() == 0


@pytest.mark.parametrize("way", [{"LC_ALL": "C"}, {"option": "--ascii"}], ids=["locale", "option"])
def test_a_terminal_without_utf8_is_sent_ascii_only(terminal, gateway, way):
    option = [way.pop("option")] if "option" in way else []
    screen = terminal(*option, **way)
    screen.until(b"$ handpay")
    screen.press(b"q")
    assert screen.ended() == 0
    assert screen.output.isascii()


def test_no_color_sends_no_colour(terminal, gateway):
    screen = terminal(NO_COLOR="1")
    screen.until(b"handpay")
    screen.press(b"q")
    assert screen.ended() == 0
    styles = {
        int(number)
        for part in screen.output.split(b"\x1b[")[1:]
        if (code := part.partition(b"m")[0]) and all(c in b"0123456789;" for c in code)
        for number in code.split(b";")
    }
    assert styles <= {0, 1, 2, 4, 7, 39, 49}


def test_a_wrong_password_file_is_told_before_the_screen_is_taken(tmp_path):
    result = CliRunner().invoke(
        console, [str(SITE), "--run-folder", str(tmp_path), "--password-file", "no-such-file"]
    )
    assert result.exit_code == 2
    assert "--password-file" in result.output
    assert "console" in result.output


def test_a_wrong_site_file_is_exit_status_2():
    result = CliRunner().invoke(console, ["no-such-site.toml"])
    assert result.exit_code == 2
    assert "no such file" in result.output


def test_without_a_terminal_it_says_what_there_is_instead(tmp_path):
    result = CliRunner().invoke(console, [str(SITE), "--run-folder", str(tmp_path)])
    assert result.exit_code == 2
    assert "needs a terminal; for a program there is --json" in result.output


def test_json_prints_the_snapshot_once(tmp_path, gateway):
    result = CliRunner().invoke(console, [str(SITE), "--run-folder", str(tmp_path), "--json"])
    assert result.exit_code == 0
    assert Snapshot.model_validate_json(result.stdout) == sample_floors.troubled()
    assert json.loads(result.stdout)["egms"][1]["handpay"] == "1,250.00 USD jackpot"


def test_json_without_a_gateway_is_exit_status_1_with_the_reason(tmp_path):
    result = CliRunner().invoke(console, [str(SITE), "--run-folder", str(tmp_path), "--json"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "start it with: slotgw run SITE.toml" in result.stderr


def test_a_snapshot_for_a_program_does_not_cost_it_the_screen(tmp_path):
    code = (
        "import sys; from click.testing import CliRunner; from gateway.cli.console import console\n"
        f"CliRunner().invoke(console, [{str(SITE)!r}, '--run-folder', {str(tmp_path)!r}, '--json'])"
        "\nprint([name for name in ('textual', 'nats') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == b"[]"


def test_without_a_site_file_and_a_server_it_asks_for_one():
    result = CliRunner().invoke(console, [])
    assert result.exit_code == 2
    assert "with --nats URL the NATS server" in result.output


def test_json_over_nats_without_a_server_is_exit_status_1_with_the_reason():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"nats://127.0.0.1:{free.getsockname()[1]}"
        result = CliRunner().invoke(console, ["--nats", url, "--json"])
    assert result.exit_code == 1
    assert f"nothing answers at {url}" in result.stderr


def test_json_of_one_page_prints_what_that_page_shows(tmp_path, gateway):
    where = [str(SITE), "--run-folder", str(tmp_path), "--json"]
    result = CliRunner().invoke(console, [*where, "--page", "lines"])
    assert result.exit_code == 0
    assert [line["name"] for line in json.loads(result.stdout)["lines"]][:2] == ["L1", "L2"]
    result = CliRunner().invoke(console, [*where, "--page", "floor", "--filter", "bank:02"])
    assert len(json.loads(result.stdout)["egms"]) == 4
    result = CliRunner().invoke(console, [*where, "--page", "cellar"])
    assert result.exit_code == 2
    assert "there are floor, map" in result.stderr
