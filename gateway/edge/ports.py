"""From a line of the site file to its port, by transport."""

from __future__ import annotations

from pathlib import Path

from edge_config.bridge_address import parse_bridge_address
from edge_config.site import LineInfo
from gateway.edge.bridge_link import BridgeLink
from gateway.edge.bridge_port import BridgePort
from gateway.edge.port import Port
from gateway.edge.pty_port import PtyPort
from gateway.edge.serial_port import SerialPort


class Ports:
    """The production ports of one gateway.

    Attributes:
        bridges: the bridges that its lines are on; each has a job to run.
    """

    def __init__(self) -> None:
        self._bridges: dict[tuple[str, int], BridgeLink] = {}

    @property
    def bridges(self) -> tuple[BridgeLink, ...]:
        """The bridges of the ports made so far."""
        return tuple(self._bridges.values())

    def port_for(self, line: LineInfo, path: Path) -> Port:
        """Return the port of a line; ``path`` is its device, which a bridge has none of."""
        if line.transport == "bridge":
            host, port, number = parse_bridge_address(line.port)
            link = self._bridges.setdefault((host, port), BridgeLink(host, port))
            return BridgePort(link, number, line.allow)
        if line.transport == "pty":
            return PtyPort(path, line.allow, parmrk=line.ninth_bit_by == "parmrk")
        return SerialPort(path, line.allow, ninth_bit=line.ninth_bit_by == "parity")
