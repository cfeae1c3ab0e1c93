"""A line on a pty: carries the bytes of ``Line`` on an asyncio loop.

Before an answer goes out we look once more whether the host has spoken: if this process was slow,
the answer is not sent, and the machine knows that it was not. While a fault lets the port vanish,
there is no pty and no link to one; afterwards there is a new pty at the old link.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from floor_sim.line import Line
from floor_sim.ptys import Pty
from floor_sim.tap import Tap


class PtyLine:
    """One line.

    Args:
        line: the line.
        pty: the pty that the host opens; kept in ``pty``, where None means that it has vanished.
        loop: the loop that carries it.
        acted: called after anything passed, because people may have something to do then.
        tap: shown what passes, or None.
    """

    def __init__(
        self,
        line: Line,
        pty: Pty,
        loop: asyncio.AbstractEventLoop,
        acted: Callable[[], None],
        tap: Tap | None = None,
    ) -> None:
        self._tap = tap
        self.line = line
        self.pty: Pty | None = pty
        self._link = pty.link
        self._loop = loop
        self._acted = acted
        self._timer: asyncio.TimerHandle | None = None
        self._open = True
        loop.add_reader(pty.master, self._readable)
        line.faults.changed = lambda: loop.call_soon(self._changed)
        self.arm()

    def close(self) -> None:
        """Stop carrying, and close the pty."""
        self._open = False
        if self._timer is not None:
            self._timer.cancel()
        self._drop_pty()
        if self._tap is not None:
            self._tap.close()

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

    def _look_for_pty(self) -> None:
        """Take the pty away when the port vanishes, and bring a new one when it comes back."""
        gone = self.line.faults.gone(self._loop.time())
        if gone:
            self._drop_pty()
        elif self.pty is None:
            self.pty = Pty(self._link)
            self._loop.add_reader(self.pty.master, self._readable)

    def _drop_pty(self) -> None:
        pty, self.pty = self.pty, None
        if pty is not None:
            self._loop.remove_reader(pty.master)
            pty.close()

    def _readable(self) -> None:
        self._read()
        self.arm()
        self._acted()

    def _read(self) -> None:
        while self.pty is not None and (data := self.pty.read()):
            if self._tap is not None:
                self._tap.from_host(data)
            self.line.host_write(data, self._loop.time())

    def _due(self) -> None:
        self._timer = None
        self._read()
        out = self.line.take(self._loop.time())
        self._look_for_pty()
        if out and self.pty is not None:
            data = b"".join(data for _, data in out)
            if self._tap is not None:
                self._tap.from_machines(data)
            self.pty.write(data)
        self.arm()
        self._acted()
