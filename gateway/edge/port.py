"""A port: bytes out, bytes in, one owner. The transport seam of a line.

The writer is the last place that knows what goes on a wire, so it checks the allow-list again
(P1): a frame that is not on the line's list is never written, whoever asked for it.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from protocols.sas.allowlist import allowed
from protocols.sas.errors import RequestError
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.symbols import Symbols

HEARD_MAX = 4096  # bytes kept unread; a port that says more between two looks is noise: oldest go


class PortError(OSError):
    """The port is away, or is somebody else's; try again later. The text says what to look at.

    Attributes:
        state: what the line is doing meanwhile, in words.
    """

    state = "waiting for the port"


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes that came in.

    Attributes:
        data: the bytes.
        wakeup: True if each of them had its ninth bit set; False also where the port cannot tell.
    """

    data: bytes
    wakeup: bool = False


Taker = Callable[[bytes, bool], bool]
"""Takes bytes, and whether each had its ninth bit set; returns False for what it leaves to be read.
No bytes mean only that ``read`` has something to give, or to raise."""


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

    def offer_to(self, taker: Taker | None) -> bool:
        """Offer what is heard from now on to ``taker`` first, the moment it comes; see ``Taker``.

        Returns:
            False, and nothing is offered, if something waits to be read already.
        """
        ...


def check_allowed(poll: bytes, allow: str, name: str) -> None:
    """Let through what is on the line's allow-list.

    Raises:
        RequestError: the poll is not on the list ``allow`` (P1).
    """
    if not allowed(poll, allow):
        raise RequestError(f"the writer of {name} refuses {poll.hex(' ')}")


class Inbox:
    """What a port has heard and its line has not read yet; one reader waits for it.

    Holds ``HEARD_MAX`` bytes; the oldest go when more come.

    Attributes:
        dropped_bytes: bytes that went unread.
    """

    def __init__(self, name: str) -> None:
        self.dropped_bytes = 0
        self._name = name
        self._heard: deque[Heard] = deque()
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._taker: Taker | None = None
        self._gone: BaseException | None = PortError(f"{name} is closed")

    @property
    def gone(self) -> BaseException | None:
        """Why nothing more will come, or None while the port is open."""
        return self._gone

    def opened(self) -> None:
        """Start anew and empty."""
        self._heard.clear()
        self._bytes = 0
        self._gone = None

    def end(self, why: BaseException) -> None:
        """Nothing more will come; the first reason is kept. A reader that waits is told.

        ``why`` is a PortError, or the defect that ended it.
        """
        if self._gone is None:
            self._gone = why
        if self._taker is not None:
            self._taker(b"", False)  # noqa: FBT003
        self._wake()

    def offer_to(self, taker: Taker | None) -> bool:
        """See ``Port.offer_to``."""
        free = not self._heard and self._gone is None
        self._taker = taker if free else None
        return free

    def put(self, data: bytes, *, wakeup: bool = False) -> None:
        """Take bytes that came, all with the same ninth bit."""
        if self._taker is not None and not self._heard and self._taker(data, wakeup):
            return
        self._heard.append(Heard(data, wakeup))
        self._bytes += len(data)
        while self._bytes > HEARD_MAX:
            oldest = self._heard.popleft()
            over = min(self._bytes - HEARD_MAX, len(oldest.data))
            self._bytes -= over
            self.dropped_bytes += over
            if over < len(oldest.data):
                self._heard.appendleft(Heard(oldest.data[over:], oldest.wakeup))
        self._wake()

    def put_symbols(self, symbols: Symbols) -> None:
        """Take symbols that came; an unknown ninth bit counts as clear."""
        if True not in symbols.wakeup:
            if symbols.data:
                self.put(symbols.data)
            return
        at = 0
        for wakeup, run in groupby(symbols.wakeup, key=bool):
            end = at + sum(1 for _ in run)
            self.put(symbols.data[at:end], wakeup=wakeup)
            at = end

    async def take(self, deadline: float) -> Heard | None:
        """Return the oldest bytes of one ninth bit, or None if nothing came by ``deadline``.

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
        if self._heard and self._heard[0].wakeup == first.wakeup:
            parts = [first.data]
            while self._heard and self._heard[0].wakeup == first.wakeup:
                parts.append(self._heard.popleft().data)
            first = Heard(b"".join(parts), first.wakeup)
        self._bytes -= len(first.data)
        return first

    async def _wait(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
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


class Ear:
    """Reads a descriptor as soon as something is there, into an inbox.

    Args:
        name: of the port, for errors.
        read: reads at most so many bytes of a descriptor that does not block.
        parmrk: the bytes are a driver's PARMRK stream.

    Attributes:
        inbox: where it goes.
    """

    def __init__(
        self, name: str, read: Callable[[int, int], bytes] = os.read, *, parmrk: bool = False
    ) -> None:
        self.inbox = Inbox(name)
        self._name = name
        self._read = read
        self._decoder = ParmrkDecoder() if parmrk else None
        self._fd: int | None = None

    def listen(self, fd: int) -> None:
        """Begin to read ``fd``."""
        self._fd = fd
        self.inbox.opened()
        if self._decoder is not None:
            self._decoder.reset()
        asyncio.get_running_loop().add_reader(fd, self._readable)

    def deafen(self, why: BaseException) -> None:
        """Read no more, because of ``why``."""
        if self._fd is not None:
            with suppress(RuntimeError):  # the loop may be closed already
                asyncio.get_running_loop().remove_reader(self._fd)
            self._fd = None
        self.inbox.end(why)

    def _readable(self) -> None:
        assert self._fd is not None
        try:
            data = self._read(self._fd, HEARD_MAX)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error.errno or errno.EIO)
            return
        if not data:
            self._lost(errno.EIO)
        elif self._decoder is None:
            self.inbox.put(data)
        else:
            self.inbox.put_symbols(self._decoder.feed(data))

    def _lost(self, code: int) -> None:
        self.deafen(PortError(f"{self._name} has gone: {os.strerror(code)}"))
