"""What a host opens to poll EGMs: a serial port, a pty, a TCP port, or one line of a bridge.

On a serial port the ninth bit is parity: mark for the first byte of a message, space for the rest,
and space while the EGM speaks; its bytes with the bit set come as PARMRK escapes. A pty and plain
TCP have no ninth bit. Tried on ptys and a simulated bridge; no UART was at hand.
"""

from __future__ import annotations

import os
import select
import socket
import termios
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import serial

from edge_config.bridge_address import parse_bridge_address
from floor_sim.judge.egm_run import HostPort
from floor_sim.port_line import PortGoneError
from floor_sim.serial_port import BAUD, hearing, set_parity, untaken
from protocols.sas import bridge_frames as said
from protocols.sas.allowlist import allowed
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.symbols import Symbols, from_host, without_ninth_bit

READ_BYTES: Final = 4096
FIRST_BYTE_S: Final = 0.002
"""Seconds from the first byte of a message to the change of parity behind it: two bytes may lie
5 ms apart, and one on USB may leave a millisecond late."""
OPEN_S: Final = 5.0
PING_S: Final = 1.0


def open_host_port(place: str) -> HostPort:
    """Open ``host:port/line`` of a bridge, ``host:port``, or the path of a pty or a serial port.

    Raises:
        PortGoneError: it is not there, or not what was expected; the message says why.
    """
    if not place.startswith(("/", ".")) and ":" in place:
        return BridgeEnd(place) if "/" in place else TcpEnd(place)
    if str(Path(place).resolve()).startswith("/dev/pts/"):
        return PtyEnd(place)
    return SerialEnd(place)


class _FileEnd:
    """A file descriptor to read from."""

    def __init__(self, place: str, fd: int) -> None:
        self._place = place
        self._fd = fd

    def now(self) -> float:
        """Return the moment."""
        return time.monotonic()

    def close(self) -> None:
        """Give the port back."""
        os.close(self._fd)

    def listen(self, until: float) -> Iterator[tuple[float, Symbols]]:
        """Yield what comes until then, each with its moment.

        Raises:
            PortGoneError: the port has gone.
        """
        while (left := until - self.now()) > 0:
            if not select.select([self._fd], [], [], left)[0]:
                return
            try:
                data = os.read(self._fd, READ_BYTES)
            except OSError as error:
                raise PortGoneError(f"{self._place} has gone: {error.strerror}") from None
            if not data:
                raise PortGoneError(f"{self._place} has gone: it was hung up")
            at = self.now()
            symbols = self._decoded(data)
            if symbols.data:
                yield at, symbols

    def _decoded(self, data: bytes) -> Symbols:
        return without_ninth_bit(data)

    def _put(self, data: bytes) -> None:
        try:
            os.write(self._fd, data)
        except OSError as error:
            raise PortGoneError(f"{self._place} has gone: {error.strerror}") from None


