"""Cards, and carded sessions bracketed by meter readings.

A session begins at the first meters that were asked for after the card went in, and ends at the
first that were asked for after it came out (or after another card went in). Readings that were
already under way do not count. Only a session with a reading at both ends of one unbroken stretch
of meters has amounts; the others say why they have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pydantic import Field

from gateway.events.shapes import money
from gateway.meaning.counts import unit_of
from gateway.meaning.names import Names
from gateway.meaning.observation import CardSeen, Said
from gateway.meaning.result import ReadWish
from gateway.meaning.since import Remembered, Since
from gateway.meaning.telling import Telling
from gateway.meaning.tracks import Meters
from protocols.sas.replies import MeterReading

CLOSING_MAX: Final = 16
"""Sessions that may wait for their last meters; beyond it the oldest is told as broken."""

TOLD_MAX: Final = 64
"""Sessions that were closed last, which somebody may correct."""

CARD: Final = (ReadWish("meters", "card"),)
CARD_SPLIT: Final = (ReadWish("full", "card"), *CARD)
"""Where play on promotional credits is metered: that first, and then what a session is made of."""

PROMOTIONAL: Final = ("restricted_played", "nonrestricted_played")


class Mark(Remembered):
    """Meters at one end of a session.

    Attributes:
        counts: name to (count, digits).
        epoch: of the meters.
        breaks: of the meters.
        denomination: worth of a credit then, as a decimal string, or None.
    """

    counts: dict[str, tuple[int, int]]
    epoch: int
    breaks: int
    denomination: str | None


class Session(Remembered):
    """One carded session.

    Attributes:
        card: pseudonym.
        correlation: joins its events.
        opened: when the card went in.
        closed: when it came out, or None.
        first: meters at its beginning, or None.
    """

    card: str
    correlation: str
    opened: Since
    closed: Since | None = None
    first: Mark | None = None


class Sessions(Remembered):
    """The card in the reader, and sessions that wait for their meters.

    Attributes:
        inside: whether a card is in; None at the beginning.
        since: when it went in.
        current: its session; None for a card that could not be read.
        closing: sessions over, oldest first, whose last meters are still to come.
        told_abandoned: whether this card was told as left behind.
        told: the sessions closed last, by name, with the worth of a credit then.
        split: the last answer that divides coin in into cashable and promotional play, or None.
    """

    inside: bool | None = None
    since: Since | None = None
    current: Session | None = None
    closing: list[Session] = Field(default_factory=list)
    told_abandoned: bool = False
    told: dict[str, str | None] = Field(default_factory=dict)
    split: Mark | None = None


_FIGURES: Final = ("coin_in", "coin_out", "games_played")
_SPLIT: Final = ("coin_in", *PROMOTIONAL)


def card_seen(
    sessions: Sessions, meters: Meters, names: Names, seen: CardSeen, telling: Telling
) -> None:
    """A card went in or came out: tell it, and ask for meters."""
    before = {None: "unknown", True: "in", False: "out"}[sessions.inside]
    data: dict[str, object] = {"before": before, "after": "in" if seen.inside else "out"}
    correlation = None
    ending = sessions.current
    if seen.inside:
        if seen.card is not None:
            data["card"] = seen.card
            correlation = names.new("session", telling.egm)
    elif ending is not None:
        data["card"], correlation = ending.card, ending.correlation
    if not seen.inside and sessions.inside:
        data["in_s"] = telling.seconds_since(sessions.since)
    telling.main("card.in" if seen.inside else "card.out", data, correlation=correlation)
    _leave(sessions, meters, telling)
    sessions.inside, sessions.told_abandoned = seen.inside, False
    sessions.since = telling.kept() if seen.inside else None
    if seen.inside and seen.card is not None and correlation is not None:
        sessions.current = Session(card=seen.card, correlation=correlation, opened=telling.kept())
    telling.wish(CARD if meters.latest(PROMOTIONAL[0]) is None else CARD_SPLIT)


def meters_read(
    sessions: Sessions,
    meters: Meters,
    readings: Mapping[str, MeterReading],
    denomination: Decimal | None,
    telling: Telling,
) -> None:
    """Meters were read: they end and begin the sessions that waited for them."""
    current, divides = sessions.current, PROMOTIONAL[0] in readings
    if not divides and not sessions.closing and (current is None or current.first is not None):
        return
    worth = None if denomination is None else str(denomination)
    if divides:
        sessions.split = _mark(readings, _SPLIT, meters, worth)
    if not sessions.closing and (current is None or current.first is not None):
        return
    mark = _mark(readings, _FIGURES, meters, worth)
    asked = None if telling.seen is None else telling.seen.asked
    if "coin_in" not in mark.counts or asked is None:
        return
    if (divides or _in_parts(meters, telling)) and not _known(meters) <= mark.counts.keys():
        return  # the one with all figures follows it
    _divide(mark, sessions.split)
    birthid = telling.egm.birthid
    for session in list(sessions.closing):
        if session.closed is not None and session.closed.is_before(asked, birthid):
            sessions.closing.remove(session)
            _close(session, mark, telling)
            _remember(sessions, session, mark.denomination)
    if current is not None and current.first is None and current.opened.is_before(asked, birthid):
        current.first = mark
        _open(current, mark, telling)


def _in_parts(meters: Meters, telling: Telling) -> bool:
    """Say whether a reading is one of those that are asked for a card, of which one has it all."""
    seen = telling.seen
    asked_for = None if seen is None else seen.trigger
    return asked_for == "card" and meters.latest(PROMOTIONAL[0]) is not None


def _known(meters: Meters) -> set[str]:
    """Return the figures of a session that the machine has told."""
    return {name for name in _FIGURES if meters.latest(name) is not None}


def corrected(sessions: Sessions, said: Said, telling: Telling) -> None:
    """Somebody corrects the coin in of a session that was closed: the old event stays as it is."""
    session = said.correlation
    if session is None or session not in sessions.told or said.coin_in_credits is None:
        return
    data: dict[str, object] = {
        "session": session, "reason": said.reason[:160], "said_by": said.by,
        "coin_in_credits": said.coin_in_credits,
    }  # fmt: skip
    worth = sessions.told[session]
    if worth is not None:
        data["coin_in"] = money(Decimal(worth) * said.coin_in_credits, telling.egm.currency)
    telling.main("session.corrected", data, correlation=session)


def overdue(sessions: Sessions, played: Since | None, telling: Telling) -> None:
    """Tell once of a card that was left in: no play for the site's limit."""
    current = sessions.current
    if current is None or sessions.told_abandoned:
        return
    idle = [telling.seconds_since(since) for since in (current.opened, played)]
    idle_s = min(seconds for seconds in idle if seconds is not None)
    limit_s = telling.egm.abandoned_limit_s
    if idle_s >= limit_s:
        sessions.told_abandoned = True
        data = {"card": current.card, "idle_s": idle_s, "limit_s": limit_s}
        telling.follow("card.abandoned", data, correlation=current.correlation, caused=False)


