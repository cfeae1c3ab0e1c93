"""The floor as the console knows it: the last snapshot and every change since.

Holds what the gateway said and nothing else; knows no socket and no screen. Time is an argument.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge

from gateway.status.model import (
    EgmDelta,
    EgmStatus,
    EgmWord,
    EventDelta,
    EventLine,
    LineDelta,
    LineStatus,
    NatsDelta,
    NatsStatus,
    OutboxDelta,
    OutboxStatus,
    Snapshot,
    StatusMessage,
)

EVENTS_MAX = 2_000
"""Events kept, games aside; an older one gives way to a newer one. The stream has them all."""

GAMES_MAX = 500
"""Events of games kept: they come so fast that they would push everything else out."""

_GAME = "game."

WELL = frozenset({EgmWord.PLAY, EgmWord.IDLE})
"""States of an EGM that nobody needs to go to."""

RANK = {word: rank for rank, word in enumerate(EgmWord)}
"""How bad a state is: 0 is worst."""


class Contact(StrEnum):
    """How it stands between a source and the console."""

    WAITING = "waiting"  # never reached yet
    LIVE = "live"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Reach:
    """How it stands between a source and the console, since when, and why.

    Attributes:
        contact: the one word.
        since: when it became so.
        reason: in words, whose fault it is and what to do; empty while live.
    """

    contact: Contact
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GatewayLife:
    """One gateway, as the console hears of it over NATS.

    Attributes:
        name: its token.
        heard_at: when it last told anything, by the console's clock.
        gone: why nothing is heard of it, in words; empty while it lives.
        since: since when it lives, or is gone.
        version: its program.
        time_quality: how good its clock is, by its last event.
        clock_offset_s: how far off its clock was when that was last told.
        last_sequence: of its events, by its last heartbeat.
    """

    name: str
    heard_at: datetime
    gone: str = ""
    since: datetime | None = None
    version: str = ""
    time_quality: str = "unknown"
    clock_offset_s: float | None = None
    last_sequence: int = 0


class Floor:
    """Everything that the status socket, or NATS, has told.

    Attributes:
        over_nats: it is told over NATS, by all gateways of a site; not by one gateway's socket.
        gateways: over NATS, by name.
        version: grows with every change; a screen compares it to know whether to draw.
        egms: by asset number.
        places: grows whenever an EGM comes, goes or moves.
        lines: by name.
        started: when the gateway started; None over NATS, where states outlive gateways.
        heard_at: when the gateway last said anything.
    """

    def __init__(self, started: datetime, *, over_nats: bool = False) -> None:
        self.over_nats = over_nats
        self.gateways: dict[str, GatewayLife] = {}
        self.version = self.places = 0
        self.site = self.gateway = self.birthid = ""
        self.started: datetime | None = None
        self.egms: dict[str, EgmStatus] = {}
        self.lines: dict[str, LineStatus] = {}
        self.outbox = OutboxStatus()
        self.nats = NatsStatus()
        self._events: deque[EventLine] = deque(maxlen=EVENTS_MAX)
        self._games: deque[EventLine] = deque(maxlen=GAMES_MAX)
        self._last_sequence = 0
        self.reach = Reach(Contact.WAITING, started)
        self.heard_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether a snapshot ever came."""
        return bool(self.birthid)

    def reached(self, reach: Reach) -> None:
        """Note how it stands with the source; a repeated state keeps its first moment."""
        same = reach.contact is self.reach.contact
        self.reach = Reach(reach.contact, self.reach.since if same else reach.since, reach.reason)
        self.version += 1

    def heard(self, at: datetime) -> None:
        """Note that the gateway said something."""
        self.heard_at = at

    @property
    def stale(self) -> bool:
        """Whether what is known may no longer be so."""
        return self.reach.contact is not Contact.LIVE

    def apply(self, message: StatusMessage) -> None:
        """Take one message of the status socket."""
        match message:
            case EgmDelta(egm=egm):
                before = self.egms.get(egm.asset)
                if before is None or before.location != egm.location:
                    self.places += 1
                self.egms[egm.asset] = egm
            case EventDelta(event=event):
                self._take_event(event)
            case LineDelta(line=line):
                self.lines[line.name] = line
            case OutboxDelta(outbox=outbox):
                self.outbox = outbox
            case NatsDelta(nats=nats):
                self.nats = nats
            case Snapshot():
                self._replace(message)
        self.version += 1

    def events(self, *, games: bool) -> list[EventLine]:
        """Return the events, newest first, with or without those of games."""
        if not games:
            return list(reversed(self._events))
        return list(
            merge(reversed(self._events), reversed(self._games), key=_sequence, reverse=True)
        )

    def events_of(self, asset: str, *, games: bool) -> list[EventLine]:
        """Return the events of one EGM, newest first, with or without those of games."""
        return [event for event in self.events(games=games) if event.asset == asset]

    def by_line(self) -> dict[str, list[EgmStatus]]:
        """Return the EGMs of each line, in the order of their addresses."""
        lines: dict[str, list[EgmStatus]] = {name: [] for name in self.lines}
        for egm in self.egms.values():
            lines.setdefault(egm.line, []).append(egm)
        for egms in lines.values():
            egms.sort(key=_address)
        return lines

    def words(self) -> dict[EgmWord, int]:
        """Count the EGMs by state, worst state first; states without EGMs are left out."""
        counts = dict.fromkeys(EgmWord, 0)
        for egm in self.egms.values():
            counts[egm.state] += 1
        return {word: number for word, number in counts.items() if number}

    def snapshot(self, started: datetime) -> Snapshot:
        """Return everything that is known now; ``started`` stands where none was told."""
        return Snapshot(
            site=self.site, gateway=self.gateway, birthid=self.birthid, started=started,
            egms=tuple(self.egms.values()), lines=tuple(self.lines.values()), outbox=self.outbox,
            nats=self.nats, events=tuple(reversed(self.events(games=True))),
        )  # fmt: skip

    def _replace(self, snapshot: Snapshot) -> None:
        self.site, self.gateway = snapshot.site, snapshot.gateway
        self.birthid = snapshot.birthid
        self.started = None if self.over_nats else snapshot.started
        self.egms = {egm.asset: egm for egm in snapshot.egms}
        self.places += 1
        self.lines = {line.name: line for line in snapshot.lines}
        self.outbox, self.nats = snapshot.outbox, snapshot.nats
        # Sequences only grow: what is older than the snapshot's events stays, the rest is repeated.
        first = snapshot.events[0].sequence if snapshot.events else 0
        for kept in (self._events, self._games):
            older = [event for event in kept if event.sequence < first]
            kept.clear()
            kept.extend(older)
        self._last_sequence = 0
        for event in snapshot.events:
            self._take_event(event)

    def _take_event(self, event: EventLine) -> None:
        # One that came between the snapshot and the first change is told by both.
        if event.sequence > self._last_sequence:
            self._last_sequence = event.sequence
            (self._games if event.type.startswith(_GAME) else self._events).append(event)


def _sequence(event: EventLine) -> int:
    return event.sequence


def _address(egm: EgmStatus) -> int:
    return egm.address
