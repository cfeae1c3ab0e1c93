"""Every system call that a serial port makes, and nothing else: the seam below a port.

Parity is ours: mark and space are PARENB, CMSPAR and PARODD of the kernel's termios, which Python's
``termios`` has no name for and which pyserial sets without reading back. A test puts a model of a
UART in this place.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import termios
import time
from typing import Any, Final, Literal, NamedTuple

CMSPAR: Final = 0o10000000000
"""Parity bit is always the same: set with PARODD (mark), clear without (space). Linux."""

SPEED: Final = termios.B19200
PTY_MAJORS: Final = range(136, 144)  # device numbers of Unix98 pty slaves, Linux
PTMX_MAJOR: Final = 5

_LINE_EMPTY: Final = 0x01  # TIOCSER_TEMT: shift register and queue are empty
_LOW_LATENCY: Final = 1 << 13  # ASYNC_LOW_LATENCY
_FLAGS_AT: Final = 16  # offset of ``flags`` in struct serial_struct
_SERIAL_STRUCT_BYTES: Final = 128  # more than any kernel's

Parity = Literal["mark", "space", "none"]


class Modes(NamedTuple):
    """A terminal's settings: what ``tcgetattr`` gives, in values."""

    iflag: int
    oflag: int
    cflag: int
    lflag: int
    ispeed: int
    ospeed: int
    cc: tuple[bytes | int, ...]


_FRAMING: Final = (
    termios.PARENB | CMSPAR | termios.PARODD | termios.CSIZE | termios.CSTOPB | termios.CRTSCTS
)
_CHECKING: Final = termios.INPCK | termios.PARMRK | termios.IGNPAR | termios.ISTRIP


def modes_for(before: Modes, parity: Parity, speed: int = SPEED) -> Modes:
    """Return the settings of a SAS line: 8 data bits, the ninth by parity, raw, no flow control.

    With mark or space parity every received byte whose ninth bit is not that one is escaped.

    Args:
        before: what the port has; only its special characters are kept.
        parity: "none" leaves the ninth bit out.
        speed: a ``termios`` constant.
    """
    cflag = termios.CS8 | termios.CREAD | termios.CLOCAL
    iflag = 0
    if parity != "none":
        cflag |= termios.PARENB | CMSPAR
        iflag = termios.INPCK | termios.PARMRK
    if parity == "mark":
        cflag |= termios.PARODD
    cc = list(before.cc)
    cc[termios.VMIN], cc[termios.VTIME] = 1, 0
    return Modes(iflag, 0, cflag, 0, speed, speed, tuple(cc))


def untaken(wanted: Modes, found: Modes) -> tuple[str, ...]:
    """Return the names of those ``wanted`` settings that the port did not take."""
    names = []
    for name, flag in (("PARENB", termios.PARENB), ("CMSPAR", CMSPAR), ("PARODD", termios.PARODD)):
        if (wanted.cflag ^ found.cflag) & flag:
            names.append(name)
    if (wanted.cflag ^ found.cflag) & (_FRAMING & ~(termios.PARENB | CMSPAR | termios.PARODD)):
        names.append("8 data bits, 1 stop bit, no flow control")
    if (wanted.iflag ^ found.iflag) & _CHECKING:
        names.append("INPCK and PARMRK")
    if (wanted.ispeed, wanted.ospeed) != (found.ispeed, found.ospeed):
        names.append("the speed")
    return tuple(names)


class TtyCalls:
    """The calls, on this computer's terminals. A descriptor never blocks."""

    def open(self, path: str) -> int:
        """Open a terminal device."""
        return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self, fd: int) -> None:
        """Close it."""
        os.close(fd)

    def hold(self, fd: int) -> None:
        """Keep everybody else out: those who ask (flock) and those who do not (TIOCEXCL).

        Raises:
            BlockingIOError: somebody else has it.
        """
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.ioctl(fd, termios.TIOCEXCL)

    def let_go(self, fd: int) -> None:
        """Let others open it again."""
        fcntl.ioctl(fd, termios.TIOCNXCL)

    def is_pty(self, fd: int) -> bool:
        """Say whether it is a pseudo-terminal, whose parity is never to be touched."""
        number = os.fstat(fd).st_rdev
        return os.major(number) in PTY_MAJORS or (os.major(number), os.minor(number)) == (
            PTMX_MAJOR,
            2,
        )

    def modes(self, fd: int) -> Modes:
        """Read its settings."""
        try:
            found: list[Any] = termios.tcgetattr(fd)
        except termios.error as error:
            raise OSError(*error.args) from error
        iflag, oflag, cflag, lflag, ispeed, ospeed, cc = found
        return Modes(iflag, oflag, cflag, lflag, ispeed, ospeed, tuple(cc))

    def set_modes(self, fd: int, modes: Modes) -> None:
        """Change its settings at once, without waiting for what is being sent (TCSANOW)."""
        new: list[Any] = [*modes[:-1], list(modes.cc)]
        try:
            termios.tcsetattr(fd, termios.TCSANOW, new)
        except termios.error as error:
            raise OSError(*error.args) from error

    def forget_input(self, fd: int) -> None:
        """Drop what was received before."""
        try:
            termios.tcflush(fd, termios.TCIFLUSH)
        except termios.error as error:
            raise OSError(*error.args) from error

    def read(self, fd: int, most: int) -> bytes:
        """Read what is there; empty if the device has gone."""
        return os.read(fd, most)

    def write(self, fd: int, data: bytes) -> int:
        """Hand over bytes to be sent; return how many were taken."""
        return os.write(fd, data)

    def line_empty(self, fd: int) -> bool | None:
        """Say whether the last bit has left the chip; None if the driver cannot tell."""
        try:
            status = fcntl.ioctl(fd, termios.TIOCSERGETLSR, struct.pack("i", 0))
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                return None
            raise
        return bool(struct.unpack("i", status)[0] & _LINE_EMPTY)

    def be_quick(self, fd: int) -> bool:
        """Ask the driver to hand over bytes at once (ASYNC_LOW_LATENCY); say whether it does."""
        state = bytearray(_SERIAL_STRUCT_BYTES)
        try:
            fcntl.ioctl(fd, termios.TIOCGSERIAL, state)
            flags = struct.unpack_from("i", state, _FLAGS_AT)[0]
            struct.pack_into("i", state, _FLAGS_AT, flags | _LOW_LATENCY)
            fcntl.ioctl(fd, termios.TIOCSSERIAL, state)
        except OSError:
            return False
        return True

    def clear_to_send(self, fd: int) -> bool:
        """Read the modem line CTS; True is asserted."""
        lines = fcntl.ioctl(fd, termios.TIOCMGET, struct.pack("i", 0))
        return bool(struct.unpack("i", lines)[0] & termios.TIOCM_CTS)

    def now(self) -> float:
        """Seconds on a clock that never steps."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; the interpreter's lock is free meanwhile."""
        time.sleep(seconds)
