"""A process that may die between any two steps, and at named moments of a turn or a commit.

When it dies its files are copied as they are, and nothing that it still does has any effect: not on
the wire, not on the bus, not on the disk. The next process starts from the copy. A power cut takes
the mapped pages too, or leaves them with the number of another boot.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from gateway.bus.model import ModelLink
from gateway.edge.life import build_hash
from gateway.outbox.crashpoints import POINTS as STORE_POINTS

ANY_STEP = "any_step"
ANY_MOMENT = "any_moment"  # of the clock, drawn beforehand

TURN_POINTS = {
    "page_written": "the poll stands on the page, nothing was sent",
    "poll_sent": "the poll is on the wire",
    "answer_heard": "an answer was read from the port, nobody has looked at it",
    "page_settled": "the page says that there is nothing to keep",
}
"""Moments of a turn of a line that polls, in order; the commit stands before the last one."""

TALK_POINTS = {
    "talk_heard": "a part of the talk was read from a receive wire, nobody has looked at it",
}
"""The same of a line that listens."""

BUS_POINTS = {
    "published": "the server has the message, its answer is on the way",
    "answered": "the server's answer came, and is not stored",
}

EVERYWHERE = {
    ANY_STEP: "something is put on the event loop, whatever it is",
    **STORE_POINTS,
    **BUS_POINTS,
}
POINTS = (*EVERYWHERE, *TURN_POINTS, *TALK_POINTS, ANY_MOMENT)
"""Every point at which a simulated gateway is crashed."""

PASSES = {ANY_STEP: 700, "before_checkpoint": 2, "before_prune_commit": 4}
"""How often a point is passed at most before it kills; 30 for one that is not named here."""


known_build_hash = functools.cache(build_hash)  # hundreds of births of one program


class Crash:
    """How one process dies.

    Args:
        folder: all its files.

    Attributes:
        dying: it has died, but its image is still in memory.
        boot: number of the computer's boot.
        hits: deaths by point.
        over: set once it has died.
    """

    def __init__(self, folder: Path) -> None:
        self.dying = False
        self.boot = 1
        self.hits: Counter[str] = Counter()
        self.over = asyncio.Event()
        self.armed = ""
        self._left = 0
        self._folder = folder
        self._kept = folder.with_name(f"{folder.name}.kept")

    def arm(self, point: str, passes: int) -> None:
        """Die when ``point`` is reached for the ``passes``-th time from now on."""
        self.armed, self._left = point, passes

    def disarm(self) -> None:
        """Do not."""
        self.armed = ""

    def reached(self, point: str) -> None:
        """Take note that a point was reached; die there if it is the one."""
        if point != self.armed or self.dying:
            return
        self._left -= 1
        if self._left <= 0:
            self.hits[point] += 1
            self.now()

    def step(self) -> None:
        """Take note of a step of the loop."""
        self.reached(ANY_STEP)

    def now(self) -> None:
        """Die: from now on nothing has any effect; the files are as they are."""
        self.dying, self.armed = True, ""
        shutil.copytree(self._folder, self._kept)
        self.over.set()

    def bury(self) -> None:
        """The image is gone: put the files back as they were."""
        shutil.rmtree(self._folder)
        self._kept.rename(self._folder)
        self.over.clear()
        self.dying = False

    def cut_power(self, *, pages: bool) -> None:
        """After a death: it was the computer's; ``pages``: the mapped pages survived in part."""
        self.boot += 1
        if not pages:
            for page in self._folder.rglob("*.page"):
                page.unlink()

    def boot_id(self) -> bytes:
        """Return what the gateway takes for the number of the computer's boot."""
        return self.boot.to_bytes(16, "big")


class Gate:
    """The host's end of a line, shut while the gateway dies."""

    def __init__(self, line, crash: Crash) -> None:
        self._line = line
        self._crash = crash

    def __getattr__(self, name):
        return getattr(self._line, name)

    def host_write(self, data, now, wakeup=None):
        if not self._crash.dying:
            self._line.host_write(data, now, wakeup)
            self._crash.reached("poll_sent")

    def host_read(self, now):
        heard = self._line.host_read(now)
        if heard:
            self._crash.reached("answer_heard")
        return heard


class WatchedPage:
    """The mapped page of a line, which says when it was written."""

    def __init__(self, page, crash: Crash) -> None:
        self._page = page
        self._crash = crash

    def __getattr__(self, name):
        return getattr(self._page, name)

    def outstanding(self, *said):
        self._write(self._page.outstanding, said, "page_written")

    def nothing(self, *said):
        self._write(self._page.nothing, said, "page_settled")

    def _write(self, write, said, point):
        if not self._crash.dying:
            write(*said)
            self._crash.reached(point)


class CrashingLink(ModelLink):
    """A link to the server that ends with its process."""

    def __init__(self, server, faults, crash: Crash) -> None:
        super().__init__(server, faults)
        self._crash = crash

    async def send(self, subject, body, headers, answered):
        if self._crash.dying:
            return 0
        ticket = await super().send(subject, body, headers, answered)
        self._crash.reached("published")
        return ticket

    def _answer(self, ticket, answer):
        if not self._crash.dying:
            super()._answer(ticket, answer)
            self._crash.reached("answered")

    def bury(self) -> None:
        """Forget the dead process: its questions, and that it wants to know of changes."""
        self._asked.clear()
        self._watchers.clear()


@contextlib.contextmanager
def quick_gateway(crash: Crash) -> Iterator[None]:
    """Let a gateway be born quickly, and its outbox be looked after within a life's seconds."""
    with (
        patch("gateway.edge.life.build_hash", known_build_hash),
        patch("gateway.outbox.store.CHECKPOINT_BYTES", 64 * 1024),
        patch("gateway.outbox.upkeep.PRUNE_EVERY_S", 5.0),
        patch("gateway.edge.page.boot_id", crash.boot_id),
        patch("gateway.edge.listen_memory.boot_id", crash.boot_id),
    ):
        yield
