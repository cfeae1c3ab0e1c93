"""One EGM as NATS tells it: a value of the bucket, and the events that came since. Pure.

A value is always right for the moment it was written; until the next one comes (a gateway writes a
bounded number a second) events say what changed. An event that a value includes changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from gateway.bus.start import KnownState
from gateway.events.envelope import Envelope
from gateway.events.text import handpay_text
from gateway.status.model import EgmStatus, EgmWord, LinkWord
from gateway.status.word import word_of

_LINKS: Final = frozenset(LinkWord)


@dataclass(frozen=True, slots=True)
class BusEgm:
    """One EGM.

    Attributes:
        gateway: token of the gateway that tells of it.
        birthid: that gateway's start.
        sequence: every event of this EGM up to here is included.
        status: how it is; its line is named with the gateway, on which alone a line is unique.
        lamp: its change lamp is on.
        in_play: somebody plays.
        out_of_service: it said so.
        quarantined: a defect of ours set its events aside.
    """

    gateway: str
    birthid: str
    sequence: int
    status: EgmStatus
    lamp: bool = False
    in_play: bool = False
    out_of_service: bool = False
    quarantined: bool = False

    @property
    def handpay(self) -> str | None:
        """Amount and class of the pending handpay in words, or None."""
        return self.status.handpay

    @property
    def tilts(self) -> tuple[str, ...]:
        """Tilts and faults that are raised."""
        return self.status.tilts

    @property
    def doors_open(self) -> tuple[str, ...]:
        """Doors known to be open."""
        return self.status.doors_open


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the word for an EGM is made of."""

    handpay: str | None
    tilts: tuple[str, ...]
    doors_open: tuple[str, ...]
    lamp: bool
    in_play: bool
    out_of_service: bool


def from_value(known: KnownState, before: BusEgm | None) -> BusEgm | None:
    """Return the EGM as a value of the bucket has it; None where ``before`` is newer.

    What only events tell (when the last one was) is kept from ``before``.
    """
    if before is not None and known.birthid == before.birthid and known.sequence < before.sequence:
        return None
    state = _Fields(known.state)
    link = state.text("link")
    line = state.text("line")
    flags = {name: state.true(name) for name in ("lamp", "in_play", "out_of_service")}
    quarantined = state.true("quarantined")
    seen = _Seen(state.text("handpay") or None, state.texts("tilts"), state.texts("doors_open"),
                 **flags)  # fmt: skip
    word = word_of(seen, link if link in _LINKS else LinkWord.UNKNOWN, quarantined=quarantined)
    since = _moment(state.text("since"))
    if before is not None and before.status.state is word and before.status.since is not None:
        since = before.status.since
    # one model for each EGM, as it is shown: a console of thousands begins with them
    status = EgmStatus(
        asset=known.asset,
        location=state.text("location"),
        bank=state.text("bank"),
        zone=state.text("zone"),
        line=f"{known.gateway}/{line}" if line else "",
        address=state.number("address") or 0,
        state=word,
        since=since,
        doors_open=seen.doors_open,
        tilts=seen.tilts,
        handpay=seen.handpay,
        carded=state.true("carded"),
        credits=state.number("credits"),
        coin_in=state.number("coin_in"),
        denomination=state.text("denomination") or None,
        last_event=before.status.last_event if before else state.text("last_event_text") or None,
        last_event_at=before.status.last_event_at if before else None,
        link=LinkWord(link) if link in _LINKS else LinkWord.UNKNOWN,
        link_reason=state.text("link_reason"),
    )
    return BusEgm(
        known.gateway, known.birthid, known.sequence, status, quarantined=quarantined, **flags
    )


def with_last_event(egm: BusEgm, before: BusEgm | None) -> BusEgm:
    """Return ``egm`` with the last event as it was known ``before``: values do not say when."""
    if before is None or before.status.last_event_at is None:
        return egm
    last = {"last_event": before.status.last_event, "last_event_at": before.status.last_event_at}
    return replace(egm, status=egm.status.model_copy(update=last))


