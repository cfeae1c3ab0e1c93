"""The last known state of each EGM in the bucket ``slot_state``: where a late reader starts from.

A value says which events it includes, so that a reader takes the bucket and goes on with the
streams without a hole: it skips what is included and handles the rest. It is written only after
those events are in their streams. Best effort and at a bounded rate: the events are the truth.

Where in the streams a reader goes on stands under the key ``<site>.<gateway>._``, the horizon: a
sequence up to which every value includes every event, and for each stream a number below all later
ones. It is taken at one moment and written when all values have caught up with that moment.
:mod:`gateway.bus.start` is the reader's side.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from gateway.bus.answer import BusError, BusLink, publish_one
from gateway.bus.users import SLOT_STATE
from gateway.events.streams import is_token

log = logging.getLogger(__name__)

WRITES_PER_S = 50
"""Most values written in a second, over all EGMs."""
EVERY_S = 0.5
"""Seconds between two rounds."""
VALUE_BYTES_MAX = 64 * 1024

Settled = Callable[[str | None, int], bool]
"""Whether every event of an asset up to a sequence is in its stream: ``Publisher.settled_to``."""


HORIZON_KEY = "_"
"""Last token of the horizon's key; no asset number is called so."""
HORIZON_EVERY_S = 5.0
"""Seconds between two horizons at least, while there is news."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A moment: the sequence then, the streams' numbers then, and what was not written yet."""

    sequence: int
    streams: Mapping[str, int]
    waits: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Value:
    sequence: int
    state: Mapping[str, JsonValue]


class StateKeeper:
    """Writes states; one waiting and one newest value an EGM, never more.

    Args:
        link: the way to the bucket.
        settled: whether the events that a value includes are in their streams.
        site: token of the site.
        gateway: token of the gateway.
        birthid: this start of the gateway; the sequences count within it.
        sequence: the last sequence given; None writes no horizon.
        heights: the highest number that each stream has acknowledged.
    """

    def __init__(
        self,
        link: BusLink,
        settled: Settled,
        *,
        site: str,
        gateway: str,
        birthid: str,
        sequence: Callable[[], int] | None = None,
        heights: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self.written = 0
        self._sequence, self._heights = sequence, heights
        self._mark: _Mark | None = None
        self._horizon = -1
        self._horizon_at = 0.0
        self._link = link
        self._settled = settled
        self._site, self._gateway, self._birthid = site, gateway, birthid
        self._next: dict[str, _Value] = {}
        self._newest: dict[str, _Value] = {}
        self._trouble = ""

    def note(self, asset: str, sequence: int, state: Mapping[str, JsonValue]) -> None:
        """Take the state of ``asset`` as it is after its event ``sequence``. Never blocks.

        The state must not say who is carded. A newer state replaces one that was not written.

        Raises:
            ValueError: the asset number cannot be part of a key.
        """
        if not is_token(asset):
            raise ValueError(f"{asset!r} cannot be part of a key: use 1-64 of A-Z a-z 0-9 _ -")
        value = _Value(sequence, state)
        if asset in self._next:
            self._newest[asset] = value  # the one that waits is settled sooner
        else:
            self._next[asset] = value

    async def run(self) -> None:
        """Write for ever: a job, ended by cancelling it."""
        while True:
            await asyncio.sleep(EVERY_S)
            if self._link.connected:
                await self._round()
                await self._write_horizon(asyncio.get_running_loop().time())

    async def _write_horizon(self, now_s: float) -> None:
        """Take a moment, or write it once every value has caught up with it."""
        if self._sequence is None:
            return
        if self._mark is None:
            if self._sequence() == self._horizon or now_s - self._horizon_at < HORIZON_EVERY_S:
                return
            waits = {asset: one.sequence for asset, one in (self._next | self._newest).items()}
            self._mark = _Mark(self._sequence(), dict(self._heights()), waits)
        mark = self._mark
        if mark.waits:
            return
        value = {"birthid": self._birthid, "sequence": mark.sequence, "streams": mark.streams}
        if await self._put(HORIZON_KEY, value):
            self._mark, self._horizon, self._horizon_at = None, mark.sequence, now_s

    async def _round(self) -> None:
        room = int(WRITES_PER_S * EVERY_S)
        for asset, value in list(self._next.items()):
            if room == 0 or not self._link.connected:
                return
            if not self._settled(asset, value.sequence):
                continue
            newest = self._newest.get(asset)
            best = newest if newest and self._settled(asset, newest.sequence) else value
            room -= 1
            if not await self._write(asset, best):
                return
            newest = self._newest.pop(asset, None)
            if newest is None or newest is best:
                del self._next[asset]
            else:
                self._next[asset] = newest

    async def _write(self, asset: str, value: _Value) -> bool:
        written = {"birthid": self._birthid, "sequence": value.sequence, "state": value.state}
        if not await self._put(asset, written, written | {"state": {}}):
            return False
        if self._mark is not None and self._mark.waits.get(asset, value.sequence + 1) <= (
            value.sequence
        ):
            del self._mark.waits[asset]
        return True

    async def _put(
        self, key: str, value: Mapping[str, object], smaller: Mapping[str, object] | None = None
    ) -> bool:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) > VALUE_BYTES_MAX and smaller is not None:
            log.error("the state of %s has %d bytes; written without it", key, len(body))
            body = json.dumps(smaller, separators=(",", ":")).encode()
        subject = f"$KV.{SLOT_STATE}.{self._site}.{self._gateway}.{key}"
        try:
            await publish_one(self._link, subject, body, {})
        except BusError as error:
            if not self._trouble:
                log.warning("bucket %s cannot be written: %s; trying again", SLOT_STATE, error)
            self._trouble = str(error)
            return False
        if self._trouble:
            log.info("bucket %s is written again", SLOT_STATE)
            self._trouble = ""
        self.written += 1
        return True
