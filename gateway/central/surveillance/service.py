"""The surveillance consumer: security events in, records and messages out."""

from __future__ import annotations

import sqlite3

from edge_config.site import Site
from gateway.bus.outgoing import Outgoing
from gateway.central.derived import derive
from gateway.central.surveillance.messages import RECORDED, recorded_data
from gateway.central.surveillance.record import record_of, watched_by
from gateway.central.surveillance.store import SCHEMA, add_record
from gateway.central.surveillance.table import SECURITY
from gateway.events.envelope import Envelope

NO_ASSET = "_"
"""Last token of the subject of a record that is about no single machine."""


class Surveillance:
    """Security events with place, cameras and bookmark.

    Args:
        site: whose EGMs name their cameras.
    """

    name = "surveillance"
    reads = tuple(dict.fromkeys(row.type for row in SECURITY))
    buckets: tuple[str, ...] = ()
    schema = SCHEMA

    def __init__(self, site: Site) -> None:
        self._floor = watched_by(site)

    def handle(self, event: Envelope, connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
        """Record ``event``; see :class:`gateway.central.service.Service`."""
        record = record_of(event, self._floor)
        if record is None or not add_record(connection, record):
            return ()
        message = derive(
            RECORDED, event, record.asset or NO_ASSET, 0, recorded_data(record),
            severity=record.severity,
        )  # fmt: skip
        return (message,)