def after_event(egm: BusEgm, event: Envelope, text: str) -> BusEgm:
    """Return ``egm`` after ``event``; the event is its last one, whatever else it changes."""
    newest = egm.status.last_event_at is None or event.time >= egm.status.last_event_at
    if newest:
        last = {"last_event": text, "last_event_at": event.time}
        egm = replace(egm, status=egm.status.model_copy(update=last))
    if event.birthid == egm.birthid and event.sequence <= egm.sequence:
        return egm
    change = _CHANGES.get(event.name)
    if change is None:
        return egm
    told = change(egm, event)
    status = egm.status.model_copy(update=told.status)
    changed = replace(egm, status=status, birthid=event.birthid, sequence=event.sequence,
                      **told.flags)  # fmt: skip
    return _with_word(changed, egm, event.time)


def silent(egm: BusEgm, why: str, since: datetime) -> EgmStatus:
    """Return how an EGM is whose gateway says nothing: nobody knows."""
    return egm.status.model_copy(
        update={"state": EgmWord.UNKNOWN, "since": since, "link": LinkWord.UNKNOWN,
                "link_reason": why}
    )  # fmt: skip


def _with_word(egm: BusEgm, before: BusEgm | None, since: datetime | None) -> BusEgm:
    """Return ``egm`` with its word; a word that stays keeps its moment."""
    word = word_of(egm, egm.status.link, quarantined=egm.quarantined)
    if before is not None and before.status.state is word and before.status.since is not None:
        since = before.status.since
    return replace(egm, status=egm.status.model_copy(update={"state": word, "since": since}))


@dataclass(frozen=True, slots=True)
class _Told:
    """What an event changes: fields of the status, and flags beside it."""

    status: Mapping[str, object] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)


def _door(egm: BusEgm, event: Envelope) -> _Told:
    return _Told({"doors_open": _with(egm.doors_open, str(event.data.get("door", "")),
                                      there=event.name == "door.opened")})  # fmt: skip


def _tilt(egm: BusEgm, event: Envelope) -> _Told:
    words = str(event.data.get("words") or event.data.get("kind", ""))
    return _Told({"tilts": _with(egm.tilts, words, there=event.name == "tilt.raised")})


def _handpay(_egm: BusEgm, event: Envelope) -> _Told:
    if event.data.get("state") == "over":
        return _Told()
    over = event.name in {"handpay.reset", "handpay.cancelled"} and not event.data.get("waiting")
    return _Told({"handpay": None if over else handpay_text(event.data)})


def _link(_egm: BusEgm, event: Envelope) -> _Told:
    reason = str(event.data.get("reason", ""))
    return _Told({"link": LinkWord(event.name.partition(".")[2]), "link_reason": reason})


def _with(names: tuple[str, ...], name: str, *, there: bool) -> tuple[str, ...]:
    rest = tuple(one for one in names if one != name)
    return (*rest, name) if there else rest


_CHANGES: Final[Mapping[str, Callable[[BusEgm, Envelope], _Told]]] = {
    "door.opened":         _door,
    "door.closed":         _door,
    "tilt.raised":         _tilt,
    "tilt.cleared":        _tilt,
    "handpay.pending":     _handpay,
    "handpay.amountknown": _handpay,
    "handpay.reset":       _handpay,
    "handpay.cancelled":   _handpay,
    "link.up":             _link,
    "link.degraded":       _link,
    "link.down":           _link,
    "lamp.on":             lambda _egm, _event: _Told(flags={"lamp": True}),
    "lamp.off":            lambda _egm, _event: _Told(flags={"lamp": False}),
    "egm.outofservice":    lambda _egm, _event: _Told(flags={"out_of_service": True}),
    "egm.inservice":       lambda _egm, _event: _Told(flags={"out_of_service": False}),
    "egm.quarantined":     lambda _egm, _event: _Told(flags={"quarantined": True}),
}  # fmt: skip


class _Fields:
    """Fields of a value, each of its kind or empty: another version's gateway may write others."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._state = state

    def text(self, name: str) -> str:
        value = self._state.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        value = self._state.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def true(self, name: str) -> bool:
        return self._state.get(name) is True

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._state.get(name)
        return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
