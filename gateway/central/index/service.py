"""The index as a consumer: every event in, nothing out; what is old goes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Final

from gateway.bus.outgoing import Outgoing
from gateway.central.index.store import SCHEMA, IndexRows
from gateway.events.catalogue import CATALOGUE
from gateway.events.envelope import Envelope
from gateway.events.streams import STREAM_OF_FAMILY

KEEP_DAYS: Final = 30.0
PLAY_DAYS: Final = 3.0
"""Games are kept as long as their stream keeps them; the meters of every minute outlive them."""
PRUNE_EVERY: Final = 500
"""Events between two looks for what is old."""
PRUNE_ROWS: Final = 2_000
"""Rows deleted at one look; more than come meanwhile."""
_DAY_NS: Final = 86_400 * 1_000_000_000


class Index:
    """Every event but cards and sessions, for a while.

    Cards and sessions name a player by pseudonym and are for consumers only; a file that anybody
    in slot operations searches holds none of them.

    Args:
        keep_days: how long events are kept.
        play_days: how long games are.
        now_ns: wall clock, nanoseconds since 1970; a gateway's clock that runs ahead makes
            nothing old.
    """

    name = "index"
    reads = tuple(
        name
        for name, row in CATALOGUE.items()
        if STREAM_OF_FAMILY[row.family].keeps != "restricted"
    )
    buckets: tuple[str, ...] = ()
    schema = SCHEMA

    def __init__(
        self,
        keep_days: float = KEEP_DAYS,
        play_days: float = PLAY_DAYS,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._now_ns = now_ns
        self._keep_ns = {
            name: int(_DAY_NS * (play_days if CATALOGUE[name].family == "game" else keep_days))
            for name in self.reads
        }
        self._handled = 0

    def handle(self, event: Envelope, connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
        """Keep ``event``; see :class:`gateway.central.service.Service`."""
        rows = IndexRows(connection)
        rows.add(event)
        self._handled += 1
        if self._handled % PRUNE_EVERY == 0:
            for name, keep_ns in self._keep_ns.items():
                rows.prune(name, self._now_ns() - keep_ns, PRUNE_ROWS)
        return ()
