"""Pseudo-terminals with stable names: what a host opens instead of a serial port.

We hold both ends of each. So it survives the host closing and opening again, and a link in the run
folder, replaced in one step, says where it is. The kernel drops parity on a pty: no ninth bit.
"""

from __future__ import annotations

import os
import tty
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from protocols.sas import parmrk
from protocols.sas.symbols import Symbols, without_ninth_bit

READ_BYTES: Final = 4096


class PtyError(Exception):
    """A pty or its link cannot be made; the message says why."""


class Pty:
    """One pty and its link.

    Args:
        link: path of the link that a host opens.

    Attributes:
        master: our end's file descriptor, non-blocking.
        dropped_bytes: bytes that nobody read in time, so that they did not fit any more.

    Raises:
        PtyError: no pty is left, or the link cannot be made.
    """

    def __init__(self, link: Path) -> None:
        self.link = link
        self.dropped_bytes = 0
        try:
            self.master, self._slave = os.openpty()
        except OSError as error:
            raise PtyError(f"no pty for {link}: {error.strerror}") from None
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self._device = os.ttyname(self._slave)
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            new = link.with_name(f".{link.name}.new")
            new.unlink(missing_ok=True)
            new.symlink_to(self._device)
            new.replace(link)
        except OSError as error:
            self._close_ends()
            raise PtyError(f"{link}: {error.strerror}") from None

    def read(self) -> bytes:
        """Return what the host has written; empty if nothing."""
        try:
            return os.read(self.master, READ_BYTES)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send bytes to the host; what does not fit, because nobody reads, is dropped."""
        try:
            written = os.write(self.master, data)
        except BlockingIOError:
            written = 0
        self.dropped_bytes += len(data) - written

    def close(self) -> None:
        """Close both ends and remove the link, unless it is somebody else's by now."""
        with suppress(OSError):
            if str(self.link.readlink()) == self._device:
                self.link.unlink()
        self._close_ends()

    def _close_ends(self) -> None:
        os.close(self.master)
        os.close(self._slave)


class PtyPort:
    """A pty as the port of a line.

    Args:
        link: path of the link that a host opens.
        parmrk: what machines say is written as a driver hands it over, with PARMRK escapes.

    Raises:
        PtyError: no pty is left, or the link cannot be made.
    """

    def __init__(self, link: Path, *, parmrk: bool) -> None:
        self._pty = Pty(link)
        self._parmrk = parmrk

    def fileno(self) -> int:
        """Return our end's file descriptor."""
        return self._pty.master

    def read(self) -> Symbols:
        """Return what the host has written, without ninth bits: a pty has none."""
        return without_ninth_bit(self._pty.read())

    def write(self, symbols: Symbols) -> None:
        """Send to the host; what does not fit, because nobody reads, is dropped."""
        data = symbols.data
        self._pty.write(parmrk.encode(data, symbols.wakeup) if self._parmrk else data)

    def close(self) -> None:
        """Close both ends and remove the link."""
        self._pty.close()


def remove_links(links: Iterable[Path]) -> None:
    """Remove what an earlier run left, before any new pty gets an old one's number.

    A host that follows an old link could else reach another line.

    Raises:
        PtyError: something that is no link stands in a link's place.
    """
    for link in links:
        if link.is_symlink():
            link.unlink()
        elif link.exists():
            raise PtyError(f"{link}: is no link of ours; move it away")
