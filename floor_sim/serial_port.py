"""A real serial port behind which a host of any make polls simulated machines.

A machine clears the ninth bit of all that it sends but its chirp, so the port stands at space
parity: every received byte whose ninth bit is set then has a parity error, and the driver hands it
over as a PARMRK escape. For a chirp it goes to mark for a few milliseconds; what comes meanwhile is
lost, as when two speak at once. Tried on a pseudo-terminal and on recorded settings only: no UART
was at hand.
"""

from __future__ import annotations

import asyncio
import os
import select
import termios
from contextlib import suppress
from typing import Final

import serial

from floor_sim.port_line import PortGoneError
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.symbols import Symbols, without_ninth_bit

BAUD: Final = 19_200
READ_BYTES: Final = 4096
CHIRP_S: Final = 0.005
"""Seconds for which the port is at mark parity for one chirp; a byte on USB may leave 2 ms late."""

CMSPAR: Final = 0o10000000000  # Linux; Python's termios has no name for it
_IFLAG, _CFLAG = 0, 2  # places in what tcgetattr returns
_HEARING: Final = termios.INPCK | termios.PARMRK
_DEAF: Final = termios.IGNPAR | termios.ISTRIP | termios.IGNBRK | termios.BRKINT


class SerialPort:
    """One serial port, held for this process alone.

    Args:
        path: the device; best a name in /dev/serial/by-path, which stays with the socket.
        loop: puts the parity back after a chirp.
        ninth_bit: it carries the wakeup bit as parity; False for a port that cannot.

    Raises:
        PortGoneError: it is not there, in use, or does not take the settings of a SAS line.
    """

    def __init__(
        self, path: str, loop: asyncio.AbstractEventLoop, *, ninth_bit: bool = True
    ) -> None:
        self._path = path
        self._loop = loop
        self._ninth_bit = ninth_bit
        self._decoder = ParmrkDecoder()
        self._held = b""
        self._mark: asyncio.TimerHandle | None = None
        parity = serial.PARITY_SPACE if ninth_bit else serial.PARITY_NONE
        try:
            self._serial = serial.Serial(path, BAUD, parity=parity, timeout=0, exclusive=True)
        except (serial.SerialException, ValueError) as error:
            raise PortGoneError(f"{path} cannot be opened: {error}") from None
        self._fd: int = self._serial.fileno()
        if not ninth_bit:
            return
        try:
            self._set_up()
        except (OSError, termios.error, PortGoneError) as error:
            self._serial.close()
            raise PortGoneError(f"{path}: {error}") from None

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._fd

    def read(self) -> Symbols:
        """Return what the host has said.

        Raises:
            PortGoneError: the port has gone.
        """
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            data = b""
        except OSError as error:
            raise PortGoneError(f"{self._path} has gone: {error.strerror}") from None
        if not data and self._hung_up():
            raise PortGoneError(f"{self._path} has gone: it was hung up")
        return self._decoder.feed(data) if self._ninth_bit else without_ninth_bit(data)

    def write(self, symbols: Symbols) -> None:
        """Send to the host; what the driver does not take is dropped.

        Raises:
            PortGoneError: the port has gone.
        """
        try:
            if self._mark is not None:
                self._held += symbols.data
            elif self._ninth_bit and any(symbols.wakeup):
                set_parity(self._fd, mark=True)
                os.write(self._fd, symbols.data)
                self._mark = self._loop.call_later(CHIRP_S, self._chirped)
            else:
                os.write(self._fd, symbols.data)
        except BlockingIOError:
            return
        except (OSError, termios.error) as error:
            raise PortGoneError(f"{self._path} has gone: {error}") from None

    def close(self) -> None:
        """Give the port back."""
        if self._mark is not None:
            self._mark.cancel()
        with suppress(OSError, serial.SerialException):
            self._serial.close()

    def _hung_up(self) -> bool:
        """Say whether reading will never give anything again; it would be tried without end."""
        look = select.poll()
        look.register(self._fd, 0)
        return bool(look.poll(0))

    def _chirped(self) -> None:
        """Go back to space parity, and send what waited; the next read tells of a port gone."""
        self._mark = None
        held, self._held = self._held, b""
        with suppress(OSError, termios.error):
            set_parity(self._fd, mark=False)
            termios.tcflush(self._fd, termios.TCIFLUSH)
            os.write(self._fd, held)
        self._decoder.reset()

    def _set_up(self) -> None:
        """Let the driver show received ninth bits, and see whether every setting has stuck."""
        wanted = hearing(termios.tcgetattr(self._fd))
        termios.tcsetattr(self._fd, termios.TCSANOW, wanted)
        missing = untaken(wanted, termios.tcgetattr(self._fd))
        if missing:
            raise PortGoneError(
                f"it did not take {', '.join(missing)}, so it has no ninth bit: use another "
                'adapter, or say ninth_bit = "none"'
            )


def set_parity(fd: int, *, mark: bool) -> None:
    """Let what is sent from now on have its ninth bit set (mark), or clear (space)."""
    modes = termios.tcgetattr(fd)
    modes[_CFLAG] = modes[_CFLAG] | termios.PARODD if mark else modes[_CFLAG] & ~termios.PARODD
    termios.tcsetattr(fd, termios.TCSANOW, modes)


def hearing(modes: list[int | list[bytes | int]]) -> list[int | list[bytes | int]]:
    """Return settings with space parity in which received ninth bits come as PARMRK escapes."""
    wanted = list(modes)
    iflag, cflag = wanted[_IFLAG], wanted[_CFLAG]
    assert isinstance(iflag, int), "tcgetattr gives flags as numbers"
    assert isinstance(cflag, int), "tcgetattr gives flags as numbers"
    wanted[_IFLAG] = iflag & ~_DEAF | _HEARING
    wanted[_CFLAG] = cflag & ~termios.PARODD | termios.PARENB | CMSPAR
    return wanted


def untaken(
    wanted: list[int | list[bytes | int]], found: list[int | list[bytes | int]]
) -> list[str]:
    """Return the names of the settings of the ninth bit that did not stick."""
    flags = {
        "PARENB": (_CFLAG, termios.PARENB),
        "CMSPAR": (_CFLAG, CMSPAR),
        "PARODD": (_CFLAG, termios.PARODD),
        "INPCK": (_IFLAG, termios.INPCK),
        "PARMRK": (_IFLAG, termios.PARMRK),
        "IGNPAR": (_IFLAG, termios.IGNPAR),
    }
    missing = []
    for name, (place, flag) in flags.items():
        one, other = wanted[place], found[place]
        if isinstance(one, int) and isinstance(other, int) and (one ^ other) & flag:
            missing.append(name)
    return missing
