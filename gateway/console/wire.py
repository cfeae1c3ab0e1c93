"""Follows one line's wire through the gateway's ``capture`` socket, and keeps what was said lately.

Reads only, and what it reads is masked already: no secret comes through that socket. What is kept
is bounded; the raw lines are kept too, so that they can be saved as a capture.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.console.floor import Contact, Reach
from gateway.console.json_lines import LineCutter, LineTooLongError
from protocols.sas.capture import Burst, Problem
from protocols.sas.capture_reader import CaptureReader
from protocols.sas.cutter import Cutter
from protocols.sas.explain import Conversation
from protocols.sas.explained import Explained

HEARD_MAX: Final = 4_000
"""Messages kept: some ten minutes of one EGM at a poll in 200 ms, idle polls included."""

LINES_MAX: Final = 20_000
"""Lines of the capture kept for saving."""

CONNECT_S: Final = 4.0
PAUSE_FIRST_S: Final = 0.5
PAUSE_LONGEST_S: Final = 5.0
CHUNK_BYTES: Final = 64 * 1024

IDLE: Final = frozenset({"general poll", "no activity", "sync"})
"""Kinds of messages that say nothing has happened."""


class RefusedError(Exception):
    """The gateway's: it lets nobody listen, or says something else; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message on the wire.

    Attributes:
        number: its place among all that were heard.
        found: what it says.
    """

    number: int
    found: Explained


class Wire:
    """What was said on one line lately.

    Attributes:
        version: grows with every change.
        reach: how it stands with the gateway.
        started: moment 0 of the messages' times, or None before the first header.
        ninth_bits: the line's port tells the ninth bit of each byte.
    """

    def __init__(self, line: str, now: Callable[[], datetime]) -> None:
        self.line = line
        self.version = 0
        self.started: datetime | None = None
        self.ninth_bits = False
        self._now = now
        self.reach = Reach(Contact.WAITING, now())
        self._heard: deque[Heard] = deque(maxlen=HEARD_MAX)
        self._lines: deque[str] = deque(maxlen=LINES_MAX)
        self._header: list[str] = []
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._reader = CaptureReader()
        self._cutter, self._conversation = Cutter(), Conversation(captured=True)
        self._in_header = True
        self._header.clear()

    def heard(self, *, address: int | None, idle: bool) -> list[Heard]:
        """Return what was heard, newest first.

        Args:
            address: of one EGM, with what is meant for all; None is everybody.
            idle: polls that found nothing, too.
        """
        return [
            one
            for one in reversed(self._heard)
            if (idle or one.found.kind not in IDLE)
            and (address is None or one.found.address in {address, 0, None})
        ]

    def capture_text(self) -> str:
        """Return what was heard as a capture, for ``slotgw decode`` and ``slotsim replay``."""
        return "".join([*self._header, "\n", *self._lines]) if self._header else ""

    def take(self, text: str) -> None:
        """Take one line of a capture."""
        if not text:
            return
        self.version += 1
        item = self._reader.feed(text)
        if isinstance(item, Burst):
            self._in_header = False
        (self._header if self._in_header else self._lines).append(text + "\n")
        self.started = self._reader.header.started
        self.ninth_bits = self._reader.header.ninth_bits
        if isinstance(item, Burst):
            for message in self._cutter.feed(item):
                self._number += 1
                found = self._conversation.hear(message)
                self._heard.append(Heard(self._number, found))
        elif isinstance(item, Problem):
            raise RefusedError(f"the gateway sent what is no capture: {item.reason}")

    def reached(self, contact: Contact, reason: str = "") -> None:
        """Note how it stands with the gateway; a repeated state keeps its first moment."""
        since = self.reach.since if contact is self.reach.contact else self._now()
        self.reach = Reach(contact, since, reason)
        self.version += 1
        if contact is Contact.LIVE:
            self._begin()
            self._lines.clear()
            self._heard.clear()


async def follow_wire(wire: Wire, path: Path) -> None:
    """Keep ``wire`` as the gateway at ``path`` tells it, until cancelled."""
    pause_s = PAUSE_FIRST_S
    while True:
        try:
            await _read(wire, path)
            reason = "the gateway ended it"
            pause_s = PAUSE_FIRST_S
        except (OSError, LineTooLongError, RefusedError) as error:
            words = (error.strerror if isinstance(error, OSError) else None) or str(error)
            reason = f"{words or 'no answer in time'} ({path.name})"
        contact = Contact.WAITING if wire.reach.contact is Contact.WAITING else Contact.AWAY
        wire.reached(contact, reason)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_LONGEST_S)


async def _read(wire: Wire, path: Path) -> None:
    async with asyncio.timeout(CONNECT_S):
        reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(f"{wire.line}\n".encode())
        cutter = LineCutter(CHUNK_BYTES, CHUNK_BYTES)
        while data := await reader.read(CHUNK_BYTES):
            for line in cutter.feed(data):
                text = line.decode("utf-8", "replace")
                if text.startswith("!"):
                    raise RefusedError(text[1:].strip())
                if wire.reach.contact is not Contact.LIVE:
                    wire.reached(Contact.LIVE)
                wire.take(text)
            await asyncio.sleep(0)
    finally:
        writer.close()
