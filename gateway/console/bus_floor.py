"""The whole floor as NATS tells it, put into the console's ``Floor``. Pure: time is an argument."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.bus.floor_watch import Earlier, FloorAway, FloorNews, FloorThere, StateChanged, Told
from gateway.console.bus_egm import BusEgm, after_event, from_value, silent, with_last_event
from gateway.console.floor import EVENTS_MAX, Contact, Floor, GatewayLife, Reach
from gateway.events.envelope import Envelope
from gateway.events.text import one_line
from gateway.status.model import (
    EgmDelta,
    EgmStatus,
    EventDelta,
    EventLine,
    LineDelta,
    LineStatus,
    LinkWord,
    NatsStatus,
    OutboxStatus,
    Snapshot,
)

SILENT_S: Final = 35.0
"""Seconds without a word after which a gateway, which tells every ten that it lives, is gone."""

LONG_GONE = timedelta(minutes=2)
"""A gateway whose last word is older than this when the console begins is gone at once."""

QUIET: Final = frozenset({"meter.read", "gateway.heartbeat", "egm.coveragechanged"})
"""Figures and evidence, not news: not in the list of events."""

ALIVE, NO_PORT = "answering", "its port is not told over NATS"

SEEN_MAX: Final = 20_000
"""Ids of events that are remembered, against one told twice."""


class BusFloor:
    """Keeps a ``Floor`` as NATS has it.

    Args:
        floor: what is told is put there.
        url: the server, for people.
    """

    def __init__(self, floor: Floor, url: str) -> None:
        self.floor = floor
        self._url = url
        self._egms: dict[str, BusEgm] = {}
        self._assets: dict[str, set[str]] = {}  # by line
        self._events: deque[EventLine] = deque(maxlen=EVENTS_MAX)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._number = 0

    def take(self, news: FloorNews, now: datetime) -> None:
        """Take one piece of news."""
        match news:
            case FloorAway(reason=reason):
                contact = Contact.AWAY if self.floor.known else Contact.WAITING
                self.floor.reached(Reach(contact, now, reason))
            case FloorThere():
                self._there(news, now)
            case Earlier(events=events):
                self._earlier(events)
            case StateChanged(state=known):
                egm = from_value(known, self._egms.get(known.asset))
                if egm is not None:
                    self._show(egm)
            case Told(event=event):
                self._told(event, now)
        if not isinstance(news, FloorAway):
            self.floor.heard(now)

    def look(self, now: datetime) -> None:
        """Look which gateways say nothing any more; call it every second or so."""
        if self.floor.reach.contact is not Contact.LIVE:
            return
        for life in list(self.floor.gateways.values()):
            if not life.gone and now - life.heard_at > timedelta(seconds=SILENT_S):
                why = f"gateway {life.name} says nothing"
                self._set_life(replace(life, gone=why, since=life.heard_at))

    def _there(self, there: FloorThere, now: datetime) -> None:
        before, self._egms = self._egms, {}
        for known in sorted(there.states, key=lambda one: one.stored_ns):  # the newest word counts
            egm = from_value(known, None)
            if egm is not None:
                self._egms[known.asset] = with_last_event(egm, before.get(known.asset))
        self.floor.gateways.clear()
        for name in sorted({egm.gateway for egm in self._egms.values()}):
            self.floor.gateways[name] = GatewayLife(name, now)
        for event in sorted(there.gateways, key=lambda one: one.time):
            self._live(event, event.time if now - event.time > LONG_GONE else now)
        self.look_at_once(now)
        nats = NatsStatus(connected=True, since=now, url=self._url, words="connected")
        egms = [self._status(egm) for egm in self._egms.values()]
        self._assets = {}
        for status in egms:
            self._assets.setdefault(status.line, set()).add(status.asset)
        lines = [_line(name, on_it) for name, on_it in _by_line(egms).items()]
        self.floor.reached(Reach(Contact.LIVE, now))
        self.floor.apply(Snapshot(
            site=there.site, gateway=_gateways(self.floor), birthid=there.site, started=now,
            egms=tuple(egms), lines=tuple(lines), outbox=OutboxStatus(), nats=nats,
            events=tuple(self._events),
        ))  # fmt: skip

    def look_at_once(self, now: datetime) -> None:
        """Say of each gateway that was silent before the console began that it is."""
        for name, life in self.floor.gateways.items():
            if not life.gone and now - life.heard_at > timedelta(seconds=SILENT_S):
                why = f"gateway {name} says nothing"
                self.floor.gateways[name] = replace(life, gone=why, since=life.heard_at)

    def _earlier(self, events: Iterable[Envelope]) -> None:
        for event in events:
            if self._is_new(event) and event.name not in QUIET:
                egm = self._egms.get(event.asset or "")
                if egm is not None:
                    self._egms[egm.status.asset] = egm = after_event(egm, event, one_line(event))
                    self.floor.egms[egm.status.asset] = self._status(egm)
                self._list(event)

    def _told(self, event: Envelope, now: datetime) -> None:
        self._live(event, now)
        if not self._is_new(event) or event.name in QUIET:
            return
        self._list(event)
        egm = self._egms.get(event.asset or "")
        if egm is not None and egm.gateway == event.gateway:
            self._show(after_event(egm, event, one_line(event)))

    def _is_new(self, event: Envelope) -> bool:
        if event.id in self._seen:
            return False
        self._seen[event.id] = None
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
        return True

    def _list(self, event: Envelope) -> None:
        self._number += 1
        line = EventLine(
            sequence=self._number, time=event.time, type=event.name, asset=event.asset,
            location=event.location, severity=event.severity, text=one_line(event),
            possible_repeat=event.possiblerepeat,
        )  # fmt: skip
        self._events.append(line)
        self.floor.apply(EventDelta(event=line))

    def _live(self, event: Envelope, heard_at: datetime) -> None:
        """Take from any event that its gateway lives, from some how it does."""
        data, name = event.data, event.gateway
        known = self.floor.gateways.get(name)
        life = known or GatewayLife(name, heard_at)
        life = replace(life, heard_at=heard_at, time_quality=event.timequality)
        if event.name == "gateway.died":
            if known is not None and data.get("how") == "inferred":
                return  # told by the one that lives now
            why = f"gateway {name} ended: {data.get('reason', '')}"
            life = replace(life, gone=why, since=event.time)
        elif event.name == "gateway.born":
            version = str(data.get("version", ""))
            life = replace(life, gone="", since=event.time, version=version)
        elif event.name == "gateway.heartbeat":
            sequence = data.get("last_sequence")
            life = replace(life, gone="", since=None if life.gone else life.since,
                           last_sequence=sequence if isinstance(sequence, int) else 0)  # fmt: skip
        elif event.name == "gateway.clockjudged":
            offset = data.get("offset_s")
            life = replace(life, clock_offset_s=offset if isinstance(offset, float) else None)
        self._set_life(life)

    def _set_life(self, life: GatewayLife) -> None:
        before = self.floor.gateways.get(life.name)
        self.floor.gateways[life.name] = life
        self.floor.version += 1
        if before is not None and before.gone == life.gone:
            return
        self.floor.gateway = _gateways(self.floor)
        for egm in self._egms.values():
            if egm.gateway == life.name and egm.status.asset in self.floor.egms:
                self._show(egm)

    def _show(self, egm: BusEgm) -> None:
        asset = egm.status.asset
        self._egms[asset] = egm
        before, status = self.floor.egms.get(asset), self._status(egm)
        self.floor.apply(EgmDelta(egm=status))
        lines = {status.line} | ({before.line} if before else set())
        if before is not None and before.line != status.line:
            self._assets.get(before.line, set()).discard(asset)
        self._assets.setdefault(status.line, set()).add(asset)
        if before is None or (before.link, before.line) != (status.link, status.line):
            for name in lines:
                egms = [self.floor.egms[one] for one in self._assets[name]]
                self.floor.apply(LineDelta(line=_line(name, egms)))

    def _status(self, egm: BusEgm) -> EgmStatus:
        life = self.floor.gateways.get(egm.gateway)
        if life is not None and life.gone:
            return silent(egm, life.gone, life.since or life.heard_at)
        return egm.status


def _by_line(egms: Iterable[EgmStatus]) -> dict[str, list[EgmStatus]]:
    lines: dict[str, list[EgmStatus]] = {}
    for egm in egms:
        lines.setdefault(egm.line, []).append(egm)
    return lines


def _line(name: str, egms: list[EgmStatus]) -> LineStatus:
    up = sum(egm.link in {LinkWord.UP, LinkWord.DEGRADED} for egm in egms)
    state = ALIVE if up or not egms else "nobody answers"
    if egms and all(egm.link is LinkWord.UNKNOWN for egm in egms):
        state = "not known"
    return LineStatus(name=name, port=NO_PORT, mode="host", state=state, egms_up=up, egms=len(egms))


def _gateways(floor: Floor) -> str:
    names = sorted(floor.gateways)
    if not names:
        return "no gateway"
    return names[0] if len(names) == 1 else f"{len(names)} gateways"
