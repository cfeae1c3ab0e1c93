"""Which port a line gets."""

from pathlib import Path

import pytest

from edge_config.site import LineInfo
from gateway.edge.bridge_port import BridgePort
from gateway.edge.ports import Ports
from gateway.edge.pty_port import PtyPort
from gateway.edge.serial_port import SerialPort


@pytest.mark.parametrize(
    ("transport", "kind"), [("serial", SerialPort), ("pty", PtyPort), ("bridge", BridgePort)]
)
def test_a_line_gets_the_port_of_its_transport(transport, kind):
    port = "127.0.0.1:7401/1" if transport == "bridge" else "x"
    line = LineInfo(name="L1", port=port, transport=transport)
    assert isinstance(Ports().port_for(line, Path("/run/x")), kind)


def test_lines_on_one_bridge_share_its_connection_however_it_is_written():
    ports = Ports()
    for number, name in enumerate(
        ("127.0.0.1:7401/1", "tcp://localhost:7401/2", "127.0.0.1:7402/1"), start=1
    ):
        line = LineInfo(name=f"L{number}", port=name, transport="bridge")
        ports.port_for(line, Path())
    assert [bridge.name for bridge in ports.bridges] == ["127.0.0.1:7401", "127.0.0.1:7402"]
