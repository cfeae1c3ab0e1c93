"""A port: bytes out, bytes in, one owner. The transport seam of a line.

The writer is the last place that knows what goes on a wire, so it checks the allow-list again
(P1): a frame that is not on the line's list is never written, whoever asked for it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from protocols.sas.allowlist import allowed
from protocols.sas.errors import RequestError

HEARD_MAX = 4096  # bytes kept unread; a port that says more between two looks is noise: oldest go


class PortError(OSError):
    """The port is away, or is somebody else's; try again later. The text says what to look at."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes that came in.

    Attributes:
        data: the bytes.
        wakeup: True if one had its ninth bit set; False also where the port cannot tell.
    """

    data: bytes
    wakeup: bool = False


class Port(Protocol):
    """One line's port."""

    name: str

    def open(self) -> None:
        """Open it.

        Raises:
            PortError: it is not there, not a port, or another process has it.
        """
        ...

    def close(self) -> None:
        """Close it; opening it again is allowed."""
        ...

    def write(self, poll: bytes) -> None:
        """Put a poll on the line.

        Raises:
            PortError: the port has gone.
            RequestError: the poll is not on this line's allow-list (P1).
        """
        ...

    async def read(self, deadline: float) -> Heard | None:
        """Return what was heard, or None if nothing was by ``deadline`` (the loop's clock).

        Raises:
            PortError: the port has gone.
        """
        ...


class PtyPort:
    """A pty: the simulator's lines. A pty carries no ninth bit; ``wakeup`` is always False.

    Args:
        path: the device, or a link to it.
        allow: name of the allow-list that its writer enforces.
    """

    def __init__(self, path: Path, allow: str) -> None:
        self.name = str(path)
        self._path = path
        self._allow = allow
        self._fd: int | None = None
        self._heard = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._gone: PortError | None = None

    def open(self) -> None:
        """Open the pty for this process alone and make it raw, so that it echoes nothing."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise PortError(f"{self.name} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tty.setraw(fd)
        except BlockingIOError as error:
            os.close(fd)
            raise PortError(f"{self.name} is in use by another process") from error
        except (OSError, termios.error) as error:
            os.close(fd)
            raise PortError(f"{self.name} is not a terminal device: {error}") from error
        self._fd = fd
        self._gone = None
        self._heard.clear()
        asyncio.get_running_loop().add_reader(fd, self._readable)

    def close(self) -> None:
        """Close the pty; a reader that waits gets a PortError."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        with suppress(RuntimeError):  # the loop may be closed already
            asyncio.get_running_loop().remove_reader(fd)
        os.close(fd)
        self._wake()

    def write(self, poll: bytes) -> None:
        """Put a poll on the line, if the line's allow-list has it."""
        if not allowed(poll, self._allow):
            raise RequestError(f"the writer of {self.name} refuses {poll.hex(' ')}")
        if self._fd is None or self._gone is not None:
            raise self._gone or PortError(f"{self.name} is closed")
        try:
            written = os.write(self._fd, poll)
        except OSError as error:
            raise PortError(f"{self.name} has gone: {error.strerror}") from error
        if written != len(poll):
            raise PortError(f"{self.name} takes no more bytes: nobody reads at its other end")

    async def read(self, deadline: float) -> Heard | None:
        """Return what was heard, or None if nothing was by ``deadline``."""
        if not self._heard:
            await self._wait(deadline)
        if self._heard:
            data = bytes(self._heard)
            self._heard.clear()
            return Heard(data)
        if self._gone is not None:
            raise self._gone
        if self._fd is None:
            raise PortError(f"{self.name} is closed")
        return None

    async def _wait(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        if self._gone is not None or self._fd is None:
            return
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiter = waiter
        timer = loop.call_at(deadline, self._wake)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _readable(self) -> None:
        assert self._fd is not None
        try:
            data = os.read(self._fd, HEARD_MAX)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error.errno or errno.EIO)
            return
        if not data:
            self._lost(errno.EIO)
            return
        self._heard += data
        if len(self._heard) > HEARD_MAX:
            del self._heard[:-HEARD_MAX]
        self._wake()

    def _lost(self, code: int) -> None:
        assert self._fd is not None
        asyncio.get_running_loop().remove_reader(self._fd)
        self._gone = PortError(f"{self.name} has gone: {os.strerror(code)}")
        self._wake()


PortMaker = Callable[[Path, str], Port]
