"""The fixtures that other projects use, in a test run of its own; the README's example is one."""

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
ASKS_FOR_FIXTURES = 'pytest_plugins = ["floor_sim.testing.plugin"]\n'

SECOND_LINE = '''
import pytest

@pytest.fixture
def sas_floor_toml(sas_floor_toml):
    return sas_floor_toml + """
[[lines]]
name = "L2"
port = "lines/L2"

[[egms]]
asset = "10201"
line = "L2"
address = 5
profile = "penny"
"""

def test_a_floor_of_ones_own(sas_floor):
    machine = sas_floor.machine("10201")
    assert machine.do("door open slot")
    assert machine.drain() == machine.told() == [0x17, 0x11]
    assert machine.told("acked") == machine.told()
    assert sas_floor.line("L1").poll(bytes.fromhex("85")) == b""

def test_guests_play_while_time_passes(sas_floor):
    sas_floor.play()
    sas_floor.wait(600)
    assert sas_floor.machine("10102").meters()["games_played"] > 20

def test_nobody_plays_before_time_passes(sas_floor):
    sas_floor.play()
    assert "games_played" not in sas_floor.machine("10102").meters()
'''

A_PTY = """
import os, select, tty

def says(port, message, length):
    os.write(port, message)
    answer = b""
    while len(answer) < length:
        assert select.select([port], [], [], 20)[0]
        answer += os.read(port, 100)
    return answer

def test_over_a_pty(sas_pty_floor, sas_pty_port):
    port = os.open(sas_pty_port, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    os.write(port, b"\\x80")
    sas_pty_floor.until(lambda: sas_pty_floor.state()["lines"][0]["polls"] == 1, "the sync")
    assert says(port, b"\\x81", 1) == b"\\x17"
    assert sas_pty_floor.do("10102", "bill 20")
    assert sas_pty_floor.meters("10102")["current_credits"] == 2000
    assert says(port, b"\\x02\\x1a", 8)[:6] == bytes.fromhex("021a00002000")
    os.close(port)
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run tests in a folder and a process of their own, with our fixtures asked for."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the slotsim that they start, too
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(**files):
        pytester.makeconftest(ASKS_FOR_FIXTURES)
        pytester.makepyfile(**files)
        pytester.makeini("[pytest]\nfilterwarnings = error\n")
        return pytester.runpytest_subprocess(timeout=60).parseoutcomes()

    return run


def test_the_example_of_the_readme_is_true_and_a_test_can_have_a_floor_of_its_own(run):
    readme = (ROOT / "README.md").read_text()
    (example,) = re.findall(r"```python\n(def test_.*?)```", readme, re.DOTALL)
    assert ASKS_FOR_FIXTURES.strip() in readme
    assert run(test_readme=example, test_own=SECOND_LINE) == {"passed": 4}


def test_the_same_floor_waits_on_ptys(run):
    assert run(test_ptys=A_PTY) == {"passed": 1}
