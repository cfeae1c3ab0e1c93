"""A pty: the simulator's lines."""

from __future__ import annotations

import fcntl
import os
import termios
import tty
from pathlib import Path

from gateway.edge.port import Ear, Heard, PortError, Taker, check_allowed


class PtyPort:
    """A pty. It has no ninth bit of its own: the kernel drops parity there.

    Args:
        path: the device, or a link to it.
        allow: name of the allow-list that its writer enforces.
        parmrk: the other end writes what it sends as a driver would hand it over, with PARMRK
            escapes; without them ``wakeup`` is always False.
    """

    def __init__(self, path: Path, allow: str, *, parmrk: bool = False) -> None:
        self.name = str(path)
        self._path = path
        self._allow = allow
        self._fd: int | None = None
        self._ear = Ear(self.name, parmrk=parmrk)

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
        self._ear.listen(fd)

    def close(self) -> None:
        """Close the pty; a reader that waits gets a PortError."""
        self._ear.deafen(PortError(f"{self.name} is closed"))
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)

    def write(self, poll: bytes) -> None:
        """Put a poll on the line, if the line's allow-list has it."""
        check_allowed(poll, self._allow, self.name)
        gone = self._ear.inbox.gone
        if gone is not None:
            raise gone
        assert self._fd is not None
        try:
            written = os.write(self._fd, poll)
        except OSError as error:
            raise PortError(f"{self.name} has gone: {error.strerror}") from error
        if written != len(poll):
            raise PortError(f"{self.name} takes no more bytes: nobody reads at its other end")

    async def read(self, deadline: float) -> Heard | None:
        """Return what was heard, or None if nothing was by ``deadline``."""
        return await self._ear.inbox.take(deadline)

    def offer_to(self, taker: Taker | None) -> bool:
        """Offer what is heard to ``taker`` first."""
        return self._ear.inbox.offer_to(taker)
