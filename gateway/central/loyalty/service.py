"""The loyalty consumer: carded sessions in, ledger rows and messages out."""

from __future__ import annotations

import sqlite3

from gateway.bus.outgoing import Outgoing
from gateway.central.derived import derive
from gateway.central.loyalty.messages import message_of
from gateway.central.loyalty.points import appraise
from gateway.central.loyalty.reading import READ, session_of
from gateway.central.loyalty.rules import PointsRules
from gateway.central.loyalty.store import SCHEMA, write
from gateway.events.envelope import Envelope


class Loyalty:
    """Points for carded coin in, once for each carded session.

    Args:
        rules: points for a unit of each currency.
    """

    name = "loyalty"
    reads = READ
    buckets: tuple[str, ...] = ()
    schema = SCHEMA

    def __init__(self, rules: PointsRules) -> None:
        self._rules = rules

    def handle(self, event: Envelope, connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
        """Work ``event`` into the ledger; see :class:`gateway.central.service.Service`."""
        session = session_of(event)
        if session is None:
            return ()
        entry = write(connection, session, appraise(session, self._rules))
        told = message_of(entry)
        if told is None:
            return ()
        row, key, data = told
        message = derive(row, event, key, 0, data, correlation=session.session_id)
        return (message,)
