"""A port that only hears: one or two receive wires beside somebody else's link (P1).

It cannot write. The descriptors are open for reading only, so the kernel refuses a write, and
there is no method for one. It moves no modem line of its own will: CLOCAL is set, HUPCL is not, and
no call for RTS or DTR is made; a driver raises both when a port is opened, which is why a tap has
no wire there. Until a terminal is raw it echoes: a tap has no transmit wire either. The software
only backs that up.
"""

from __future__ import annotations

import asyncio
import errno
import math
import os
import termios
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from gateway.edge.port import HEARD_MAX, PortError
from gateway.edge.tty_calls import Modes, TtyCalls, modes_for, untaken
from protocols.sas.heard import Wire
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.symbols import Symbols, without_ninth_bit

READS_MAX: Final = 8
"""Times that both wires are read again because more came meanwhile."""

NinthBit = Literal["parity", "parmrk", "none"]

_HUSHED: Final[Mapping[str, Callable[[Modes], int]]] = {
    "ECHO off":      lambda modes: modes.lflag & (termios.ECHO | termios.ECHONL | termios.ICANON),
    "IXON, IXOFF off": lambda modes: modes.iflag & (termios.IXON | termios.IXOFF),
    "HUPCL off":     lambda modes: modes.cflag & termios.HUPCL,
    "CRTSCTS off":   lambda modes: modes.cflag & termios.CRTSCTS,
    "CLOCAL":        lambda modes: not modes.cflag & termios.CLOCAL,
}  # fmt: skip
"""What a port that never says anything must have, and how to see that it has not."""


@dataclass(frozen=True, slots=True)
class TapHeard:
    """Bytes of one wire.

    Attributes:
        wire: which way they went.
        symbols: the bytes and their ninth bits.
        at: when they came, seconds of the loop's clock. What was found waiting after a time-out
            that nobody had looked at yet came before it.
    """

    wire: Wire
    symbols: Symbols
    at: float


class Receiver(Protocol):
    """Where a line that listens hears from; there is nothing to write with."""

    @property
    def name(self) -> str:
        """Which port or ports, for people."""
        ...

    @property
    def dropped_bytes(self) -> int:
        """Bytes that were heard and not read in time."""
        ...

    @property
    def two_wires(self) -> bool:
        """Whether each direction has a wire of its own, so that nobody orders the two."""
        ...

    def open(self) -> None:
        """Open it.

        Raises:
            PortError: a wire is not there, not a port, or another process has it.
        """
        ...

    def close(self) -> None:
        """Close it; opening it again is allowed."""
        ...

    async def read(self, deadline: float) -> TapHeard | None:
        """Return what was heard, or None if nothing was by ``deadline`` (the loop's clock).

        Raises:
            PortError: a wire has gone.
        """
        ...


class TapInbox:
    """What was heard and not read yet, oldest first; holds ``HEARD_MAX`` bytes, the oldest go.

    Attributes:
        dropped_bytes: bytes that went unread.
        limit: until when its reader waits now, or None.
    """

    def __init__(self, name: str) -> None:
        self.dropped_bytes = 0
        self.limit: float | None = None
        self._heard: deque[TapHeard] = deque()
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._gone: PortError | None = PortError(f"{name} is closed")

    def opened(self) -> None:
        """Start anew and empty."""
        self._heard.clear()
        self._bytes = 0
        self._gone = None

    def end(self, why: PortError) -> None:
        """Nothing more will come; the first reason is kept."""
        if self._gone is None:
            self._gone = why
        self._wake()

    def put(self, heard: TapHeard) -> None:
        """Take what was heard."""
        if not heard.symbols.data:
            return
        self._heard.append(heard)
        self._bytes += len(heard.symbols.data)
        while self._bytes > HEARD_MAX:
            oldest = self._heard.popleft()
            self._bytes -= len(oldest.symbols.data)
            self.dropped_bytes += len(oldest.symbols.data)
        self._wake()

    async def take(self, deadline: float) -> TapHeard | None:
        """Return the oldest, or None if nothing came by ``deadline``.

        Raises:
            PortError: nothing is left and nothing more will come.
        """
        if not self._heard and self._gone is None:
            await self._wait(deadline)
        if not self._heard:
            if self._gone is not None:
                raise self._gone
            return None
        first = self._heard.popleft()
        self._bytes -= len(first.symbols.data)
        return first

    async def _wait(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiter, self.limit = waiter, deadline
        timer = loop.call_at(deadline, self._wake)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = self.limit = None

    def _wake(self) -> None:
        self.limit = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class TapCalls(TtyCalls):
    """The system calls of a receive wire: it is opened for reading only."""

    def open(self, path: str) -> int:
        """Open a terminal device; the kernel refuses every write to it."""
        return os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)


