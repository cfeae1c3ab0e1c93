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
from protocols.cards.reader import CardIn, CardOut, CardReader

BAUD = 9600
CARDS_MAX = 64


class CardJob:
    """Listens to one card reader for ever.

    Args:
        path: the reader's device.
        work: the work for the EGM that it belongs to.
        wish: asks for a reading of that EGM: what, and why.
    """

    def __init__(
        self,
        path: Path,
        work: EgmWork,
        wish: Callable[[str, Tag], None],
        pseudonyms: Pseudonyms,
        clock: Clock,
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
                loop, _Reader, str(self._path), baudrate=BAUD, exclusive=True
            )
        except (serial.SerialException, OSError) as error:
            raise TransientError(f"cannot be opened: {error}") from error
        backoff.well()
        gone = asyncio.ensure_future(protocol.gone)
        try:
            while True:
                card = asyncio.ensure_future(protocol.cards.get())
                await asyncio.wait((card, gone), return_when=asyncio.FIRST_COMPLETED)
                if not card.done():
                    card.cancel()
                    raise TransientError(gone.result())
                await self._seen(card.result())
        finally:
            gone.cancel()
            if not transport.is_closing():  # pyserial-asyncio cannot abort what it closed itself
                transport.abort()

    async def _seen(self, card: CardIn | CardOut) -> None:
        """Turn a card in or out into events on disk; ask for the readings that they want."""
        inside = isinstance(card, CardIn)
        pseudonym = self._pseudonyms.card(card.number) if isinstance(card, CardIn) else None
        done = self._work.observe(
            [CardSeen(self._work.info.asset, inside, pseudonym, moment(self._clock))]
        )
        for wish, event_id in done.wishes:
            self._wish(wish.what, Tag(wish.trigger, event_id))
        if done.recorded is not None:
            await done.recorded.on_disk()


class _Reader(asyncio.Protocol):
    """Cuts what a reader says into cards; more than CARDS_MAX unread ones is a broken reader."""

    def __init__(self) -> None:
        self.cards: asyncio.Queue[CardIn | CardOut] = asyncio.Queue()
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reader = CardReader()

    def data_received(self, data: bytes) -> None:
        for card in self._reader.feed(data):
            if self.cards.qsize() >= CARDS_MAX:
                self._end("it says more cards than can be stored")
                return
            self.cards.put_nowait(card)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(str(exc or "closed"))

    def _end(self, reason: str) -> None:
        if not self.gone.done():
            self.gone.set_result(f"the card reader has gone: {reason}")
