"""A line behind a port of this computer: carries the bytes of ``Line`` on an asyncio loop.

Before an answer goes out we look once more whether the host has spoken: if this process was slow,
the answer is not sent, and the machine knows that it was not. While a fault lets the port vanish,
it is closed (of a pty the link goes too); afterwards it is opened again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from floor_sim.line import Line
from protocols.sas.symbols import Symbols

log = logging.getLogger("slotsim")

AGAIN_S: Final = 1.0
"""Seconds after which a port that went away by itself is tried again."""


class PortGoneError(Exception):
    """The port is not there, or cannot be used; the message says why."""


class Port(Protocol):
    """Our end of what a host is connected to."""

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when the host has said something."""
        ...

    def read(self) -> Symbols:
        """Return what has come; empty if nothing.

        Raises:
            PortGoneError: the port has gone.
        """
        ...

    def write(self, symbols: Symbols) -> None:
        """Send to the host; what does not fit, because nobody reads, is dropped.

        Raises:
            PortGoneError: the port has gone.
        """
        ...

    def close(self) -> None:
        """Give the port back."""
        ...


class PortLine:
    """One line.

    Args:
        line: the line.
        open_port: opens the port; may raise ``PortGoneError``, except the first time.
        loop: the loop that carries it.
        acted: called after anything passed, because people may have something to do then.

    Attributes:
        port: the port; None while it has gone.

    Raises:
        PortGoneError: the port cannot be opened now.
    """

    def __init__(
        self,
        line: Line,
        open_port: Callable[[], Port],
        loop: asyncio.AbstractEventLoop,
        acted: Callable[[], None],
    ) -> None:
        self.line = line
        self.port: Port | None = None
        self._open_port = open_port
        self._loop = loop
        self._acted = acted
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._open = True
        self._take_port()
        line.faults.changed = lambda: loop.call_soon(self._changed)
        self.arm()

    def close(self) -> None:
        """Stop carrying, and close the port."""
        self._open = False
        for timer in (self._timer, self._again):
            if timer is not None:
                timer.cancel()
        self._drop_port()

    def arm(self) -> None:
        """Wake up when the line has something to send."""
        due = self.line.next_due()
        if self._timer is not None:
            if due is not None and self._timer.when() == due and not self._timer.cancelled():
                return
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due, self._due)

    def _changed(self) -> None:
        if self._open:
            self._due()

    def _look_for_port(self) -> None:
        """Take the port away when a fault lets it vanish, and open it when that is over."""
        if self.line.faults.gone(self._loop.time()):
            self._drop_port()
        elif self.port is None and self._again is None:
            self._take_port()

    def _take_port(self) -> None:
        self.port = self._open_port()
        self._loop.add_reader(self.port.fileno(), self._readable)

    def _drop_port(self) -> None:
        port, self.port = self.port, None
        if port is not None:
            self._loop.remove_reader(port.fileno())
            port.close()

    def _lost_port(self, error: PortGoneError) -> None:
        """Go on without a port that went by itself, and try it again from time to time."""
        log.warning("%s: %s; tried again every %g s", self.line.name, error, AGAIN_S)
        self._drop_port()
        self._again = self._loop.call_later(AGAIN_S, self._try_again)

    def _try_again(self) -> None:
        self._again = None
        try:
            self._look_for_port()
        except PortGoneError:
            self._again = self._loop.call_later(AGAIN_S, self._try_again)
            return
        if self.port is not None:
            log.info("%s: its port is back", self.line.name)

    def _readable(self) -> None:
        self._read()
        self.arm()
        self._acted()

    def _read(self) -> None:
        try:
            while self.port is not None and (said := self.port.read()).data:
                known = None not in said.wakeup
                bits = [bool(bit) for bit in said.wakeup] if known else None
                self.line.host_write(said.data, self._loop.time(), bits)
        except PortGoneError as error:
            self._lost_port(error)

    def _due(self) -> None:
        self._timer = None
        self._read()
        out = self.line.take_symbols(self._loop.time())
        try:
            self._look_for_port()
            for _, symbols in out:
                if self.port is not None:
                    self.port.write(symbols)
        except PortGoneError as error:
            self._lost_port(error)
        self.arm()
        self._acted()
