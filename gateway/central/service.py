"""What a consumer of the floor's events is, without the bus: events and tables in, messages out."""

from __future__ import annotations

import sqlite3
from typing import Protocol

from gateway.bus.outgoing import Outgoing
from gateway.events.envelope import Envelope


class Service(Protocol):
    """One consumer."""

    @property
    def name(self) -> str:
        """Name of the service: of its durable, its file and its subjects."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Short types of the events that it wants."""

    @property
    def buckets(self) -> tuple[str, ...]:
        """KV buckets that its messages write."""

    @property
    def schema(self) -> tuple[str, ...]:
        """Its tables: one SQL script a version, in order; a released one is never changed."""

    def handle(self, event: Envelope, connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
        """Work ``event`` into the tables; return what is to be published.

        Runs inside the transaction that records the event as done, once for each event id.

        Raises:
            SchemaError: the event's data is not as the catalogue says; nothing was changed.
        """
