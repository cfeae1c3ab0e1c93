"""Reads the gateway's status socket, for ever: the gateway may come, go and come back.

The console only listens. A line that cannot be read may have been a change, so what is known from
then on may be wrong: the connection is given up and made anew, since its first line is the truth.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.console.floor import Contact, Floor, Reach
from gateway.console.json_lines import LineCutter, LineTooLongError
from gateway.status.model import Snapshot, StatusMessage

CHUNK_BYTES = 64 * 1024
"""Bytes read at once; between two chunks the screen gets its turn."""

SNAPSHOT_WAIT_S = 4.0
"""Seconds to wait for a connection, and for the first whole line on it."""

QUIET_S = 4.0
"""Seconds without a word after which the gateway is asked for a new snapshot.

A gateway whose lines all wait for their ports has nothing to tell, and one that hangs tells nothing
either: only an answer tells them apart.
"""

_MESSAGE: TypeAdapter[StatusMessage] = TypeAdapter(StatusMessage)


class UnreadableError(Exception):
    """The gateway's: it sent something that is not a status message; ``str()`` is for people."""


class _QuietError(Exception):
    """Nobody's yet: the gateway has said nothing for ``QUIET_S``."""


class AwayError(Exception):
    """The gateway cannot be reached, or went away; ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long the source waits, in seconds.

    Attributes:
        first_s: before the first try to connect again; doubled at each failure.
        longest_s: between two tries at most.
        quiet_s: without a word until a new snapshot is asked for.
        snapshot_s: for a connection, and for the snapshot on it.
    """

    first_s: float = 0.2
    longest_s: float = 5.0
    quiet_s: float = QUIET_S
    snapshot_s: float = SNAPSHOT_WAIT_S


class StatusSource:
    """Keeps a ``Floor`` as the gateway at ``path`` says it is.

    Args:
        path: the status socket.
        floor: what is told is put there.
        now: the clock.
        pauses: how long to wait for what.
    """

    def __init__(
        self, path: Path, floor: Floor, now: Callable[[], datetime], pauses: Pauses = Pauses()
    ) -> None:
        self._path = path
        self._floor = floor
        self._now = now
        self._pauses = pauses
        self._live = False

    async def run(self) -> None:
        """Read until cancelled."""
        pause_s = self._pauses.first_s
        while True:
            self._live = False
            try:
                await self._read()
                reason = "it closed the connection"
            except _QuietError:
                continue  # what is known stays good until an answer fails to come
            except AwayError as error:
                reason = str(error)
            except (UnreadableError, LineTooLongError) as error:
                reason = f"what it says cannot be read: {error}"
                self._live = False  # so that the pauses grow even if each snapshot is well
            if self._live:
                pause_s = self._pauses.first_s
            contact = Contact.AWAY if self._floor.known else Contact.WAITING
            self._floor.reached(Reach(contact, self._now(), reason))
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._pauses.longest_s)

    async def _read(self) -> None:
        reader, writer = await _connected(self._path, self._pauses.snapshot_s)
        try:
            cutter = LineCutter()
            try:
                async with asyncio.timeout(self._pauses.snapshot_s):
                    while not self._live and (data := await _chunk(reader)):
                        self._take(cutter.feed(data))
            except TimeoutError:
                raise AwayError(_silent(self._path)) from None
            while data := await self._word(reader):
                self._take(cutter.feed(data))
                await asyncio.sleep(0)  # bytes that are there already do not make read() wait
        finally:
            writer.close()

    async def _word(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(self._pauses.quiet_s):
                return await _chunk(reader)
        except TimeoutError:
            raise _QuietError from None

    def _take(self, lines: list[bytes]) -> None:
        self._floor.heard(self._now())
        for line in lines:
            message = read_message(line)
            if not self._live:
                if not isinstance(message, Snapshot):
                    raise UnreadableError(f"its first line is a change ({message.kind})")
                self._live = True
                self._floor.reached(Reach(Contact.LIVE, self._now()))
            self._floor.apply(message)


async def take_snapshot(path: Path, wait_s: float = SNAPSHOT_WAIT_S) -> Snapshot:
    """Read one snapshot from the status socket at ``path``, waiting at most ``wait_s``.

    Raises:
        AwayError: no gateway answers there.
        UnreadableError: what it says is not a snapshot that this program knows.
    """
    try:
        async with asyncio.timeout(wait_s):
            reader, writer = await _connected(path, wait_s)
            try:
                cutter = LineCutter()
                while data := await _chunk(reader):
                    for line in cutter.feed(data):
                        message = read_message(line)
                        if isinstance(message, Snapshot):
                            return message
                        raise UnreadableError(f"its first line is a change ({message.kind})")
            finally:
                writer.close()
    except TimeoutError:
        raise AwayError(_silent(path)) from None
    except LineTooLongError as error:
        raise UnreadableError(str(error)) from None
    raise AwayError(f"the gateway at {path} closed the connection; try again")


def read_message(line: bytes) -> StatusMessage:
    """Read one line of the status socket.

    Raises:
        UnreadableError: it is not JSON, or not a message of this version of the gateway.
    """
    try:
        return _MESSAGE.validate_json(line)
    except ValidationError as error:
        try:
            json.loads(line)
        except (ValueError, RecursionError):
            raise UnreadableError("a line is not JSON") from None
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "kind"
        raise UnreadableError(
            f"gateway and console are of different versions ({where[:80]}: {first['msg'][:80]}); "
            "start both from the same installation"
        ) from None


async def _connected(
    path: Path, wait_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(wait_s):
            return await asyncio.open_unix_connection(path)
    except FileNotFoundError:
        raise AwayError(f"nothing at {path}; start it with: slotgw run SITE.toml") from None
    except ConnectionRefusedError:
        raise AwayError(
            f"the gateway has stopped; start it with: slotgw run SITE.toml (socket {path})"
        ) from None
    except PermissionError:
        raise AwayError(
            f"you may not open {path}; use the account or the group that runs the gateway"
        ) from None
    except TimeoutError:
        raise AwayError(_silent(path)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise AwayError(f"{path} cannot be opened ({reason}); look at the run folder") from None


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(CHUNK_BYTES)
    except OSError as error:
        raise AwayError(f"the connection broke ({error.strerror or error})") from None


def _silent(path: Path) -> str:
    return f"the gateway at {path} accepts but says nothing; is it stopped or overloaded?"
