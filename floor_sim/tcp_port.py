"""A line on a TCP port of this computer: the bytes of the wire and nothing else.

For hosts that know sockets and no ptys. One host at a time, as on a wire; there is no ninth bit,
and a byte comes when TCP brings it.
"""

from __future__ import annotations

import ipaddress
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from floor_sim.port_line import PortGoneError
from protocols.sas import parmrk
from protocols.sas.symbols import Symbols, without_ninth_bit

READ_BYTES: Final = 4096
SCHEME: Final = "tcp://"


def tcp_address(text: str) -> tuple[str, int]:
    """Return host and TCP port of ``127.0.0.1:7501``; port 0 is whichever is free.

    Raises:
        ValueError: it is none, or not of this computer: TCP has neither a password nor a seal.
    """
    host, colon, port = text.removeprefix(SCHEME).rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        here = colon and ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here or not port.isdecimal() or not port.isascii() or int(port) > 65_535:
        raise ValueError('an address of this computer such as "127.0.0.1:7501"')
    return host, int(port)


class TcpPort:
    """A TCP port as the port of a line.

    Args:
        address: host and TCP port to listen on.
        parmrk: what machines say is written as a driver hands it over, with PARMRK escapes.

    Attributes:
        address: where it listens.

    Raises:
        PortGoneError: the address is in use, or cannot be.
    """

    def __init__(self, address: tuple[str, int], *, parmrk: bool) -> None:
        self._parmrk = parmrk
        self._host: socket.socket | None = None
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        try:
            self._listener = socket.create_server(address, family=family)
        except OSError as error:
            raise PortGoneError(f"{address[0]}:{address[1]}: {error.strerror}") from None
        self._listener.settimeout(0)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        # becomes readable when a host comes, and when the one that is there speaks or goes
        self._either = select.epoll()
        self._either.register(self._listener, select.EPOLLIN)

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when there is something to do."""
        return self._either.fileno()

    def read(self) -> Symbols:
        """Return what the host has said, without ninth bits; let hosts come and go."""
        with suppress(OSError):
            self._accept(self._listener.accept()[0])
        data = b""
        if self._host is not None:
            try:
                data = self._host.recv(READ_BYTES)
                if not data:
                    self._drop()
            except BlockingIOError:
                pass
            except OSError:
                self._drop()
        return without_ninth_bit(data)

    def write(self, symbols: Symbols) -> None:
        """Send to the host; what does not fit, because nobody reads, is dropped."""
        data = symbols.data
        if self._host is not None:
            with suppress(OSError):
                self._host.send(parmrk.encode(data, symbols.wakeup) if self._parmrk else data)

    def close(self) -> None:
        """Stop listening, and close the host's connection."""
        self._drop()
        self._either.close()
        self._listener.close()

    def _accept(self, host: socket.socket) -> None:
        """Take a host; a second one would be a second host on one wire, and is turned away."""
        if self._host is not None:
            host.close()
            return
        host.settimeout(0)
        host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._either.register(host, select.EPOLLIN)
        self._host = host

    def _drop(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            self._either.unregister(host)
            host.close()


def tcp_opener(address: tuple[str, int], *, parmrk: bool) -> Callable[[], TcpPort]:
    """Return what opens a TCP port, and the same one again after it was closed."""
    there = address

    def opens() -> TcpPort:
        nonlocal there
        port = TcpPort(there, parmrk=parmrk)
        there = port.address
        return port

    return opens
