"""The wakeup bit on a UART: mark parity for the first byte of a poll, space for the rest.

A UART has one parity setting for what it sends and what it receives, so it goes to mark for one
byte only, and back to space before the answer comes: then every received byte whose ninth bit is
set has a parity error, and the driver escapes it (PARMRK). If the setting changes before the byte
has left the shift register, its ninth bit is spoiled; if the rest follows more than 5 ms later, the
EGM gives the poll up. ``tcdrain`` waits in steps of a jiffy, 4 ms and more, so it is of no use.
"""

from __future__ import annotations

import errno
from statistics import median
from typing import Final

from gateway.edge.tty_calls import Modes, TtyCalls, modes_for, untaken

CHARACTER_S: Final = 11 / 19_200
"""Seconds of one byte on the wire: start, eight data bits, wakeup bit, stop."""

LOOP_MAX_S: Final = 0.0015
"""Seconds for which one poll may keep the event loop; a port that needs more gets a thread."""

CHIP_MARGIN_S: Final = 0.0002
"""Added to the computed time of a byte where the driver cannot tell whether it has left."""

USB_MARGIN_S: Final = 0.001
"""Added on USB: a byte reaches the chip up to one frame later, and the chip is idle till then."""

THREAD_WAIT_MAX_S: Final = 0.02
"""Seconds within which a first byte must have left where a thread waits for it."""

_SLEEP_SHARE: Final = 0.8  # of a byte's time is slept through where the driver tells of its end
_SWITCHES_MEASURED: Final = 3  # times to mark and back, when a port is opened


class ParityError(OSError):
    """The port did not take the settings of a SAS line; ``flags`` names what is missing."""

    def __init__(self, flags: tuple[str, ...]) -> None:
        super().__init__(errno.EINVAL, f"it did not take {', '.join(flags)}")
        self.flags = flags


class NinthBitSender:
    """Sends polls with the wakeup bit through one open terminal.

    Args:
        calls: the system calls.
        fd: the terminal.
        usb: a USB adapter: that its chip is idle does not mean that the byte has left.

    Attributes:
        switch_s: seconds of one parity switch; known after ``set_up``.
        in_loop: one poll is done within ``LOOP_MAX_S``; known after ``set_up``.
        tells: the driver can tell whether the line is empty; known after ``set_up``.
    """

    def __init__(self, calls: TtyCalls, fd: int, *, usb: bool) -> None:
        self.switch_s = 0.0
        self.in_loop = False
        self.tells = False
        self._calls = calls
        self._fd = fd
        self._usb = usb
        self._wait_max_s = THREAD_WAIT_MAX_S
        self._free_at = calls.now()
        before = calls.modes(fd)
        self._mark = modes_for(before, "mark")
        self._space = modes_for(before, "space")

    def set_up(self) -> None:
        """Make the port a SAS line, make sure that it is one, and see how fast it switches.

        Raises:
            ParityError: a setting did not stick.
            OSError: the port has gone, or is no terminal.
        """
        took = []
        for _ in range(_SWITCHES_MEASURED):
            for modes in (self._mark, self._space):
                began = self._calls.now()
                switch(self._calls, self._fd, modes)
                took.append(self._calls.now() - began)
                check(self._calls, self._fd, modes)
        self.switch_s = median(took)
        self.tells = self._calls.line_empty(self._fd) is not None
        least_s = 2 * self.switch_s + CHARACTER_S + CHIP_MARGIN_S
        self.in_loop = not self._usb and least_s <= LOOP_MAX_S
        self._wait_max_s = LOOP_MAX_S - 2 * self.switch_s if self.in_loop else THREAD_WAIT_MAX_S

    def send(self, poll: bytes) -> None:
        """Put a poll on the wire; return when its last byte is with the driver.

        Raises:
            OSError: the port has gone, takes no more, or does not send (TimeoutError).
        """
        calls = self._calls
        if calls.now() < self._free_at:
            self._sleep_until(min(self._free_at, calls.now() + CHARACTER_S))
            if calls.now() < self._free_at:
                raise TimeoutError(errno.EBUSY, "it still sends the poll before this one")
        switch(calls, self._fd, self._mark)
        began = calls.now()
        self._write(poll[:1])
        self._wait_until_left(began)
        switch(calls, self._fd, self._space)
        if len(poll) > 1:
            self._write(poll[1:])
        self._free_at = calls.now() + len(poll[1:]) * CHARACTER_S

    def _write(self, data: bytes) -> None:
        if self._calls.write(self._fd, data) != len(data):
            raise OSError(errno.EAGAIN, "it takes no more bytes")

    def _wait_until_left(self, began: float) -> None:
        calls = self._calls
        if self._usb:
            self._sleep_until(began + CHARACTER_S + USB_MARGIN_S)
        elif self.tells:
            self._sleep_until(began + _SLEEP_SHARE * CHARACTER_S)
        else:
            self._sleep_until(began + CHARACTER_S + CHIP_MARGIN_S)
        if not self.tells:
            return
        over = False
        while not calls.line_empty(self._fd):
            if over:  # it was still there after the time was over; we may have been away ourselves
                waited_ms = self._wait_max_s * 1000
                raise TimeoutError(
                    errno.ETIMEDOUT, f"its first byte did not leave within {waited_ms:.1f} ms"
                )
            over = calls.now() - began > self._wait_max_s

    def _sleep_until(self, moment: float) -> None:
        left_s = moment - self._calls.now()
        if left_s > 0:
            self._calls.sleep(left_s)


def switch(calls: TtyCalls, fd: int, modes: Modes) -> None:
    """Change settings; an error about settings that the terminal has already is no error.

    Raises:
        ParityError: they are refused.
        OSError: the port has gone, or is no terminal.
    """
    try:
        calls.set_modes(fd, modes)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        check(calls, fd, modes)


def check(calls: TtyCalls, fd: int, modes: Modes) -> None:
    """Read settings back.

    Raises:
        ParityError: one did not stick.
        OSError: the port has gone, or is no terminal.
    """
    missing = untaken(modes, calls.modes(fd))
    if missing:
        raise ParityError(missing)
