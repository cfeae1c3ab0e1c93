"""Significant events in one list: what happened, who looked at it and what was found. Pure.

Whether somebody looked at an event is told by other events (``egm.acknowledged``, ``egm.noted``)
that name it: so every console and every consumer sees the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.events.catalogue import CATALOGUE
from gateway.events.envelope import Envelope
from gateway.events.significance import USUAL
from gateway.events.text import one_line

KINDS: Final = (
    "door", "cashbox", "power", "menu", "integrity", "egm", "tilt.raised", "bill.counterfeit",
    "handpay.pending", "handpay.reset", "progressive.hit", "meter.epochstarted", "meter.zeroed",
    "meter.manual", "link.down", "link.foreignhost", "link.addressshared", "gateway.died",
    "gateway.clockstepped", "gateway.storeloss", "gateway.yielded",
)  # fmt: skip
"""What is looked up; of it those are listed whose route or class is surveillance's."""

REMARKS: Final = ("egm.acknowledged", "egm.noted")
CLASSES: Final = frozenset({"significant", "critical", "security", "integrity", "access"})
ROUTINE: Final = frozenset({"egm.born", "egm.died", "egm.coveragechanged", "egm.clockread"})
"""Told of every machine at every start: nothing that anybody has to look at."""

ENTRIES_MAX: Final = 2_000
"""Events kept; an older one gives way."""


@dataclass(frozen=True, slots=True)
class RemarkMade:
    """What somebody said of an event.

    Attributes:
        by: who, as the gateway's computer knows the user.
        at: when.
        disposition: what was found; empty for a note.
        words: in that person's words.
    """

    by: str
    at: datetime
    disposition: str
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One significant event.

    Attributes:
        event: the event.
        remarks: what was said of it, the first first.
    """

    event: Envelope
    remarks: tuple[RemarkMade, ...] = ()

    @property
    def looked(self) -> RemarkMade | None:
        """The last acknowledgement, or None."""
        return next((one for one in reversed(self.remarks) if one.disposition), None)

    def text(self) -> str:
        """Return what a filter looks at."""
        looked = self.looked
        parts = [self.event.location, self.event.asset or "", self.event.name, self.event.severity,
                 self.event.eventclass, one_line(self.event), looked.disposition if looked
                 else "new"]  # fmt: skip
        parts += [f"{one.by} {one.words}" for one in self.remarks]
        return "\n".join(parts).casefold()


def is_significant(event: Envelope) -> bool:
    """Return whether a surveillance room has to see ``event``."""
    if event.name in ROUTINE or event.name in REMARKS or event.data.get("repeat"):
        return False
    return "surveillance" in event.route.split(",") or event.eventclass in CLASSES


class Watchlist:
    """The significant events of a floor, as far as they were looked up.

    Attributes:
        version: grows with every change.
    """

    def __init__(self) -> None:
        self.version = 0
        self._events: dict[str, Envelope] = {}
        self._remarks: dict[str, dict[str, RemarkMade]] = {}

    def take(self, events: Iterable[Envelope]) -> None:
        """Take events, also ones that are known already."""
        for event in events:
            if event.name in REMARKS:
                self._remark(event)
            elif is_significant(event):
                self._events.setdefault(event.id, event)
        if len(self._events) > ENTRIES_MAX:
            newest = sorted(self._events.values(), key=_order, reverse=True)[:ENTRIES_MAX]
            self._events = {event.id: event for event in newest}
            self._remarks = {
                name: said for name, said in self._remarks.items() if name in self._events
            }
        self.version += 1

    def entries(self, text: str = "", *, only_new: bool = False) -> list[Entry]:
        """Return the events under the filter ``text``, the newest first.

        Args:
            text: words that must all be found; ``!word`` must not.
            only_new: leave out what somebody acknowledged.
        """
        wanted = text.casefold().split()
        entries = (
            Entry(event, self._said(event.id))
            for event in sorted(self._events.values(), key=_order, reverse=True)
        )
        return [
            entry
            for entry in entries
            if not (only_new and entry.looked) and (not wanted or _fits(entry.text(), wanted))
        ]

    def entry(self, name: str) -> Entry | None:
        """Return the event with the id ``name``, or None."""
        event = self._events.get(name)
        return None if event is None else Entry(event, self._said(name))

    def new(self) -> int:
        """Count the events that nobody acknowledged."""
        return sum(not any(one.disposition for one in self._said(name)) for name in self._events)

    def _said(self, name: str) -> tuple[RemarkMade, ...]:
        said = self._remarks.get(name, {}).values()
        return tuple(sorted(said, key=lambda one: one.at))

    def _remark(self, event: Envelope) -> None:
        about = event.data.get("event")
        if isinstance(about, str):
            data = event.data
            self._remarks.setdefault(about, {})[event.id] = RemarkMade(
                str(data.get("said_by", "?")), event.time, str(data.get("disposition", "")),
                str(data.get("remark", "")),
            )  # fmt: skip


def first_check(event: Envelope) -> str:
    """Return what a technician looks at first; empty where the catalogue has no such event."""
    own = event.data.get("first_check")
    if isinstance(own, str) and own:
        return own
    row = CATALOGUE.get(event.name)
    return "" if row is None else USUAL.of(row, event.data).first_check


def _fits(text: str, wanted: list[str]) -> bool:
    return all(
        (word[1:] not in text or word == "!") if word.startswith("!") else word in text
        for word in wanted
    )


def _order(event: Envelope) -> tuple[datetime, str, int]:
    return event.time, event.gateway, event.sequence
