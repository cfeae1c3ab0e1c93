"""A line on a plain TCP port; and the hosts of HOSTS.md, run against a floor in its own process."""

import json
import re
import select
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge_config.loader import ConfigError, parse_toml
from floor_sim.export_site import SiteWords, site_text
from floor_sim.floor_file import FloorFile
from floor_sim.port_line import PortGoneError
from floor_sim.tcp_port import TcpPort, tcp_address, tcp_opener
from protocols.sas.symbols import chirp, from_machine, without_ninth_bit

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
FLOOR = """
[floor]
name = "sockets"
seed = 3
run_folder = "unused"
[[lines]]
name = "T1"
port = "127.0.0.1:0"
transport = "tcp"
[[lines]]
name = "B1"
port = "{bridge}/1"
transport = "bridge"
[[egms]]
asset = "101"
line = "T1"
address = 1
profile = "penny_video"
[[egms]]
asset = "201"
line = "B1"
address = 1
profile = "penny_video"
"""


@pytest.fixture
def port():
    one = TcpPort(("127.0.0.1", 0), parmrk=True)
    yield one
    one.close()


def comes(port):
    """Wait until there is something to do at the port, and do it."""
    assert select.select([port.fileno()], [], [], PATIENCE_S)[0]
    return port.read()


def test_one_host_at_a_time_speaks_on_a_tcp_port_and_another_may_come_after_it(port):
    assert port.read() == without_ninth_bit(b"")
    port.write(from_machine(b"\x17"))  # nobody is there: it goes nowhere
    with socket.create_connection(port.address) as host:
        comes(port)
        host.sendall(b"\x80\x81")
        assert comes(port) == without_ninth_bit(b"\x80\x81")
        with socket.create_connection(port.address) as second:
            comes(port)
            second.settimeout(PATIENCE_S)
            assert second.recv(1) == b""
        port.write(chirp(1))
        host.settimeout(PATIENCE_S)
        assert host.recv(3, socket.MSG_WAITALL) == b"\xff\x00\x01"
    comes(port)
    with socket.create_connection(port.address) as later:
        later.sendall(b"\x82")
        until(lambda: comes(port).data == b"\x82", "its poll")


def test_a_port_that_was_closed_is_opened_at_the_same_address_again():
    opens = tcp_opener(("127.0.0.1", 0), parmrk=False)
    first = opens()
    with pytest.raises(PortGoneError, match="in use"):
        TcpPort(first.address, parmrk=False)
    first.close()
    again = opens()
    assert again.address == first.address
    again.close()


@pytest.mark.parametrize("text", ["127.0.0.1", "10.0.0.1:7501", "127.0.0.1:x", ":7501",
                                  "127.0.0.1:70000", "here:7501"])  # fmt: skip
def test_a_tcp_line_is_on_this_computer_and_a_floor_file_says_so(text):
    with pytest.raises(ValueError, match="an address of this computer"):
        tcp_address(text)
    with pytest.raises(ConfigError, match="TCP is not sealed"):
        parse_toml(FLOOR.replace("127.0.0.1:0", text), FloorFile, "floor.toml")


def test_a_gateway_s_site_file_leaves_lines_out_that_no_gateway_can_poll():
    file = parse_toml(FLOOR.format(bridge="127.0.0.1:7401"), FloorFile, "floor.toml")
    text = site_text(file, SiteWords())
    assert 'asset = "201"' in text
    assert "T1" not in text


def test_an_address_may_be_written_in_several_ways():
    assert tcp_address("tcp://localhost:7501") == ("127.0.0.1", 7501)
    assert tcp_address("[::1]:7501") == ("::1", 7501)


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.01)
    return value


def example(name):
    """Return a host that stands in HOSTS.md."""
    text = (ROOT / "floor_sim" / "HOSTS.md").read_text("utf-8")
    (code,) = re.findall(rf"```python\n# {name}\n(.*?)```", text, re.DOTALL)
    return code


@pytest.fixture
def floor(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        bridge = f"127.0.0.1:{free.getsockname()[1]}"
    file = tmp_path / "floor.toml"
    file.write_text(FLOOR.format(bridge=bridge))
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "floor_sim", "run", str(file), "--no-play",
             "--run-folder", str(tmp_path / "run")],
            stderr=log,
        )  # fmt: skip
    control = tmp_path / "run" / "control.json"
    until(lambda: control.exists() or process.poll() is not None, "the floor")
    yield {"T1": json.loads(control.read_text())["lines"]["T1"], "B1": bridge}
    process.terminate()
    process.wait(PATIENCE_S)


def test_the_hosts_of_ten_lines_in_the_docs_poll_a_floor_over_tcp_and_over_a_bridge(floor):
    for name, line, heard in (("tcp", "T1", "17\n00\n00\n"), ("bridge", "B1", "17\n")):
        code = example(name)
        assert len([row for row in code.splitlines() if row.strip()]) <= 14
        said = subprocess.run(
            [sys.executable, "-c", code, floor[line]], capture_output=True, text=True, cwd=ROOT,
            timeout=PATIENCE_S, check=True,
        )  # fmt: skip
        assert said.stdout == heard