def _leave(sessions: Sessions, meters: Meters, telling: Telling) -> None:
    """Let the current session wait for its last meters."""
    current, sessions.current = sessions.current, None
    if current is None:
        return
    current.closed = telling.kept()
    sessions.closing.append(current)
    if len(sessions.closing) > CLOSING_MAX:
        oldest = sessions.closing.pop(0)
        _tell_closed(oldest, {"quality": "broken", "epoch": meters.epoch}, telling)
        _remember(sessions, oldest, None)


def _remember(sessions: Sessions, session: Session, worth: str | None) -> None:
    sessions.told[session.correlation] = worth
    if len(sessions.told) > TOLD_MAX:
        del sessions.told[next(iter(sessions.told))]


def _open(session: Session, mark: Mark, telling: Telling) -> None:
    data: dict[str, object] = {
        "card": session.card,
        "epoch": mark.epoch,
        "read_after_s": telling.seconds_since(session.opened),
        "coin_in_before": _count("coin_in", mark),
    }
    for told, name in (("coin_out_before", "coin_out"), ("games_before", "games_played")):
        if name in mark.counts:
            data[told] = _count(name, mark)
    telling.follow("session.opened", data, since=session.opened, correlation=session.correlation)


def _close(session: Session, last: Mark, telling: Telling) -> None:
    first = session.first
    data: dict[str, object] = {"epoch": last.epoch, "coin_in_after": _count("coin_in", last)}
    if first is None:
        _tell_closed(session, {**data, "quality": "late"}, telling)
        return
    data["coin_in_before"] = _count("coin_in", first)
    coin_in = _increase("coin_in", first, last)
    if coin_in is None:
        _tell_closed(session, {**data, "quality": "broken"}, telling)
        return
    data |= {"quality": "bracketed", "coin_in_credits": coin_in}
    for told, name in (("coin_out_credits", "coin_out"), ("games", "games_played")):
        increase = _increase(name, first, last)
        if increase is not None:
            data[told] = increase
    restricted, free = (_increase(name, first, last) for name in PROMOTIONAL)
    if restricted is not None and free is not None and restricted + free <= coin_in:
        data["played"] = {
            "cashable_credits": coin_in - restricted - free,
            "restricted_credits": restricted, "nonrestricted_credits": free,
        }  # fmt: skip
    if last.denomination is not None:
        worth = Decimal(last.denomination)
        data["denomination"] = money(worth, telling.egm.currency)
        data["coin_in"] = money(worth * coin_in, telling.egm.currency)
    _tell_closed(session, data, telling)


