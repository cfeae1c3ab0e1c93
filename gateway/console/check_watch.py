"""Watches one machine for a check: what the gateway says of it, and what goes over its wire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from gateway.commissioning.check import Check, advance, hear
from gateway.commissioning.ear import Ear
from gateway.commissioning.told import Event, Frame, Gateway, Line, Link, Told
from gateway.console.floor import Contact, Floor
from gateway.console.wire import Wire

EVENTS: Final = frozenset({"tilt.raised", "egm.outofservice"})
"""Types of events that a check takes from the gateway; all else it hears on the wire."""

FIGURE_S: Final = 5.0
"""Seconds between two looks at the link's figure."""


class Taker(Protocol):
    """Who takes what is seen of a machine."""

    def __call__(self, told: list[Told], frames: list[Frame]) -> None:
        """Take it."""
        ...


class MachineWatch:
    """Sees one machine.

    Args:
        asset: asset number of the machine.
        line: name of its line.
        address: SAS address there.
        floor: what the gateway tells.
        wire: of its line; somebody keeps it.

    Attributes:
        ear: hears the machine.
    """

    def __init__(self, asset: str, line: str, address: int, floor: Floor, wire: Wire) -> None:
        self.ear = Ear(address)
        self._asset, self._line = asset, line
        self._floor, self._wire = floor, wire
        self._number = 0
        self._there: tuple[bool, str] | None = None
        self._link: tuple[str, str, float | None] | None = None
        self._figure_at: datetime | None = None
        self._state: tuple[str, str] | None = None
        self._sequence = -1

    def look(self, now: datetime) -> tuple[list[Told], list[Frame]]:
        """Return what is new since the last look."""
        told = self._gateway(now)
        if self._floor.reach.contact is Contact.LIVE:
            told += self._status(now)
        self._listen()
        heard, frames = self.ear.take()
        return [*told, *heard], frames

    def _gateway(self, now: datetime) -> list[Told]:
        there = self._floor.reach.contact is Contact.LIVE
        seen = (there, self._floor.birthid if there else "")
        if seen == self._there or (not there and self._there is None and not self._floor.known):
            return []
        self._there = seen
        if there:
            self._link = self._state = None  # said again by a gateway that is new
        return [Gateway(at=now, there=there, birthid=seen[1][:64])]

    def _status(self, now: datetime) -> list[Told]:
        told: list[Told] = []
        if (line := self._floor.lines.get(self._line)) is not None:
            state = (line.state, line.port)
            if state != self._state:
                self._state = state
                told.append(Line(at=now, state=line.state[:300], port=line.port[:300]))
        if (egm := self._floor.egms.get(self._asset)) is not None:
            told += self._linked((egm.link, egm.link_reason[:300], egm.link_quality), now)
        told += self._events()
        return told

    def _linked(self, seen: tuple[str, str, float | None], now: datetime) -> list[Told]:
        due = self._figure_at is None or now - self._figure_at >= timedelta(seconds=FIGURE_S)
        same = self._link is not None and self._link[:2] == seen[:2]
        if self._link == seen or (same and not due):
            return []
        self._link, self._figure_at = seen, now
        state, reason, quality = seen
        return [Link.model_validate(
            {"at": now, "state": state, "reason": reason, "quality": quality}
        )]  # fmt: skip

    def _events(self) -> list[Told]:
        events = self._floor.events_of(self._asset, games=False)
        newest = events[0].sequence if events else self._sequence
        if self._sequence < 0:  # what was before the check is not its business
            self._sequence = newest
            return []
        fresh = [one for one in events if one.sequence > self._sequence and one.type in EVENTS]
        self._sequence = max(self._sequence, newest)
        return [Event(at=one.time, type=one.type, text=one.text[:300]) for one in reversed(fresh)]

    def _listen(self) -> None:
        started = self._wire.started
        if started is None:
            return
        fresh = []
        for one in self._wire.heard(address=None, idle=True):
            if one.number <= self._number:
                break
            fresh.append(one)
        for one in reversed(fresh):
            self._number = one.number
            at = started + timedelta(microseconds=one.found.message.at_us)
            self.ear.hear(one.found, at, ninth_known=self._wire.ninth_bits)


class CheckWatch:
    """Carries a check on with what is seen.

    Args:
        check: the check.
        machine: sees its machine.

    Attributes:
        check: as it is now.
    """

    def __init__(self, check: Check, machine: MachineWatch) -> None:
        self.check = check
        self._machine = machine
        self._step = (check.at, check.began)

    def look(self, now: datetime) -> None:
        """Take what is new, and go on where a step has settled itself."""
        told, frames = self._machine.look(now)
        if (self.check.at, self.check.began) != self._step:
            self._begin()
        self.check = advance(hear(self.check, told, frames, self._machine.ear.tally), now)
        if (self.check.at, self.check.began) != self._step:
            self._begin()

    def _begin(self) -> None:
        self._step = (self.check.at, self.check.began)
        self._machine.ear.begin()
