"""A card reader's port: cards in and out, as pseudonyms only.

SAS carries no card; the reader beside the machine does. The number lives in memory between the
reader's bytes and its keyed hash, and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import serial
import serial_asyncio

from gateway.edge.clock import Clock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.pseudonym import Pseudonyms
from gateway.edge.reading import Tag
from gateway.edge.supervise import Backoff, TransientError
from gateway.meaning.observation import CardSeen
from protocols.cards.reader import CardIn, CardReader

BAUD = 9600


class CardJob:
    """Listens to one card reader for ever.

    Args:
        path: the reader's device.
        work: the work for the EGM that it belongs to.
        wish: asks for a reading of that EGM: what, and why.
    """

    def __init__(
        self, path: Path, work: EgmWork, wish: Callable[[str, Tag], None], pseudonyms: Pseudonyms, clock: Clock
    ) -> None:
        self._path = path
        self._work = work
        self._wish = wish
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def run(self, backoff: Backoff) -> None:
        """Open the reader and take what it says.

        Raises:
            TransientError: the reader is away.
        """
        loop = asyncio.get_running_loop()
        try:
            transport, protocol = await serial_asyncio.create_serial_connection(
                loop, lambda: _Reader(self), str(self._path), baudrate=BAUD, exclusive=True
            )
        except (serial.SerialException, OSError) as error:
            raise TransientError(f"card reader {self._path} is away: {error}") from error
        backoff.well()
        try:
            raise TransientError(await protocol.gone)
        finally:
            transport.abort()

    def seen(self, card: CardIn | object) -> None:
        """Turn a card in or out into events; readings that it wants are asked for."""
        inside = isinstance(card, CardIn)
        pseudonym = self._pseudonyms.card(card.number) if isinstance(card, CardIn) else None
        done = self._work.observe(
            [CardSeen(self._work.info.asset, inside, pseudonym, moment(self._clock))]
        )
        for wish, event_id in done.wishes:
            self._wish(wish.what, Tag(wish.trigger, event_id))


class _Reader(asyncio.Protocol):
    def __init__(self, job: CardJob) -> None:
        self._job = job
        self._cards = CardReader()
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        for card in self._cards.feed(data):
            self._job.seen(card)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(f"the card reader has gone: {exc or 'closed'}")