def _tell_closed(session: Session, data: dict[str, object], telling: Telling) -> None:
    opened, closed = session.opened, session.closed or telling.kept()
    told = {
        **data,
        "card": session.card,
        "session_s": opened.seconds_to(closed.moment(), closed.birthid),
        "read_after_s": telling.seconds_since(closed),
    }
    telling.follow("session.closed", told, since=closed, correlation=session.correlation)


def _increase(name: str, first: Mark, last: Mark) -> int | None:
    """Return the steps between two readings, or None where no difference may be taken."""
    if (first.epoch, first.breaks) != (last.epoch, last.breaks):
        return None
    if _worth(first) != _worth(last):
        return None
    before, after = first.counts.get(name), last.counts.get(name)
    if before is None or after is None:
        return None
    return (after[0] - before[0]) % int(10 ** min(before[1], after[1]))


def _mark(
    readings: Mapping[str, MeterReading], names: tuple[str, ...], meters: Meters, worth: str | None
) -> Mark:
    found = {name: readings[name] for name in names if name in readings}
    counts = {name: (one.value, one.digits) for name, one in found.items()}
    return Mark(counts=counts, epoch=meters.epoch, breaks=meters.breaks, denomination=worth)


def _divide(mark: Mark, split: Mark | None) -> None:
    """Take promotional play into a mark, if nothing was wagered since it was read."""
    if split is None or (split.epoch, split.breaks) != (mark.epoch, mark.breaks):
        return
    one, other = split.counts.get("coin_in"), mark.counts["coin_in"]
    if one is not None and (one[0] - other[0]) % int(10 ** min(one[1], other[1])) == 0:
        mark.counts |= {name: split.counts[name] for name in PROMOTIONAL if name in split.counts}


def _worth(mark: Mark) -> Decimal | None:
    return None if mark.denomination is None else Decimal(mark.denomination)


def _count(name: str, mark: Mark) -> dict[str, object]:
    count, digits = mark.counts[name]
    return {"count": count, "unit": unit_of(name), "digits": digits}
