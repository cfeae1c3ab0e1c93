"""A model of a UART and its driver in the place of the system calls, on a clock of its own.

It knows what a scope would show: every byte with the moment it began and the level of its ninth
bit, which is made by the parity setting at that moment. A setting that changes while a byte is on
the wire spoils it, as on real chips.
"""

import errno
import os
import socket
import termios
from dataclasses import dataclass, field

from gateway.edge.tty_calls import CMSPAR, Modes, TtyCalls
from protocols.sas.parmrk import encode

SPEEDS = {termios.B19200: 19_200, termios.B300: 300}
RAW_9600 = Modes(0, 0, termios.CS8 | termios.CREAD, 0, termios.B9600, termios.B9600,
                 (0,) * 32)  # fmt: skip


@dataclass
class Byte:
    """One byte on the wire; ``ninth`` is None if it was spoiled, or if there is none."""

    value: int
    begins: float
    ends: float
    ninth: bool | None = None
    modes: Modes | None = None


@dataclass
class ModelUart(TtyCalls):
    """One port.

    Args:
        switch_s: what a change of settings takes.
        tells: the driver has TIOCSERGETLSR.
        to_chip_s: how long a written byte takes to its chip (USB).
        dropped: flags of cflag that silently do not stick.
        odd_for_mark: parity sticks, but the chip makes odd and even of it.
        no_ninth: everything sticks, but the chip sends ten bits a byte.
        stuck: nothing ever leaves.
        plug: what this port sends comes back to it; ``cts`` wires its CTS to it as well.
        partner: another port that hears this one.
    """

    switch_s: float = 0.00001
    tells: bool = True
    to_chip_s: float = 0.0
    dropped: int = 0
    odd_for_mark: bool = False
    no_ninth: bool = False
    stuck: bool = False
    plug: bool = False
    cts: bool = False
    partner: "ModelUart | None" = None
    refuses_redundant: bool = False
    read_delay_s: float = 0.001

    time: float = 100.0
    set_to: Modes = RAW_9600
    did: list = field(default_factory=list)
    wire: list[Byte] = field(default_factory=list)
    held: bool = False
    quick: bool = False
    _sockets: dict = field(default_factory=dict)
    _heard_to: int = 0
    _settled_to: int = 0

    # ------------------------------------------------------------------ the calls

    def open(self, path):
        ours, theirs = socket.socketpair()
        os.set_blocking(ours.fileno(), False)
        self._sockets[ours.fileno()] = (ours, theirs)
        self.did.append(("open", path))
        return ours.fileno()

    def close(self, fd):
        self.did.append(("close",))
        for end in self._sockets.pop(fd):
            end.close()

    def hold(self, fd):
        if self.held:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.held = True

    def let_go(self, fd):
        self.held = False

    def is_pty(self, fd):
        return False

    def modes(self, fd):
        return self.set_to

    def set_modes(self, fd, modes):
        self._settle()
        began = self.time  # nobody knows when within the call the chip changes
        self.time += self.switch_s
        parity = {0: "none", termios.PARENB | CMSPAR: "space"}.get(
            modes.cflag & (termios.PARENB | CMSPAR | termios.PARODD), "mark"
        )
        self.did.append(("set", parity))
        modes = modes._replace(cflag=modes.cflag & ~self.dropped)
        if self.refuses_redundant and modes == self.set_to:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        for byte in self.wire[self._settled_to :]:
            if byte.begins < self.time and began < byte.ends:
                byte.ninth, byte.modes = None, modes
        self.set_to = modes

    def forget_input(self, fd):
        source = self.partner or self
        source._settle()
        self._heard_to = len(source.wire)

    def write(self, fd, data):
        self.time += 0.000005
        self.did.append(("write", data))
        if self.stuck:
            return len(data)
        for value in data:
            begins = max(self.time + self.to_chip_s, self.wire[-1].ends if self.wire else 0.0)
            self.wire.append(Byte(value, begins, begins + self.bits * self.bit_s))
        return len(data)

    def line_empty(self, fd):
        self.time += 0.000002
        self.did.append(("empty?",))
        if not self.tells:
            return None
        self._settle()
        waiting = [byte for byte in self.wire[self._settled_to :] if byte.begins <= self.time]
        return not self.stuck and not waiting

    def be_quick(self, fd):
        self.quick = True
        return True

    def clear_to_send(self, fd):
        self.time += 0.00002
        return self.cts and not self.level()

    def now(self):
        self.time += 0.000001
        return self.time

    def sleep(self, seconds):
        self.did.append(("sleep",))
        self.time += seconds

    def read(self, fd, most):
        """What a plug or a partner brings back; else what a test has put in."""
        if not (self.plug or self.partner):
            if fd not in self._sockets:  # never a descriptor of this process that has its number
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            return os.read(fd, most)
        source = self if self.plug else self.partner
        source.time = self.time = max(self.time, source.time)
        source._settle()
        new = [
            byte
            for byte in source.wire[self._heard_to :]
            if byte.ends + self.read_delay_s <= self.time
        ]
        self._heard_to += len(new)
        if not new:
            raise BlockingIOError(errno.EAGAIN, "")
        return b"".join(self._as_read(byte) for byte in new)

    # ------------------------------------------------------------------ the wire

    @property
    def bit_s(self):
        return 1 / SPEEDS[self.set_to.ospeed]

    @property
    def bits(self):
        parity = self.set_to.cflag & termios.PARENB
        return 11 if parity and not self.no_ninth else 10

    def _settle(self):
        """Give every byte whose ninth bit has gone out the bit that the setting made of it."""
        while self._settled_to < len(self.wire):
            byte = self.wire[self._settled_to]
            if byte.ends > self.time:
                return
            if byte.modes is None:
                byte.modes = self.set_to
                byte.ninth = self._ninth(byte.value, self.set_to)
            self._settled_to += 1

    def _ninth(self, value, modes):
        if not modes.cflag & termios.PARENB or self.no_ninth:
            return None
        odd = bool(modes.cflag & termios.PARODD)
        if modes.cflag & CMSPAR and not self.odd_for_mark:
            return odd
        return (value.bit_count() % 2 == 0) == odd

    def _as_read(self, byte):
        """As the driver of the port that hears it hands it over."""
        modes = byte.modes if self.plug else self.set_to
        expected = self._ninth(byte.value, modes)
        wrong = byte.ninth is not expected and expected is not None
        if not modes.iflag & termios.PARMRK:
            return bytes([byte.value])
        return encode(bytes([byte.value]), (wrong,))

    def level(self):
        """The level on the wire now: True is mark, the level at rest."""
        for byte in self.wire[-1:]:
            if byte.begins <= self.time < byte.ends:
                bit = int((self.time - byte.begins) / self.bit_s)
                if bit == 0:
                    return False
                if bit <= 8:
                    return bool(byte.value >> (bit - 1) & 1)
                ninth = self._ninth(byte.value, self.set_to)
                return True if bit == self.bits - 1 or ninth is None else ninth
        return True

    def scope(self):
        """What was sent: (value, ninth bit) of each byte."""
        self.time += 10
        self._settle()
        return [(byte.value, byte.ninth) for byte in self.wire]

    # ------------------------------------------------------------------ for tests with a loop

    def put(self, data):
        """Let a machine say ``data``: bytes as the driver hands them over."""
        next(iter(self._sockets.values()))[1].send(data)

    def unplug(self):
        next(iter(self._sockets.values()))[1].close()
