"""The dispatch consumer: marks in, calls and messages out."""

from __future__ import annotations

import sqlite3

from gateway.bus.outgoing import Outgoing, bucket_delete, bucket_put
from gateway.bus.users import FLOOR_CALLS
from gateway.central.derived import derive, nanoseconds
from gateway.central.dispatch.calls import MARKS_KEPT, forgettable, settle
from gateway.central.dispatch.changes import Change, Told, changes
from gateway.central.dispatch.messages import BY_TOLD, board_row, call_data
from gateway.central.dispatch.reading import READ, mark_of
from gateway.central.dispatch.store import (
    SCHEMA,
    add_mark,
    drop_call,
    forget_births_before,
    forget_marks,
    marks_of,
    open_calls_of,
    put_call,
)
from gateway.events.envelope import Envelope

LOSS = "gateway.storeloss"
"""With its outbox a gateway loses its numbering and what it knew of each machine: no later event
can be put in order with the earlier ones, or name a call that they opened."""


class Dispatch:
    """One call for each handpay, tilt or lamp."""

    name = "dispatch"
    reads = (*READ, LOSS)
    buckets = (FLOOR_CALLS,)
    schema = SCHEMA

    def handle(self, event: Envelope, connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
        """Work ``event`` into the calls; see :class:`gateway.central.service.Service`."""
        if event.name == LOSS:
            return _lose(event, connection)
        mark = mark_of(event)
        if mark is None:
            return ()
        heard = marks_of(connection, mark.lane)
        told = changes(settle(heard).calls, settle([*heard, mark]).calls)
        messages = _messages(event, told)
        add_mark(connection, mark)
        for change in told:
            if change.withdrawn:
                drop_call(connection, change.call.callid)
            else:
                put_call(connection, change.call)
        if len(heard) >= MARKS_KEPT:
            forget_marks(connection, forgettable([*heard, mark]))
        return messages


def _lose(event: Envelope, connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
    lost = [
        call.lost_by(event.id, nanoseconds(event.time))
        for call in open_calls_of(connection, event.gateway)
        if not call.opened_by.startswith(f"{event.gateway}.{event.birthid}.")
    ]
    forget_births_before(connection, event.gateway, event.birthid)
    for call in lost:
        put_call(connection, call)
    return _messages(event, tuple(Change(Told.CLOSED, call) for call in lost))


def _messages(event: Envelope, told: tuple[Change, ...]) -> tuple[Outgoing, ...]:
    """Return what tells the changes, and the last word on each call for the floor's board."""
    messages = [
        derive(BY_TOLD[change.told], event, change.call.callid, number, call_data(change))
        for number, change in enumerate(told)
    ]
    time_ns = nanoseconds(event.time)
    for callid, change in {change.call.callid: change for change in told}.items():
        key, identity = f"{event.site}.{callid}", f"dispatch.{event.id}.board.{callid}"
        row = None if change.withdrawn else board_row(change.call)
        if row is None:  # a call that is over is deleted from the board
            messages.append(bucket_delete(FLOOR_CALLS, key, id=identity, time_ns=time_ns))
        else:
            messages.append(bucket_put(FLOOR_CALLS, key, row, id=identity, time_ns=time_ns))
    return tuple(messages)
