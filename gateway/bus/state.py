"""The last known state of each EGM in the bucket ``slot_state``: where a late reader starts from.

A value says which events it includes, so that a reader takes the bucket and goes on with the
streams without a hole: it skips what is included and handles the rest. It is written only after
those events are in their streams. Best effort and at a bounded rate: the events are the truth.
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
    """

    def __init__(
        self, link: BusLink, settled: Settled, *, site: str, gateway: str, birthid: str
    ) -> None:
        self.written = 0
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
        body = json.dumps(
            {"birthid": self._birthid, "sequence": value.sequence, "state": value.state},
            ensure_ascii=False, separators=(",", ":"),
        ).encode()  # fmt: skip
        if len(body) > VALUE_BYTES_MAX:
            log.error("the state of %s has %d bytes; not written", asset, len(body))
            return True
        subject = f"$KV.{SLOT_STATE}.{self._site}.{self._gateway}.{asset}"
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