class _Ear:
    """One receive wire."""

    def __init__(self, path: Path, ninth_bit: NinthBit, calls: TtyCalls) -> None:
        self.fd: int | None = None
        self._path = path
        self._uart = ninth_bit == "parity"
        self._calls = calls
        self._decoder = None if ninth_bit == "none" else ParmrkDecoder()

    def open(self) -> int:
        try:
            fd = self._calls.open(str(self._path))
        except OSError as error:
            busy = error.errno == errno.EBUSY
            why = "is in use by another process" if busy else f"cannot be opened: {error.strerror}"
            raise PortError(f"{self._path} {why}") from error
        try:
            self._set_up(fd)
        except PortError as error:
            self._calls.close(fd)
            raise PortError(f"{self._path}: {error}") from error
        except BlockingIOError as error:
            self._calls.close(fd)
            raise PortError(f"{self._path} is in use by another process") from error
        except OSError as error:
            self._calls.close(fd)
            raise PortError(f"{self._path} is no terminal device: {error.strerror}") from error
        if self._decoder is not None:
            self._decoder.reset()
        self.fd = fd
        return fd

    def _set_up(self, fd: int) -> None:
        self._calls.hold(fd)
        if self._uart and self._calls.is_pty(fd):
            raise PortError('it is a pty, which has no ninth bit: say transport = "pty" for it')
        make_deaf_mute(self._calls, fd, ninth_bit=self._uart)
        if self._uart:
            self._calls.be_quick(fd)
        self._calls.forget_input(fd)  # when it came nobody knows

    def close(self) -> None:
        if self.fd is not None:
            fd, self.fd = self.fd, None
            with suppress(OSError):
                self._calls.let_go(fd)
            self._calls.close(fd)

    def read(self) -> Symbols:
        """Return what is there.

        Raises:
            OSError: the device has gone.
        """
        assert self.fd is not None
        try:
            data = self._calls.read(self.fd, HEARD_MAX)
        except BlockingIOError:
            return without_ninth_bit(b"")
        if not data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return without_ninth_bit(data) if self._decoder is None else self._decoder.feed(data)


class TapPort:
    """The receive wires of one tapped line.

    Args:
        path: the wire that hears the host, or both sides if there is no other.
        path_egm: the wire that hears the machines, or None.
        ninth_bit: parity on a real port; parmrk on a pty whose other end writes escapes; or none.
        calls: the system calls.
    """

    def __init__(
        self,
        path: Path,
        path_egm: Path | None,
        ninth_bit: NinthBit,
        calls: TtyCalls | None = None,
    ) -> None:
        self._name = str(path) if path_egm is None else f"{path} and {path_egm}"
        wires = {Wire.BOTH: path} if path_egm is None else {Wire.HOST: path, Wire.MACHINE: path_egm}
        calls = calls or TapCalls()
        self._ears = {wire: _Ear(where, ninth_bit, calls) for wire, where in wires.items()}
        self._certain = path_egm is not None or ninth_bit != "none"
        self._inbox = TapInbox(self.name)

    @property
    def name(self) -> str:
        """Its device or devices, for people."""
        return self._name

    @property
    def two_wires(self) -> bool:
        """Whether each direction has a wire of its own."""
        return len(self._ears) > 1

    @property
    def dropped_bytes(self) -> int:
        """Bytes that were heard and not read in time."""
        return self._inbox.dropped_bytes

    def open(self) -> None:
        """Open every wire for this process alone, for reading only."""
        try:
            fds = [ear.open() for ear in self._ears.values()]
        except PortError:
            for ear in self._ears.values():
                ear.close()
            raise
        self._inbox.opened()
        loop = asyncio.get_running_loop()
        for fd in fds:
            loop.add_reader(fd, self._readable)

    def close(self) -> None:
        """Close every wire; a reader that waits gets a PortError."""
        self._deafen(PortError(f"{self.name} is closed"))
        for ear in self._ears.values():
            ear.close()

    async def read(self, deadline: float) -> TapHeard | None:
        """Return what was heard, or None if nothing was by ``deadline``."""
        return await self._inbox.take(deadline)

    def _readable(self) -> None:
        """Hand over what has come, the machines' first.

        So a machine's answer is never handed over after the poll that follows it.
        """
        at = asyncio.get_running_loop().time()
        limit = self._inbox.limit
        if limit is not None and at >= limit and self._certain:
            at = math.nextafter(limit, -math.inf)  # this loop was late, the wire was not
        for item in sorted(self._heard(at), key=lambda one: one.wire is Wire.HOST):
            self._inbox.put(item)

    def _heard(self, at: float) -> Iterator[TapHeard]:
        """Read every wire, the host's first, until nothing came on it while we read the other.

        What came meanwhile belongs to the same moment: nobody knows what of it was said first, and
        a busy computer may stand still for a second between two reads.
        """
        for again in range(READS_MAX if self.two_wires else 1):
            for wire, ear in self._ears.items():
                try:
                    symbols = ear.read()
                except OSError as error:
                    self._deafen(PortError(f"{self.name} has gone: {error.strerror}"))
                    return
                if symbols.data:
                    yield TapHeard(wire, symbols, at)
                elif again or wire is Wire.MACHINE:
                    return

    def _deafen(self, why: PortError) -> None:
        for ear in self._ears.values():
            if ear.fd is not None:
                with suppress(RuntimeError):  # the loop may be closed already
                    asyncio.get_running_loop().remove_reader(ear.fd)
        self._inbox.end(why)


def _open(path: Path) -> int:
    flags = os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except OSError as error:
        raise PortError(f"{path} cannot be opened: {error.strerror}") from error


def make_deaf_mute(calls: TtyCalls, fd: int, *, ninth_bit: bool) -> None:
    """Make a terminal hand over every byte as it is and say nothing back; read that back.

    Args:
        calls: the system calls.
        fd: the terminal.
        ninth_bit: it is a UART: bytes with their ninth bit set are to be escaped (SPACE parity,
            INPCK and PARMRK). Never on a pty: the kernel drops parity there and doubles FF.

    Raises:
        PortError: it did not take a setting.
        OSError: it is no terminal.
    """
    wanted = modes_for(calls.modes(fd), "space" if ninth_bit else "none")
    calls.set_modes(fd, wanted)
    found = calls.modes(fd)
    missing = list(untaken(wanted, found))
    missing += [name for name, is_on in _HUSHED.items() if is_on(found)]
    if missing:
        raise PortError(f"it did not take {', '.join(missing)}; use another adapter")
