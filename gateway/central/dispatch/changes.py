"""What has to be told when new marks change the calls of a lane: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.central.dispatch.marks import Call


class Told(StrEnum):
    """Last token but one of the subject on which a change is told."""

    OPENED = "callopened"
    UPDATED = "callupdated"
    CLOSED = "callclosed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to tell about one call.

    Attributes:
        told: opened, updated or closed.
        call: the call as it is now; for a withdrawn one, as it was.
        withdrawn: an event that came late showed that there never was such a call: what it was
            opened for belongs to another. Its row goes; who heard of it hears that it is closed.
    """

    told: Told
    call: Call
    withdrawn: bool = False


def changes(before: Iterable[Call], after: Iterable[Call]) -> tuple[Change, ...]:
    """Return what to tell so that who knows ``before`` knows ``after``.

    A call that is opened and closed at once (its end was heard first) is told twice, so that
    whoever counts openings and closings counts the same.
    """
    old = {call.callid: call for call in before}
    new = {call.callid: call for call in after}
    told: list[Change] = []
    for callid, call in old.items():
        if callid not in new:
            told.append(Change(Told.CLOSED, call, withdrawn=True))
    for callid, call in new.items():
        was = old.get(callid)
        if was is None or (call.is_open and not was.is_open):
            told.append(Change(Told.OPENED, call))
            if not call.is_open:
                told.append(Change(Told.CLOSED, call))
        elif was.is_open and not call.is_open:
            told.append(Change(Told.CLOSED, call))
        elif was != call:
            told.append(Change(Told.UPDATED, call))
    return tuple(told)
