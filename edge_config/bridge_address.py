"""Where a line on a bridge is: ``host:port/line``, for example ``127.0.0.1:7401/3``.

Plain TCP has neither a password nor a seal, so a bridge must be on this computer: the simulated
floor, or a tunnel that ends here.
"""

from __future__ import annotations

import ipaddress
from typing import Final, NamedTuple

LINE_MAX: Final = 254
SCHEME: Final = "tcp://"


class BridgeAddress(NamedTuple):
    """One line of one bridge.

    Attributes:
        host: address of this computer: 127.0.0.1, ::1 or the like.
        port: TCP port.
        line: number of the line on the bridge, 1 to 254.
    """

    host: str
    port: int
    line: int

    @property
    def bridge(self) -> str:
        """The bridge, as people write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """The address as it stands in a file."""
        return f"{self.bridge}/{self.line}"


def parse_bridge_address(text: str) -> BridgeAddress:
    """Read ``127.0.0.1:7401/3``, ``tcp://127.0.0.1:7401/3``, ``[::1]:7401/3`` or ``localhost:...``.

    Raises:
        ValueError: it is none; says what is expected.
    """
    bridge, slash, line = text.removeprefix(SCHEME).rpartition("/")
    host, colon, port = bridge.rpartition(":")
    if not (slash and colon and _number(port, 65_535) and _number(line, LINE_MAX)):
        raise ValueError(f'host:port/line, the line from 1 to {LINE_MAX}, as "127.0.0.1:7401/3"')
    if host == "localhost":
        host = "127.0.0.1"
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ValueError("an address of this computer such as 127.0.0.1: TCP is not sealed")
    return BridgeAddress(str(address), int(port), int(line))


def _number(text: str, most: int) -> bool:
    return (
        text.isascii()
        and text.isdigit()
        and len(text) <= len(str(most))
        and (1 <= int(text) <= most)
    )


def bridge_mistake(text: str) -> str | None:
    """Return what was expected instead of ``text``, or None if it is a line of a bridge."""
    try:
        parse_bridge_address(text)
    except ValueError as error:
        return str(error)
    return None


def plain(text: str) -> str:
    """Return the one spelling of a bridge's line; anything else as it is."""
    return text if bridge_mistake(text) else str(parse_bridge_address(text))