class PtyEnd(_FileEnd):
    """A pty: bytes alone."""

    def __init__(self, place: str) -> None:
        try:
            fd = os.open(place, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            tty.setraw(fd)
        except (OSError, termios.error) as error:
            raise PortGoneError(f"{place} cannot be opened: {error}") from None
        super().__init__(place, fd)

    def write(self, message: bytes) -> Symbols:
        """Send a message; its ninth bits do not go out."""
        self._put(message)
        return without_ninth_bit(message)


class TcpEnd(_FileEnd):
    """A TCP port that carries the bytes of a line and nothing else."""

    def __init__(self, place: str) -> None:
        host, _, port = place.rpartition(":")
        try:
            self._socket = socket.create_connection((host.strip("[]"), int(port)), OPEN_S)
        except (OSError, ValueError, OverflowError) as error:
            raise PortGoneError(f"{place} cannot be opened: {error}") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(place, self._socket.fileno())

    def write(self, message: bytes) -> Symbols:
        """Send a message; its ninth bits do not go out."""
        self._put(message)
        return without_ninth_bit(message)

    def close(self) -> None:
        """Give the connection back."""
        self._socket.close()


class SerialEnd(_FileEnd):
    """A serial port whose parity is the ninth bit."""

    def __init__(self, place: str) -> None:
        try:
            self._serial = serial.Serial(
                place, BAUD, parity=serial.PARITY_SPACE, timeout=0, exclusive=True
            )
        except (serial.SerialException, ValueError) as error:
            raise PortGoneError(f"{place} cannot be opened: {error}") from None
        super().__init__(place, self._serial.fileno())
        self._decoder = ParmrkDecoder()
        wanted = hearing(termios.tcgetattr(self._fd))
        termios.tcsetattr(self._fd, termios.TCSANOW, wanted)
        missing = untaken(wanted, termios.tcgetattr(self._fd))
        if missing:
            self._serial.close()
            raise PortGoneError(f"{place} did not take {', '.join(missing)}: it has no ninth bit")

    def write(self, message: bytes) -> Symbols:
        """Send a message, its first byte marked."""
        set_parity(self._fd, mark=True)
        self._put(message[:1])
        time.sleep(FIRST_BYTE_S)
        set_parity(self._fd, mark=False)
        if message[1:]:
            self._put(message[1:])
        return from_host(message)

    def close(self) -> None:
        """Give the port back."""
        self._serial.close()

    def _decoded(self, data: bytes) -> Symbols:
        return self._decoder.feed(data)


class BridgeEnd:
    """One line of a bridge."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._frames = FrameReader()
        self._came: list[tuple[float, Symbols]] = []
        self._pinged_s = self.now()
        try:
            host, port, self._line = parse_bridge_address(place)
            self._socket = socket.create_connection((host, port), OPEN_S)
        except (OSError, ValueError) as error:
            raise PortGoneError(f"{place}: {error}") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._say(said.Hello(name="slotsim host"))
            self._say(said.Open(self._line, said.SendList.OWN_LINE))
            self._until_open()
        except PortGoneError:
            self.close()
            raise

    def close(self) -> None:
        """Let the line go."""
        self._socket.close()

    def _until_open(self) -> None:
        until = self.now() + OPEN_S
        while (left := until - self.now()) > 0:
            for frame in self._read(left):
                if isinstance(frame, said.LineIs):
                    if frame.state is said.LineState.OPEN:
                        return
                    why = frame.text or frame.state.name.lower()
                    raise PortGoneError(f"{self._place}: the line is not free: {why}")
        raise PortGoneError(f"{self._place}: the bridge did not open the line")

    def now(self) -> float:
        """Return the moment."""
        return time.monotonic()

    def write(self, message: bytes) -> Symbols:
        """Send a message; nothing of it if the bridge would refuse it."""
        if not allowed(message, "own_line"):
            return Symbols(b"", ())
        symbols = from_host(message)
        self._say(said.Send(self._line, symbols))
        return symbols

    def listen(self, until: float) -> Iterator[tuple[float, Symbols]]:
        """Yield what comes until then, each with its moment.

        Raises:
            PortGoneError: the bridge has gone.
        """
        while (left := until - self.now()) > 0:
            if self.now() - self._pinged_s > PING_S:
                self._pinged_s = self.now()
                self._say(said.Ping(1))
            for frame in self._read(min(left, PING_S)):
                if isinstance(frame, said.Came) and frame.line == self._line:
                    yield self.now(), frame.symbols

    def _read(self, wait_s: float) -> list[said.Frame]:
        if not select.select([self._socket], [], [], wait_s)[0]:
            return []
        try:
            data = self._socket.recv(READ_BYTES)
        except OSError as error:
            raise PortGoneError(f"{self._place} has gone: {error.strerror}") from None
        if not data:
            raise PortGoneError(f"{self._place} has gone: the bridge closed it")
        frames = self._frames.feed(data)
        for frame in frames:
            if isinstance(frame, said.Bye):
                raise PortGoneError(f"{self._place}: the bridge says {frame.reason}")
        return frames

    def _say(self, frame: said.Frame) -> None:
        try:
            self._socket.sendall(encode(frame))
        except OSError as error:
            raise PortGoneError(f"{self._place} has gone: {error.strerror}") from None
